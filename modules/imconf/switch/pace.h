/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * pace: a message that streams goes no faster than its slowest recipient
 * reads: when much of it waits for one, its sender is read no further, and
 * TCP makes it wait. Not for who takes nothing for STALL_MS, not for longer
 * than PATIENCE_MS with one message, and not when the sender shares its
 * connection with others (behind a relay): then leg_queue_max has its way.
 */
#ifndef IMCONF_SWITCH_PACE_H
#define IMCONF_SWITCH_PACE_H

#include "switch/message.h"

#define PACE_STALL_MS 3000
#define PACE_PATIENCE_MS 60000

/** A piece of `m` went out, and m->tally.queued is the most that waits for one
 * of its recipients. */
void pace_keep(message_t *m);

/** It is over: its sender may go on. Harmless when nobody waits. */
void pace_end(message_t *m);

#endif
