/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * focus: the SIP side of conferences: who comes, who is invited, who goes.
 */
#ifndef IMCONF_FOCUS_FOCUS_H
#define IMCONF_FOCUS_FOCUS_H

#include "model/conference.h"

/** A participant's session timer (RFC 4028), for RPC. */
typedef struct focus_timer
{
	unsigned interval; /* seconds */
	long left;		   /* seconds until its session is given up */
	int we_refresh;	   /* else the client does */
} focus_timer_t;

/** The session timer of `p`. Returns 0, or -1 when it has none. */
int focus_timer(const participant_t *p, focus_timer_t *timer);

/** The subscription that a REFER made by itself (R4, RFC 3515), for RPC.
 * Borrowed. */
typedef struct focus_referral
{
	str watcher; /* who referred, as it was asserted */
	str contact; /* where its NOTIFYs go */
	str agent;	 /* its software, may be empty */
	str event;	 /* refer[;id=...] */
	long expires;
	int code; /* how far who was referred to got */
	int over; /* its last NOTIFY is on its way */
	int waiting;
} focus_referral_t;

/** Calls `fn` for each that a REFER to `c` made, the oldest first. */
void focus_each_referral(const conference_t *c,
		void (*fn)(const focus_referral_t *r, void *arg), void *arg);

/** Whom an operator invites, and in whose name (Referred-By; empty: nobody's).
 * Borrowed. */
typedef struct focus_invitees
{
	str host;
	person_t *person;
	int count;
} focus_invitees_t;

/**
 * An operator starts an ad-hoc conference that nobody is in yet, for which
 * capacity_conference() was asked: it lasts
 * while somebody is invited, and ends as others do once the first has come.
 * Returns it, or NULL and `*result`, JOIN_MEMORY or what
 * conference_invite() said. It may be gone as soon as the loop goes on.
 */
conference_t *focus_create(const str *subject, const focus_invitees_t *invitees,
		join_result_t *result);

/** An operator invites to a running conference; as conference_invite(). */
join_result_t focus_invite(conference_t *c, const focus_invitees_t *invitees);

/** Ends a conference for everybody: BYE, or CANCEL, with the reason. It is gone
 * afterwards. */
void focus_end(conference_t *c, end_reason_t reason);

/** Hangs the focus into router and effect runner; in the worker at start. */
void focus_start(void);

/** What a participant calls its software; empty when it did not say, or has no
 * session. Borrowed. */
str focus_user_agent(const participant_t *p);

#endif
