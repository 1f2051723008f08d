/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * admit: letting in who sent an INVITE that the model agreed to: session,
 * media, 200. Called by create.c, join.c and group.c; admit_answer() carries
 * out EFFECT_ANSWER.
 */
#include "focus/body.h"
#include "focus/session.h"
#include "sip/headers.h"
#include "worker/effect_runner.h"
#include "worker/media.h"

#define ACK_WAIT_MS 32000 /* 64*T1, RFC 3261 13.3.1.4 */

/* What EFFECT_ANSWER answers: effects before it may end the participant's
 * older session, so that the new one is opened only then. */
static struct
{
	sip_request_t *rq;
	const body_t *body;
} admitted;

int admit_check(const body_t *body, refusal_t *refusal)
{
	if(!body->has_sdp || media.check(&body->sdp) == 0)
		return 0;
	return refusal_set(refusal, 488, "Not Acceptable Here", NULL,
			"its offer has no message/cpim over MSRP we can use");
}

void admit(
		conference_t *c, effects_t *fx, sip_request_t *rq, const body_t *body)
{
	admitted.rq = rq;
	admitted.body = body;
	effects_run(c, fx);
	admitted.rq = NULL;
	admitted.body = NULL;
}

static int describe(session_t *s, const body_t *body)
{
	participant_t *p = s->participant;
	buffer_t text;
	str sdp;
	int rc;

	buffer_init(&text, 0);
	s->offered = !body->has_sdp;
	if(body->has_sdp)
		rc = media.answer(p, &body->sdp, &text);
	else
		rc = media.offer(p, &text);
	sdp = buffer_str(&text);
	if(rc == 0)
		rc = text_copy(&s->answer_body, &sdp);
	buffer_free(&text);
	return rc;
}

/* session and media; the dialog needs a Contact in the request */
static session_t *open_session(
		participant_t *p, sip_request_t *rq, const body_t *body)
{
	session_t *s = session_create(p, SESSION_INCOMING);
	buffer_t text;
	str contact;

	if(!s)
		return NULL;
	buffer_init(&text, 0);
	headers_conference_contact(&text, &p->conference->identity);
	contact = buffer_str(&text);
	if(dialog_init_uas(&s->dialog, DIALOG_SESSION, s, rq, &contact) < 0
			|| describe(s, body) != 0 || session_know_invite(s, rq) < 0) {
		session_destroy(s);
		s = NULL;
	} else {
		s->invite = rq->uas;
	}
	buffer_free(&text);
	return s;
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

static int send_answer(session_t *s)
{
	if(write_answer_headers(s) < 0 || uas_hold(&s->invite) < 0)
		return -1;
	return uas_reply(&s->invite, 200, "OK", &s->answer_headers, &s->answer_body,
			&s->dialog.local_tag);
}

/* `s` is NULL when there could be no session */
static void give_up(session_t *s, const participant_t *p)
{
	if(!s) {
		sip_refuse(admitted.rq, 500, "Server Internal Error",
				"no memory for its session, or no usable Contact", NULL);
		return;
	}
	LM_INFO("INVITE of %.*s with Call-ID %.*s is gone before its answer\n",
			TEXT_ARG(&p->entity), TEXT_ARG(&s->dialog.call_id));
	session_destroy(s);
}

/* EFFECT_ANSWER: the join is provisional until tm took the 200 */
void admit_answer(conference_t *c, participant_t *p, end_reason_t reason)
{
	session_t *s = open_session(p, admitted.rq, admitted.body);
	effects_t fx;

	effects_init(&fx);
	if(s && send_answer(s) == 0) {
		s->state = SESSION_ANSWERED;
		alarm_start(&s->timer, ACK_WAIT_MS, no_ack, s);
		conference_joined(p, &fx);
	} else {
		give_up(s, p);
		conference_join_failed(p, &fx);
	}
	effects_run(c, &fx);
	effects_free(&fx);
}
