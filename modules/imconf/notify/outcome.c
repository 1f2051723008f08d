/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * outcome: see outcome.h. Called by the notifier and, for every NOTIFY, when
 * its outcome has come; knows no document.
 */
#include "notify/outcome.h"

#include "admin/statistics.h"
#include "core/dprint.h"
#include "notify/watchers.h"

/* a NOTIFY that failed is repeated, full, after a second, two, four ... */
#define AGAIN_MS 1000
#define DOUBLINGS_MAX 6
#define FAILURES_MAX 10

#define RETRY_AFTER_MAX 3600 /* seconds */

/* RFC 6665 has a NOTIFY answered within 64*T1, and so has tm */
#define TIMED_OUT 408


/* Does a failure mean that the subscription is no more? RFC 6665 4.2.2 and
 * the time-out, which a proxy may have seen in our stead. */
static int is_fatal(int code)
{
	switch(code) {
		case 404:
		case 405:
		case TIMED_OUT:
		case 410:
		case 416:
		case 489:
		case 501:
		case 604:
			return 1;
		default:
			return code >= 480 && code <= 485;
	}
}


static void wait_is_over(void *arg)
{
	subscription_t *s = arg;

	s->waiting = 0;
	if(s->urgent || watchers_is_behind(s))
		notifier_plan(s);
}


void outcome_wait(subscription_t *s, int64_t ms)
{
	int64_t until = schedule_now() + ms;

	if(s->waiting && s->wait_until >= until)
		return;
	s->waiting = 1;
	s->wait_until = until;
	alarm_start(&s->wait, ms, wait_is_over, s);
}


/* One more failure. Returns 1 when it was one too many. */
static int fail(subscription_t *s, int code)
{
	int doublings = s->failures < DOUBLINGS_MAX ? s->failures : DOUBLINGS_MAX;

	count_notify_failed(code);
	if(++s->failures >= FAILURES_MAX) {
		LM_ERR("no NOTIFY reaches %.*s: subscription ends\n",
				TEXT_ARG(&s->dialog.remote_target));
		subscription_destroy(s);
		return 1;
	}
	outcome_wait(s, (int64_t)AGAIN_MS << doublings);
	return 0;
}


void outcome_unsent(subscription_t *s)
{
	if(s->by_stream) {
		/* there is no socket for it: in parts, then */
		s->no_stream = 1;
		s->full = 1;
		notifier_plan(s);
		return;
	}
	fail(s, 500);
}


static int retry_after(const outcome_t *outcome)
{
	str value, digits;
	uint64_t seconds;

	if(!outcome->reply || outcome->code < 500 || outcome->code > 599
			|| !sip_header(outcome->reply, "Retry-After", &value))
		return 0;
	/* "120 (busy) ;duration=..." */
	if(!text_next(&value, ';', &digits) || !text_next(&digits, ' ', &value)
			|| text_to_uint(&value, RETRY_AFTER_MAX, &seconds) < 0)
		return 0;
	return (int)seconds;
}


/* A 2xx may ask for other rates (RFC 6446 9.3). */
static void take_rates(subscription_t *s, const outcome_t *outcome)
{
	str value, package;

	if(!outcome->reply || !sip_header(outcome->reply, "Event", &value))
		return;
	if(text_next(&value, ';', &package))
		rate_read(&value, s->expires_at - schedule_now(), &s->rate);
}


static void told(subscription_t *s, const outcome_t *outcome)
{
	s->told = s->telling;
	s->failures = 0;
	take_rates(s, outcome);
	if(s->cut && s->told.changes < s->owed)
		s->urgent = 1;
	if(s->urgent)
		notifier_plan(s);
	else if(!s->waiting && watchers_is_behind(s))
		watchers_tick(watchers_of(s->conference));
}


/* The watcher may know anything now: it is told everything. */
static void not_told(subscription_t *s, const outcome_t *outcome)
{
	int seconds = retry_after(outcome);

	s->full = 1;
	if(seconds > 0) {
		count_notify_failed(outcome->code);
		outcome_wait(s, seconds * INT64_C(1000));
	} else if(fail(s, outcome->code)) {
		return;
	}
	if(s->urgent)
		notifier_plan(s);
}


static void log_failure(const subscription_t *s, int code, int fatal)
{
	LM_INFO("NOTIFY to %.*s failed with %d%s\n",
			TEXT_ARG(&s->dialog.remote_target), code,
			fatal ? ": subscription ends" : "");
}


void outcome_take(void *subscription, const outcome_t *outcome)
{
	subscription_t *s = subscription;
	int ok = outcome->code >= 200 && outcome->code < 300, fatal;

	if(!outcome->last)
		return;
	s->in_flight = 0;
	if(ok)
		count(STAT_NOTIFIES_ANSWERED, 1);
	if(s->reason && !s->urgent) {
		/* the final one; clients may have forgotten the dialog by now */
		subscription_destroy(s);
		return;
	}
	/* a stream that could not be opened says nothing of the watcher */
	fatal = is_fatal(outcome->code) && !(s->by_stream && !outcome->reply);
	if(!ok)
		log_failure(s, outcome->code, fatal);
	if(fatal) {
		count_notify_failed(outcome->code);
		subscription_destroy(s);
	} else if(s->reason) {
		notifier_plan(s);
	} else if(ok) {
		told(s, outcome);
	} else {
		s->no_stream |= s->by_stream && !outcome->reply;
		not_told(s, outcome);
	}
}
