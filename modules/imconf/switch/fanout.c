/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * fanout: see fanout.h. Called by messages; the loop that the whole module
 * is measured by: no allocation, no look-up and no text is made in it.
 */
#include <stdlib.h>
#include "admin/statistics.h"
#include "switch/fanout.h"


static void hand(leg_t *leg, const parcel_t *parcel, tally_t *tally)
{
	size_t bytes = 0;

	if(leg->state == LEG_BOUND)
		bytes = parcel_send(parcel, leg);
	if(bytes == 0) {
		tally->missed++;
		return;
	}
	tally->handed++;
	tally->bytes += bytes;
}


static void account(const tally_t *before, const tally_t *after)
{
	count(STAT_DELIVERIES, after->handed - before->handed);
	count(STAT_BYTES, (long)(after->bytes - before->bytes));
}


void fanout_room(const room_t *room, const leg_t *sender,
		const parcel_t *parcel, tally_t *tally)
{
	tally_t before = *tally;

	for(int i = 0; room && i < room->count; i++) {
		if(room->leg[i] != sender)
			hand(room->leg[i], parcel, tally);
	}
	account(&before, tally);
}


void fanout_leg(leg_t *leg, const parcel_t *parcel, tally_t *tally)
{
	tally_t before = *tally;

	if(!leg) {
		tally->missed++;
		return;
	}
	hand(leg, parcel, tally);
	account(&before, tally);
}


void fanout_audience(
		const audience_t *a, const parcel_t *parcel, tally_t *tally)
{
	tally_t before = *tally;

	for(int i = 0; i < a->count; i++) {
		if(a->seat[i].leg->binding == a->seat[i].binding)
			hand(a->seat[i].leg, parcel, tally);
		else
			tally->missed++;
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


int audience_of_room(audience_t *a, const room_t *room, const leg_t *sender)
{
	int size = room ? room->count : 0;

	a->count = 0;
	a->seat = calloc(size ? size : 1, sizeof(*a->seat));
	if(!a->seat)
		return -1;
	for(int i = 0; i < size; i++) {
		if(room->leg[i] != sender && room->leg[i]->state == LEG_BOUND)
			seat(a, room->leg[i]);
	}
	return 0;
}


int audience_of_leg(audience_t *a, leg_t *leg)
{
	a->count = 0;
	a->seat = calloc(1, sizeof(*a->seat));
	if(!a->seat)
		return -1;
	seat(a, leg);
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
