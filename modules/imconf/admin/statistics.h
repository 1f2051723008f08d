/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * statistics: the counters of the group `imconf`, shared by all processes.
 * Names are snake case: xhttp_prom exports them as they are.
 */
#ifndef IMCONF_ADMIN_STATISTICS_H
#define IMCONF_ADMIN_STATISTICS_H

typedef enum statistic
{
	/* now */
	STAT_CONFERENCES,
	STAT_PARTICIPANTS, /* connected */
	STAT_SUBSCRIPTIONS,
	STAT_LEGS, /* bound to a connection */
	/* ever */
	STAT_CREATED,
	STAT_ENDED,
	STAT_REFUSED, /* requests answered 4xx to 6xx by us */
	STAT_INVITES,
	STAT_INVITES_ANSWERED,
	STAT_INVITES_FAILED,
	STAT_NOTIFIES,
	STAT_NOTIFIES_FAILED,
	STAT_MESSAGES,	   /* complete messages taken from senders */
	STAT_DELIVERIES,   /* copies handed to recipients' connections */
	STAT_BYTES,		   /* of deliveries, framing included */
	STAT_DROPS,		   /* copies lost: their leg was dropped or never came */
	STAT_LEGS_DROPPED, /* for not reading */
	STAT_CONNECTIONS_REFUSED, /* MSRP: one of the bounds was reached */
	STAT_MESSAGES_REFUSED,
	STAT_WITHHELD, /* copies that their recipient's description rules out */
	STAT_REPORTS,  /* sent to senders who asked */
	STAT_MAILBOX_FULL,
	STAT_XDMS_FETCHES,	  /* HTTP requests sent to the XDMS */
	STAT_XDMS_HITS,		  /* groups answered from the cache */
	STAT_XDMS_ERRORS,	  /* requests that failed; a 404 is no failure */
	STAT_XDMS_LATENCY_MS, /* of all requests together */
	STATISTIC_COUNT
} statistic_t;

/** Adds `n` (negative for the "now" ones) to a counter. Any process. */
void count(statistic_t which, long n);

/** Registers the group; from mod_init. Returns 0 or -1. */
int statistics_register(void);

#endif
