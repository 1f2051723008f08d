/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * events: see the header. This is the side that tells: workers and, for what
 * the gate refuses, SIP workers. The members of an event are documented in
 * docs/events.md: changing their meaning takes another version.
 */
#include "admin/events.h"

#include <sys/time.h>
#include "admin/events_queue.h"
#include "admin/json.h"
#include "admin/statistics.h"
#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "focus/focus.h"
#include "worker/effect_runner.h"
#include "worker/observer.h"
#include "worker/schedule.h"
#include "worker/worker.h"

#define EVENT_VERSION 1
#define LOG_EVERY_MS 60000

static int64_t now_ms(void)
{
	struct timeval tv;

	gettimeofday(&tv, NULL);
	return (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000;
}

/* ---- posting ---- */

/* one line a minute, however many are lost */
static void log_loss(void)
{
	static int64_t logged;
	static unsigned lost;

	lost++;
	if(logged && schedule_now() < logged + LOG_EVERY_MS)
		return;
	LM_WARN("the events process is too slow: %u events lost\n", lost);
	logged = schedule_now();
	lost = 0;
}

static void post(observed_t what, json_object *event)
{
	size_t len;
	const char *text = json_object_to_json_string_length(
			event, JSON_C_TO_STRING_PLAIN, &len);
	mail_t mail = {.type = MAIL_EVENT, .code = what};
	char *block = shm_malloc(len + 1);

	if(block)
		memcpy(block, text, len + 1);
	mail.block = block;
	if(block && mailbox_post(events_queue(), &mail) == 0) {
		count(STAT_EVENTS, 1);
		return;
	}
	if(block)
		shm_free(block);
	count(STAT_EVENTS_DROPPED, 1);
	log_loss();
}

/* ---- what an event says ---- */

static json_object *new_event(observed_t what)
{
	json_object *event = json_object_new_object();

	json_add_number(event, "version", EVENT_VERSION);
	json_add_word(event, "event", events_name(what));
	json_add_number(event, "time", now_ms());
	return event;
}

static void add_conference(json_object *event, const conference_t *c)
{
	json_add_number(event, "worker", worker.index);
	json_add_text(event, "identity", &c->identity);
	json_add_text(event, "group", &c->group);
	json_add_text(event, "subject", &c->subject);
	json_add_text(event, "contribution_id", &c->contribution_id);
	json_add_number(event, "present", c->present);
}

static void add_participant(json_object *event, const participant_t *p)
{
	json_add_text(event, "participant", &p->entity);
	if(p->names)
		json_add_text(event, "user", &p->name[0].uri);
	json_add_text(event, "display", &p->display);
	json_add_number(event, "anonymous", p->anonymous);
	json_add_number(event, "number", p->number);
}

static void add_agent(json_object *event, const participant_t *p)
{
	str agent = focus_user_agent(p);

	json_add_text(event, "user_agent", &agent);
}

static void add_departure(json_object *event, const participant_t *p)
{
	static const char *const words[] = {
			[DEPARTED_NOT] = "departed",
			[DEPARTED_LEFT] = "departed",
			[DEPARTED_BOOTED] = "booted",
			[DEPARTED_FAILED] = "failed",
			[DEPARTED_BUSY] = "busy",
	};

	json_add_word(event, "how", words[p->departure]);
	json_add_number(event, "code", p->code);
	json_add_number(event, "seconds", time(NULL) - p->since);
}

static void add_refusal(json_object *event, const observed_refusal_t *r)
{
	json_add_text(event, "method", &r->method);
	json_add_text(event, "user", &r->user);
	json_add_text(event, "uri", &r->uri);
	json_add_text(event, "call_id", &r->call_id);
	json_add_number(event, "code", r->code);
	json_add_word(event, "reason", r->reason);
	json_add_word(event, "why", r->why);
}

static void add_message(json_object *event, const observed_message_t *m)
{
	static const str room = {"", 0};

	json_add_text(event, "to", m->to ? &m->to->entity : &room);
	json_add_text(event, "message_id", &m->id);
	json_add_text(event, "content_type", &m->content_type);
	json_add_number(event, "bytes", (int64_t)m->bytes);
	json_add_number(event, "recipients", m->recipients);
}

static void add_end(json_object *event, const conference_t *c)
{
	json_add_number(event, "seconds", time(NULL) - c->since);
	json_add_number(event, "participants", c->last_number);
}

void events_tell(const observation_t *o)
{
	json_object *event = new_event(o->what);

	if(o->conference)
		add_conference(event, o->conference);
	if(o->conference && o->what == OBSERVED_ENDED)
		add_end(event, o->conference);
	if(o->participant)
		add_participant(event, o->participant);
	if(o->participant && o->what == OBSERVED_JOINED)
		add_agent(event, o->participant);
	if(o->participant && o->what == OBSERVED_LEFT)
		add_departure(event, o->participant);
	if(o->refused)
		add_refusal(event, o->refused);
	if(o->message)
		add_message(event, o->message);
	post(o->what, event);
	json_object_put(event);
}

/* ---- what the effects say ---- */

/* one that only changes its session stays: it was told of already */
static void entered(conference_t *c, participant_t *p, end_reason_t reason)
{
	observation_t o = {OBSERVED_JOINED, c, p, NULL, NULL};

	if(p->announced)
		return;
	p->announced = 1;
	observer_tell(&o);
}

static void left(conference_t *c, participant_t *p, end_reason_t reason)
{
	observation_t o = {OBSERVED_LEFT, c, p, NULL, NULL};

	if(!p->announced || p->state != PARTICIPANT_GONE)
		return;
	p->announced = 0;
	observer_tell(&o);
}

static void ended(conference_t *c, participant_t *none, end_reason_t reason)
{
	observation_t o = {OBSERVED_ENDED, c, NULL, NULL, NULL};

	observer_tell(&o);
}

void events_start(void)
{
	effects_on(EFFECT_ENTER, entered);
	effects_on(EFFECT_LEAVE, left);
	effects_on(EFFECT_END, ended);
}
