/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * delays: a collection of times in seconds, and its quantiles.
 */
#ifndef BENCH_DELAYS_H
#define BENCH_DELAYS_H

#include <stddef.h>

/** Zeroed memory is an empty one. */
typedef struct delays
{
	float *value;
	size_t count, size;
} delays_t;

/** Adds one; ends the program when memory is out. */
void delays_add(delays_t *d, double seconds);

/** The value below which `part` (0 to 1) of all are, in milliseconds; 0 when
 * there is none. Sorts. */
double delays_ms(delays_t *d, double part);

#endif
