/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * release: see release.h. Knows participants and the group's rules, and
 * nothing of how a conference is ended.
 */
#include "model/release.h"
#include "model/participant.h"
#include "model/policy.h"
#include "wire/group_document.h"


static int is_last_key(const participant_t *p)
{
	const participant_t *other;

	if(!p->key || !participant_is_present(p))
		return 0;
	TAILQ_FOREACH(other, &p->conference->participants, link)
	{
		if(other != p && other->key && participant_is_present(other))
			return 0;
	}
	return 1;
}


end_reason_t release_due(const participant_t *p)
{
	const conference_t *c = p->conference;
	int present = c->present - participant_is_present(p);

	if(present == 0 && c->unattended && c->counted > 1)
		return END_NONE;
	if(present == 0 && !c->stays)
		return END_EMPTY;
	if(p->state == PARTICIPANT_JOINING && !participant_is_visible(p))
		return END_NONE;
	if(is_last_key(p))
		return END_KEY_LEFT;
	if(c->release.with_creator && p->creator && participant_is_present(p))
		return END_CREATOR_LEFT;
	if(c->counted - 1 < c->release.min_participants
			&& c->release.min_participants > 1)
		return END_TOO_FEW;
	return END_NONE;
}


int release_is_key(const participant_t *p)
{
	person_t who = {.anonymous = p->anonymous};

	if(!p->conference->document)
		return 0;
	for(int i = 0; i < p->names; i++)
		who.name[who.names++] = p->name[i].uri;
	return (policy_permissions(p->conference, &who) & IS_KEY) != 0;
}
