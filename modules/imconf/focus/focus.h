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

/** Hangs the focus into router and effect runner; in the worker at start. */
void focus_start(void);

/** What a participant calls its software; empty when it did not say, or has no
 * session. Borrowed. */
str focus_user_agent(const participant_t *p);

#endif
