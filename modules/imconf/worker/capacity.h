/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * capacity: may there be one more? The limits that an operator set, asked by
 * focus and notifier before they take anything on. Runs in a worker. A refusal is
 * counted here; the log line comes with the answer.
 */
#ifndef IMCONF_WORKER_CAPACITY_H
#define IMCONF_WORKER_CAPACITY_H

#include "base/text.h"

typedef enum capacity
{
	CAPACITY_FREE = 0,
	CAPACITY_DRAINING,		/* imconf.drain */
	CAPACITY_MEMORY,		/* worker_memory_max */
	CAPACITY_CONFERENCES,	/* max_conferences, of all workers */
	CAPACITY_SUBSCRIPTIONS, /* max_subscriptions, of all workers */
	CAPACITY_RATE			/* too many of one user within a minute */
} capacity_t;

/** A new conference of `user` (a URI; NULL: the operator's, which no rate
 * bounds). When it may be it counts for the user's rate, and as one of
 * max_conferences until it is over, or was never made. */
capacity_t capacity_conference(const str *user);
void capacity_conference_over(void);

/** A session in a running conference. */
capacity_t capacity_session(void);

/** A new subscription. When it may be it counts as one of max_subscriptions
 * until allotment_return(). */
capacity_t capacity_subscription(void);

/** A REFER of `user`. It counts when it may be. */
capacity_t capacity_refer(const str *user);

/** The last refusal of this process: a sentence for the log, and the seconds
 * after which to try again. */
const char *capacity_why(void);
int capacity_retry_after(void);

/** No new conferences in this worker from now on, or again. */
void capacity_drain(int on);
int capacity_is_draining(void);

/** Begins to watch the worker's memory; at start, once the loop exists. */
void capacity_start(void);

#endif
