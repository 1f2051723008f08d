/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * mailing: what the invitations that one request asks for have in common.
 * Clauses A5, R3, R6. Private to the focus.
 */
#ifndef IMCONF_FOCUS_MAILING_H
#define IMCONF_FOCUS_MAILING_H

#include "model/conference.h"
#include "wire/resource_list.h"

/** Shared by the sessions of its invitees until they have come or not; the
 * founder's belongs to the conference besides. */
typedef struct mailing
{
	int references;
	int max_forwards;
	int unnamed;	 /* nothing says whose wish it is (R6) */
	str referred_by; /* the URI that says it; owned; empty: the inviter's
						entity */
	str history;	 /* recipient-list-history document, may be empty; owned */
} mailing_t;

/** Makes one, held once. NULL when memory is out. */
mailing_t *mailing_create(int max_forwards);
mailing_t *mailing_hold(mailing_t *m);
/** Lets go; the last one frees it. NULL is harmless. */
void mailing_release(mailing_t *m);

/** Keeps who else was listed, unless that is too much for an invitation.
 * `whose` is for the log. Returns 0, or -1 when memory is out. */
int mailing_add_history(
		mailing_t *m, const resource_list_t *list, const str *whose);

/** All that are to be invited by `fx` get it with their invitation. */
void mailing_assign(mailing_t *m, const effects_t *fx);

#endif
