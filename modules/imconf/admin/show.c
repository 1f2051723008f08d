/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * show: see the header. Runs in the worker, for RPC imconf.list and
 * imconf.show.
 */
#include "admin/show.h"

#include "admin/question.h"
#include "worker/media.h"
#include "worker/worker.h"

#define HOOKS_MAX 4

static show_conference_t conference_hooks[HOOKS_MAX];
static show_participant_t participant_hooks[HOOKS_MAX];
static int conference_hook_count, participant_hook_count;

static const char *const states[] = {
		[PARTICIPANT_WAITING] = "waiting",
		[PARTICIPANT_INVITED] = "invited",
		[PARTICIPANT_ALERTING] = "alerting",
		[PARTICIPANT_JOINING] = "joining",
		[PARTICIPANT_CONNECTED] = "connected",
		[PARTICIPANT_GONE] = "gone",
};

void show_on_conference(show_conference_t fn)
{
	if(conference_hook_count < HOOKS_MAX)
		conference_hooks[conference_hook_count++] = fn;
}

void show_on_participant(show_participant_t fn)
{
	if(participant_hook_count < HOOKS_MAX)
		participant_hooks[participant_hook_count++] = fn;
}

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
	int i;

	add_text(object, "identity", &c->identity);
	add_number(object, "worker", worker.index);
	add_text(object, "subject", &c->subject);
	add_number(object, "present", c->present);
	for(i = 0; i < conference_hook_count; i++)
		conference_hooks[i](c, object);
	return object;
}

static json_object *participant(const participant_t *p)
{
	json_object *object = json_object_new_object();
	int i;

	add_text(object, "entity", &p->entity);
	json_object_object_add(
			object, "state", json_object_new_string(states[p->state]));
	add_number(object, "code", p->code);
	json_object_object_add(
			object, "leg", json_object_new_string(media.state(p)));
	for(i = 0; i < participant_hook_count; i++)
		participant_hooks[i](p, object);
	return object;
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
	return object;
}

static void take_question(const mail_t *mail)
{
	question_t *q = mail->block;
	str arg = question_arg(q);
	json_object *object =
			question_what(q) == QUESTION_LIST ? list(&arg) : show(&arg);

	question_answer(q, object ? json_object_to_json_string_ext(
							   object, JSON_C_TO_STRING_PLAIN)
							  : NULL);
	json_object_put(object);
	question_release(q);
}

void show_start(void)
{
	worker_on_mail(MAIL_QUESTION, take_question);
}
