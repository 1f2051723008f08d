/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * invite: every INVITE outside a dialog, on its way to create.c (a factory),
 * group.c (a group) or join.c (a Session Identity). Called by the router.
 */
#include "focus/body.h"
#include "focus/session.h"

/* octets; it stands in every invitation and in every full document */
#define SUBJECT_MAX 512

int invite_subject(const struct sip_msg *msg, str *subject)
{
	if(!sip_header(msg, "Subject", subject))
		return 0;
	*subject = text_cut(subject, SUBJECT_MAX);
	return 1;
}

int invite_read(sip_request_t *rq, body_t *body, refusal_t *refusal)
{
	str contact;

	memset(body, 0, sizeof(*body));
	if(rq->max_forwards <= 0)
		return refusal_set(
				refusal, 483, "Too Many Hops", NULL, "Max-Forwards is used up");
	if(!rq->requester.names)
		return refusal_set(refusal, 403, "Forbidden", NULL,
				"nothing we trust says who sent it");
	if(dialog_target(&rq->msg, &contact) < 0)
		return refusal_set(
				refusal, 400, "Bad Request", NULL, "it has no usable Contact");
	if(body_read(&rq->msg, body, refusal) < 0
			|| refresh_check(&rq->msg, refusal) < 0)
		return -1;
	return admit_check(body, refusal);
}

/* our 200 again, to an INVITE that tm had forgotten */
static void repeat_answer(session_t *s, sip_request_t *rq)
{
	LM_INFO("INVITE with Call-ID %.*s came again: the same answer\n",
			TEXT_ARG(&rq->call_id));
	uas_reply(&rq->uas, 200, "OK", &s->answer_headers, &s->answer_body,
			&s->dialog.local_tag);
}

void invite_on_request(sip_request_t *rq, dialog_t *d)
{
	session_t *s = session_of_invite(rq);

	if(s)
		repeat_answer(s, rq);
	else if(rq->block->to_factory)
		create_on_invite(rq);
	else if(rq->block->to_group)
		group_on_invite(rq);
	else
		join_on_invite(rq);
}
