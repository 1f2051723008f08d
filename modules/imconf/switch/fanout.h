/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * fanout: hands one parcel to everybody who is to have it, in one go, so that
 * all hear everything in the same order.
 */
#ifndef IMCONF_SWITCH_FANOUT_H
#define IMCONF_SWITCH_FANOUT_H

#include "switch/parcel.h"
#include "switch/room.h"

/** What became of parcels. */
typedef struct tally
{
	int handed; /* to connections of recipients */
	int missed; /* recipients whose leg is not bound or was dropped */
	size_t bytes;
} tally_t;

/** The recipients of a message that is passed on in several parcels: those
 * whom its first one reached. */
typedef struct audience
{
	struct seat
	{
		leg_t *leg; /* held */
		unsigned binding;
	} * seat;
	int count;
} audience_t;

/** To everybody in the room but `sender`; adds to `tally`. */
void fanout_room(const room_t *room, const leg_t *sender,
		const parcel_t *parcel, tally_t *tally);

/** To one leg; `leg` may be NULL (missed). */
void fanout_leg(leg_t *leg, const parcel_t *parcel, tally_t *tally);

/** To those of an audience who have had all from the start. */
void fanout_audience(
		const audience_t *a, const parcel_t *parcel, tally_t *tally);

/** Everybody bound in the room but `sender`. Returns 0, or -1 when memory is
 * out. */
int audience_of_room(audience_t *a, const room_t *room, const leg_t *sender);

/** One leg. Returns 0 or -1. */
int audience_of_leg(audience_t *a, leg_t *leg);

void audience_free(audience_t *a);

#endif
