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
	STAT_LEGS,		/* bound to a connection */
	STAT_REFERRALS, /* subscriptions that REFERs made by themselves */
	/* ever */
	STAT_CREATED,
	STAT_ENDED,
	/* why they ended */
	STAT_ENDED_EMPTY,
	STAT_ENDED_FEW, /* min_participants */
	STAT_ENDED_CREATOR,
	STAT_ENDED_KEY,
	STAT_ENDED_IDLE,
	STAT_ENDED_DURATION,
	STAT_ENDED_OPERATOR,
	STAT_JOINS,	  /* sessions that came in, invited or by themselves */
	STAT_REFUSED, /* requests answered 4xx to 6xx by us; of these: */
	STAT_REFUSED_MALFORMED,	  /* 400, 483 */
	STAT_REFUSED_FORBIDDEN,	  /* 403, 433, 603: policy, or the script */
	STAT_REFUSED_NOT_FOUND,	  /* 404, 410, 481 */
	STAT_REFUSED_UNSUPPORTED, /* 405, 406, 415, 416, 42x, 488, 489 */
	STAT_REFUSED_FULL,		  /* 486 or size_refusal_code */
	STAT_REFUSED_UNAVAILABLE, /* 480, 503: limits, drained, XDMS down */
	STAT_REFUSED_OTHER,
	/* of the unavailable ones, the limits that an operator set */
	STAT_LIMITED_DRAINING,
	STAT_LIMITED_MEMORY,
	STAT_LIMITED_CONFERENCES,
	STAT_LIMITED_SUBSCRIPTIONS,
	STAT_LIMITED_RATE,
	STAT_INVITES, /* invitations sent */
	STAT_INVITES_ANSWERED,
	STAT_INVITES_FAILED,	 /* of these: */
	STAT_INVITES_BUSY,		 /* 486, 600 */
	STAT_INVITES_DECLINED,	 /* 403, 433, 603 */
	STAT_INVITES_UNANSWERED, /* 408, 480, 487 */
	STAT_INVITES_UNKNOWN,	 /* 404, 410, 484, 604 */
	STAT_INVITES_OTHER,
	STAT_NOTIFIES,
	STAT_NOTIFIES_ANSWERED,	  /* 2xx */
	STAT_NOTIFIES_FAILED,	  /* of these: */
	STAT_NOTIFIES_UNANSWERED, /* 408 */
	STAT_NOTIFIES_GONE,		  /* 404, 410, 481: no such subscription there */
	STAT_MESSAGES,			  /* complete messages taken from senders */
	STAT_DELIVERIES,		  /* copies handed to recipients' connections */
	STAT_BYTES,				  /* of deliveries, framing included */
	STAT_DROPS,		   /* copies lost: their leg was dropped or never came */
	STAT_LEGS_DROPPED, /* for not reading */
	STAT_CONNECTIONS_REFUSED, /* MSRP: one of the bounds was reached */
	STAT_MESSAGES_REFUSED,
	STAT_WITHHELD, /* copies that their recipient's description rules out */
	STAT_REPORTS,  /* sent to senders who asked */
	STAT_HANDSHAKES_FAILED, /* TLS and WebSocket, wrong certificates too */
	STAT_MAILBOX_FULL,
	STAT_EVENTS,		  /* told to event routes */
	STAT_EVENTS_DROPPED,  /* that their process was too slow for */
	STAT_XDMS_FETCHES,	  /* HTTP requests sent to the XDMS */
	STAT_XDMS_HITS,		  /* groups answered from the cache */
	STAT_XDMS_ERRORS,	  /* requests that failed; a 404 is no failure */
	STAT_XDMS_LATENCY_MS, /* of all requests together */
	STATISTIC_COUNT
} statistic_t;

/** Adds `n` (negative for the "now" ones) to a counter. Any process. */
void count(statistic_t which, long n);

/** Count a request of somebody that we refused, and requests of ours that
 * failed, each by its code. */
void count_refused(int code);
void count_invite_failed(int code);
void count_notify_failed(int code);

/** Registers the group; from mod_init. Returns 0 or -1. */
int statistics_register(void);

#endif
