/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * conference: see conference.h. Called by the worker, which carries out the
 * effects; knows participants and effects, and nothing above them.
 *
 * Every transition first reserves room for all the effects it may have, and
 * only then changes anything.
 */
#include <stdlib.h>
#include "model/conference.h"
#include "model/participant.h"
#include "model/policy.h"
#include "model/release.h"
#include "wire/nickname.h"


static int set_group(conference_t *c, const str *group)
{
	identity_t id;
	int rc;

	if(group->len == 0)
		return 0;
	if(identity_init(&id, group) < 0)
		return -1;
	rc = text_copy(&c->group, group);
	if(rc == 0)
		rc = text_copy(&c->group_key, &id.key);
	identity_free(&id);
	return rc;
}


conference_t *conference_create(const conference_spec_t *spec)
{
	conference_t *c = calloc(1, sizeof(*c));

	if(c == NULL)
		return NULL;
	TAILQ_INIT(&c->participants);
	TAILQ_INIT(&c->changes);
	map_init(&c->by_name);
	c->max_participants = spec->max_participants;
	c->document = spec->document;
	c->default_members = spec->default_members;
	c->default_others = spec->default_others;
	c->creator_invites = spec->creator_invites;
	c->stays = spec->stays;
	c->unattended = spec->unattended;
	c->release = spec->release;
	c->revision = 1;
	if(text_copy(&c->token, &spec->token) < 0
			|| text_copy(&c->identity, &spec->identity) < 0
			|| text_copy(&c->subject, &spec->subject) < 0
			|| text_copy(&c->contribution_id, &spec->contribution_id) < 0
			|| text_copy(&c->conversation_id, &spec->conversation_id) < 0
			|| text_copy(&c->charging, &spec->charging) < 0
			|| set_group(c, &spec->group) < 0) {
		conference_destroy(c);
		return NULL;
	}
	return c;
}


static void free_participants(conference_t *c)
{
	participant_t *p, *next;

	TAILQ_FOREACH_SAFE(p, &c->participants, link, next)
	{
		participant_detach(p);
		participant_destroy(p);
	}
	map_free(&c->by_name);
}


void conference_destroy(conference_t *c)
{
	if(c == NULL)
		return;
	free_participants(c);
	text_free(&c->token);
	text_free(&c->identity);
	text_free(&c->subject);
	text_free(&c->contribution_id);
	text_free(&c->conversation_id);
	text_free(&c->charging);
	text_free(&c->group);
	text_free(&c->group_key);
	free(c);
}


participant_t *conference_find_uri(const conference_t *c, const str *uri)
{
	person_t who = {.name = {*uri}, .names = 1};

	return conference_find(c, &who);
}


participant_t *conference_find(const conference_t *c, const person_t *who)
{
	participant_t *p = NULL;

	participant_find(c, who, &p);
	return p;
}


person_t conference_person(const participant_t *p)
{
	person_t who = {.display = p->display, .anonymous = p->anonymous};

	for(int i = 0; i < p->names; i++)
		who.name[who.names++] = p->name[i].uri;
	return who;
}


static participant_t *find_anonymous(const conference_t *c, const str *entity)
{
	participant_t *p;

	TAILQ_FOREACH(p, &c->participants, link)
	{
		if(p->anonymous && text_eq_nocase(&p->entity, entity))
			break;
	}
	return p;
}


participant_t *conference_find_shown(const conference_t *c, const str *entity)
{
	participant_t *p = conference_find_uri(c, entity);

	if(p == NULL)
		p = find_anonymous(c, entity);
	else if(p->anonymous)
		return NULL;
	return p && p->state != PARTICIPANT_GONE ? p : NULL;
}


/* Ends what `p` has of a session and closes its leg. */
static void hang_up(participant_t *p, end_reason_t reason, effects_t *fx)
{
	if(participant_is_present(p))
		effects_add(fx, EFFECT_BYE, p, reason);
	else if(participant_is_invited(p))
		effects_add(fx, EFFECT_CANCEL, p, END_NONE);
	else
		return;
	effects_add(fx, EFFECT_LEAVE, p, END_NONE);
}


/* One of whose names nobody else may have. */
static join_result_t add_newcomer(
		conference_t *c, const person_t *who, participant_t **p)
{
	join_result_t rc = participant_add(c, who, NULL, p);

	return rc == JOIN_OK && *p == NULL ? JOIN_FORBIDDEN : rc;
}


/* The participant that `who` is going to be, who was found as `*p`; new when
 * the group admits a stranger. One that was gone, or is new, counts from now
 * on. */
static join_result_t return_or_add(
		conference_t *c, const person_t *who, int admitted, participant_t **p)
{
	if(*p == NULL)
		return admitted ? add_newcomer(c, who, p) : JOIN_FORBIDDEN;
	if(!policy_may_return(*p, admitted))
		return JOIN_FORBIDDEN;
	if((*p)->state != PARTICIPANT_GONE)
		return JOIN_OK;
	if(!participant_has_room(c))
		return JOIN_FULL;
	c->counted++;
	return JOIN_OK;
}


/* Nobody shall see that the anonymous `stranger` is who was here as `p`. */
static void go_under_that_name(
		participant_t *p, participant_t *stranger, effects_t *fx)
{
	stranger->creator = p->creator;
	if(p->state == PARTICIPANT_GONE)
		return;
	hang_up(p, END_REPLACED, fx);
	p->conference->present -= participant_is_present(p);
	p->state = PARTICIPANT_GONE;
	p->departure = DEPARTED_LEFT;
	participant_forget_nickname(p);
	if(p->was_shown)
		participant_show(p, fx);
}


/* Somebody who is shown by its name wants to be anonymous from now on: it
 * comes as a new participant, the old one goes (N5). */
static join_result_t change_name(conference_t *c, const person_t *who,
		participant_t *p, effects_t *fx, participant_t **stranger)
{
	int counted = p->state != PARTICIPANT_GONE;
	join_result_t rc;

	participant_forget_names(p);
	c->counted -= counted;
	rc = add_newcomer(c, who, stranger);
	if(rc == JOIN_OK) {
		go_under_that_name(p, *stranger, fx);
		return rc;
	}
	c->counted += counted;
	participant_remember_names(p);
	return rc;
}


/* Who comes in: as it is known, or new. */
static join_result_t take_in(conference_t *c, const person_t *who, int admitted,
		effects_t *fx, participant_t **p)
{
	join_result_t rc = participant_find(c, who, p);

	if(rc != JOIN_OK)
		return rc;
	if(*p && who->anonymous && !(*p)->anonymous
			&& policy_may_return(*p, admitted))
		return change_name(c, who, *p, fx, p);
	return return_or_add(c, who, admitted, p);
}


join_result_t conference_join(conference_t *c, const person_t *who,
		int admitted, effects_t *fx, participant_t **participant)
{
	participant_t *p;
	join_result_t rc;

	*participant = NULL;
	if(c->ending)
		return JOIN_OVER;
	if(effects_reserve(fx, 4) < 0)
		return JOIN_MEMORY;
	rc = take_in(c, who, admitted, fx, &p);
	if(rc != JOIN_OK)
		return rc;
	hang_up(p, END_REPLACED, fx);
	c->present += !participant_is_present(p);
	p->before = p->state;
	p->state = PARTICIPANT_JOINING;
	effects_add(fx, EFFECT_ANSWER, p, END_NONE);
	*participant = p;
	return JOIN_OK;
}


static void enter(participant_t *p, effects_t *fx)
{
	p->state = PARTICIPANT_CONNECTED;
	p->departure = DEPARTED_NOT;
	p->code = 0;
	p->resigned = 0;
	p->key = release_is_key(p);
	p->conference->unattended = 0;
	effects_add(fx, EFFECT_ENTER, p, END_NONE);
}


static void invite_waiting(conference_t *c, effects_t *fx)
{
	participant_t *p;

	TAILQ_FOREACH(p, &c->participants, link)
	{
		if(p->state != PARTICIPANT_WAITING)
			continue;
		p->state = PARTICIPANT_INVITED;
		effects_add(fx, EFFECT_INVITE, p, END_NONE);
	}
}


void conference_joined(participant_t *p, effects_t *fx)
{
	conference_t *c = p->conference;

	if(c->ending || p->state != PARTICIPANT_JOINING)
		return;
	/* who is not present may be waiting */
	if(effects_reserve(fx, 2 + c->counted - c->present) < 0)
		return;
	enter(p, fx);
	invite_waiting(c, fx);
	participant_show(p, fx);
}


void conference_ringing(participant_t *p, effects_t *fx)
{
	if(p->conference->ending || p->state != PARTICIPANT_INVITED)
		return;
	if(effects_reserve(fx, 1) < 0)
		return;
	p->state = PARTICIPANT_ALERTING;
	participant_show(p, fx);
}


void conference_answered(participant_t *p, effects_t *fx)
{
	if(p->conference->ending || effects_reserve(fx, 2) < 0)
		return;
	if(participant_is_invited(p)) {
		p->conference->present++;
		enter(p, fx);
		participant_show(p, fx);
	} else if(p->state == PARTICIPANT_GONE) {
		effects_add(fx, EFFECT_BYE, p, END_NONE);
	}
}


/* Hangs up on everybody who is left. The revision stays: the notifier's last
 * word comes with END. */
static void close_down(conference_t *c, end_reason_t reason, effects_t *fx)
{
	participant_t *p;

	TAILQ_FOREACH(p, &c->participants, link)
	{
		if(p->state == PARTICIPANT_GONE)
			continue;
		hang_up(p, reason, fx);
		p->state = PARTICIPANT_GONE;
		p->departure = DEPARTED_BOOTED;
		p->code = 0;
		if(p->noted)
			participant_note(p);
	}
	c->present = 0;
	c->counted = 0;
	c->ending = 1;
	effects_add(fx, EFFECT_END, NULL, reason);
}


/* Room for a departure, and for the end when that brings it. */
static int reserve_departure(const participant_t *p, effects_t *fx)
{
	int more = release_due(p) ? 2 * p->conference->counted : 0;

	return effects_reserve(fx, 4 + more);
}


/* `p`, who counted, is gone; room was reserved. */
static void depart(participant_t *p, departure_t how, int code, effects_t *fx)
{
	conference_t *c = p->conference;
	int unseen = p->state == PARTICIPANT_JOINING && !participant_is_visible(p);
	end_reason_t due = release_due(p);

	c->present -= participant_is_present(p);
	c->counted--;
	p->state = PARTICIPANT_GONE;
	participant_forget_nickname(p);
	/* one that failed to come back is gone as it was before */
	if(!unseen || p->departure == DEPARTED_NOT) {
		p->departure = how;
		p->code = code;
	}
	if(!unseen)
		participant_show(p, fx);
	if(due)
		close_down(c, due, fx);
	else if(c->present == 0 && c->stays)
		effects_add(fx, EFFECT_EMPTY, NULL, END_NONE);
}


void conference_join_failed(participant_t *p, effects_t *fx)
{
	if(p->conference->ending || p->state != PARTICIPANT_JOINING)
		return;
	if(reserve_departure(p, fx) < 0)
		return;
	effects_add(fx, EFFECT_LEAVE, p, END_NONE);
	depart(p, DEPARTED_LEFT, 0, fx);
}


void conference_refused(participant_t *p, int code, effects_t *fx)
{
	int busy = code == 486 || code == 600;

	if(p->conference->ending || !participant_is_invited(p))
		return;
	if(reserve_departure(p, fx) < 0)
		return;
	effects_add(fx, EFFECT_LEAVE, p, END_NONE);
	depart(p, busy ? DEPARTED_BUSY : DEPARTED_FAILED, code, fx);
}


void conference_left(participant_t *p, departure_t how, effects_t *fx)
{
	if(p->conference->ending || !participant_is_present(p))
		return;
	if(reserve_departure(p, fx) < 0)
		return;
	effects_add(fx, EFFECT_LEAVE, p, END_NONE);
	depart(p, how, 0, fx);
}


void conference_resigned(participant_t *p, effects_t *fx)
{
	if(participant_is_present(p))
		p->resigned = 1;
	conference_left(p, DEPARTED_LEFT, fx);
}


/* Nobody knows of it yet: taken off the list. */
static void unlist(participant_t *p, departure_t how)
{
	p->state = PARTICIPANT_GONE;
	p->departure = how;
	p->conference->counted--;
}


void conference_remove(
		participant_t *p, departure_t how, end_reason_t reason, effects_t *fx)
{
	if(p->conference->ending || reserve_departure(p, fx) < 0)
		return;
	if(reason == END_ADMIN || reason == END_EXPELLED)
		p->expelled = 1;
	if(p->state == PARTICIPANT_WAITING)
		unlist(p, how);
	if(p->state == PARTICIPANT_GONE)
		return;
	hang_up(p, reason, fx);
	depart(p, how, 0, fx);
}


/* Do watchers see `p` among those who are there? */
static int is_in_view(const participant_t *p)
{
	return participant_is_visible(p);
}


static int is_known_as(
		const participant_t *p, const str *nickname, const str *key)
{
	return text_eq(&p->nickname_key, key)
		   || text_eq_nocase(&p->display, nickname)
		   || text_eq_nocase(&p->entity, nickname);
}


int conference_name_taken(const participant_t *p, const str *nickname)
{
	const participant_t *other;
	int taken = 0;
	str key;

	if(nickname->len == 0)
		return 0;
	if(nickname_key(nickname, &key) < 0)
		return -1;
	TAILQ_FOREACH(other, &p->conference->participants, link)
	{
		if(other != p && other->state != PARTICIPANT_GONE)
			taken |= is_known_as(other, nickname, &key);
	}
	text_free(&key);
	return taken;
}


void conference_rename(participant_t *p, const str *nickname, effects_t *fx)
{
	str key = {NULL, 0};

	if(p->conference->ending || text_eq(&p->nickname, nickname))
		return;
	if(effects_reserve(fx, 1) < 0)
		return;
	if(nickname_key(nickname, &key) < 0
			|| text_replace(&p->nickname, nickname) < 0) {
		text_free(&key);
		fx->failed = 1;
		return;
	}
	text_free(&p->nickname_key);
	p->nickname_key = key;
	if(is_in_view(p))
		participant_show(p, fx);
}


void conference_describe(conference_t *c, const str *subject, effects_t *fx)
{
	if(c->ending || text_eq(&c->subject, subject))
		return;
	if(effects_reserve(fx, 1) < 0)
		return;
	if(text_replace(&c->subject, subject) < 0) {
		fx->failed = 1;
		return;
	}
	c->described = ++c->revision;
	effects_add(fx, EFFECT_NOTIFY, NULL, END_NONE);
}


void conference_learn(participant_t *p, const person_t *who)
{
	for(int i = 0; i < who->names; i++)
		participant_learn(p, &who->name[i]);
}


int conference_hide(participant_t *p)
{
	return p->was_shown ? -1 : participant_hide(p);
}


void conference_forget(conference_t *c, unsigned revision)
{
	participant_t *p, *next;

	TAILQ_FOREACH_SAFE(p, &c->changes, change, next)
	{
		if(c->tombstones == 0 || p->changed > revision)
			return;
		if(participant_is_tombstone(p))
			participant_forget(p);
	}
}


void conference_end(conference_t *c, end_reason_t reason, effects_t *fx)
{
	if(c->ending || effects_reserve(fx, 1 + 2 * c->counted) < 0)
		return;
	close_down(c, reason, fx);
}
