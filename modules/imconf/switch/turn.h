/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * turn: with the parameter interleave = 0 a large message that streams has
 * the room to itself: what others say meanwhile waits until it ends, for
 * TURN_MS and settings.leg_queue_max bytes at most, then goes out between its
 * chunks all the same. With interleave = 1 nothing here does anything.
 */
#ifndef IMCONF_SWITCH_TURN_H
#define IMCONF_SWITCH_TURN_H

#include "switch/fanout.h"

struct message;

#define TURN_MS 10000

/** 1 when another message than `m` has the turn. */
int turn_is_taken(const room_t *room, const struct message *m);

/** `m` streams from now on. */
void turn_take(room_t *room, const struct message *m);

/** `m` is over, or may wait no longer: what waited goes out. Harmless when
 * the turn is another's. */
void turn_end(room_t *room, const struct message *m);

/** A leg is about to leave the room: it gets what waits for it, and nothing of
 * it any more afterwards. */
void turn_leave(room_t *room, leg_t *leg);

/** Whoever has the turn loses it, and what waited goes out. */
void turn_break(room_t *room);

/**
 * A whole message waits for the turn's end; `to` NULL: for the room. Returns
 * 0, or -1 when nobody has the turn (any more) and it is to be sent at once.
 */
int turn_wait(room_t *room, leg_t *sender, leg_t *to, const parcel_t *parcel,
		const cargo_t *cargo);

/** With the room; what waits is dropped. NULL is harmless. */
void turn_destroy(struct turn *turn);

#endif
