/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tickets: the names of our requests on their way through tm. A ticket is
 * bought by the worker together with a mailbox slot and used up by whoever
 * first has the final outcome to post, in any process; so that the slot is
 * used exactly once. Shared memory, one word per ticket, no lock.
 */
#ifndef IMCONF_SIP_TICKETS_H
#define IMCONF_SIP_TICKETS_H

#include <stdint.h>

/** In mod_init: `count` tickets for each of `workers`. Returns 0 or -1. */
int tickets_create(int workers, int count);

/** The worker buys one for its request. Returns its id, 0 when sold out. */
uint64_t ticket_buy(int worker);

/** 1 for the first caller with this id, 0 for every later one. Any process. */
int ticket_use(uint64_t id);

/** The worker puts a ticket's number back on sale; it must be used. */
void ticket_return(uint64_t id);

/** The worker that bought it. */
int ticket_worker(uint64_t id);

/** The number of the ticket among its worker's, below `count`. */
int ticket_number(uint64_t id);

#endif
