/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * room: the legs of a conference that hear it. Made with the first that
 * enters, gone with the conference's END.
 */
#ifndef IMCONF_SWITCH_ROOM_H
#define IMCONF_SWITCH_ROOM_H

#include "switch/leg.h"

typedef struct room
{
	leg_t **leg;
	int count;
	int size;
	struct turn *turn; /* see turn.h; NULL: never needed */
} room_t;

/** The conference's room, made if need be; NULL when memory is out. */
room_t *room_of(conference_t *c);

/** Lets a leg hear. Returns 0, or -1 when memory is out. */
int room_add(room_t *room, leg_t *leg);
void room_remove(room_t *room, leg_t *leg);

/** Frees what room_of() made; harmless without. */
void room_destroy(conference_t *c);

#endif
