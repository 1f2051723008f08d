/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * create: making conferences: of an INVITE to the factory (clauses A1-A7),
 * and what group.c needs for those of groups. Called by invite.c.
 */
#include <stdlib.h>
#include "admin/statistics.h"
#include "focus/body.h"
#include "focus/session.h"
#include "settings.h"
#include "sip/own_uri.h"
#include "sip/trust_headers.h"
#include "worker/observer.h"
#include "worker/worker.h"

#define ID_MAX 256 /* octets, of what stands in every invitation */

static int take_headers(const sip_request_t *rq, conference_spec_t *spec)
{
	str value;

	if(invite_subject(&rq->msg, &value))
		spec->subject = value;
	if(sip_header(&rq->msg, "Contribution-ID", &value))
		spec->contribution_id = text_cut(&value, ID_MAX);
	if(sip_header(&rq->msg, "Conversation-ID", &value))
		spec->conversation_id = text_cut(&value, ID_MAX);
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
	if(!c)
		return;
	if(!creator) {
		create_undo(c);
		return;
	}
	create_announce(c, creator);
	admit(creator, fx, rq, body);
}

static join_result_t found(conference_t *c, const person_t *creator,
		const resource_list_t *list, effects_t *fx, participant_t **p)
{
	person_t *people = calloc(list->count + 1, sizeof(*people));
	join_result_t result;
	int i, count = 0;

	if(!people)
		return JOIN_MEMORY;
	for(i = 0; i < list->count; i++) {
		const list_entry_t *e = &list->entry[i];
		if(own_uri_is_ours(&e->uri))
			continue;
		people[count].name[0] = e->uri;
		people[count].names = 1;
		people[count].anonymous = e->anonymize;
		people[count++].display = e->display;
	}
	result = conference_found(c, creator, people, count, fx, p);
	free(people);
	return result;
}

static int keep_history(conference_t *c, const resource_list_t *list)
{
	room_book_t *book = c->focus;

	return mailing_add_history(book->founding, list, &c->identity);
}

static int create(sip_request_t *rq, const body_t *body, refusal_t *refusal)
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
		result = found(c, &rq->requester, &body->list, &fx, &creator);
	create_begin(c, creator, &fx, rq, body);
	effects_free(&fx);
	return refusal_of_join(refusal, result, settings.max_participants);
}

void create_on_invite(sip_request_t *rq)
{
	refusal_t refusal;
	body_t body;

	if(invite_read(rq, &body, &refusal) < 0 || create(rq, &body, &refusal) < 0)
		refusal_send(&refusal, rq);
	body_free(&body);
}
