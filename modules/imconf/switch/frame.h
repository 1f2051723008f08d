/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * frame: one frame as it comes in on a connection: whose it is, what becomes
 * of it, and the answer it gets. Driven by the connection's parser. RFC 4975
 * sections 7.2 and 7.3.
 */
#ifndef IMCONF_SWITCH_FRAME_H
#define IMCONF_SWITCH_FRAME_H

#include "switch/connection.h"

/** A head is complete in c->parser->head. */
void frame_begin(connection_t *c);

/** The next bytes of its body. */
void frame_body(connection_t *c, const str *piece);

/** Its end-line: '$', '+' or '#'. */
void frame_end(connection_t *c, char flag);

/** A leg left the connection: what comes of its frame is nobody's. */
void frame_forget(connection_t *c, const struct leg *leg);

/** How many bytes to read at a time, at most `max`: the fewer the more
 * recipients each of them has, so that one turn of the loop stays short. */
size_t frame_appetite(const connection_t *c, size_t max);

#endif
