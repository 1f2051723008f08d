/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * outbound: connections that we open, to peers that are passive. Numeric
 * addresses only: a worker resolves no names. RFC 6135 section 4.2.2.
 */
#ifndef IMCONF_SWITCH_OUTBOUND_H
#define IMCONF_SWITCH_OUTBOUND_H

#include "switch/leg.h"

/** 1 when we can connect to the first URI of this path. */
int outbound_is_possible(const str *path);

/** Begins to connect to the leg's peer; the leg is lost when that fails. */
void outbound_open(leg_t *leg);

/** The empty SEND that tells the peer which session the connection is. */
void outbound_greet(leg_t *leg);

#endif
