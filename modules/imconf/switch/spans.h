/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * spans: which octets of a message have come, when its chunks do not come in
 * order. RFC 4975 section 7.3.1. No state but the caller's.
 */
#ifndef IMCONF_SWITCH_SPANS_H
#define IMCONF_SWITCH_SPANS_H

#include <stdint.h>

/** Stretches with gaps between them; more are refused. */
#define SPANS_MAX 32

typedef struct spans
{
	int count;
	struct span
	{
		uint64_t from; /* from 0 */
		uint64_t end;  /* the octet behind it */
	} span[SPANS_MAX]; /* ascending, apart */
} spans_t;

/** Octets `from` to before `end` are here. Returns 0, or -1 when there would
 * be too many gaps (nothing changed then). */
int spans_add(spans_t *s, uint64_t from, uint64_t end);

/** How many octets are here from the beginning on, without a gap. */
uint64_t spans_first(const spans_t *s);

#endif
