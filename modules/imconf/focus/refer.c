/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * refer: REFER to a conference: adding people to it and expelling them
 * (clauses R1-R8, RFC 4579 5.5 and 5.11, RFC 5368). Called by the router and
 * in_dialog.c.
 *
 * All is checked before anything is done: a list is served as a whole or not
 * at all (R5).
 */
#include "focus/refer.h"

#include <stdlib.h>
#include "base/random.h"
#include "focus/referral.h"
#include "model/policy.h"
#include "sip/headers.h"
#include "wire/sip_uri.h"
#include "worker/effect_runner.h"

static int is_hidden(const refer_t *r)
{
	return r->rq->requester.anonymous;
}

/* R7: participants only. In a session's dialog it is the session's, else who
 * is asserted. */
static int find_referrer(refer_t *r, refusal_t *refusal)
{
	r->conference =
			r->session ? r->session->conference : sip_request_conference(r->rq);
	if(!r->conference || r->conference->ending)
		return refusal_set(
				refusal, 404, "Not Found", NULL, "no such conference");
	r->referrer = r->session
						  ? r->session->participant
						  : conference_find(r->conference, &r->rq->requester);
	if(!r->referrer)
		return refusal_set(
				refusal, 403, "Forbidden", NULL, "it is no participant");
	return 0;
}

static int check_rules(const refer_t *r, refusal_t *refusal)
{
	int hidden = is_hidden(r);

	if(r->adds && !policy_may_invite(r->referrer, hidden))
		return refusal_set(
				refusal, 403, "Forbidden", NULL, "it may not add people");
	if(r->expels && !policy_may_expel(r->referrer, hidden))
		return refusal_set(refusal, 403, "Forbidden", NULL, "it may not expel");
	if(hidden && !policy_may_hide(r->referrer))
		return refusal_no_anonymity(refusal);
	return 0;
}

/* a bounded number of each user's, as many as the operator grants */
static int check_capacity(const refer_t *r, refusal_t *refusal)
{
	return refusal_of_capacity(
			refusal, capacity_refer(&r->referrer->name[0].uri));
}

/* whom to invite: all but us and the group whose conference it is */
static int list_people(const refer_t *r, person_t *people)
{
	int i, count = 0;

	for(i = 0; i < r->count; i++) {
		const refer_target_t *t = &r->target[i];
		if(t->method != REFER_INVITE || expand_is_loop(r->conference, &t->uri))
			continue;
		people[count].name[0] = t->uri;
		people[count].names = 1;
		people[count].invitation = t->invitation;
		if(!r->single)
			people[count].display = r->body.list.entry[i].display;
		count++;
	}
	return count;
}

static int add(const refer_t *r, effects_t *fx, refusal_t *refusal)
{
	int limit = r->conference->max_participants;
	person_t *people;
	join_result_t result;
	int count;

	if(!r->adds)
		return 0;
	people = calloc(r->adds, sizeof(*people));
	if(!people)
		return refusal_no_memory(refusal);
	count = list_people(r, people);
	if(count == 0) {
		free(people);
		return refusal_set(refusal, 403, "Forbidden", NULL,
				"it would invite a conference to itself");
	}
	result = conference_invite(r->conference, r->referrer, people, count, fx);
	free(people);
	return refusal_of_join(refusal, result, limit);
}

static participant_t *expelled(const refer_t *r, int i)
{
	if(r->target[i].method != REFER_BYE)
		return NULL;
	return conference_find_shown(r->conference, &r->target[i].uri);
}

/* nobody is expelled by naming someone who is not here */
static int check_expelled(const refer_t *r, refusal_t *refusal)
{
	int i;

	if(!r->expels)
		return 0;
	for(i = 0; i < r->count; i++) {
		if(expelled(r, i))
			return 0;
	}
	return refusal_set(refusal, 404, "Not Found", NULL,
			"nobody whom it wants to expel is here");
}

static void expel(const refer_t *r, effects_t *fx)
{
	participant_t *p;
	int i;

	for(i = 0; i < r->count; i++) {
		p = expelled(r, i);
		if(!p)
			continue;
		LM_INFO("%.*s expels %.*s from %.*s\n", TEXT_ARG(&r->referrer->entity),
				TEXT_ARG(&p->entity), TEXT_ARG(&r->conference->identity));
		conference_remove(p, DEPARTED_BOOTED, END_EXPELLED, fx);
	}
}

/* RFC 3892: the name under which the referrer wants to be known, if it is one
 * of its own */
static int name_referrer(const refer_t *r, mailing_t *m)
{
	str value, display, uri, params;

	m->unnamed = is_hidden(r);
	if(m->unnamed || r->referrer->anonymous
			|| !sip_header(&r->rq->msg, "Referred-By", &value)
			|| name_addr_parse(&value, &display, &uri, &params) < 0
			|| conference_find_uri(r->conference, &uri) != r->referrer)
		return 0;
	return text_copy(&m->referred_by, &uri);
}

static mailing_t *make_mailing(const refer_t *r)
{
	mailing_t *m = mailing_create(r->rq->max_forwards - 1);

	if(!m)
		return NULL;
	if(name_referrer(r, m) == 0
			&& (r->expels
					|| mailing_add_history(
							   m, &r->body.list, &r->conference->identity)
							   == 0))
		return m;
	mailing_release(m);
	return NULL;
}

static const participant_t *awaited(const refer_t *r)
{
	return r->adds ? conference_find_uri(r->conference, &r->target[0].uri)
				   : NULL;
}

static void answer(const refer_t *r, const referral_t *told)
{
	char hex[17];
	str tag = {hex, 16}, text;
	buffer_t lines, contact;

	random_hex(hex, 64);
	if(told)
		tag = referral_dialog(told)->local_tag;
	buffer_init(&lines, 0);
	buffer_init(&contact, 0);
	headers_conference_contact(&contact, &r->conference->identity);
	text = buffer_str(&contact);
	headers_contact(&lines, &text);
	headers_allow(&lines);
	headers_supported(&lines);
	if(!told)
		buffer_add_text(&lines, "Refer-Sub: false\r\n");
	text = buffer_str(&lines);
	uas_reply(&r->rq->uas, 200, "OK", &text, NULL,
			r->rq->to_tag.len ? NULL : &tag);
	buffer_free(&contact);
	buffer_free(&lines);
}

/* what cannot fail any more */
static void carry_out(
		const refer_t *r, mailing_t *m, referral_t *told, effects_t *fx)
{
	mailing_assign(m, fx);
	if(r->adds)
		LM_INFO("%.*s adds %d to %.*s\n", TEXT_ARG(&r->referrer->entity),
				fx->count, TEXT_ARG(&r->conference->identity));
	answer(r, told);
	if(told)
		referral_begin(told, awaited(r));
	expel(r, fx);
	effects_run(r->conference, fx);
}

static int act(const refer_t *r, refusal_t *refusal)
{
	mailing_t *m = make_mailing(r);
	referral_t *told = NULL;
	effects_t fx;
	int rc = m ? 0 : refusal_no_memory(refusal);

	effects_init(&fx);
	if(rc == 0 && r->subscribes) {
		told = referral_create(
				r->rq, r->dialog, r->session, r->conference, refusal);
		rc = told ? 0 : -1;
	}
	if(rc == 0)
		rc = add(r, &fx, refusal);
	if(rc == 0)
		carry_out(r, m, told, &fx);
	else if(told)
		referral_destroy(told);
	effects_free(&fx);
	mailing_release(m);
	return rc;
}

static void serve(refer_t *r)
{
	refusal_t refusal;

	if(r->rq->max_forwards <= 0)
		sip_refuse(
				r->rq, 483, "Too Many Hops", "Max-Forwards is used up", NULL);
	else if(find_referrer(r, &refusal) < 0 || refer_read(r, &refusal) < 0
			|| check_rules(r, &refusal) < 0 || check_expelled(r, &refusal) < 0
			|| check_capacity(r, &refusal) < 0 || act(r, &refusal) < 0)
		refusal_send(&refusal, r->rq);
	refer_free(r);
}

void refer_on_request(sip_request_t *rq, dialog_t *d)
{
	refer_t r = {.rq = rq, .dialog = d};

	serve(&r);
}

void refer_in_session(session_t *s, sip_request_t *rq)
{
	refer_t r = {.rq = rq, .dialog = &s->dialog, .session = s};

	if(s->participant)
		serve(&r);
	else
		sip_refuse(rq, 481, "Call/Transaction Does Not Exist",
				"its session is over", NULL);
}
