/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * join: INVITE to a Session Identity: coming (back) in (clauses J1, J2).
 * Called by invite.c; join_conference() also by group.c.
 */
#include "focus/body.h"
#include "focus/session.h"
#include "model/group_policy.h"
#include "model/policy.h"
#include "settings.h"

int join_anonymity(
		unsigned permissions, const person_t *who, refusal_t *refusal)
{
	if(!who->anonymous || (permissions & MAY_BE_ANONYMOUS))
		return 0;
	return refusal_no_anonymity(refusal);
}

int join_may_begin(const sip_request_t *rq, refusal_t *refusal)
{
	/* whom it replaces is not given up for an INVITE that was cancelled */
	if(!uas_is_open(&rq->uas)) {
		LM_INFO("INVITE of %.*s with Call-ID %.*s is gone already\n",
				TEXT_ARG(&rq->requester.name[0]), TEXT_ARG(&rq->call_id));
		return 0;
	}
	return refusal_of_capacity(refusal, capacity_session()) < 0 ? -1 : 1;
}

int join_conference(conference_t *c, sip_request_t *rq, const body_t *body,
		int admitted, refusal_t *refusal)
{
	int limit = c->max_participants;
	participant_t *p;
	effects_t fx;
	join_result_t result;

	int rc = join_may_begin(rq, refusal);

	if(rc <= 0)
		return rc;
	effects_init(&fx);
	result = conference_join(c, &rq->requester, admitted, &fx, &p);
	if(result == JOIN_OK)
		admit(p, &fx, rq, body);
	effects_free(&fx);
	/* the conference may be over by now */
	return refusal_of_join(refusal, result, limit);
}

/* in a group's conference its rules decide, in an ad-hoc one who was in or
 * invited may come */
static int check_rules(
		const conference_t *c, const person_t *who, refusal_t *refusal)
{
	unsigned permissions;

	if(!c->document)
		return 0;
	permissions = policy_permissions(c, who);
	if(!(permissions & MAY_JOIN))
		return refusal_set(refusal, 403, "Forbidden", NULL,
				"the group's rules do not let it in");
	return join_anonymity(permissions, who, refusal);
}

static int join(sip_request_t *rq, const body_t *body, refusal_t *refusal)
{
	conference_t *c = sip_request_conference(rq);

	if(!c)
		return refusal_set(
				refusal, 404, "Not Found", NULL, "no such conference");
	if(body->list.count)
		return refusal_set(refusal, 420, "Bad Extension",
				"Unsupported: recipient-list-invite\r\n",
				"a URI list in an INVITE to a conference");
	if(check_rules(c, &rq->requester, refusal) < 0
			|| replace_check(rq, c, refusal) < 0)
		return -1;
	return join_conference(c, rq, body, c->document != NULL, refusal);
}

void join_on_invite(sip_request_t *rq)
{
	refusal_t refusal;
	body_t body;

	if(invite_read(rq, &body, &refusal) < 0 || join(rq, &body, &refusal) < 0)
		refusal_send(&refusal, rq);
	body_free(&body);
}
