/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tickets: see the header. An id is worker (8 bits), serial (32), number (24).
 */
#include "sip/tickets.h"

#include <stdlib.h>
#include "core/mem/shm_mem.h"
#include "worker/mailboxes.h"

static uint32_t *sold[WORKERS_MAX]; /* serial of the ticket, 0: used */
static int total;

/* the worker's own */
static int *on_sale;
static int on_sale_count;
static uint32_t last_serial;

int tickets_create(int workers, int count)
{
	int i;

	for(i = 0; i < workers; i++) {
		sold[i] = shm_mallocxz(count * sizeof(uint32_t));
		if(!sold[i])
			return -1;
	}
	total = count;
	return 0;
}

static int open_sale(void)
{
	on_sale = malloc(total * sizeof(*on_sale));
	if(!on_sale)
		return -1;
	while(on_sale_count < total) {
		on_sale[on_sale_count] = total - 1 - on_sale_count;
		on_sale_count++;
	}
	return 0;
}

uint64_t ticket_buy(int worker)
{
	int number;

	if((!on_sale && open_sale() < 0) || on_sale_count == 0)
		return 0;
	number = on_sale[--on_sale_count];
	if(++last_serial == 0)
		last_serial = 1;
	__atomic_store_n(&sold[worker][number], last_serial, __ATOMIC_SEQ_CST);
	return (uint64_t)worker << 56 | (uint64_t)last_serial << 24
		   | (uint64_t)number;
}

int ticket_use(uint64_t id)
{
	uint32_t serial = (uint32_t)(id >> 24);
	uint32_t *word = &sold[ticket_worker(id)][ticket_number(id)];

	return __atomic_compare_exchange_n(
			word, &serial, 0, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

void ticket_return(uint64_t id)
{
	on_sale[on_sale_count++] = ticket_number(id);
}

int ticket_worker(uint64_t id)
{
	return (int)(id >> 56);
}

int ticket_number(uint64_t id)
{
	return (int)(id & 0xffffff);
}
