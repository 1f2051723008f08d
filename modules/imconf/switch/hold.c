/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * hold: see hold.h. Filled by the fan-out, emptied by frames and outbound
 * when a leg is bound and by the leg's end. Knows no message, only parcels.
 */
#include <stdlib.h>
#include "core/dprint.h"
#include "admin/statistics.h"
#include "settings.h"
#include "switch/hold.h"

typedef struct held
{
	TAILQ_ENTRY(held) link;
	parcel_t parcel;
	uint64_t stream;
	size_t size; /* what it counts for */
} held_t;


static void forget(leg_t *leg, held_t *h)
{
	TAILQ_REMOVE(&leg->hold.list, h, link);
	leg->hold.size -= h->size;
	parcel_free(&h->parcel);
	free(h);
}


static void forget_stream(leg_t *leg, uint64_t stream)
{
	held_t *h, *next;

	TAILQ_FOREACH_SAFE(h, &leg->hold.list, link, next)
	{
		if(h->stream == stream)
			forget(leg, h);
	}
}


static int refuse(leg_t *leg, const parcel_t *parcel, uint64_t stream)
{
	receipt_fail(parcel->block->receipt, 408);
	if(stream)
		forget_stream(leg, stream);
	leg->hold.refused++;
	count(STAT_DROPS, 1);
	return -1;
}


int hold_add(leg_t *leg, const parcel_t *parcel, uint64_t stream)
{
	size_t head = leg->head ? leg->head->len : 0;
	size_t size = sizeof(held_t) + parcel->block->len + head;
	held_t *h;

	if(leg->deaf)
		return 0;
	if(leg->hold.size + size > (size_t)settings.leg_queue_max)
		return refuse(leg, parcel, stream);
	h = malloc(sizeof(*h));
	if(!h)
		return refuse(leg, parcel, stream);
	h->parcel = *parcel;
	h->stream = stream;
	h->size = size;
	block_hold(parcel->block);
	TAILQ_INSERT_TAIL(&leg->hold.list, h, link);
	leg->hold.size += size;
	return 0;
}


/* Ends a gap: what it cost is said now that it is known. */
static void conclude(leg_t *leg, int dropped, const char *when)
{
	int refused = leg->hold.refused;

	leg->hold.refused = 0;
	if(dropped + refused == 0)
		return;
	LM_WARN(LEG_FMT ": %d messages said while it had no connection are lost: "
					"%d beyond leg_queue_max (%d bytes), %d kept until %s\n",
			LEG_ARG(leg), dropped + refused, refused, settings.leg_queue_max,
			dropped, when);
}


void hold_drop(leg_t *leg, const char *when)
{
	int dropped = 0;
	held_t *h, *next;

	/* no stream goes on without what is dropped of it */
	if(!TAILQ_EMPTY(&leg->hold.list))
		leg->binding++;
	TAILQ_FOREACH_SAFE(h, &leg->hold.list, link, next)
	{
		dropped += h->parcel.begins;
		receipt_fail(h->parcel.block->receipt, 408);
		forget(leg, h);
	}
	count(STAT_DROPS, dropped);
	conclude(leg, dropped, when);
}


/* All of it fits the connection's queue: nothing is lost halfway. */
static void send_all(leg_t *leg)
{
	long bytes = 0, parcels = 0;
	size_t sent;
	held_t *h, *next;

	connection_cork();
	TAILQ_FOREACH_SAFE(h, &leg->hold.list, link, next)
	{
		sent = parcel_send(&h->parcel, leg, 0);
		if(sent == 0)
			break;
		bytes += (long)sent;
		parcels++;
		forget(leg, h);
	}
	connection_uncork();
	count(STAT_DELIVERIES, parcels);
	count(STAT_BYTES, bytes);
}


void hold_release(leg_t *leg)
{
	connection_t *c = leg->connection;

	if(leg->hears || leg->on_hold || c->doom)
		return;
	if(TAILQ_EMPTY(&leg->hold.list)) {
		leg->hears = 1;
		conclude(leg, 0, "");
		return;
	}
	/* other legs of the connection, and our response, have waited longer */
	connection_uncork();
	if(c->doom)
		return;
	leg->hears = 1;
	if(c->out.bytes + leg->hold.size <= (size_t)settings.leg_queue_max)
		send_all(leg);
	hold_drop(leg, "its connection did not take them");
}
