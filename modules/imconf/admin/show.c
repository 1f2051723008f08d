/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * show: see the header. Runs in the worker, for RPC imconf.list, imconf.show
 * and imconf.subscriptions.
 */
#include "admin/show.h"

#include "focus/focus.h"
#include "notify/notify.h"
#include "wire/group_document.h"
#include "worker/media.h"
#include "worker/worker.h"

/* how many conferences are looked at for one answer, found or not */
#define LOOKED_AT_MAX 1000

static const char *const states[] = {
		[PARTICIPANT_WAITING] = "waiting",
		[PARTICIPANT_INVITED] = "invited",
		[PARTICIPANT_ALERTING] = "alerting",
		[PARTICIPANT_JOINING] = "joining",
		[PARTICIPANT_CONNECTED] = "connected",
		[PARTICIPANT_GONE] = "gone",
};

json_object *show_brief(const conference_t *c)
{
	json_object *object = json_object_new_object();

	json_add_text(object, "identity", &c->identity);
	json_add_text(object, "group", &c->group);
	json_add_number(object, "worker", worker.index);
	json_add_text(object, "subject", &c->subject);
	json_add_number(object, "since", c->since);
	json_add_number(object, "present", c->present);
	json_add_number(object, "invited_or_in", c->counted);
	return object;
}

/* ---- imconf.list ---- */

static int contains(const str *text, const str *part)
{
	return text_find(text, part) >= 0;
}

static int matches(const conference_t *c, const str *filter)
{
	return filter->len == 0 || contains(&c->identity, filter)
		   || contains(&c->group, filter) || contains(&c->subject, filter)
		   || conference_find_uri(c, filter) != NULL;
}

json_object *show_list(const json_object *arg)
{
	json_object *object = json_object_new_object();
	json_object *array = json_object_new_array();
	str filter = json_get_text(arg, "filter");
	int64_t limit = json_get_number(arg, "limit", 1);
	unsigned long last = json_get_number(arg, "after", 0);
	conference_t *c = worker_conference_after(last);
	int seen;

	for(seen = 0; c && seen < LOOKED_AT_MAX && limit > 0; seen++) {
		if(matches(c, &filter)) {
			json_object_array_add(array, show_brief(c));
			limit--;
		}
		last = c->serial;
		c = TAILQ_NEXT(c, link);
	}
	json_add_number(object, "total", (int64_t)worker.conferences.count);
	json_add_number(object, "next", c ? (int64_t)last : 0);
	json_object_object_add(object, "conferences", array);
	return object;
}

/* ---- imconf.show ---- */

/* RFC 4028 */
static void add_timer(json_object *object, const participant_t *p)
{
	focus_timer_t timer;

	if(focus_timer(p, &timer) < 0)
		return;
	json_add_number(object, "session_expires", timer.interval);
	json_add_number(object, "session_left", timer.left);
	json_add_word(object, "refresher", timer.we_refresh ? "focus" : "client");
}

static json_object *participant(const participant_t *p)
{
	json_object *object = json_object_new_object();
	str agent = focus_user_agent(p);

	json_add_number(object, "number", p->number);
	json_add_text(object, "entity", &p->entity);
	json_add_word(object, "state", states[p->state]);
	json_add_number(object, "since", p->since);
	json_add_number(object, "code", p->code);
	json_add_text(object, "user_agent", &agent);
	json_add_word(object, "leg", media.state(p));
	add_timer(object, p);
	json_add_number(object, "queued", (int64_t)media.queued(p));
	json_add_number(object, "held", (int64_t)media.held(p));
	return object;
}

/* a page of participants, and where it goes on */
static void add_participants(
		json_object *object, const conference_t *c, int limit, unsigned after)
{
	json_object *array = json_object_new_array();
	const participant_t *p;
	unsigned last = 0;

	TAILQ_FOREACH(p, &c->participants, link)
	{
		if(p->number <= after)
			continue;
		if(limit-- == 0)
			break;
		json_object_array_add(array, participant(p));
		last = p->number;
	}
	json_object_object_add(object, "participants", array);
	if(p)
		json_add_number(object, "next", last);
}

static void add_rights(json_object *object, const char *name, unsigned bits)
{
	static const struct
	{
		unsigned bit;
		const char *word;
	} words[] = {{MAY_INITIATE, "initiate"}, {MAY_JOIN, "join"},
			{MAY_INVITE, "invite"}, {MAY_WATCH, "watch"},
			{MAY_BE_ANONYMOUS, "anonymous"}, {MAY_EXPEL, "expel"}};
	json_object *array = json_object_new_array();
	size_t i;

	for(i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if(bits & words[i].bit)
			json_object_array_add(array, json_object_new_string(words[i].word));
	}
	json_object_object_add(object, name, array);
}

/* what it was started with; a changed document counts for later ones */
static json_object *policy(const conference_t *c)
{
	const group_document_t *d = c->document;
	json_object *object = json_object_new_object();

	json_add_word(object, "kind",
			!d ? "ad-hoc" : (d->invite_members ? "predefined" : "public"));
	json_add_number(object, "max_participants", c->max_participants);
	json_add_number(object, "stays_empty", c->stays);
	if(!d)
		return object;
	json_add_number(object, "members", d->members);
	json_add_number(object, "has_ruleset", d->has_rules);
	json_add_number(object, "rules", d->rules);
	if(d->has_rules)
		return object;
	add_rights(object, "members_may", c->default_members);
	add_rights(object, "others_may", c->default_others);
	return object;
}

typedef struct watchers_page
{
	json_object *array;
	int64_t left, skip;
	int total;
} watchers_page_t;

/* the next one, to be filled; NULL when it is on another page */
static json_object *next_watcher(watchers_page_t *page)
{
	json_object *object;

	page->total++;
	if(page->skip-- > 0 || page->left-- <= 0)
		return NULL;
	object = json_object_new_object();
	json_object_array_add(page->array, object);
	return object;
}

static void add_watcher(const notify_watcher_t *w, void *arg)
{
	json_object *object = next_watcher(arg);

	if(!object)
		return;
	json_add_word(object, "event", "conference");
	json_add_text(object, "watcher", &w->name);
	json_add_text(object, "contact", &w->contact);
	json_add_text(object, "user_agent", &w->agent);
	json_add_number(object, "expires", w->expires);
	json_add_number(object, "version", w->version);
	json_add_number(object, "told", w->told);
	json_add_number(object, "in_flight", w->waiting);
}

/* R4 */
static void add_referral(const focus_referral_t *r, void *arg)
{
	json_object *object = next_watcher(arg);

	if(!object)
		return;
	json_add_text(object, "event", &r->event);
	json_add_text(object, "watcher", &r->watcher);
	json_add_text(object, "contact", &r->contact);
	json_add_text(object, "user_agent", &r->agent);
	json_add_word(object, "state", r->over ? "terminated" : "active");
	json_add_number(object, "expires", r->expires);
	json_add_number(object, "code", r->code);
	json_add_number(object, "in_flight", r->waiting);
}

static void add_subscriptions(
		json_object *object, const conference_t *c, int64_t limit, int64_t skip)
{
	watchers_page_t page = {json_object_new_array(), limit, skip, 0};

	notify_each(c, add_watcher, &page);
	focus_each_referral(c, add_referral, &page);
	json_add_number(object, "subscriptions_total", page.total);
	json_object_object_add(object, "subscriptions", page.array);
}

json_object *show_conference(const conference_t *c, const json_object *arg)
{
	int limit = (int)json_get_number(arg, "limit", 0);
	json_object *object = show_brief(c);

	json_add_text(object, "contribution_id", &c->contribution_id);
	json_add_number(object, "revision", c->revision);
	json_object_object_add(object, "policy", policy(c));
	add_participants(
			object, c, limit, (unsigned)json_get_number(arg, "after", 0));
	add_subscriptions(object, c, limit, 0);
	return object;
}

json_object *show_subscriptions(const conference_t *c, const json_object *arg)
{
	json_object *object = json_object_new_object();

	json_add_text(object, "identity", &c->identity);
	add_subscriptions(object, c, json_get_number(arg, "limit", 0),
			json_get_number(arg, "after", 0));
	return object;
}
