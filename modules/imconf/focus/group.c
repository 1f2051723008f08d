/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * group: INVITE to a group: its document decides who may start or join its
 * conference and who is invited (clauses P1-P3, U1, U2, G5). The INVITE waits
 * here while the document is fetched. Called by invite.c.
 */
#include <stdlib.h>
#include "focus/body.h"
#include "focus/focus.h"
#include "focus/session.h"
#include "model/group_policy.h"
#include "settings.h"
#include "sip/own_uri.h"
#include "wire/sip_uri.h"
#include "worker/effect_runner.h"
#include "worker/worker.h"
#include "xdms/groups.h"

#define RETRY_AFTER "Retry-After: 5\r\n"

/* an INVITE on its way to its group's document */
typedef struct pending
{
	TAILQ_ENTRY(pending) link; /* while it waits */
	groups_wait_t *wait;
	sip_request_t *rq;		/* while group_on_invite() has it */
	request_block_t *block; /* else: our copy */
} pending_t;

static TAILQ_HEAD(pendings, pending) pendings = TAILQ_HEAD_INITIALIZER(
		pendings);

/* the request itself goes when group_on_invite() returns */
static int pending_keep(pending_t *w)
{
	const request_block_t *block = w->rq->block;
	size_t size = request_block_size(block);

	w->block = malloc(size);
	if(!w->block)
		return -1;
	memcpy(w->block, block, size);
	w->rq = NULL;
	TAILQ_INSERT_TAIL(&pendings, w, link);
	return 0;
}

static void pending_destroy(pending_t *w)
{
	if(w->block)
		TAILQ_REMOVE(&pendings, w, link);
	free(w->block);
	free(w);
}

int group_cancel(unsigned hash, unsigned label)
{
	pending_t *w;

	TAILQ_FOREACH(w, &pendings, link)
	{
		if(w->block->hash != hash || w->block->label != label)
			continue;
		groups_cancel(w->wait);
		pending_destroy(w);
		return 1;
	}
	return 0;
}

static int refuse_result(groups_result_t result, refusal_t *refusal)
{
	int code = settings.xdms_down_code;

	switch(result) {
		case GROUPS_OK:
			return 0;
		case GROUPS_ABSENT:
			return refusal_set(
					refusal, 404, "Not Found", NULL, "no such group");
		case GROUPS_DOWN:
			return refusal_set(refusal, code,
					code == 480 ? "Temporarily Unavailable"
								: "XDMS Unavailable",
					RETRY_AFTER, "the XDMS does not answer");
		case GROUPS_UNRESOLVED:
			return refusal_set(refusal, 502, "Bad Gateway", NULL,
					"a list that its group's document refers to cannot be had");
		case GROUPS_BROKEN:
		case GROUPS_REFUSED:
			break;
	}
	return refusal_set(refusal, 500, "Server Internal Error", NULL,
			"its group's document cannot be had");
}

static int group_limit(const group_document_t *d)
{
	if(d->max_participants > 0
			&& d->max_participants < settings.max_participants)
		return d->max_participants;
	return settings.max_participants;
}

static int is_same_user(const person_t *who, const str *uri)
{
	identity_t member, name;
	int i, same = 0;

	if(identity_init(&member, uri) < 0)
		return 0;
	for(i = 0; i < who->names && !same; i++) {
		if(identity_init(&name, &who->name[i]) < 0)
			continue;
		same = identity_eq(&member, &name);
		identity_free(&name);
	}
	identity_free(&member);
	return same;
}

/* Everybody else of the group, as written there (N6), as far as there is
 * room. Returns how many. */
static int other_members(const group_document_t *d, const person_t *creator,
		person_t *people, int room)
{
	int i, count = 0;

	for(i = 0; i < d->members && count < room; i++) {
		const group_member_t *m = &d->member[i];
		person_t member = {.name = {m->uri}, .names = 1, .display = m->display};

		if(own_uri_is_ours(&m->uri) || is_same_user(creator, &m->uri))
			continue;
		people[count++] = member;
	}
	return count;
}

static join_result_t found(conference_t *c, const group_document_t *d,
		const person_t *creator, effects_t *fx, participant_t **p)
{
	int room = d->invite_members ? c->max_participants - 1 : 0;
	person_t *people = calloc(room + 1, sizeof(*people));
	join_result_t result;
	int count;

	if(!people)
		return JOIN_MEMORY;
	count = other_members(d, creator, people, room);
	result = conference_found(c, creator, people, count, fx, p);
	free(people);
	return result;
}

/* to a public conference people come one by one, and nobody made it */
static release_rules_t release_rules(const group_document_t *d)
{
	release_rules_t rules = {0};

	if(d->invite_members) {
		rules.min_participants = settings.min_participants;
		rules.with_creator = settings.end_with_creator;
	}
	return rules;
}

/* N3: as its user wrote it, but for how to get there */
static str name_of(const str *uri)
{
	str name = *uri, value;
	uri_parts_t parts;

	if(sip_uri_parse(uri, &parts) < 0)
		return name;
	name = parts.core;
	if(parts.scheme != URI_TEL && parts.params.len
			&& !sip_uri_param(&parts.params, &TEXT("user"), &value))
		name.len = (int)(parts.params.s - name.s) - 1;
	return name;
}

static conference_t *make_conference(const sip_request_t *rq, group_ref_t *ref)
{
	const group_document_t *d = group_ref_document(ref);
	conference_spec_t spec = {
			.group = name_of(&rq->uri),
			.document = d,
			.default_members = settings.default_members,
			.default_others = settings.default_others,
			.stays = !d->invite_members && settings.public_linger > 0,
			.release = release_rules(d),
			.max_participants = group_limit(d),
			.subject = d->subject.len ? d->subject : d->display,
	};
	conference_t *c = create_conference(rq, &spec);

	if(c)
		((room_book_t *)c->focus)->group = group_ref_hold(ref);
	return c;
}

static int start(sip_request_t *rq, const body_t *body, group_ref_t *ref,
		refusal_t *refusal)
{
	join_result_t result = JOIN_MEMORY;
	participant_t *creator = NULL;
	conference_t *c;
	effects_t fx;

	if(refusal_of_capacity(refusal, capacity_conference(&rq->requester.name[0]))
			< 0)
		return -1;
	c = make_conference(rq, ref);
	effects_init(&fx);
	if(c)
		result = found(c, c->document, &rq->requester, &fx, &creator);
	create_begin(c, creator, &fx, rq, body);
	effects_free(&fx);
	return refusal_of_join(refusal, result, settings.max_participants);
}

/* P2: a predefined conference is started by who may initiate, a public one
 * made by the first who may join (U1) */
static unsigned needed(const conference_t *c, const group_document_t *d)
{
	return !c && d->invite_members ? MAY_INITIATE : MAY_JOIN;
}

static int enter(sip_request_t *rq, const body_t *body, group_ref_t *ref,
		refusal_t *refusal)
{
	const group_document_t *d = group_ref_document(ref);
	policy_defaults_t defaults = {
			settings.default_members, settings.default_others};
	conference_t *c = sip_request_conference(rq);
	unsigned permissions = group_permissions(
			d, &rq->requester, rq->requester.anonymous, &defaults);

	if(!(permissions & needed(c, d)))
		return refusal_set(refusal, 403, "Forbidden", NULL,
				"the group's rules do not let it %s",
				needed(c, d) == MAY_INITIATE ? "start a conference" : "in");
	if(join_anonymity(permissions, &rq->requester, refusal) < 0
			|| replace_check(rq, c, refusal) < 0)
		return -1;
	if(c)
		return join_conference(c, rq, body, 1, refusal);
	return start(rq, body, ref, refusal);
}

static void go_on(sip_request_t *rq, groups_result_t result, group_ref_t *ref)
{
	refusal_t refusal;
	body_t body;

	memset(&body, 0, sizeof(body));
	if(result == GROUPS_OK && expand_is_focus(rq)) {
		expand_refuse_focus(rq, group_ref_document(ref));
		return;
	}
	if(refuse_result(result, &refusal) < 0
			|| invite_read(rq, &body, &refusal) < 0
			|| enter(rq, &body, ref, &refusal) < 0)
		refusal_send(&refusal, rq);
	body_free(&body);
}

static void read_again(
		const pending_t *w, groups_result_t result, group_ref_t *ref)
{
	sip_request_t rq;

	if(sip_request_init(&rq, w->block) == 0)
		go_on(&rq, result, ref);
	sip_request_free(&rq);
}

static void on_document(void *arg, groups_result_t result, group_ref_t *ref)
{
	pending_t *w = arg;

	if(w->rq)
		go_on(w->rq, result, ref);
	else
		read_again(w, result, ref);
	pending_destroy(w);
}

static void refuse_for_memory(sip_request_t *rq)
{
	refusal_t refusal;

	refusal_no_memory(&refusal);
	refusal_send(&refusal, rq);
}

void group_on_invite(sip_request_t *rq)
{
	pending_t *w = calloc(1, sizeof(*w));
	groups_wait_t *wait;

	if(!w) {
		refuse_for_memory(rq);
		return;
	}
	w->rq = rq;
	/* when it calls back at once `w` is gone and there is no wait */
	wait = groups_get(&rq->uri, &rq->requester.name[0], on_document, w);
	if(!wait)
		return;
	w->wait = wait;
	if(pending_keep(w) < 0) {
		groups_cancel(wait);
		pending_destroy(w);
		refuse_for_memory(rq);
	}
}

static void lingered(void *arg)
{
	conference_t *c = arg;

	if(!c->present)
		focus_end(c, END_EMPTY);
}

void group_empty(conference_t *c, participant_t *p, end_reason_t reason)
{
	room_book_t *book = c->focus;

	alarm_start(&book->linger, settings.public_linger * 1000L, lingered, c);
}
