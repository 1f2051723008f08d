/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * create: making conferences: of an INVITE to the factory (clauses A1-A7),
 * and what group.c needs for those of groups. Called by invite.c.
 */
#include <stdlib.h>
#include "admin/statistics.h"
#include "focus/body.h"
#include "focus/invitees.h"
#include "focus/session.h"
#include "settings.h"
#include "sip/trust_headers.h"
#include "worker/capacity.h"
#include "worker/observer.h"
#include "worker/worker.h"


static int take_headers(const sip_request_t *rq, conference_spec_t *spec)
{
	str value;

	if(invite_subject(&rq->msg, &value))
		spec->subject = value;
	if(sip_header(&rq->msg, "Contribution-ID", &value))
		spec->contribution_id = text_cut(&value, CONTRIBUTION_ID_MAX);
	if(sip_header(&rq->msg, "Conversation-ID", &value))
		spec->conversation_id = text_cut(&value, CONTRIBUTION_ID_MAX);
	return worker_new_identity(&spec->token, &spec->identity);
}

/* before the first effect nobody else knows the conference */
void create_undo(conference_t *c)
{
	room_book_destroy(c);
	worker_remove_conference(c);
}

conference_t *create_enter(conference_t *c, int max_forwards)
{
	if(!c)
		return NULL;
	if(room_book_create(c, max_forwards) < 0 || worker_add_conference(c) < 0) {
		create_undo(c);
		return NULL;
	}
	return c;
}

conference_t *create_conference(
		const sip_request_t *rq, conference_spec_t *spec)
{
	conference_t *c = NULL;

	if(take_headers(rq, spec) == 0
			&& trust_headers_charging(rq, &spec->charging) == 0)
		c = conference_create(spec);
	text_free(&spec->token);
	text_free(&spec->identity);
	text_free(&spec->charging);
	return create_enter(c, rq->max_forwards - 1);
}

void create_announce(conference_t *c, const participant_t *creator)
{
	observation_t created = {
			.what = OBSERVED_CREATED, .conference = c, .participant = creator};

	count(STAT_CONFERENCES, 1);
	count(STAT_CREATED, 1);
	lifetime_start(c);
	observer_tell(&created);
}

void create_begin(conference_t *c, participant_t *creator, effects_t *fx,
		sip_request_t *rq, const body_t *body)
{
	if(!c || !creator) {
		capacity_conference_over();
		if(c)
			create_undo(c);
		return;
	}
	create_announce(c, creator);
	admit(creator, fx, rq, body);
}

static int keep_history(conference_t *c, const resource_list_t *list)
{
	room_book_t *book = c->focus;

	return mailing_add_history(book->founding, list, &c->identity);
}

static int create(sip_request_t *rq, const body_t *body, const invitees_t *in,
		refusal_t *refusal)
{
	conference_spec_t spec = {
			.creator_invites = settings.creator_invites,
			.max_participants = settings.max_participants,
			.release = {settings.min_participants, settings.end_with_creator},
	};
	join_result_t result = JOIN_MEMORY;
	participant_t *creator = NULL;
	conference_t *c;
	effects_t fx;

	if(refusal_of_capacity(refusal, capacity_conference(&rq->requester.name[0]))
			< 0)
		return -1;
	c = create_conference(rq, &spec);
	effects_init(&fx);
	if(c && keep_history(c, &body->list) == 0)
		result = conference_found(
				c, &rq->requester, in->person, in->count, &fx, &creator);
	create_begin(c, creator, &fx, rq, body);
	effects_free(&fx);
	return refusal_of_join(refusal, result, settings.max_participants);
}

static int serve(
		sip_request_t *rq, body_t *body, invitees_t *in, refusal_t *refusal)
{
	conference_t *c;
	int rc;

	if(invitees_read(in, &body->list, refusal) < 0
			|| replace_at_factory(rq, in, refusal) < 0)
		return -1;
	c = restart_of(rq);
	rc = c ? restart(c, rq, body, in, refusal) : create(rq, body, in, refusal);
	if(rc == 0)
		replace_after_create(rq);
	return rc;
}

void create_on_invite(sip_request_t *rq)
{
	invitees_t in = {0};
	refusal_t refusal;
	body_t body;

	if(invite_read(rq, &body, &refusal) < 0
			|| serve(rq, &body, &in, &refusal) < 0)
		refusal_send(&refusal, rq);
	invitees_free(&in);
	body_free(&body);
}
