/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * subscription: one watcher's subscription to one conference. Private to
 * notify/: subscribe.c answers SUBSCRIBE, watchers.c says when there is
 * something to tell, notifier.c sends NOTIFY, outcome.c takes its answer.
 */
#ifndef IMCONF_NOTIFY_SUBSCRIPTION_H
#define IMCONF_NOTIFY_SUBSCRIPTION_H

#include "base/buffer.h"
#include "base/list.h"
#include "model/roster.h"
#include "notify/rate.h"
#include "sip/dialog.h"
#include "worker/schedule.h"

/* of one watcher to one conference; the oldest makes room for one more */
#define SUBSCRIPTIONS_PER_WATCHER 10

/**
 * It belongs to its conference until it is ending: then it has left, holds
 * its last document itself and may outlive the conference. It dies with the
 * outcome of its final NOTIFY.
 */
typedef struct subscription
{
	TAILQ_ENTRY(subscription) link; /* in the conference's watchers */
	conference_t *conference;		/* NULL: ending */
	const participant_t *watcher;	/* NULL: none so far, or ending */
	identity_t name;				/* the watcher's, as asserted; owned */
	str instance;					/* tells its devices apart; owned */
	str event;	   /* of its NOTIFYs: conference[;id=...]; owned */
	int full_only; /* it takes every document as full */
	rate_t rate;   /* RFC 6446 */
	dialog_t dialog;
	alarm_clock_t expiry;
	int64_t expires_at;	   /* by schedule_now() */
	unsigned version;	   /* of the last document sent; from 1 */
	roster_told_t told;	   /* with the last document acknowledged */
	roster_told_t telling; /* with the one in flight */
	uint64_t in_flight;	   /* our NOTIFY that has no outcome yet, 0: none */
	int full;			   /* the next document is full */
	int urgent;	   /* the next NOTIFY waits for no tick: it answers a SUBSCRIBE,
					* brings what a cut document left out, a new
					* subject, is the last */
	int cut;	   /* the document in flight left something out */
	unsigned owed; /* what it left out is urgent up to this revision */
	int by_stream; /* the NOTIFY in flight goes by a stream that was not its
					* dialog's */
	int no_stream; /* that was tried in vain */
	int failures;  /* in a row */
	int waiting;   /* until `wait` fires, no tick is for it */
	int64_t wait_until; /* by schedule_now() */
	alarm_clock_t wait;
	alarm_clock_t overdue; /* min-rate */
	work_t work;		   /* the next NOTIFY, in the backlog */
	const char *reason;	   /* why it ends; NULL: it does not */
	buffer_t farewell;	   /* its final document; with reason only */
} subscription_t;

/**
 * Makes a subscription, with its dialog, from a SUBSCRIBE that is going to be
 * accepted. `id`: of its Event header, may be empty. Returns NULL when memory
 * is out.
 */
subscription_t *subscription_create(conference_t *c, const sip_request_t *rq,
		const str *id, const str *instance);

/** Frees it, wherever it stands; its NOTIFY in flight is forgotten. */
void subscription_destroy(subscription_t *s);

/** Takes it out of its conference, which it must not touch any more. */
void subscription_leave(subscription_t *s);

/** Drops what `fresh` replaces: older subscriptions of the same watcher from
 * the same device, and the oldest of too many. */
void subscription_replace(subscription_t *fresh);

/** (Re)starts its expiry, `seconds` from now. */
void subscription_prolong(subscription_t *s, unsigned seconds);

/** Seconds until it expires, never negative. */
long subscription_seconds_left(const subscription_t *s);

/* subscribe.c */

/** SUBSCRIBE outside a dialog (a request_handler_t). */
void subscribe_initial(sip_request_t *rq, dialog_t *d);

/** Whatever comes in a subscription's dialog (a request_handler_t). */
void subscribe_in_dialog(sip_request_t *rq, dialog_t *d);

/* notifier.c */

/** A SUBSCRIBE was answered: sends the full state, or the final NOTIFY, in the
 * next loop turn, or as soon as the one in flight has its outcome. */
void notifier_tell(subscription_t *s);

/** There is something to tell: sends it soon, unless a NOTIFY is in flight. */
void notifier_plan(subscription_t *s);

/** Ends it: the final NOTIFY shows the state as of now and is sent when
 * notifier_tell() or the backlog gets to it. */
void notifier_end(subscription_t *s, const char *reason);

/** An alarm_clock's function: the subscription has expired. */
void notifier_expired(void *subscription);

#endif
