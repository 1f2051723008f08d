/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * in_dialog: what participants send in their INVITE dialog, and CANCEL.
 * Called by the router.
 */
#include "base/random.h"
#include "core/parser/parse_methods.h"
#include "focus/body.h"
#include "focus/referral.h"
#include "focus/session.h"
#include "sip/headers.h"
#include "wire/reason.h"
#include "worker/effect_runner.h"
#include "worker/media.h"

static void take_ack(session_t *s, const sip_request_t *rq)
{
	if(modify_take_ack(s, rq) || rq->cseq != s->invite_cseq
			|| (s->state != SESSION_ANSWERED && s->state != SESSION_ENDING))
		return;
	alarm_stop(&s->timer);
	uas_release(&s->invite);
	if(s->state == SESSION_ENDING) {
		if(!s->request)
			release_after_ack(s);
		return;
	}
	s->state = SESSION_CONFIRMED;
	/* the answer to the offer in our 200, or none at all (some phones) */
	if(s->offered)
		modify_take_answer(s, &rq->msg, "ACK");
	s->offered = 0;
	session_confirmed(s);
}

/* RFC 3326: `SIP;cause=200` is said by who leaves; a BYE without it, by whom
 * something else made leave */
static int leaves_for_good(const sip_request_t *rq)
{
	str reason;

	return sip_header(&rq->msg, "Reason", &reason)
		   && reason_sip_cause(&reason) == 200;
}

static void take_bye(session_t *s, sip_request_t *rq)
{
	conference_t *c = s->conference;
	participant_t *p = s->participant;
	effects_t fx;

	uas_reply(&rq->uas, 200, "OK", NULL, NULL, NULL);
	if(s->state == SESSION_INVITING || s->state == SESSION_CANCELLED) {
		s->left = 1;
		return;
	}
	if(refresh_is_inviting(s)) {
		/* its 200 would want an ACK */
		alarm_stop(&s->timer);
		session_detach(s);
		s->state = SESSION_OVER;
	} else {
		session_destroy(s);
	}
	if(!p)
		return;
	effects_init(&fx);
	if(leaves_for_good(rq))
		conference_resigned(p, &fx);
	else
		conference_left(p, DEPARTED_LEFT, &fx);
	effects_run(c, &fx);
	effects_free(&fx);
}

static void refuse_method(sip_request_t *rq)
{
	str allow = TEXT("Allow: " SIP_ALLOW "\r\n");

	sip_refuse(
			rq, 405, "Method Not Allowed", "not served in a session", &allow);
}

void in_dialog_on_request(sip_request_t *rq, dialog_t *d)
{
	session_t *s = d->owner;

	if(rq->method == METHOD_INVITE && modify_repeat(s, rq))
		return;
	if(dialog_take_request(d, rq, 0) == DIALOG_OLD_CSEQ) {
		sip_refuse(rq, 500, "Server Internal Error", "its CSeq is not higher",
				NULL);
		return;
	}
	switch(rq->method) {
		case METHOD_ACK:
			take_ack(s, rq);
			return;
		case METHOD_BYE:
			take_bye(s, rq);
			return;
		case METHOD_OPTIONS:
			options_answer(rq, &s->dialog.contact);
			return;
		case METHOD_INVITE:
		case METHOD_UPDATE:
			modify_on_request(s, rq);
			return;
		case METHOD_REFER:
			refer_in_session(s, rq);
			return;
		case METHOD_SUBSCRIBE:
			referral_on_subscribe(rq, d);
			return;
		default:
			refuse_method(rq);
	}
}

/* Both answers come from here: 200 to the CANCEL and 487 to its INVITE, which
 * tm refuses when that was answered; an INVITE still on its way through the
 * mailbox then finds itself answered. */
void in_dialog_on_cancel(sip_request_t *rq, dialog_t *d)
{
	uas_t invite = {0};
	char hex[17];
	str tag = {hex, 16};

	random_hex(hex, 64);
	group_cancel(rq->block->cancelled_hash, rq->block->cancelled_label);
	invite.hash = rq->block->cancelled_hash;
	invite.label = rq->block->cancelled_label;
	uas_reply(&rq->uas, 200, "OK", NULL, NULL, &tag);
	uas_reply(&invite, 487, "Request Terminated", NULL, NULL, &tag);
}
