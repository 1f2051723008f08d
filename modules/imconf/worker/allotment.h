/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * allotment: how many there are of what an operator bounds, counted for all
 * workers together, in shared memory and exactly: two workers that decide at
 * the same time never both get the last one. Asked by capacity.c.
 */
#ifndef IMCONF_WORKER_ALLOTMENT_H
#define IMCONF_WORKER_ALLOTMENT_H

typedef enum allotment_kind
{
	ALLOTMENT_CONFERENCES,
	ALLOTMENT_SUBSCRIPTIONS,
	ALLOTMENT_KINDS
} allotment_kind_t;

/** Makes the counters; in mod_init. Returns 0 or -1. */
int allotment_create(void);
void allotment_destroy(void);

/** One more, of `max` at most (0: any number). Returns 0, and it has to be
 * given back, or -1: there are as many already. Any process. */
int allotment_take(allotment_kind_t kind, long max);
void allotment_return(allotment_kind_t kind);

#endif
