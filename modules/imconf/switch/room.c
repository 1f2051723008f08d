/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * room: see room.h. Called by legs that enter and leave; knows nothing of
 * what is said in it.
 */
#include <stdlib.h>
#include "switch/room.h"
#include "switch/turn.h"

#define ROOM_FIRST 8


room_t *room_of(conference_t *c)
{
	if(!c->room)
		c->room = calloc(1, sizeof(room_t));
	return c->room;
}


static int grow(room_t *room)
{
	int size = room->size ? room->size * 2 : ROOM_FIRST;
	leg_t **leg = realloc(room->leg, size * sizeof(*leg));

	if(!leg)
		return -1;
	room->leg = leg;
	room->size = size;
	return 0;
}


int room_add(room_t *room, leg_t *leg)
{
	if(room->count == room->size && grow(room) < 0)
		return -1;
	leg->place = room->count;
	room->leg[room->count++] = leg;
	return 0;
}


void room_remove(room_t *room, leg_t *leg)
{
	leg_t *last = room->leg[--room->count];

	room->leg[leg->place] = last;
	last->place = leg->place;
}


void room_destroy(conference_t *c)
{
	room_t *room = c->room;

	if(!room)
		return;
	turn_destroy(room->turn);
	free(room->leg);
	free(room);
	c->room = NULL;
}
