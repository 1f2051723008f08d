/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * replaces: the Replaces header (RFC 3891), read and written, and the headers
 * that stand in the URI of somebody who is to be invited (RFC 3261 19.1.1), of
 * which Replaces and Session-Replaces go into that invitation and all others
 * do not. Clauses E1, E2, E4. No state.
 */
#ifndef IMCONF_WIRE_REPLACES_H
#define IMCONF_WIRE_REPLACES_H

#include "base/buffer.h"

#define REPLACES_PART_MAX 256 /* octets of a Call-ID or a tag */

/** All parts point into the parsed text. */
typedef struct replaces
{
	str call_id;
	str to_tag;	  /* of who gets the header */
	str from_tag; /* of the other end */
	int early_only;
} replaces_t;

/** What the functions fail with. */
#define REPLACES_BROKEN (-1)
#define REPLACES_MEMORY (-2)

/**
 * Reads one value. Returns 0, or REPLACES_BROKEN when it has not exactly one
 * to-tag and one from-tag, is longer than any of ours or is no Replaces at
 * all.
 */
int replaces_parse(const str *value, replaces_t *replaces);

/** Appends a whole header line. */
void replaces_write(const replaces_t *replaces, buffer_t *out);

/**
 * Appends the header lines that the `?headers` part of an invitee's URI, still
 * escaped, gives its invitation: Replaces, and the Session-Replaces of RCS.
 * Whatever else stands there is passed over, other lines cannot be written by
 * escapes. Returns how many lines, REPLACES_BROKEN when one of the two is no
 * proper value or there are several of one, or REPLACES_MEMORY.
 */
int replaces_of_invitee(const str *headers, buffer_t *out);

#endif
