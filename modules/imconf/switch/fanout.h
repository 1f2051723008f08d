/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * fanout: hands one parcel to everybody who is to have it, in one go, so that
 * all hear everything in the same order.
 */
#ifndef IMCONF_SWITCH_FANOUT_H
#define IMCONF_SWITCH_FANOUT_H

#include "switch/bundle.h"

/** The recipients of a message that is passed on in several parcels; who
 * misses one gets no more of it. */
typedef struct audience
{
	struct seat
	{
		leg_t *leg; /* held */
		unsigned binding;
	} * seat;
	int count;
	uint64_t stream; /* what hold.h knows it by */
} audience_t;

/** To everybody in the room but `sender` who can take it, kept for those who
 * have no connection. It may go with what else its read brought: see
 * bundle.h. */
void fanout_room(const room_t *room, const leg_t *sender,
		const parcel_t *parcel, const cargo_t *cargo);

/** To one leg, if it can take it. */
void fanout_leg(leg_t *leg, const parcel_t *parcel, const cargo_t *cargo,
		tally_t *tally);

/** To an audience; who cannot have it leaves the audience. */
void fanout_audience(audience_t *a, const parcel_t *parcel, tally_t *tally);

/** Everybody in the room but `sender` who can take it; the others are counted
 * in `tally` and make `receipt` fail. Returns 0, or -1 when memory is out. */
int audience_of_room(audience_t *a, const room_t *room, const leg_t *sender,
		const cargo_t *cargo, receipt_t *receipt, tally_t *tally);

/** 1 when more than `limit` octets wait for one of them whose socket took
 * something since `then` (as schedule_now()). */
int audience_is_behind(const audience_t *a, size_t limit, int64_t then);

/** One leg. Returns 0 or -1. */
int audience_of_leg(audience_t *a, leg_t *leg);

/** Lets go of the legs and frees the list. */
void audience_free(audience_t *a);

#endif
