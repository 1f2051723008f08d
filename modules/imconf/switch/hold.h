/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * hold: what was said to a leg that is in the room and has no connection: it
 * has not come yet, or was lost and may come back, or its peer put it on hold. Kept by reference, in
 * order, up to settings.leg_queue_max bytes for each leg; what cannot be kept
 * is counted in STAT_DROPS and said in the log, once for each leg and gap.
 */
#ifndef IMCONF_SWITCH_HOLD_H
#define IMCONF_SWITCH_HOLD_H

#include "switch/parcel.h"

/**
 * Keeps a parcel for a leg that does not hear. `stream` tells the parcels of
 * one streamed message from others; 0: it is a message by itself. Nothing is
 * kept for a leg that is deaf. Returns 0,
 * or -1 when there is no room or no memory: then the message is lost to this
 * leg and counted, and the parcels kept of its stream are gone too.
 */
int hold_add(leg_t *leg, const parcel_t *parcel, uint64_t stream);

/** The leg is bound and its first SEND answered: sends what was kept, and
 * from then on it hears. Harmless when it hears, or when its connection is
 * lost already: then it all stays for the next one; or on hold. */
void hold_release(leg_t *leg);

/** Drops all: `when` something happened that makes it undeliverable (words
 * for the log). Streams that were kept do not go on. */
void hold_drop(leg_t *leg, const char *when);

#endif
