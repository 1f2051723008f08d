/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * quota: see the header. Called by capacity.c.
 */
#include "worker/quota.h"

#include <string.h>
#include "base/map.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"

#define SETS 1024 /* a power of two */
#define WAYS 4	  /* users whose hashes lead to one set */

typedef struct slot
{
	uint64_t who; /* hash of user and kind; 0: never used */
	int64_t began;
	int count;
} slot_t;

static struct table
{
	gen_lock_t lock;
	slot_t set[SETS][WAYS];
} * table;

int quota_create(void)
{
	table = shm_malloc(sizeof(*table));
	if(!table)
		return -1;
	memset(table, 0, sizeof(*table));
	if(lock_init(&table->lock))
		return 0;
	shm_free(table);
	table = NULL;
	return -1;
}

void quota_destroy(void)
{
	if(!table)
		return;
	lock_destroy(&table->lock);
	shm_free(table);
	table = NULL;
}

static int is_over(const slot_t *s, int64_t now)
{
	return now - s->began >= QUOTA_WINDOW;
}

/* how little would be lost with what a slot knows */
static int worth(const slot_t *s, int64_t now)
{
	return s->who == 0 || is_over(s, now) ? 0 : s->count;
}

/* the slot of `who`, or the one of its set that is worth least, emptied */
static slot_t *find_slot(uint64_t who, int64_t now)
{
	slot_t *set = table->set[(who >> 32) & (SETS - 1)], *least = &set[0];
	int i;

	for(i = 0; i < WAYS; i++) {
		if(set[i].who == who && !is_over(&set[i], now))
			return &set[i];
	}
	for(i = 0; i < WAYS; i++) {
		if(set[i].who == who) {
			least = &set[i];
			break;
		}
		if(worth(&set[i], now) < worth(least, now))
			least = &set[i];
	}
	*least = (slot_t){who, now, 0};
	return least;
}

int quota_take(quota_kind_t kind, const str *user, int limit, int64_t now)
{
	/* odd, so never 0, and another one for each kind */
	uint64_t who = (map_hash(user) << 1 | 1) + 2 * (uint64_t)kind;
	int wait = 0;
	slot_t *s;

	lock_get(&table->lock);
	s = find_slot(who, now);
	if(s->count < limit)
		s->count++;
	else
		wait = (int)(s->began + QUOTA_WINDOW - now);
	lock_release(&table->lock);
	return wait;
}
