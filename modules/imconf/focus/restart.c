/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * restart: INVITE to the factory with the Contribution-ID of a conference
 * that still lives: who was in it comes back there, instead of making a twin,
 * and whom it lists is invited there. Called by create.c.
 */
#include "focus/body.h"
#include "focus/invitees.h"
#include "focus/mailing.h"
#include "focus/session.h"
#include "worker/worker.h"

/* A stranger who knows the Contribution-ID must not learn that it lives */
static int knows(void *value, void *arg)
{
	conference_t *c = value;

	return !c->ending && conference_find(c, arg) != NULL;
}

conference_t *restart_of(const sip_request_t *rq)
{
	str id;

	if(!sip_header(&rq->msg, "Contribution-ID", &id) || id.len == 0)
		return NULL;
	id = text_cut(&id, CONTRIBUTION_ID_MAX);
	return worker_find_contribution(&id, knows, (void *)&rq->requester);
}

static mailing_t *make_mailing(const sip_request_t *rq, const conference_t *c,
		const resource_list_t *list)
{
	mailing_t *m = mailing_create(rq->max_forwards - 1);

	if(m && mailing_add_history(m, list, &c->identity) == 0)
		return m;
	mailing_release(m);
	return NULL;
}

int restart(conference_t *c, sip_request_t *rq, const body_t *body,
		const invitees_t *in, refusal_t *refusal)
{
	int limit = c->max_participants, rc = join_may_begin(rq, refusal);
	join_result_t result;
	participant_t *p;
	mailing_t *m;
	effects_t fx;

	if(rc <= 0)
		return rc;
	m = make_mailing(rq, c, &body->list);
	if(!m)
		return refusal_no_memory(refusal);
	effects_init(&fx);
	result = conference_restart(
			c, &rq->requester, in->person, in->count, &fx, &p);
	if(result == JOIN_OK) {
		LM_INFO("%.*s comes back to %.*s by its Contribution-ID\n",
				TEXT_ARG(&p->entity), TEXT_ARG(&c->identity));
		mailing_assign(m, &fx);
		admit(p, &fx, rq, body);
	}
	effects_free(&fx);
	mailing_release(m);
	return refusal_of_join(refusal, result, limit);
}
