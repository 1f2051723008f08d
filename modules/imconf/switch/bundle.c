/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * bundle: see bundle.h. Filled and emptied by the fan-out, emptied by the
 * connection when its input is worked off. With fanout.c the loop that the
 * whole module is measured by: for each recipient the bytes are laid out one
 * behind the other and written once; nothing is allocated, held or queued
 * unless a socket is full.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* mempcpy */
#endif
#include <stdio.h>
#include <string.h>
#include "admin/statistics.h"
#include "switch/bundle.h"
#include "switch/hold.h"

/* at most this much is laid out at a time; a single parcel may be larger and
 * then goes as it is */
#define LAYOUT_MAX (192 * 1024)
#define PARCELS_MAX 128
#define BYTES_MAX (96 * 1024)

static struct
{
	const room_t *room;
	const leg_t *sender;
	parcel_t parcel[PARCELS_MAX];
	uint64_t size[PARCELS_MAX]; /* of their messages */
	int count;
	char kind[CARGO_KIND_MAX]; /* type of them all */
	uint64_t largest;
	size_t bytes; /* of the parcels, without what each recipient adds */
} waiting;


static size_t lay_out(const block_t *head, char *space)
{
	char *to = space;

	for(int i = 0; i < waiting.count; i++) {
		const parcel_t *p = &waiting.parcel[i];

		to = mempcpy(to, p->block->s, p->split);
		to = mempcpy(to, head->s, head->len);
		to = mempcpy(to, p->block->s + p->split, p->block->len - p->split);
	}
	return to - space;
}


/* Writes it all at once, as far as the socket takes it. Returns how many bytes
 * that is: 0 when the parcels are better sent one by one. */
static size_t write_all(leg_t *leg, size_t len)
{
	static char space[LAYOUT_MAX];
	ssize_t sent = 0;

	if(waiting.count > 1 && !leg->connection->web && len <= sizeof(space)
			&& connection_is_open(leg->connection))
		sent = connection_write(
				leg->connection, space, lay_out(leg->head, space));
	return sent > 0 ? sent : 0;
}


static void keep(leg_t *leg, const parcel_t *parcel, tally_t *tally)
{
	if(hold_add(leg, parcel, 0) == 0)
		tally->kept++;
	else
		tally->missed++;
}


static void hand(leg_t *leg, tally_t *tally)
{
	size_t head = leg->head->len;
	size_t sent = write_all(leg, waiting.bytes + waiting.count * head);

	for(int i = 0; i < waiting.count; i++) {
		const parcel_t *p = &waiting.parcel[i];
		size_t len = p->block->len + head;
		size_t skip = sent < len ? sent : len;

		sent -= skip;
		if(skip < len && parcel_send(p, leg, skip) == 0) {
			keep(leg, p, tally);
			continue;
		}
		tally->handed++;
		tally->bytes += len;
	}
}


static void keep_all(leg_t *leg, tally_t *tally)
{
	for(int i = 0; i < waiting.count; i++)
		keep(leg, &waiting.parcel[i], tally);
}


/* For those who take some of it only. */
static void pick(leg_t *leg, tally_t *tally)
{
	cargo_t cargo = {.kind = waiting.kind};
	const parcel_t *p;
	size_t len;
	int code;

	for(int i = 0; i < waiting.count; i++) {
		p = &waiting.parcel[i];
		cargo.size = waiting.size[i];
		cargo.number = cargo_number();
		code = abilities_refuse(leg, &cargo);
		if(code) {
			receipt_fail(p->block->receipt, code);
			tally->withheld++;
			continue;
		}
		len = leg->hears ? parcel_send(p, leg, 0) : 0;
		if(len == 0)
			keep(leg, p, tally);
		tally->handed += len > 0;
		tally->bytes += len;
	}
}


static void serve(leg_t *leg, const cargo_t *all, tally_t *tally)
{
	if(leg->taste && abilities_refuse(leg, all))
		pick(leg, tally);
	else if(leg->hears)
		hand(leg, tally);
	else
		keep_all(leg, tally);
}


static void empty(void)
{
	for(int i = 0; i < waiting.count; i++)
		parcel_free(&waiting.parcel[i]);
	waiting.count = 0;
	waiting.bytes = 0;
	waiting.largest = 0;
}


void bundle_send(void)
{
	const room_t *room = waiting.room;
	cargo_t all = {waiting.kind, waiting.largest, cargo_number()};
	tally_t tally = {0};

	if(waiting.count == 0)
		return;
	for(int i = 0; i < room->count; i++) {
		if(room->leg[i] != waiting.sender)
			serve(room->leg[i], &all, &tally);
	}
	empty();
	count(STAT_DELIVERIES, tally.handed);
	count(STAT_BYTES, (long)tally.bytes);
	if(tally.withheld > 0)
		count(STAT_WITHHELD, tally.withheld);
}


static int goes_with(const room_t *room, const leg_t *sender, size_t len,
		const cargo_t *cargo)
{
	return room == waiting.room && sender == waiting.sender
		   && waiting.count < PARCELS_MAX && waiting.bytes + len <= BYTES_MAX
		   && strcmp(cargo->kind, waiting.kind) == 0;
}


void bundle_add(const room_t *room, const leg_t *sender, const parcel_t *parcel,
		const cargo_t *cargo)
{
	if(!goes_with(room, sender, parcel->block->len, cargo))
		bundle_send();
	if(waiting.count == 0)
		snprintf(waiting.kind, sizeof(waiting.kind), "%s", cargo->kind);
	waiting.room = room;
	waiting.sender = sender;
	waiting.size[waiting.count] = cargo->size;
	if(cargo->size > waiting.largest)
		waiting.largest = cargo->size;
	waiting.parcel[waiting.count++] = *parcel;
	waiting.bytes += parcel->block->len;
	block_hold(parcel->block);
}
