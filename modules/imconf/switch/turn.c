/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * turn: see turn.h. Called by passing.c; knows who speaks, not what.
 */
#include <stdlib.h>
#include <string.h>
#include "core/dprint.h"
#include "settings.h"
#include "switch/turn.h"

typedef struct waiting
{
	TAILQ_ENTRY(waiting) link;
	leg_t *sender; /* both held */
	leg_t *to;
	parcel_t parcel;
	cargo_t cargo;
	char kind[]; /* of the cargo */
} waiting_t;

typedef struct turn
{
	room_t *room;
	const struct message *speaker; /* NULL: nobody has it */
	TAILQ_HEAD(waiting_list, waiting) list;
	size_t bytes;
	alarm_clock_t end;
} turn_t;


static void forget(turn_t *turn, waiting_t *w)
{
	TAILQ_REMOVE(&turn->list, w, link);
	turn->bytes -= w->parcel.block->len;
	if(w->to)
		leg_release(w->to);
	leg_release(w->sender);
	parcel_free(&w->parcel);
	free(w);
}


static void pass(const turn_t *turn, const waiting_t *w)
{
	tally_t tally = {0};

	if(w->to)
		fanout_leg(w->to, &w->parcel, &w->cargo, &tally);
	else
		fanout_room(turn->room, w->sender, &w->parcel, &w->cargo);
}


static void finish(turn_t *turn)
{
	waiting_t *w, *next;

	turn->speaker = NULL;
	alarm_stop(&turn->end);
	TAILQ_FOREACH_SAFE(w, &turn->list, link, next)
	{
		pass(turn, w);
		forget(turn, w);
	}
}


static void expired(void *arg)
{
	finish(arg);
}


int turn_is_taken(const room_t *room, const struct message *m)
{
	const turn_t *turn = room ? room->turn : NULL;

	return turn && turn->speaker && turn->speaker != m;
}


static turn_t *turn_of(room_t *room)
{
	turn_t *turn = room->turn;

	if(turn)
		return turn;
	turn = calloc(1, sizeof(*turn));
	if(!turn)
		return NULL;
	turn->room = room;
	TAILQ_INIT(&turn->list);
	room->turn = turn;
	return turn;
}


void turn_take(room_t *room, const struct message *m)
{
	turn_t *turn;

	if(settings.interleave || !room)
		return;
	turn = turn_of(room);
	if(!turn) {
		LM_ERR("no memory: a large message has no turn of its own\n");
		return;
	}
	turn->speaker = m;
	alarm_start(&turn->end, TURN_MS, expired, turn);
}


void turn_end(room_t *room, const struct message *m)
{
	if(room && room->turn && room->turn->speaker == m)
		finish(room->turn);
}


void turn_leave(room_t *room, leg_t *leg)
{
	turn_t *turn = room ? room->turn : NULL;
	waiting_t *w, *next;
	tally_t tally = {0};

	if(!turn)
		return;
	TAILQ_FOREACH_SAFE(w, &turn->list, link, next)
	{
		if(w->to == leg || (!w->to && w->sender != leg))
			fanout_leg(leg, &w->parcel, &w->cargo, &tally);
		if(w->to == leg)
			forget(turn, w);
	}
}


void turn_break(room_t *room)
{
	if(room && room->turn)
		finish(room->turn);
}


static waiting_t *wait_create(
		leg_t *sender, leg_t *to, const parcel_t *parcel, const cargo_t *cargo)
{
	size_t len = strlen(cargo->kind) + 1;
	waiting_t *w = malloc(sizeof(*w) + len);

	if(!w)
		return NULL;
	memcpy(w->kind, cargo->kind, len);
	w->sender = sender;
	w->to = to;
	w->parcel = *parcel;
	w->cargo = *cargo;
	w->cargo.kind = w->kind;
	leg_hold(sender);
	if(to)
		leg_hold(to);
	block_hold(parcel->block);
	return w;
}


int turn_wait(room_t *room, leg_t *sender, leg_t *to, const parcel_t *parcel,
		const cargo_t *cargo)
{
	turn_t *turn = room ? room->turn : NULL;
	waiting_t *w = NULL;

	if(!turn || !turn->speaker)
		return -1;
	if(turn->bytes + parcel->block->len <= (size_t)settings.leg_queue_max)
		w = wait_create(sender, to, parcel, cargo);
	if(!w) {
		finish(turn);
		return -1;
	}
	TAILQ_INSERT_TAIL(&turn->list, w, link);
	turn->bytes += parcel->block->len;
	return 0;
}


void turn_destroy(turn_t *turn)
{
	waiting_t *w, *next;

	if(!turn)
		return;
	alarm_stop(&turn->end);
	TAILQ_FOREACH_SAFE(w, &turn->list, link, next)
	{
		forget(turn, w);
	}
	free(turn);
}
