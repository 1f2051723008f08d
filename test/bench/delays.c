/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * delays: see delays.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include "delays.h"

#define FIRST_SIZE 4096


void delays_add(delays_t *d, double seconds)
{
	if(d->count == d->size) {
		d->size = d->size ? d->size * 2 : FIRST_SIZE;
		d->value = realloc(d->value, d->size * sizeof(*d->value));
		if(d->value == NULL) {
			fputs("no memory for delays\n", stderr);
			exit(1);
		}
	}
	d->value[d->count++] = (float)seconds;
}


static int compare(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}


double delays_ms(delays_t *d, double part)
{
	if(d->count == 0)
		return 0;
	qsort(d->value, d->count, sizeof(*d->value), compare);
	return d->value[(size_t)(part * (d->count - 1))] * 1000;
}
