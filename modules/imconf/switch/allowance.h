/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * allowance: how many messages a sender may send: so many a second, and after
 * a silence so many at once. No state but the caller's.
 */
#ifndef IMCONF_SWITCH_ALLOWANCE_H
#define IMCONF_SWITCH_ALLOWANCE_H

#include <stdint.h>

/** Zeroed memory is a full allowance. */
typedef struct allowance
{
	int64_t due; /* microseconds: when all that was taken is made good */
} allowance_t;

/** Takes one at `now` (milliseconds). Returns 1, or 0 when there is none:
 * nothing is taken then. `rate` and `burst` are above 0. */
int allowance_take(allowance_t *a, int64_t now, int rate, int burst);

#endif
