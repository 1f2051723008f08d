/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * policy: see policy.h. Asked by the focus, the notifier and the transitions;
 * knows the model and no request.
 */
#include "model/group_policy.h"
#include "model/participant.h"
#include "model/policy.h"


unsigned policy_permissions(const conference_t *c, const person_t *who)
{
	policy_defaults_t defaults = {c->default_members, c->default_others};

	return group_permissions(c->document, who, who->anonymous, &defaults);
}


int policy_may_watch(const conference_t *c, const person_t *who)
{
	const participant_t *p = conference_find(c, who);

	if(p != NULL && p->expelled)
		return 0;
	if(c->document)
		return (policy_permissions(c, who) & MAY_WATCH) != 0;
	return p != NULL && !p->resigned;
}


int policy_may_describe(const participant_t *p, const person_t *who)
{
	const conference_t *c = p->conference;

	if(!c->document)
		return p->creator;
	return (policy_permissions(c, who) & MAY_INITIATE) != 0;
}


int policy_may_return(const participant_t *p, int admitted)
{
	return !p->expelled && (admitted || !p->resigned)
		   && p->state != PARTICIPANT_JOINING;
}


static unsigned permissions_of(const participant_t *p, int anonymous)
{
	person_t who = conference_person(p);

	who.anonymous = anonymous;
	return policy_permissions(p->conference, &who);
}


int policy_may_invite(const participant_t *p, int anonymous)
{
	const conference_t *c = p->conference;

	if(!participant_is_connected(p))
		return 0;
	if(c->document)
		return (permissions_of(p, anonymous) & MAY_INVITE) != 0;
	return p->creator || !c->creator_invites;
}


int policy_may_expel(const participant_t *p, int anonymous)
{
	if(!participant_is_connected(p))
		return 0;
	if(p->creator)
		return 1;
	return p->conference->document
		   && (permissions_of(p, anonymous) & MAY_EXPEL) != 0;
}


int policy_may_hide(const participant_t *p)
{
	return !p->conference->document
		   || (permissions_of(p, 1) & MAY_BE_ANONYMOUS) != 0;
}
