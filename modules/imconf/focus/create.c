/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * create: INVITE outside a dialog: to the factory it makes a conference
 * (clauses A1-A7), to a Session Identity it asks to come (back) in (J1, J2).
 * Called by the router; create_answer() carries out EFFECT_ANSWER.
 */
#include <stdlib.h>
#include "admin/statistics.h"
#include "focus/body.h"
#include "focus/session.h"
#include "model/policy.h"
#include "settings.h"
#include "sip/headers.h"
#include "sip/own_uri.h"
#include "worker/effect_runner.h"
#include "worker/media.h"
#include "worker/worker.h"

#define ACK_WAIT_MS 32000 /* 64*T1, RFC 3261 13.3.1.4 */
#define HISTORY_MAX 16384

/* octets; both stand in every invitation, and a subject in every document */
#define SUBJECT_MAX 512
#define ID_MAX 256

static void refuse(sip_request_t *rq, const refusal_t *refusal)
{
	str headers = {(char *)refusal->headers,
			refusal->headers ? strlen(refusal->headers) : 0};

	sip_refuse(rq, refusal->code, refusal->reason, refusal->why,
			refusal->headers ? &headers : NULL);
}

static int refuse_join(join_result_t result, refusal_t *refusal)
{
	switch(result) {
		case JOIN_OK:
			return 0;
		case JOIN_BAD_NAME:
			return refusal_set(refusal, 400, "Bad Request", NULL,
					"somebody's name is no sip or tel URI");
		case JOIN_FULL:
			return refusal_set(refusal, settings.size_refusal_code,
					"Too Many Participants", NULL, "more than %d participants",
					settings.max_participants);
		case JOIN_FORBIDDEN:
			return refusal_set(refusal, 403, "Forbidden", NULL,
					"neither was it in nor is it invited");
		case JOIN_OVER:
			return refusal_set(
					refusal, 404, "Not Found", NULL, "the conference is over");
		case JOIN_MEMORY:
			break;
	}
	return refusal_set(
			refusal, 500, "Server Internal Error", NULL, "no memory");
}

static int no_memory(refusal_t *refusal)
{
	return refuse_join(JOIN_MEMORY, refusal);
}

static conference_t *make_conference(const sip_request_t *rq)
{
	conference_spec_t spec;
	conference_t *c = NULL;
	str value;

	memset(&spec, 0, sizeof(spec));
	if(sip_header(&rq->msg, "Subject", &value)
			|| sip_header(&rq->msg, "s", &value))
		spec.subject = text_cut(&value, SUBJECT_MAX);
	if(sip_header(&rq->msg, "Contribution-ID", &value))
		spec.contribution_id = text_cut(&value, ID_MAX);
	if(sip_header(&rq->msg, "Conversation-ID", &value))
		spec.conversation_id = text_cut(&value, ID_MAX);
	spec.max_participants = settings.max_participants;
	if(worker_new_identity(&spec.token, &spec.identity) < 0)
		return NULL;
	c = conference_create(&spec);
	text_free(&spec.token);
	text_free(&spec.identity);
	if(c && room_book_create(c, rq->max_forwards - 1) < 0) {
		conference_destroy(c);
		return NULL;
	}
	return c;
}

/* before the first effect nobody else knows the conference */
static void unmake_conference(conference_t *c)
{
	room_book_destroy(c);
	worker_remove_conference(c);
}

static int found(conference_t *c, const sip_request_t *rq,
		const resource_list_t *list, effects_t *fx, participant_t **creator,
		refusal_t *refusal)
{
	person_t *people = calloc(list->count + 1, sizeof(*people));
	join_result_t result;
	int i, count = 0;

	if(!people)
		return no_memory(refusal);
	for(i = 0; i < list->count; i++) {
		const list_entry_t *e = &list->entry[i];
		if(own_uri_is_ours(&e->uri))
			continue;
		people[count].name[0] = e->uri;
		people[count].names = 1;
		people[count++].display = e->display;
	}
	result = conference_found(c, &rq->requester, people, count, fx, creator);
	free(people);
	return refuse_join(result, refusal);
}

/* It is optional, goes into every invitation, and tm 5.6 can neither ACK nor
 * CANCEL an INVITE of more than 32,767 bytes: a long one is left out */
static int keep_history(conference_t *c, const resource_list_t *list)
{
	room_book_t *book = c->focus;
	buffer_t out;
	str text;
	int rc;

	buffer_init(&out, 0);
	rc = resource_list_write_history(list, &out);
	text = buffer_str(&out);
	if(rc > 0 && text.len > HISTORY_MAX)
		LM_INFO("%.*s: a recipient list of %d bytes is left out of its "
				"invitations\n",
				TEXT_ARG(&c->identity), text.len);
	else if(rc > 0)
		rc = text_copy(&book->history, &text);
	buffer_free(&out);
	return rc < 0 ? -1 : 0;
}

static void close_media(conference_t *c, participant_t *p)
{
	effects_t fx;

	effects_init(&fx);
	effects_add(&fx, EFFECT_LEAVE, p, END_NONE);
	effects_run(c, &fx);
	effects_free(&fx);
}

/* session and media of who asks to come in */
static int open_session(conference_t *c, participant_t *p, sip_request_t *rq,
		const body_t *body, refusal_t *refusal)
{
	buffer_t text;
	session_t *s;
	str contact;
	int code = 500;

	buffer_init(&text, 0);
	s = session_create(p, SESSION_INCOMING);
	if(!s)
		goto error;
	headers_conference_contact(&text, &c->identity);
	contact = buffer_str(&text);
	code = 400;
	if(dialog_init_uas(&s->dialog, DIALOG_SESSION, s, rq, &contact) < 0)
		goto error;
	s->invite = rq->uas;
	buffer_clear(&text);
	code = 0;
	if(body->has_sdp)
		code = media.answer(p, &body->sdp, &text);
	else if(media.offer(p, &text) < 0)
		code = 500;
	s->offered = !body->has_sdp;
	contact = buffer_str(&text);
	if(code == 0 && text_copy(&s->answer_body, &contact) == 0
			&& session_know_invite(s, rq) == 0) {
		buffer_free(&text);
		return 0;
	}
	if(code == 0) {
		close_media(c, p);
		code = 500;
	}
error:
	buffer_free(&text);
	if(s)
		session_destroy(s);
	if(code == 400)
		return refusal_set(
				refusal, 400, "Bad Request", NULL, "it has no usable Contact");
	if(code == 488)
		return refusal_set(refusal, 488, "Not Acceptable Here", NULL,
				"its offer has no message/cpim over MSRP we can use");
	return no_memory(refusal);
}

static int read_invite(sip_request_t *rq, body_t *body, refusal_t *refusal)
{
	memset(body, 0, sizeof(*body));
	if(rq->max_forwards <= 0)
		return refusal_set(
				refusal, 483, "Too Many Hops", NULL, "Max-Forwards is used up");
	if(!rq->requester.names)
		return refusal_set(refusal, 403, "Forbidden", NULL,
				"nothing we trust says who sent it");
	return body_read(&rq->msg, body, refusal);
}

static void create(sip_request_t *rq)
{
	participant_t *creator = NULL;
	conference_t *c = NULL;
	refusal_t refusal;
	effects_t fx;
	body_t body;

	effects_init(&fx);
	if(read_invite(rq, &body, &refusal) < 0)
		goto refuse;
	c = make_conference(rq);
	if(!c || worker_add_conference(c) < 0 || keep_history(c, &body.list) < 0) {
		no_memory(&refusal);
		goto refuse;
	}
	if(found(c, rq, &body.list, &fx, &creator, &refusal) < 0
			|| open_session(c, creator, rq, &body, &refusal) < 0)
		goto refuse;
	count(STAT_CONFERENCES, 1);
	count(STAT_CREATED, 1);
	effects_run(c, &fx);
	goto out;
refuse:
	if(c)
		unmake_conference(c);
	refuse(rq, &refusal);
out:
	body_free(&body);
	effects_free(&fx);
}

/* our 200 again, to an INVITE that tm had forgotten */
static void repeat_answer(session_t *s, sip_request_t *rq)
{
	LM_INFO("INVITE with Call-ID %.*s came again: the same answer\n",
			TEXT_ARG(&rq->call_id));
	uas_reply(&rq->uas, 200, "OK", &s->answer_headers, &s->answer_body,
			&s->dialog.local_tag);
}

void create_on_invite(sip_request_t *rq, dialog_t *d)
{
	session_t *s = session_of_invite(rq);

	if(s) {
		repeat_answer(s, rq);
		return;
	}
	if(rq->block->to_factory)
		create(rq);
	else if(!worker_find_conference(&rq->token))
		sip_refuse(rq, 404, "Not Found", "no such conference", NULL);
	else
		sip_refuse(rq, 403, "Forbidden",
				"conferences cannot be joined from outside", NULL);
}

static void no_ack(void *arg)
{
	session_t *s = arg;
	conference_t *c = s->conference;
	participant_t *p = s->participant;
	effects_t fx;

	LM_WARN("no ACK for our 200 to Call-ID %.*s: session ended\n",
			TEXT_ARG(&s->dialog.call_id));
	uas_release(&s->invite);
	if(!p) {
		release_after_ack(s);
		return;
	}
	s->state = SESSION_CONFIRMED;
	effects_init(&fx);
	conference_remove(p, DEPARTED_FAILED, END_NO_ACK, &fx);
	effects_run(c, &fx);
	effects_free(&fx);
}

static int write_answer_headers(session_t *s)
{
	buffer_t out;
	str text;
	int rc;

	buffer_init(&out, 0);
	headers_contact(&out, &s->dialog.contact);
	headers_allow(&out);
	headers_supported(&out);
	headers_allow_events(&out);
	buffer_add_text(&out, "Content-Type: application/sdp\r\n");
	text = buffer_str(&out);
	rc = buffer_failed(&out) ? -1 : text_copy(&s->answer_headers, &text);
	buffer_free(&out);
	return rc;
}

/* EFFECT_ANSWER: the join is provisional until tm took the 200 */
void create_answer(conference_t *c, participant_t *p, end_reason_t reason)
{
	session_t *s = p->session;
	effects_t fx;

	effects_init(&fx);
	if(write_answer_headers(s) == 0 && uas_hold(&s->invite) == 0
			&& uas_reply(&s->invite, 200, "OK", &s->answer_headers,
					   &s->answer_body, &s->dialog.local_tag)
					   == 0) {
		s->state = SESSION_ANSWERED;
		alarm_start(&s->timer, ACK_WAIT_MS, no_ack, s);
		conference_joined(p, &fx);
	} else {
		LM_INFO("INVITE of %.*s with Call-ID %.*s is gone before its answer\n",
				TEXT_ARG(&p->entity), TEXT_ARG(&s->dialog.call_id));
		conference_join_failed(p, &fx);
		session_destroy(s);
	}
	effects_run(c, &fx);
	effects_free(&fx);
}
