/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * operate: what an operator does in the stead of a participant: starting a
 * conference and inviting. See focus.h; called by RPC, in the worker.
 */
#include "focus/focus.h"

#include "focus/session.h"
#include "settings.h"
#include "worker/capacity.h"
#include "worker/effect_runner.h"
#include "worker/worker.h"

#define MAX_FORWARDS 70
#define SUBJECT_MAX 256

/* their phones rang long enough, and those of who was to come in stead */
#define NOBODY_CAME_MS(timeout) ((timeout)*2000L + 10000)

/* what inviting them takes, in `fx` */
static join_result_t list(
		conference_t *c, const focus_invitees_t *invitees, effects_t *fx)
{
	mailing_t *mailing = mailing_create(MAX_FORWARDS);
	join_result_t result = JOIN_MEMORY;

	if(!mailing)
		return JOIN_MEMORY;
	if(text_copy(&mailing->referred_by, &invitees->host) == 0)
		result = conference_invite(
				c, NULL, invitees->person, invitees->count, fx);
	if(result == JOIN_OK)
		mailing_assign(mailing, fx);
	mailing_release(mailing);
	return result;
}

join_result_t focus_invite(conference_t *c, const focus_invitees_t *invitees)
{
	join_result_t result;
	effects_t fx;

	effects_init(&fx);
	result = list(c, invitees, &fx);
	effects_run(c, &fx);
	effects_free(&fx);
	return result;
}

static void nobody_came(void *arg)
{
	conference_t *c = arg;

	if(!c->present)
		focus_end(c, END_EMPTY);
}

static conference_t *make(const str *subject)
{
	conference_spec_t spec = {
			.subject = text_cut(subject, SUBJECT_MAX),
			.max_participants = settings.max_participants,
			.release = {settings.min_participants, 0},
			.unattended = 1,
	};
	conference_t *c;

	if(worker_new_identity(&spec.token, &spec.identity) < 0)
		return NULL;
	c = conference_create(&spec);
	text_free(&spec.token);
	text_free(&spec.identity);
	return create_enter(c, MAX_FORWARDS);
}

/* it begins, and is looked at whether somebody came; NULL: nobody could even be
 * invited */
static conference_t *begin(conference_t *c, effects_t *fx)
{
	room_book_t *book = c->focus;
	unsigned long serial = c->serial;

	create_announce(c, NULL);
	alarm_start(&book->linger, NOBODY_CAME_MS(settings.invite_timeout),
			nobody_came, c);
	effects_run(c, fx);
	c = worker_conference_after(serial - 1);
	return c && c->serial == serial ? c : NULL;
}

conference_t *focus_create(const str *subject, const focus_invitees_t *invitees,
		join_result_t *result)
{
	conference_t *c = make(subject);
	effects_t fx;

	*result = JOIN_MEMORY;
	if(!c) {
		capacity_conference_over();
		return NULL;
	}
	effects_init(&fx);
	*result = list(c, invitees, &fx);
	if(*result == JOIN_OK) {
		c = begin(c, &fx);
	} else {
		capacity_conference_over();
		create_undo(c);
		c = NULL;
	}
	effects_free(&fx);
	return c;
}
