/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * outbound: connections that we open, to peers that are passive. Numeric
 * addresses only: a worker resolves no names. RFC 6135 section 4.2.2.
 */
#ifndef IMCONF_SWITCH_OUTBOUND_H
#define IMCONF_SWITCH_OUTBOUND_H

#include "switch/leg.h"

#define OUTBOUND_NETWORKS_MAX 64

/** Allows connections to an address or network; without one, all are. At
 * start. Returns 0, or -1: it is none, or one too many. */
int outbound_allow(const char *network);

/** Where the first URI of a path leads. Returns 0 or -1. */
int outbound_of_path(const str *path, str *host, unsigned *port);

/** Why we cannot or may not connect there; NULL when we can. */
const char *outbound_objection(const str *host, unsigned port);

/** Begins to connect to where leg_set_dial() said; the leg is lost when that fails. */
void outbound_open(leg_t *leg);

/** The empty SEND that tells the peer which session the connection is. */
void outbound_greet(leg_t *leg);

#endif
