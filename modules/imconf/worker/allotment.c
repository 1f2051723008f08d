/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * allotment: see the header. What one process took and did not give back is
 * lost with it: so is all of Kamailio then.
 */
#include "worker/allotment.h"

#include <stdatomic.h>
#include <stddef.h>
#include "core/mem/shm_mem.h"

static atomic_long *taken; /* of each kind; NULL: nothing is counted */

int allotment_create(void)
{
	taken = shm_malloc(ALLOTMENT_KINDS * sizeof(*taken));
	if(!taken)
		return -1;
	for(int kind = 0; kind < ALLOTMENT_KINDS; kind++)
		atomic_init(&taken[kind], 0);
	return 0;
}

void allotment_destroy(void)
{
	if(taken)
		shm_free(taken);
	taken = NULL;
}

int allotment_take(allotment_kind_t kind, long max)
{
	long now;

	if(!taken)
		return 0;
	now = atomic_load(&taken[kind]);
	do {
		if(max > 0 && now >= max)
			return -1;
	} while(!atomic_compare_exchange_weak(&taken[kind], &now, now + 1));
	return 0;
}

void allotment_return(allotment_kind_t kind)
{
	if(taken)
		atomic_fetch_sub(&taken[kind], 1);
}
