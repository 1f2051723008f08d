/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * participant: see participant.h. Called by the model; knows no transition.
 */
#include <stdio.h>
#include <stdlib.h>
#include "model/participant.h"


static join_result_t init_names(participant_t *p, const person_t *who)
{
	int rc;

	if(who->names < 1 || who->names > IDENTITY_NAMES_MAX)
		return JOIN_BAD_NAME;
	for(int i = 0; i < who->names; i++) {
		rc = identity_init(&p->name[i], &who->name[i]);
		if(rc < 0)
			return rc == IDENTITY_MEMORY ? JOIN_MEMORY : JOIN_BAD_NAME;
		p->names++;
	}
	return JOIN_OK;
}


/* N5: two anonymous users differ; a name that came along would unmask. */
int participant_hide(participant_t *p)
{
	char entity[64];
	str text = {entity, 0};

	text.len = snprintf(entity, sizeof(entity),
			"sip:anonymous%u@anonymous.invalid", p->number);
	if(text_replace(&p->entity, &text) < 0)
		return -1;
	text_free(&p->display);
	p->anonymous = 1;
	return 0;
}


/* N4, N6: as it was given. */
static int init_shown(participant_t *p, const str *display)
{
	if(p->anonymous || identity_is_anonymous(&p->name[0]))
		return participant_hide(p);
	if(text_copy(&p->entity, &p->name[0].uri) < 0)
		return -1;
	return text_copy(&p->display, display);
}


/*
 * Makes a participant of `who`, all copied, that is in no conference yet.
 * Anonymous first names become one of their own by `number` (N5). Returns
 * JOIN_OK, or JOIN_BAD_NAME or JOIN_MEMORY (`*out` is NULL then).
 */
static join_result_t participant_create(
		const person_t *who, unsigned number, participant_t **out)
{
	participant_t *p = calloc(1, sizeof(*p));
	join_result_t rc;

	*out = NULL;
	if(p == NULL)
		return JOIN_MEMORY;
	p->number = number;
	p->anonymous = who->anonymous;
	rc = init_names(p, who);
	if(rc == JOIN_OK && init_shown(p, &who->display) < 0)
		rc = JOIN_MEMORY;
	if(rc == JOIN_OK && text_copy(&p->invitation, &who->invitation) < 0)
		rc = JOIN_MEMORY;
	if(rc == JOIN_OK)
		*out = p;
	else
		participant_destroy(p);
	return rc;
}


void participant_forget_nickname(participant_t *p)
{
	text_free(&p->former_nickname);
	p->former_nickname = p->nickname;
	p->nickname = (str){NULL, 0};
	text_free(&p->nickname_key);
}


void participant_destroy(participant_t *p)
{
	if(p == NULL)
		return;
	for(int i = 0; i < p->names; i++)
		identity_free(&p->name[i]);
	text_free(&p->entity);
	text_free(&p->display);
	participant_forget_nickname(p);
	text_free(&p->former_nickname);
	text_free(&p->invitation);
	free(p);
}


static void forget_names(participant_t *p, conference_t *c)
{
	for(int i = 0; i < p->names; i++)
		map_remove(&c->by_name, &p->node[i]);
}


static int remember_names(participant_t *p, conference_t *c)
{
	for(int i = 0; i < p->names; i++) {
		if(identity_is_anonymous(&p->name[i]))
			continue;
		if(map_put(&c->by_name, &p->node[i], &p->name[i].key, p) < 0) {
			forget_names(p, c);
			return -1;
		}
	}
	return 0;
}


void participant_forget_names(participant_t *p)
{
	forget_names(p, p->conference);
}


void participant_remember_names(participant_t *p)
{
	remember_names(p, p->conference);
}


/* Puts it into the conference's list and under its names. Returns 0, or -1
 * when memory is out (nothing changed then). */
static int participant_attach(participant_t *p, conference_t *c)
{
	if(remember_names(p, c) < 0)
		return -1;
	p->conference = c;
	TAILQ_INSERT_TAIL(&c->participants, p, link);
	return 0;
}


void participant_detach(participant_t *p)
{
	forget_names(p, p->conference);
	participant_forget(p);
	TAILQ_REMOVE(&p->conference->participants, p, link);
	p->conference = NULL;
}


void participant_learn(participant_t *p, const str *uri)
{
	conference_t *c = p->conference;
	identity_t *name = &p->name[p->names];

	if(p->names == IDENTITY_NAMES_MAX || identity_init(name, uri) < 0)
		return;
	if(identity_is_anonymous(name) || map_get(&c->by_name, &name->key)
			|| map_put(&c->by_name, &p->node[p->names], &name->key, p) < 0)
		identity_free(name);
	else
		p->names++;
}


int participant_has_room(const conference_t *c)
{
	return c->max_participants <= 0 || c->counted < c->max_participants;
}


static join_result_t admit(conference_t *c, participant_t *p)
{
	if(!participant_has_room(c))
		return JOIN_FULL;
	return participant_attach(p, c) < 0 ? JOIN_MEMORY : JOIN_OK;
}


/* Whoever has one of its names in the conference already, or NULL. */
static participant_t *participant_namesake(
		const participant_t *p, const conference_t *c)
{
	participant_t *other = NULL;

	for(int i = 0; i < p->names && other == NULL; i++)
		other = map_get(&c->by_name, &p->name[i].key);
	return other;
}


join_result_t participant_add(conference_t *c, const person_t *who,
		participant_t *inviter, participant_t **added)
{
	participant_t *p;
	join_result_t rc = participant_create(who, c->last_number + 1, &p);
	int known = rc == JOIN_OK && participant_namesake(p, c) != NULL;

	*added = NULL;
	if(rc == JOIN_OK && !known)
		rc = admit(c, p);
	if(rc != JOIN_OK || known) {
		participant_destroy(p);
		return rc;
	}
	p->inviter = inviter;
	c->last_number++;
	c->counted++;
	*added = p;
	return JOIN_OK;
}


void participant_drop_after(conference_t *c, unsigned last)
{
	participant_t *p = TAILQ_LAST(&c->participants, participant_list);
	participant_t *before;

	for(; p && p->number > last; p = before) {
		before = TAILQ_PREV(p, participant_list, link);
		participant_detach(p);
		participant_destroy(p);
		c->last_number--;
		c->counted--;
	}
}


int participant_is_tombstone(const participant_t *p)
{
	return p->noted && p->left == p->changed;
}


void participant_forget(participant_t *p)
{
	conference_t *c = p->conference;

	if(!p->noted)
		return;
	c->tombstones -= participant_is_tombstone(p);
	TAILQ_REMOVE(&c->changes, p, change);
	p->noted = 0;
}


void participant_note(participant_t *p)
{
	conference_t *c = p->conference;
	int connected = participant_is_connected(p);

	participant_forget(p);
	p->changed = c->revision;
	if(!p->entered && connected)
		p->entered = c->revision;
	if(!p->appeared && participant_is_visible(p))
		p->appeared = c->revision;
	if(p->state == PARTICIPANT_GONE)
		p->left = c->revision;
	p->was_shown = 1;
	p->noted = 1;
	TAILQ_INSERT_TAIL(&c->changes, p, change);
	c->tombstones += participant_is_tombstone(p);
}


void participant_show(participant_t *p, effects_t *fx)
{
	p->conference->revision++;
	participant_note(p);
	effects_add(fx, EFFECT_NOTIFY, NULL, END_NONE);
}


static join_result_t look_up(
		const conference_t *c, const str *uri, participant_t **p)
{
	identity_t id;
	int rc = identity_init(&id, uri);

	if(rc < 0)
		return rc == IDENTITY_MEMORY ? JOIN_MEMORY : JOIN_BAD_NAME;
	*p = map_get(&c->by_name, &id.key);
	identity_free(&id);
	return JOIN_OK;
}


join_result_t participant_find(
		const conference_t *c, const person_t *who, participant_t **p)
{
	join_result_t rc = JOIN_OK;

	*p = NULL;
	for(int i = 0; i < who->names && rc == JOIN_OK && *p == NULL; i++)
		rc = look_up(c, &who->name[i], p);
	return rc;
}


int participant_is_present(const participant_t *p)
{
	return p->state == PARTICIPANT_JOINING || p->state == PARTICIPANT_CONNECTED;
}


int participant_is_invited(const participant_t *p)
{
	return p->state == PARTICIPANT_INVITED || p->state == PARTICIPANT_ALERTING;
}


int participant_is_connected(const participant_t *p)
{
	participant_state_t state =
			p->state == PARTICIPANT_JOINING ? p->before : p->state;

	return state == PARTICIPANT_CONNECTED;
}


int participant_is_visible(const participant_t *p)
{
	participant_state_t state =
			p->state == PARTICIPANT_JOINING ? p->before : p->state;

	return state == PARTICIPANT_CONNECTED || state == PARTICIPANT_ALERTING;
}
