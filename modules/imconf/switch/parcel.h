/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * parcel: one outgoing SEND, made once for all who get it. What differs
 * between recipients, To-Path and From-Path, stands ready in their legs; the
 * rest, transaction id included, is common. RFC 4975 section 7.1.
 */
#ifndef IMCONF_SWITCH_PARCEL_H
#define IMCONF_SWITCH_PARCEL_H

#include "switch/leg.h"

typedef struct parcel
{
	block_t *block; /* first line, then all that follows the paths */
	size_t split;	/* length of the first line */
	int begins;		/* a message, and does not go on with one */
} parcel_t;

/** A message or a chunk of one. */
typedef struct content
{
	str message_id;
	str type;		/* Content-Type as received */
	str extra;		/* further MIME header lines, each with CRLF */
	str body[2];	/* one behind the other; the first ends with a line end */
	uint64_t start; /* of the Byte-Range */
	uint64_t total; /* or MSRP_UNKNOWN */
	char flag;		/* '$', '+' or '#' */
	receipt_t *receipt; /* or NULL */
} content_t;

/** Makes it, `Failure-Report: no`. Returns 0, or -1 when memory is out. */
int parcel_make(parcel_t *p, const content_t *content);

/** The same of an empty SEND, the first on a connection that we made. */
int parcel_make_empty(parcel_t *p);

/** Hands it to the connection of a bound leg, which has had the first `from`
 * bytes of it. Returns how long all of it is, 0 when the connection is
 * lost. */
size_t parcel_send(const parcel_t *p, leg_t *leg, size_t from);

/** Lets go of what was made; what is queued for sockets stays there. */
void parcel_free(parcel_t *p);

#endif
