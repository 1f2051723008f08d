/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * refer_to: whom a REFER is about and what is to be done with it: the value
 * of a Refer-To header, and the entries of the list that it points to.
 * RFC 3515 2.1, RFC 4579 5.11, RFC 5368. Clauses R1-R3, R8. No state.
 */
#ifndef IMCONF_WIRE_REFER_TO_H
#define IMCONF_WIRE_REFER_TO_H

#include "base/text.h"

typedef enum refer_method
{
	REFER_INVITE, /* by name or by default */
	REFER_BYE,
	REFER_OTHER /* nothing a conference could do, or a contradiction */
} refer_method_t;

typedef struct refer_target
{
	str uri;	 /* without method parameter and ?headers; owned */
	str headers; /* the ?headers part, still escaped; borrowed, often empty */
	str invitation; /* header lines that they give an invitation: replaces.h;
					   owned, often empty */
	refer_method_t method;
} refer_target_t;

/** What the parsers fail with. */
#define REFER_TO_BROKEN (-1)
#define REFER_TO_MEMORY (-2)

typedef struct refer_to
{
	str cid; /* Content-ID that it points to; owned; empty: `target` counts */
	refer_target_t target;
} refer_to_t;

/**
 * Reads one Refer-To value: a cid, sip, sips or tel URI, with or without angle
 * brackets. BYE may be said by `;method=` in the URI or as a parameter of the
 * header, or by `?method=`. Without brackets all that follows is taken as the
 * URI's, as its writers mean it. Returns 0, REFER_TO_BROKEN or REFER_TO_MEMORY
 * (`to` is empty then). Free with refer_to_free().
 */
int refer_to_parse(const str *value, refer_to_t *to);
void refer_to_free(refer_to_t *to);

/**
 * The same for an entry of a list: `uri` without its ?headers part, which is
 * `headers`. Returns as refer_to_parse(). Free with refer_target_free().
 */
int refer_target_init(refer_target_t *t, const str *uri, const str *headers);
void refer_target_free(refer_target_t *t);

#endif
