/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * modify: re-INVITE and UPDATE of participants: another description, a refresh
 * of the session, another subject. Called by in_dialog.c; modify_take_answer()
 * by all that made an offer. Clause M1, RFC 3261 14.2, RFC 3311.
 */
#include <stdlib.h>
#include "core/parser/parse_methods.h"
#include "focus/body.h"
#include "focus/session.h"
#include "model/policy.h"
#include "sip/headers.h"
#include "sip/trust_headers.h"
#include "worker/effect_runner.h"
#include "worker/media.h"

#define ACK_WAIT_MS 32000 /* 64*T1: for the ACK, and for late copies */

/* our 200 to a re-INVITE */
typedef struct modification
{
	uas_t invite; /* held until its ACK */
	unsigned cseq;
	str headers, body; /* of the 200, to say it again */
	int offered;	   /* it has an offer, its ACK the answer */
	int acknowledged;
	alarm_clock_t timer;
} modification_t;

void modify_forget(session_t *s)
{
	modification_t *m = s->modification;

	if(!m)
		return;
	alarm_stop(&m->timer);
	uas_release(&m->invite);
	text_free(&m->headers);
	text_free(&m->body);
	free(m);
	s->modification = NULL;
}

int modify_is_unfinished(const session_t *s)
{
	return s->modification && !s->modification->acknowledged;
}

int modify_repeat(session_t *s, sip_request_t *rq)
{
	modification_t *m = s->modification;

	if(!m || rq->cseq != m->cseq)
		return 0;
	LM_INFO("re-INVITE with Call-ID %.*s came again: the same answer\n",
			TEXT_ARG(&rq->call_id));
	uas_reply(&rq->uas, 200, "OK", &m->headers, &m->body, NULL);
	return 1;
}

void modify_take_answer(
		session_t *s, const struct sip_msg *msg, const char *where)
{
	refusal_t refusal;
	body_t body;

	/* whatever else an answer brings cannot be refused any more */
	body_read(msg, &body, &refusal);
	if(!body.has_sdp || media.answered(s->participant, &body.sdp) != 0)
		media.answered(s->participant, NULL);
	if(strcmp(media.state(s->participant), "none") == 0)
		LM_WARN("the %s of %.*s has no MSRP we can use: it takes part "
				"without\n",
				where, TEXT_ARG(&s->participant->entity));
	body_free(&body);
}

static void forget(void *arg)
{
	modify_forget(arg);
}

int modify_take_ack(session_t *s, const sip_request_t *ack)
{
	modification_t *m = s->modification;

	if(!m || ack->cseq != m->cseq)
		return 0;
	if(m->acknowledged)
		return 1;
	m->acknowledged = 1;
	uas_release(&m->invite);
	alarm_start(&m->timer, ACK_WAIT_MS, forget, s);
	if(!m->offered || !s->participant)
		return 1;
	modify_take_answer(s, &ack->msg, "ACK");
	no_media_watch(s);
	return 1;
}

static void no_ack(void *arg)
{
	session_t *s = arg;
	conference_t *c = s->conference;
	effects_t fx;

	LM_WARN("no ACK for our 200 to a re-INVITE, Call-ID %.*s: session ended\n",
			TEXT_ARG(&s->dialog.call_id));
	modify_forget(s);
	if(!s->participant)
		return;
	effects_init(&fx);
	conference_remove(s->participant, DEPARTED_FAILED, END_NO_ACK, &fx);
	effects_run(c, &fx);
	effects_free(&fx);
}

/* our 200 has an offer that was not answered */
static int is_offering(const session_t *s)
{
	if(s->state == SESSION_ANSWERED)
		return s->offered;
	return modify_is_unfinished(s) && s->modification->offered;
}

/* RFC 3261 14.2, RFC 3311 5.2: offers that cross each other */
static int is_glare(
		const session_t *s, const sip_request_t *rq, const body_t *body)
{
	if(rq->method != METHOD_INVITE && !body->has_sdp)
		return 0;
	return s->state == SESSION_INVITING || refresh_is_inviting(s)
		   || is_offering(s);
}

static int check(
		session_t *s, sip_request_t *rq, const body_t *body, refusal_t *refusal)
{
	if(is_glare(s, rq, body))
		return refusal_set(refusal, 491, "Request Pending", NULL,
				"it crosses an offer of ours");
	if(body->list.count)
		return refusal_set(refusal, 420, "Bad Extension",
				"Unsupported: recipient-list-invite\r\n",
				"a URI list in a re-INVITE");
	if(refresh_check(&rq->msg, refusal) < 0)
		return -1;
	return admit_check(body, refusal);
}

/* our answer, or our offer to a re-INVITE without one */
static int describe(session_t *s, const sip_request_t *rq, const body_t *body,
		buffer_t *out, refusal_t *refusal)
{
	int code = 0;

	if(body->has_sdp)
		code = media.answer(s->participant, &body->sdp, out);
	else if(rq->method == METHOD_INVITE)
		code = media.offer(s->participant, out);
	if(code == 488)
		return refusal_set(refusal, 488, "Not Acceptable Here", NULL,
				"its offer is of no use to us");
	return code || buffer_failed(out) ? refusal_no_memory(refusal) : 0;
}

static void write_headers(const session_t *s, const sip_request_t *rq,
		const buffer_t *description, buffer_t *out)
{
	trust_headers_answer(out, rq, &s->dialog.contact);
	headers_contact(out, &s->dialog.contact);
	headers_allow(out);
	headers_supported(out);
	refresh_write_answer(s, out);
	if(description->len)
		buffer_add_text(out, "Content-Type: application/sdp\r\n");
}

/* holds the re-INVITE, so that its 200 is repeated until the ACK */
static int keep(session_t *s, const sip_request_t *rq, const buffer_t *headers,
		const buffer_t *description, int offered)
{
	modification_t *m = calloc(1, sizeof(*m));
	str lines = buffer_str(headers), body = buffer_str(description);

	modify_forget(s);
	if(!m)
		return -1;
	s->modification = m;
	m->invite = rq->uas;
	m->cseq = rq->cseq;
	m->offered = offered;
	if(text_copy(&m->headers, &lines) < 0 || text_copy(&m->body, &body) < 0
			|| uas_hold(&m->invite) < 0) {
		modify_forget(s);
		return -1;
	}
	alarm_start(&m->timer, ACK_WAIT_MS, no_ack, s);
	return 0;
}

static int answer(session_t *s, sip_request_t *rq, const buffer_t *headers,
		const buffer_t *description, int offered)
{
	str lines = buffer_str(headers), body = buffer_str(description);

	if(buffer_failed(headers)
			|| (rq->method == METHOD_INVITE
					&& keep(s, rq, headers, description, offered) < 0))
		return -1;
	if(uas_reply(&rq->uas, 200, "OK", &lines, body.len ? &body : NULL, NULL)
			== 0)
		return 0;
	if(rq->method == METHOD_INVITE)
		modify_forget(s);
	return -1;
}

/* who may gives the conference another subject */
static void take_subject(session_t *s, const sip_request_t *rq)
{
	conference_t *c = s->conference;
	effects_t fx;
	str subject;

	if(!invite_subject(&rq->msg, &subject) || subject.len == 0
			|| text_eq(&subject, &c->subject))
		return;
	if(!policy_may_describe(s->participant, &rq->requester)) {
		LM_INFO("%.*s: %.*s may not change the subject\n",
				TEXT_ARG(&c->identity), TEXT_ARG(&s->participant->entity));
		return;
	}
	effects_init(&fx);
	conference_describe(c, &subject, &fx);
	effects_run(c, &fx);
	effects_free(&fx);
}

static int change(
		session_t *s, sip_request_t *rq, const body_t *body, refusal_t *refusal)
{
	int offered = rq->method == METHOD_INVITE && !body->has_sdp;
	buffer_t headers, description;
	int rc;

	buffer_init(&headers, 0);
	buffer_init(&description, 0);
	rc = describe(s, rq, body, &description, refusal);
	if(rc == 0) {
		dialog_refresh_target(&s->dialog, &rq->msg);
		refresh_agree(s, &rq->msg);
		refresh_start(s);
		write_headers(s, rq, &description, &headers);
		if(answer(s, rq, &headers, &description, offered) == 0)
			take_subject(s, rq);
		else
			rc = refusal_no_memory(refusal);
	}
	buffer_free(&headers);
	buffer_free(&description);
	return rc;
}

/* RFC 5407 3.1.5: who sends another INVITE has got our 200 */
static void take_as_ack(session_t *s)
{
	if(s->state != SESSION_ANSWERED)
		return;
	alarm_stop(&s->timer);
	uas_release(&s->invite);
	s->state = SESSION_CONFIRMED;
	session_confirmed(s);
}

void modify_on_request(session_t *s, sip_request_t *rq)
{
	refusal_t refusal;
	body_t body;

	if(!s->participant) {
		sip_refuse(rq, 481, "Call/Transaction Does Not Exist",
				"its session is over", NULL);
		return;
	}
	if(!uas_is_open(&rq->uas))
		return; /* cancelled on its way */
	if(body_read(&rq->msg, &body, &refusal) < 0
			|| check(s, rq, &body, &refusal) < 0) {
		refusal_send(&refusal, rq);
	} else {
		if(rq->method == METHOD_INVITE)
			take_as_ack(s);
		if(change(s, rq, &body, &refusal) < 0)
			refusal_send(&refusal, rq);
	}
	body_free(&body);
}
