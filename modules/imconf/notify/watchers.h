/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * watchers: what the notifier holds of a conference: its subscriptions, the
 * tick they share, and the documents they have in common. Clause N1. Private
 * to notify/.
 *
 * The first change after a quiet time makes a tick at once, the next tick
 * comes notify_min_interval after the last one. A tick plans a NOTIFY for
 * everybody who has something to be told and is not waiting for an answer;
 * who is skipped is told with a later tick, by a difference of its own.
 */
#ifndef IMCONF_NOTIFY_WATCHERS_H
#define IMCONF_NOTIFY_WATCHERS_H

#include "notify/documents.h"
#include "notify/subscription.h"

typedef TAILQ_HEAD(subscription_list, subscription) subscription_list_t;

typedef struct watchers
{
	conference_t *conference;
	subscription_list_t list; /* the oldest first */
	alarm_clock_t tick;
	int ticking;	   /* the tick is planned */
	int64_t last_tick; /* by schedule_now() */
	alarm_clock_t sweep;
	int sweeping;		/* the sweep is planned */
	unsigned described; /* conference_t's, as the last tick knew it */
	documents_t documents;
	work_t forget_documents; /* behind all NOTIFYs of a tick */
} watchers_t;

/** Those of `c`, or NULL when it has none yet. */
watchers_t *watchers_of(const conference_t *c);

/** Those of `c`, made if need be. NULL when memory is out. */
watchers_t *watchers_need(conference_t *c);

/** The conference is over; its subscriptions have left. */
void watchers_destroy(conference_t *c);

/** Something has changed, or somebody is behind: a tick, as soon as one may
 * be. */
void watchers_tick(watchers_t *w);

/** A NOTIFY is planned: the documents are needed until it was sent. */
void watchers_keep_documents(watchers_t *w);

/** 1 when the next tick has something for `s`. */
int watchers_is_behind(const subscription_t *s);

#endif
