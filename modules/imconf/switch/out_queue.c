/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * out_queue: see out_queue.h. Called by the connection; knows no socket.
 */
#include <stdlib.h>
#include <string.h>
#include "switch/out_queue.h"

#define RING_FIRST 16


static slice_t *slot(const out_queue_t *q, unsigned n)
{
	return &q->ring[(q->first + n) & (q->size - 1)];
}


static int grow(out_queue_t *q)
{
	unsigned size = q->size ? q->size * 2 : RING_FIRST;
	slice_t *ring = malloc(size * sizeof(*ring));

	if(!ring)
		return -1;
	for(unsigned i = 0; i < q->count; i++)
		ring[i] = *slot(q, i);
	free(q->ring);
	q->ring = ring;
	q->size = size;
	q->first = 0;
	return 0;
}


int out_queue_add(out_queue_t *q, const slice_t *slice)
{
	if(slice->len == 0)
		return 0;
	if(q->count == q->size && grow(q) < 0)
		return -1;
	*slot(q, q->count++) = *slice;
	block_hold(slice->block);
	q->bytes += slice->len;
	q->frames += slice->ends_frame;
	return 0;
}


int out_queue_gather(const out_queue_t *q, struct iovec *iov, int max)
{
	int n = 0;

	for(; n < max && (unsigned)n < q->count; n++) {
		slice_t *s = slot(q, n);

		iov[n].iov_base = s->block->s + s->from;
		iov[n].iov_len = s->len;
	}
	return n;
}


static void drop_first(out_queue_t *q)
{
	slice_t *s = slot(q, 0);

	q->bytes -= s->len;
	q->frames -= s->ends_frame;
	block_release(s->block);
	q->first = (q->first + 1) & (q->size - 1);
	q->count--;
}


void out_queue_advance(out_queue_t *q, size_t len)
{
	slice_t *s;

	while(q->count > 0) {
		s = slot(q, 0);
		if(len < s->len) {
			s->from += len;
			s->len -= len;
			q->bytes -= len;
			return;
		}
		len -= s->len;
		drop_first(q);
	}
}


void out_queue_free(out_queue_t *q)
{
	for(; q->count > 0; drop_first(q)) {
		if(slot(q, 0)->ends_frame)
			receipt_fail(slot(q, 0)->block->receipt, 408);
	}
	free(q->ring);
	memset(q, 0, sizeof(*q));
}
