/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * participant: the record of one participant, made and freed, and what can be
 * said of it alone. Only the model uses it: everybody else goes through the
 * transitions of conference.h. Ground floor.
 */
#ifndef IMCONF_MODEL_PARTICIPANT_H
#define IMCONF_MODEL_PARTICIPANT_H

#include "model/conference.h"

/** Frees one that is in no conference any more. NULL is harmless. */
void participant_destroy(participant_t *p);

/** Takes it out of its conference's list, and its names with it. */
void participant_detach(participant_t *p);

/** It has this name, too, from now on; but not one that is no URI, anonymous,
 * somebody else's or one too many. */
void participant_learn(participant_t *p, const str *uri);

/** 1 when max_participants (R5) leaves room for one more. */
int participant_has_room(const conference_t *c);

/**
 * Makes a WAITING participant of `who` and puts it into the conference, where
 * it counts. One that shares a name with somebody there is dropped, which is
 * no failure: `*added` is NULL then. JOIN_FULL and JOIN_MEMORY change nothing.
 */
join_result_t participant_add(conference_t *c, const person_t *who,
		participant_t *inviter, participant_t **added);

/** Undoes participant_add() of all with a number above `last`. */
void participant_drop_after(conference_t *c, unsigned last);

/** It is not found by its names any more; again found, as far as memory
 * allows. */
void participant_forget_names(participant_t *p);
void participant_remember_names(participant_t *p);

/** What watchers see of it has changed, in this revision of its conference:
 * it goes to the end of conference->changes. */
void participant_note(participant_t *p);

/** What watchers see of it has changed, in a revision of its own. Effects:
 * NOTIFY. */
void participant_show(participant_t *p, effects_t *fx);

/** Takes it out of conference->changes. */
void participant_forget(participant_t *p);

/** 1 when it is in conference->changes for having gone only. */
int participant_is_tombstone(const participant_t *p);

/** Others may have it from now on. */
void participant_forget_nickname(participant_t *p);

/** Becomes anonymous (N5, N7). Returns 0, or -1 when memory is out (nothing
 * changed then). */
int participant_hide(participant_t *p);

/** Whoever has one of the names of `who`, if it was heard of: else `*p` is
 * NULL. JOIN_BAD_NAME or JOIN_MEMORY when that cannot be told. */
join_result_t participant_find(
		const conference_t *c, const person_t *who, participant_t **p);

/** 1 when JOINING or CONNECTED. */
int participant_is_present(const participant_t *p);

/** 1 when INVITED or ALERTING. */
int participant_is_invited(const participant_t *p);

/** 1 when watchers see it connected: so it is, or its session is just being
 * replaced (J2). */
int participant_is_connected(const participant_t *p);

/** 1 when watchers see it connected or alerting. */
int participant_is_visible(const participant_t *p);

#endif
