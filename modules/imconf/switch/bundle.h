/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * bundle: parcels to one room that came with one read, on their way together:
 * each recipient gets them with one system call. Nothing waits longer than
 * until the read is worked off; nothing overtakes them.
 */
#ifndef IMCONF_SWITCH_BUNDLE_H
#define IMCONF_SWITCH_BUNDLE_H

#include "switch/parcel.h"
#include "switch/room.h"

/** What became of parcels. */
typedef struct tally
{
	int handed;	  /* to connections of recipients */
	int kept;	  /* for recipients without connection */
	int missed;	  /* recipients who will not have it, or not all of it */
	int withheld; /* who cannot take it */
	size_t bytes;
	size_t queued; /* the most that waits for one connection; of streams */
} tally_t;

/** Puts a parcel to everybody in `room` but `sender` who can take it behind
 * those that wait. Holds its block. What waited for another room, of another
 * sender or type is sent before. */
void bundle_add(const room_t *room, const leg_t *sender, const parcel_t *parcel,
		const cargo_t *cargo);

/** Sends what waits, and keeps it for those who have no connection; harmless
 * when nothing waits. To be called before anything is said by other means, and
 * before anybody leaves a room. */
void bundle_send(void);

#endif
