/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * notify: the notifier of RFC 4575 and RFC 6665: answers SUBSCRIBE to a
 * conference and tells its watchers who is in. Clauses S1-S4, S8, S9, N3, N4,
 * N9, N10. Runs in a conference worker; knows no INVITE and no MSRP.
 */
#ifndef IMCONF_NOTIFY_NOTIFY_H
#define IMCONF_NOTIFY_NOTIFY_H

#include "model/conference.h"

/** Hangs the notifier into the router and the effect runner; in the worker,
 * once its loop exists. Returns 0. */
int notify_start(void);

/** A running subscription, for those who look in from outside. */
typedef struct notify_watcher
{
	str name;		  /* as the watcher was asserted */
	str contact;	  /* where its NOTIFYs go */
	str agent;		  /* its software, may be empty */
	long expires;	  /* seconds left */
	unsigned version; /* of the last document sent, 0: none yet */
	unsigned told;	  /* revision it is known to have */
	int waiting;	  /* a NOTIFY is in flight */
} notify_watcher_t;

/** Calls `fn` for every running subscription of `c`, the oldest first. */
void notify_each(const conference_t *c,
		void (*fn)(const notify_watcher_t *w, void *arg), void *arg);

#endif
