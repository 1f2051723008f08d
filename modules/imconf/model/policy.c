/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * policy: see policy.h. Asked by the focus, the notifier and the transitions;
 * knows the model and no request.
 */
#include "model/policy.h"


int policy_may_watch(const conference_t *c, const person_t *who)
{
	const participant_t *p = conference_find(c, who);

	return p != NULL && !p->expelled;
}


int policy_may_return(const participant_t *p)
{
	return !p->expelled
		   && (p->state == PARTICIPANT_CONNECTED
				   || p->state == PARTICIPANT_GONE);
}


int policy_may_join(const conference_t *c, const person_t *who)
{
	const participant_t *p = conference_find(c, who);

	return p != NULL && policy_may_return(p);
}
