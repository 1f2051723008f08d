/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * admit: letting in who sent an INVITE that the model agreed to: session,
 * media, 200. Called by create.c, join.c and group.c; admit_answer() carries
 * out EFFECT_ANSWER.
 */
#include "admin/statistics.h"
#include "focus/body.h"
#include "focus/session.h"
#include "sip/headers.h"
#include "sip/trust_headers.h"
#include "worker/effect_runner.h"
#include "worker/media.h"

#define ACK_WAIT_MS 32000 /* 64*T1, RFC 3261 13.3.1.4 */

int admit_check(const body_t *body, refusal_t *refusal)
{
	if(!body->has_sdp || media.check(&body->sdp) == 0)
		return 0;
	return refusal_set(refusal, 488, "Not Acceptable Here", NULL,
			"its offer has no message/cpim over MSRP we can use");
}

/* what the answer owes to the request, whose time is short */
static int begin_answer(session_t *s, const sip_request_t *rq)
{
	buffer_t out;
	str text;
	int rc;

	buffer_init(&out, 0);
	trust_headers_answer(&out, rq, &s->dialog.contact);
	text = buffer_str(&out);
	rc = buffer_failed(&out) ? -1 : text_copy(&s->answer_headers, &text);
	buffer_free(&out);
	return rc;
}

/* the session of `p`, all but its media: effects before its ANSWER may close
 * the leg of its older one */
static session_t *open_session(
		participant_t *p, const sip_request_t *rq, const body_t *body)
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
			|| text_copy(&s->offer, &body->sdp_text) < 0
			|| begin_answer(s, rq) < 0 || session_know_invite(s, rq) < 0) {
		session_destroy(s);
		s = NULL;
	} else {
		s->invite = rq->uas;
		s->invite_cseq = rq->cseq;
		p->reached_at = dialog_socket(&s->dialog);
		refresh_agree(s, &rq->msg);
	}
	buffer_free(&text);
	return s;
}

void admit(
		participant_t *p, effects_t *fx, sip_request_t *rq, const body_t *body)
{
	if(!open_session(p, rq, body))
		sip_refuse(rq, 500, "Server Internal Error",
				"no memory for its session", NULL);
	effects_run(p->conference, fx);
}

static int describe(session_t *s)
{
	participant_t *p = s->participant;
	buffer_t text;
	sdp_t offer;
	str sdp;
	int rc;

	buffer_init(&text, 0);
	s->offered = s->offer.len == 0;
	if(s->offered)
		rc = media.offer(p, &text);
	else if(sdp_parse(&s->offer, &offer) == SDP_OK)
		rc = media.answer(p, &offer, &text);
	else
		rc = -1;
	text_free(&s->offer);
	sdp = buffer_str(&text);
	if(rc == 0)
		rc = text_copy(&s->answer_body, &sdp);
	buffer_free(&text);
	return rc;
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
	buffer_add_str(&out, &s->answer_headers);
	headers_contact(&out, &s->dialog.contact);
	headers_allow(&out);
	headers_supported(&out);
	headers_allow_events(&out);
	refresh_write_answer(s, &out);
	buffer_add_text(&out, "Content-Type: application/sdp\r\n");
	text = buffer_str(&out);
	rc = buffer_failed(&out) ? -1 : text_replace(&s->answer_headers, &text);
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

static void give_up(session_t *s)
{
	LM_WARN("INVITE of %.*s with Call-ID %.*s is gone before its answer, or "
			"there is no memory for it\n",
			TEXT_ARG(&s->participant->entity), TEXT_ARG(&s->dialog.call_id));
	/* tm refuses it when it was cancelled */
	uas_reply(&s->invite, 500, "Server Internal Error", NULL, NULL,
			&s->dialog.local_tag);
	session_destroy(s);
}

void admit_over(session_t *s)
{
	LM_INFO("INVITE of %.*s with Call-ID %.*s comes too late\n",
			TEXT_ARG(&s->participant->entity), TEXT_ARG(&s->dialog.call_id));
	count(STAT_REFUSED, 1);
	uas_reply(&s->invite, 404, "Not Found", NULL, NULL, &s->dialog.local_tag);
	session_destroy(s);
}

/* EFFECT_ANSWER: the join is provisional until tm took the 200 */
void admit_answer(conference_t *c, participant_t *p, end_reason_t reason)
{
	session_t *s = session_incoming(p);
	effects_t fx;

	effects_init(&fx);
	if(s && describe(s) == 0 && send_answer(s) == 0) {
		session_seat(s);
		alarm_start(&s->timer, ACK_WAIT_MS, no_ack, s);
		conference_joined(p, &fx);
	} else {
		if(s)
			give_up(s);
		conference_join_failed(p, &fx);
	}
	effects_run(c, &fx);
	effects_free(&fx);
}
