/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * door: how many MSRP connections this worker has, and how many of them carry
 * no session yet, source by source. Both are bounded; who comes beyond is
 * refused, counted and, now and then, said in the log.
 */
#ifndef IMCONF_SWITCH_DOOR_H
#define IMCONF_SWITCH_DOOR_H

#include <sys/socket.h>

struct source;

/** A connection's place inside. Zeroed: it is outside. */
typedef struct door_place
{
	int inside;
	struct source *source; /* while it carries no session; else NULL */
} door_place_t;

/** Can a worker have msrp_connections_max descriptors and some more for its
 * other work? 0 becomes what it can have. Asked in mod_init. Returns 0, or -1
 * (said in the log). */
int door_check(void);

/** Lets this worker have as many descriptors as it needs. */
void door_start(void);

/** A stranger at the listener: lets it in, its address being counted until
 * door_settle(). Returns 0, or -1 when it is refused (said and counted). */
int door_enter(const struct sockaddr *peer, door_place_t *place);

/** The same for a connection that we open: a session is behind it. */
int door_enter_own(door_place_t *place);

/** It carries a session now. Harmless when it is said twice. */
void door_settle(door_place_t *place);

/** It is closed. */
void door_leave(door_place_t *place);

#endif
