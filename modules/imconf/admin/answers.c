/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * answers: see the header. Runs in the worker; what only looks is in show.c.
 */
#include "admin/answers.h"

#include <stdlib.h>
#include "admin/command.h"
#include "admin/question.h"
#include "admin/show.h"
#include "admin/show_groups.h"
#include "core/dprint.h"
#include "switch/announce.h"
#include "focus/focus.h"
#include "switch/tls.h"
#include "worker/capacity.h"
#include "worker/effect_runner.h"
#include "worker/schedule.h"
#include "worker/worker.h"

typedef json_object *(*answer_fn_t)(conference_t *c, const json_object *arg);

static json_object *list(conference_t *none, const json_object *arg)
{
	return show_list(arg);
}

static json_object *show(conference_t *c, const json_object *arg)
{
	return show_conference(c, arg);
}

static json_object *subscriptions(conference_t *c, const json_object *arg)
{
	return show_subscriptions(c, arg);
}

static void end_conference(conference_t *c)
{
	LM_INFO("%.*s is ended by an operator\n", TEXT_ARG(&c->identity));
	focus_end(c, END_ADMIN);
}

/* who was in and who was being invited, of before */
static json_object *end(conference_t *c, const json_object *arg)
{
	json_object *object = show_brief(c);

	end_conference(c);
	return object;
}

/* an operator's words to all */
static json_object *announce(conference_t *c, const json_object *arg)
{
	json_object *object;
	str text = json_get_text(arg, "text");
	int heard;

	if(!announce_is_text(&text))
		return command_refusal(400, "That is no plain text, or too long");
	heard = announce_say(c, &text, NULL);
	if(heard < 0)
		return command_refusal(500, "No memory");
	object = json_object_new_object();
	json_add_number(object, "recipients", heard);
	return object;
}

/* by one of its names, or as it is shown */
static participant_t *find_participant(const conference_t *c, const str *user)
{
	participant_t *p = conference_find_uri(c, user);

	if(p)
		return p;
	TAILQ_FOREACH(p, &c->participants, link)
	{
		if(text_eq(&p->entity, user))
			return p;
	}
	return NULL;
}

static json_object *kick(conference_t *c, const json_object *arg)
{
	str user = json_get_text(arg, "user");
	participant_t *p = find_participant(c, &user);
	json_object *object;
	effects_t fx;

	if(!p || p->state == PARTICIPANT_GONE)
		return command_refusal(404, "Nobody of that name is in the conference");
	LM_INFO("%.*s is removed from %.*s by an operator\n", TEXT_ARG(&p->entity),
			TEXT_ARG(&c->identity));
	object = json_object_new_object();
	json_add_text(object, "identity", &c->identity);
	json_add_text(object, "removed", &p->entity);
	effects_init(&fx);
	conference_remove(p, DEPARTED_BOOTED, END_ADMIN, &fx);
	effects_run(c, &fx);
	effects_free(&fx);
	return object;
}

/* ---- inviting ---- */

static const struct
{
	join_result_t result;
	int code;
	const char *sentence;
} failures[] = {
		{JOIN_BAD_NAME, 400, "Somebody's name is no sip or tel URI"},
		{JOIN_FULL, 486, "More than max_participants"},
		{JOIN_OVER, 404, "The conference is over"},
		{JOIN_FORBIDDEN, 403, "The conference does not take them"},
};

static json_object *refusal_of(join_result_t result)
{
	size_t i;

	for(i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		if(failures[i].result == result)
			return command_refusal(failures[i].code, failures[i].sentence);
	}
	return command_refusal(500, "No memory");
}

/* Everybody of `users`, borrowed from `arg`. The caller frees the array. */
static int read_invitees(const json_object *arg, focus_invitees_t *invitees)
{
	json_object *users;
	size_t i, count;

	if(!json_object_object_get_ex(arg, "users", &users))
		return -1;
	count = json_object_array_length(users);
	invitees->host = json_get_text(arg, "host");
	invitees->count = (int)count;
	invitees->person = calloc(count + 1, sizeof(*invitees->person));
	if(!invitees->person)
		return -1;
	for(i = 0; i < count; i++) {
		json_object *user = json_object_array_get_idx(users, i);
		person_t *p = &invitees->person[i];
		p->names = 1;
		p->name[0].s = (char *)json_object_get_string(user);
		p->name[0].len = json_object_get_string_len(user);
	}
	return 0;
}

static json_object *create(conference_t *none, const json_object *arg)
{
	str subject = json_get_text(arg, "subject");
	join_result_t result = JOIN_MEMORY;
	focus_invitees_t invitees;
	conference_t *c;

	if(read_invitees(arg, &invitees) < 0)
		return refusal_of(JOIN_MEMORY);
	if(capacity_conference(NULL) != CAPACITY_FREE) {
		free(invitees.person);
		return command_refusal(503, capacity_why());
	}
	c = focus_create(&subject, &invitees, &result);
	free(invitees.person);
	if(!c)
		return refusal_of(result);
	LM_INFO("%.*s is started by an operator\n", TEXT_ARG(&c->identity));
	return show_brief(c);
}

static json_object *invite(conference_t *c, const json_object *arg)
{
	focus_invitees_t invitees;
	join_result_t result;

	if(read_invitees(arg, &invitees) < 0)
		return refusal_of(JOIN_MEMORY);
	result = focus_invite(c, &invitees);
	free(invitees.person);
	return result == JOIN_OK ? show_brief(c) : refusal_of(result);
}

/* ---- draining ---- */

/* one conference a turn of the loop, as each asks for BYEs in scores */
static void end_next(void *arg)
{
	static work_t next;
	conference_t *c = TAILQ_FIRST(&worker.list);
	unsigned long serial;

	if(!c || !capacity_is_draining())
		return;
	serial = c->serial;
	end_conference(c);
	c = TAILQ_FIRST(&worker.list);
	if(c && c->serial != serial)
		work_add(&next, end_next, NULL);
}

static json_object *drain(conference_t *none, const json_object *arg)
{
	int64_t on = json_get_number(arg, "on", capacity_is_draining());
	json_object *object = json_object_new_object();

	if(on != capacity_is_draining())
		LM_INFO("%s new conferences: an operator's word\n",
				on ? "no" : "again");
	capacity_drain(on != 0);
	if(json_get_number(arg, "end", 0))
		end_next(NULL);
	json_add_number(object, "worker", worker.index);
	json_add_number(object, "draining", capacity_is_draining());
	json_add_number(object, "conferences", (int64_t)worker.conferences.count);
	return object;
}

static json_object *groups(conference_t *none, const json_object *arg)
{
	return show_groups(arg);
}

static json_object *reload(conference_t *none, const json_object *arg)
{
	return show_reload(arg);
}

static json_object *reload_tls(conference_t *none, const json_object *arg)
{
	json_object *object;
	str print;

	if(tls_load() < 0)
		return command_refusal(
				500, "It cannot be used, the old one stays: see the log");
	print = tls_own_fingerprint(FINGERPRINT_SHA256);
	if(print.len == 0)
		return command_refusal(404, "No transport with TLS is served");
	object = json_object_new_object();
	json_add_number(object, "worker", worker.index);
	json_add_text(object, "fingerprint", &print);
	return object;
}

static const struct
{
	answer_fn_t fn;
	int of_one; /* of the conference that `token` names */
} answers[QUESTION_KINDS] = {
		[QUESTION_LIST] = {list, 0},
		[QUESTION_SHOW] = {show, 1},
		[QUESTION_SUBSCRIPTIONS] = {subscriptions, 1},
		[QUESTION_END] = {end, 1},
		[QUESTION_KICK] = {kick, 1},
		[QUESTION_ANNOUNCE] = {announce, 1},
		[QUESTION_CREATE] = {create, 0},
		[QUESTION_INVITE] = {invite, 1},
		[QUESTION_DRAIN] = {drain, 0},
		[QUESTION_GROUPS] = {groups, 0},
		[QUESTION_RELOAD] = {reload, 0},
		[QUESTION_RELOAD_TLS] = {reload_tls, 0},
};

static json_object *answer_to(question_kind_t kind, const json_object *arg)
{
	conference_t *c = NULL;
	str token;

	if(answers[kind].of_one) {
		token = json_get_text(arg, "token");
		c = worker_find_conference(&token);
		if(!c)
			return command_refusal(404, "No such conference");
	}
	return answers[kind].fn(c, arg);
}

static json_object *parse(const str *text)
{
	json_tokener *tokener = json_tokener_new();
	json_object *object = NULL;

	if(tokener)
		object = json_tokener_parse_ex(tokener, text->s, text->len);
	json_tokener_free(tokener);
	return object;
}

static void take_question(const mail_t *mail)
{
	question_t *q = mail->block;
	str text = question_arg(q);
	json_object *arg = parse(&text);
	json_object *object = answer_to(question_what(q), arg);

	question_answer(
			q, json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
	json_object_put(object);
	json_object_put(arg);
	question_release(q);
}

/* when it was invited, came or went last */
static void note_time(conference_t *c, participant_t *p, end_reason_t reason)
{
	p->since = time(NULL);
}

void answers_start(void)
{
	worker_on_mail(MAIL_QUESTION, take_question);
	effects_on(EFFECT_INVITE, note_time);
	effects_on(EFFECT_ENTER, note_time);
	effects_on(EFFECT_LEAVE, note_time);
}
