/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * show: see the header. Runs in the worker, for RPC imconf.list, imconf.show
 * and imconf.end.
 */
#include "admin/show.h"

#include <json-c/json.h>
#include "admin/question.h"
#include "admin/show_groups.h"
#include "core/dprint.h"
#include "notify/notify.h"
#include "worker/effect_runner.h"
#include "worker/media.h"
#include "worker/worker.h"

static const char *const states[] = {
		[PARTICIPANT_WAITING] = "waiting",
		[PARTICIPANT_INVITED] = "invited",
		[PARTICIPANT_ALERTING] = "alerting",
		[PARTICIPANT_JOINING] = "joining",
		[PARTICIPANT_CONNECTED] = "connected",
		[PARTICIPANT_GONE] = "gone",
};

static void add_text(json_object *object, const char *name, const str *value)
{
	json_object_object_add(object, name,
			json_object_new_string_len(value->len ? value->s : "", value->len));
}

static void add_number(json_object *object, const char *name, int value)
{
	json_object_object_add(object, name, json_object_new_int(value));
}

static json_object *brief(const conference_t *c)
{
	json_object *object = json_object_new_object();

	add_text(object, "identity", &c->identity);
	add_text(object, "group", &c->group);
	add_number(object, "worker", worker.index);
	add_text(object, "subject", &c->subject);
	add_number(object, "present", c->present);
	return object;
}

static json_object *participant(const participant_t *p)
{
	json_object *object = json_object_new_object();

	add_text(object, "entity", &p->entity);
	json_object_object_add(
			object, "state", json_object_new_string(states[p->state]));
	add_number(object, "code", p->code);
	json_object_object_add(
			object, "leg", json_object_new_string(media.state(p)));
	add_number(object, "held", (int)media.held(p));
	return object;
}

static void add_watcher(const notify_watcher_t *w, void *arg)
{
	json_object *object = json_object_new_object();

	add_text(object, "watcher", &w->name);
	add_text(object, "contact", &w->contact);
	add_number(object, "expires", (int)w->expires);
	add_number(object, "version", (int)w->version);
	add_number(object, "told", (int)w->told);
	add_number(object, "in_flight", w->waiting);
	json_object_array_add(arg, object);
}

typedef struct listing
{
	json_object *array;
	uint64_t left;
} listing_t;

static int add_brief(void *value, void *arg)
{
	listing_t *listing = arg;

	if(listing->left == 0)
		return 1;
	listing->left--;
	json_object_array_add(listing->array, brief(value));
	return 0;
}

static json_object *list(const str *limit)
{
	listing_t listing = {json_object_new_array(), 0};
	json_object *object = json_object_new_object();

	text_to_uint(limit, UINT32_MAX, &listing.left);
	add_number(object, "total", (int)worker.conferences.count);
	map_each(&worker.conferences, add_brief, &listing);
	json_object_object_add(object, "conferences", listing.array);
	return object;
}

static json_object *show(const str *token)
{
	const conference_t *c = worker_find_conference(token);
	json_object *object, *array;
	const participant_t *p;

	if(!c)
		return NULL;
	object = brief(c);
	array = json_object_new_array();
	TAILQ_FOREACH(p, &c->participants, link)
	{
		json_object_array_add(array, participant(p));
	}
	json_object_object_add(object, "participants", array);
	array = json_object_new_array();
	notify_each(c, add_watcher, array);
	json_object_object_add(object, "subscriptions", array);
	return object;
}

/* an operator ends it; who was in and who was being invited, of before */
static json_object *end(const str *token)
{
	conference_t *c = worker_find_conference(token);
	json_object *object;
	effects_t fx;

	if(!c)
		return NULL;
	object = brief(c);
	LM_INFO("%.*s is ended by an operator\n", TEXT_ARG(&c->identity));
	effects_init(&fx);
	conference_end(c, END_ADMIN, &fx);
	effects_run(c, &fx);
	effects_free(&fx);
	return object;
}

static json_object *answer_to(const question_t *q)
{
	str arg = question_arg(q);

	switch(question_what(q)) {
		case QUESTION_LIST:
			return list(&arg);
		case QUESTION_SHOW:
			return show(&arg);
		case QUESTION_END:
			return end(&arg);
		case QUESTION_GROUPS:
			return show_groups(&arg);
		case QUESTION_RELOAD:
			return show_reload(&arg);
	}
	return NULL;
}

static void take_question(const mail_t *mail)
{
	question_t *q = mail->block;
	json_object *object = answer_to(q);

	question_answer(q, object ? json_object_to_json_string_ext(
							   object, JSON_C_TO_STRING_PLAIN)
							  : "{}");
	json_object_put(object);
	question_release(q);
}

void show_start(void)
{
	worker_on_mail(MAIL_QUESTION, take_question);
}
