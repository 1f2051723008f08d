/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * schedule: one-shot timers and the backlog of a worker. Work that comes in
 * hundreds (INVITEs to a list, NOTIFYs to all watchers) goes into the backlog,
 * which does a few dozen a loop turn so that chat is never held up.
 */
#ifndef IMCONF_WORKER_SCHEDULE_H
#define IMCONF_WORKER_SCHEDULE_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include "base/list.h"

typedef void (*schedule_fn_t)(void *arg);

/** A timer inside an object. Zeroed memory is a stopped timer. */
typedef struct alarm_clock
{
	struct event event;
	int ready; /* event_assign was called */
	schedule_fn_t fn;
	void *arg;
} alarm_clock_t;

/** (Re)starts: `fn(arg)` once, after `ms` milliseconds. */
void alarm_start(alarm_clock_t *t, long ms, schedule_fn_t fn, void *arg);
/** Harmless when it is not running. Must be called before the object dies. */
void alarm_stop(alarm_clock_t *t);

/** A piece of work inside an object. Zeroed memory is idle work. */
typedef struct work
{
	TAILQ_ENTRY(work) link;
	int queued;
	schedule_fn_t fn;
	void *arg;
} work_t;

/** Queues it, once, at the end of the backlog. */
void work_add(work_t *w, schedule_fn_t fn, void *arg);
/** Takes it out again; harmless when idle. Before the object dies. */
void work_cancel(work_t *w);

/** Milliseconds of a clock that never jumps, as of this loop turn. */
int64_t schedule_now(void);

/** Called once, when the worker makes its loop. Returns 0 or -1. */
int schedule_init(struct event_base *base);

#endif
