/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * out_queue: what a socket has not taken yet, by reference. A ring of slices
 * that grows; how much it may hold is the connection's affair.
 */
#ifndef IMCONF_SWITCH_OUT_QUEUE_H
#define IMCONF_SWITCH_OUT_QUEUE_H

#include <sys/uio.h>
#include "switch/block.h"

typedef struct out_queue
{
	slice_t *ring;
	unsigned size; /* a power of two, or 0 */
	unsigned first;
	unsigned count;
	size_t bytes;
	int frames; /* SENDs of ours not completely handed over */
} out_queue_t;

/** Appends a slice; the queue holds its block. Returns 0, or -1 when memory
 * is out. */
int out_queue_add(out_queue_t *q, const slice_t *slice);

/** Describes the first bytes waiting in up to `max` pieces; returns how many
 * were filled. */
int out_queue_gather(const out_queue_t *q, struct iovec *iov, int max);

/** Drops the first `len` bytes: the socket took them. */
void out_queue_advance(out_queue_t *q, size_t len);

/** Drops everything and the memory: what was in it is lost, and those who
 * asked are told (receipt.h). */
void out_queue_free(out_queue_t *q);

#endif
