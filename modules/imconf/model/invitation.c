/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * invitation: the transitions that list people: founding a conference, adding
 * to it, and putting a list's members in its stead; see conference.h. Called
 * by the focus, like those of conference.c.
 */
#include <stdlib.h>
#include "model/conference.h"
#include "model/participant.h"


join_result_t conference_found(conference_t *c, const person_t *creator,
		const person_t *invitees, int count, effects_t *fx,
		participant_t **creator_out)
{
	participant_t *first, *p;
	join_result_t rc;

	*creator_out = NULL;
	if(c->ending)
		return JOIN_OVER;
	if(!TAILQ_EMPTY(&c->participants))
		return JOIN_FORBIDDEN;
	if(effects_reserve(fx, 1) < 0)
		return JOIN_MEMORY;
	rc = participant_add(c, creator, NULL, &first);
	for(int i = 0; i < count && rc == JOIN_OK; i++)
		rc = participant_add(c, &invitees[i], first, &p);
	if(rc != JOIN_OK || first == NULL) {
		participant_drop_after(c, 0);
		return rc;
	}
	first->creator = 1;
	first->state = PARTICIPANT_JOINING;
	c->present++;
	effects_add(fx, EFFECT_ANSWER, first, END_NONE);
	*creator_out = first;
	return JOIN_OK;
}


/* Whom `who` makes a new invitee: `*p` is NULL when nobody, because it is in,
 * invited or listed before. Until all are found, each is WAITING. */
static join_result_t choose(
		conference_t *c, const person_t *who, participant_t **p)
{
	join_result_t rc = participant_find(c, who, p);

	if(rc != JOIN_OK)
		return rc;
	if(*p == NULL)
		return participant_add(c, who, NULL, p);
	if((*p)->state != PARTICIPANT_GONE) {
		*p = NULL;
		return JOIN_OK;
	}
	if(!participant_has_room(c)) {
		*p = NULL;
		return JOIN_FULL;
	}
	if(text_replace(&(*p)->invitation, &who->invitation) < 0) {
		*p = NULL;
		return JOIN_MEMORY;
	}
	(*p)->state = PARTICIPANT_WAITING;
	c->counted++;
	return JOIN_OK;
}


static void unchoose(
		conference_t *c, participant_t **chosen, int count, unsigned last)
{
	for(int i = 0; i < count; i++) {
		if(chosen[i]->number > last)
			continue;
		chosen[i]->state = PARTICIPANT_GONE;
		c->counted--;
	}
	participant_drop_after(c, last);
}


static void send_for(participant_t *p, participant_t *inviter, effects_t *fx)
{
	p->state = PARTICIPANT_INVITED;
	p->inviter = inviter;
	p->depth = 0;
	p->expelled = 0;
	p->resigned = 0;
	effects_add(fx, EFFECT_INVITE, p, END_NONE);
}


/* All of `people` who are to be invited, or nobody. */
static join_result_t choose_all(conference_t *c, const person_t *people,
		int count, participant_t **chosen, int *n)
{
	unsigned last = c->last_number;
	join_result_t rc = JOIN_OK;
	participant_t *p;

	*n = 0;
	for(int i = 0; i < count && rc == JOIN_OK; i++) {
		rc = choose(c, &people[i], &p);
		if(p)
			chosen[(*n)++] = p;
	}
	if(rc != JOIN_OK)
		unchoose(c, chosen, *n, last);
	return rc;
}


join_result_t conference_invite(conference_t *c, participant_t *inviter,
		const person_t *people, int count, effects_t *fx)
{
	participant_t **chosen;
	join_result_t rc;
	int n;

	if(c->ending)
		return JOIN_OVER;
	if(count == 0)
		return JOIN_OK;
	if(effects_reserve(fx, count) < 0)
		return JOIN_MEMORY;
	chosen = calloc(count, sizeof(*chosen));
	if(chosen == NULL) {
		fx->failed = 1;
		return JOIN_MEMORY;
	}
	rc = choose_all(c, people, count, chosen, &n);
	for(int i = 0; i < n && rc == JOIN_OK; i++)
		send_for(chosen[i], inviter, fx);
	free(chosen);
	return rc;
}


/* Who comes back may be on its own list. */
static join_result_t restart(conference_t *c, const person_t *who,
		const person_t *people, int count, participant_t **chosen,
		effects_t *fx, participant_t **participant)
{
	unsigned last = c->last_number;
	int n;
	join_result_t rc = choose_all(c, people, count, chosen, &n);

	if(rc != JOIN_OK)
		return rc;
	rc = conference_join(c, who, 0, fx, participant);
	if(rc != JOIN_OK) {
		unchoose(c, chosen, n, last);
		return rc;
	}
	for(int i = 0; i < n; i++) {
		if(chosen[i]->state == PARTICIPANT_WAITING)
			send_for(chosen[i], *participant, fx);
	}
	return JOIN_OK;
}


join_result_t conference_restart(conference_t *c, const person_t *who,
		const person_t *people, int count, effects_t *fx,
		participant_t **participant)
{
	participant_t **chosen;
	join_result_t rc;

	*participant = NULL;
	if(c->ending)
		return JOIN_OVER;
	/* a join has four at most */
	if(effects_reserve(fx, 4 + count) < 0)
		return JOIN_MEMORY;
	chosen = calloc(count + 1, sizeof(*chosen));
	if(chosen == NULL) {
		fx->failed = 1;
		return JOIN_MEMORY;
	}
	rc = restart(c, who, people, count, chosen, fx, participant);
	free(chosen);
	return rc;
}


int conference_expand(
		participant_t *p, const person_t *members, int count, effects_t *fx)
{
	conference_t *c = p->conference;
	participant_t *member;
	int i, left_out = 0, seen = participant_is_visible(p);

	if(c->ending || !participant_is_invited(p)
			|| effects_reserve(fx, count + 2) < 0)
		return count;
	p->state = PARTICIPANT_GONE;
	p->departure = DEPARTED_FAILED;
	c->counted--;
	effects_add(fx, EFFECT_LEAVE, p, END_NONE);
	if(seen)
		participant_show(p, fx);
	for(i = 0; i < count; i++) {
		left_out +=
				participant_add(c, &members[i], p->inviter, &member) != JOIN_OK;
		if(!member)
			continue;
		member->depth = p->depth + 1;
		member->state = PARTICIPANT_INVITED;
		effects_add(fx, EFFECT_INVITE, member, END_NONE);
	}
	return left_out;
}
