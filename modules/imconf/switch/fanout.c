/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * fanout: see fanout.h. Called by messages; no allocation, no look-up and no
 * text is made for a recipient that hears.
 */
#include <stdlib.h>
#include "core/dprint.h"
#include "admin/statistics.h"
#include "switch/fanout.h"
#include "switch/hold.h"


/* Returns 0 when the leg does not hear. */
static int hand(leg_t *leg, const parcel_t *parcel, tally_t *tally)
{
	size_t bytes = leg->hears ? parcel_send(parcel, leg, 0) : 0;

	if(bytes == 0)
		return 0;
	tally->handed++;
	tally->bytes += bytes;
	if(leg->connection->out.bytes > tally->queued)
		tally->queued = leg->connection->out.bytes;
	return 1;
}


static void keep(leg_t *leg, const parcel_t *parcel, tally_t *tally)
{
	if(hold_add(leg, parcel, 0) == 0)
		tally->kept++;
	else
		tally->missed++;
}


/* Its own description rules it out. */
static void withhold(receipt_t *receipt, int code, tally_t *tally)
{
	receipt_fail(receipt, code);
	tally->withheld++;
}


static void account(const tally_t *before, const tally_t *after)
{
	if(after->withheld > before->withheld)
		count(STAT_WITHHELD, after->withheld - before->withheld);
	count(STAT_DELIVERIES, after->handed - before->handed);
	count(STAT_BYTES, (long)(after->bytes - before->bytes));
}


void fanout_room(const room_t *room, const leg_t *sender,
		const parcel_t *parcel, const cargo_t *cargo)
{
	if(!room)
		return;
	bundle_add(room, sender, parcel, cargo);
	if(!connection_is_corked())
		bundle_send();
}


void fanout_leg(leg_t *leg, const parcel_t *parcel, const cargo_t *cargo,
		tally_t *tally)
{
	int code = abilities_refuse(leg, cargo);
	tally_t before = *tally;

	bundle_send();
	if(code)
		withhold(parcel->block->receipt, code, tally);
	else if(!hand(leg, parcel, tally))
		keep(leg, parcel, tally);
	account(&before, tally);
}


/* Returns -1: it was lost with a part of the message. */
static int cut_off(leg_t *leg, const parcel_t *parcel)
{
	if(leg->participant) {
		LM_WARN(LEG_FMT ": a message is lost in the middle\n", LEG_ARG(leg));
		receipt_fail(parcel->block->receipt, 408);
		count(STAT_DROPS, 1);
	}
	return -1;
}


/* Returns 0, or -1 when this one has all so far and can get no more. */
static int reach(const struct seat *seat, const parcel_t *parcel,
		uint64_t stream, tally_t *tally)
{
	leg_t *leg = seat->leg;

	if(leg->binding != seat->binding)
		return cut_off(leg, parcel);
	if(hand(leg, parcel, tally))
		return 0;
	if(leg->hears)
		return cut_off(leg, parcel);
	if(hold_add(leg, parcel, stream) < 0)
		return -1;
	tally->kept++;
	return 0;
}


void fanout_audience(audience_t *a, const parcel_t *parcel, tally_t *tally)
{
	tally_t before = *tally;

	bundle_send();
	for(int i = 0; i < a->count;) {
		if(reach(&a->seat[i], parcel, a->stream, tally) == 0) {
			i++;
			continue;
		}
		tally->missed++;
		leg_release(a->seat[i].leg);
		a->seat[i] = a->seat[--a->count];
	}
	account(&before, tally);
}


static void seat(audience_t *a, leg_t *leg)
{
	leg_hold(leg);
	a->seat[a->count].leg = leg;
	a->seat[a->count].binding = leg->binding;
	a->count++;
}


static int open_audience(audience_t *a, int size)
{
	static uint64_t last;

	a->stream = ++last;
	a->count = 0;
	a->seat = calloc(size ? size : 1, sizeof(*a->seat));
	return a->seat ? 0 : -1;
}


int audience_of_room(audience_t *a, const room_t *room, const leg_t *sender,
		const cargo_t *cargo, receipt_t *receipt, tally_t *tally)
{
	int size = room ? room->count : 0;
	tally_t before = *tally;
	int code;

	if(open_audience(a, size) < 0)
		return -1;
	for(int i = 0; i < size; i++) {
		if(room->leg[i] == sender)
			continue;
		code = abilities_refuse(room->leg[i], cargo);
		if(code)
			withhold(receipt, code, tally);
		else
			seat(a, room->leg[i]);
	}
	account(&before, tally);
	return 0;
}


int audience_of_leg(audience_t *a, leg_t *leg)
{
	if(open_audience(a, 1) < 0)
		return -1;
	seat(a, leg);
	return 0;
}


int audience_is_behind(const audience_t *a, size_t limit, int64_t then)
{
	const connection_t *c;

	for(int i = 0; i < a->count; i++) {
		c = a->seat[i].leg->connection;
		if(c && !c->doom && c->out.bytes > limit && c->took_at >= then)
			return 1;
	}
	return 0;
}


void audience_free(audience_t *a)
{
	for(int i = 0; i < a->count; i++)
		leg_release(a->seat[i].leg);
	free(a->seat);
	a->seat = NULL;
	a->count = 0;
}
