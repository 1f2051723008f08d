/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * opening: what has to happen between a socket and MSRP: our connect(), the
 * TLS handshake, the WebSocket's. Private to the connection; ends in
 * connection_opened() or connection_doom().
 */
#ifndef IMCONF_SWITCH_OPENING_H
#define IMCONF_SWITCH_OPENING_H

#include "switch/connection.h"

/** A connection that came, of another transport than TCP. */
void opening_begin(connection_t *c);

/** Its socket is ready, and its stage is not CONNECTION_OPEN. */
void opening_go_on(connection_t *c);

#endif
