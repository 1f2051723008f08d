/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * schedule: see schedule.h. Called by every room of a worker; knows libevent
 * and nothing of what it calls.
 */
#include <time.h>
#include "core/dprint.h"
#include "worker/schedule.h"

/* pieces of backlog between two looks at the sockets, and how long they may
 * take together: a piece may be a document of a hundred kilobytes */
#define BACKLOG_TURN 32
#define BACKLOG_TURN_US 1000

static struct event_base *base;
static TAILQ_HEAD(backlog, work) backlog = TAILQ_HEAD_INITIALIZER(backlog);
static struct event backlog_turn;


static void alarm_fired(evutil_socket_t fd, short what, void *arg)
{
	alarm_clock_t *t = arg;

	t->fn(t->arg);
}


void alarm_start(alarm_clock_t *t, long ms, schedule_fn_t fn, void *arg)
{
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	if(!t->ready) {
		event_assign(&t->event, base, -1, 0, alarm_fired, t);
		t->ready = 1;
	}
	t->fn = fn;
	t->arg = arg;
	if(event_add(&t->event, &tv) < 0)
		LM_CRIT("no memory for a timer\n");
}


void alarm_stop(alarm_clock_t *t)
{
	if(t->ready)
		event_del(&t->event);
}


/* A timer of zero, not event_active(): libevent looks at the sockets before
 * it runs what timed out. */
static void plan_turn(void)
{
	struct timeval now = {0, 0};

	if(TAILQ_EMPTY(&backlog) || evtimer_pending(&backlog_turn, NULL))
		return;
	if(event_add(&backlog_turn, &now) < 0)
		LM_CRIT("no memory for the backlog's timer\n");
}


static int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}


static void backlog_run(evutil_socket_t fd, short what, void *arg)
{
	int64_t end = now_us() + BACKLOG_TURN_US;
	work_t *w;

	for(int i = 0; i < BACKLOG_TURN && (i == 0 || now_us() < end); i++) {
		w = TAILQ_FIRST(&backlog);
		if(!w)
			break;
		work_cancel(w);
		w->fn(w->arg);
	}
	plan_turn();
}


void work_add(work_t *w, schedule_fn_t fn, void *arg)
{
	w->fn = fn;
	w->arg = arg;
	if(w->queued)
		return;
	TAILQ_INSERT_TAIL(&backlog, w, link);
	w->queued = 1;
	plan_turn();
}


void work_cancel(work_t *w)
{
	if(!w->queued)
		return;
	TAILQ_REMOVE(&backlog, w, link);
	w->queued = 0;
}


int64_t schedule_now(void)
{
	return now_us() / 1000;
}


int schedule_init(struct event_base *event_base)
{
	base = event_base;
	return event_assign(&backlog_turn, base, -1, 0, backlog_run, NULL);
}
