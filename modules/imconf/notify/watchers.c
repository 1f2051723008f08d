/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * watchers: see watchers.h. Called by the notifier; knows when, not what.
 */
#include "notify/watchers.h"

#include <stdlib.h>
#include "notify/profile.h"
#include "settings.h"

/* how long departures that everybody was told of are remembered */
#define SWEEP_MS 30000


watchers_t *watchers_of(const conference_t *c)
{
	return c->notify;
}


watchers_t *watchers_need(conference_t *c)
{
	watchers_t *w = c->notify;

	if(w)
		return w;
	w = calloc(1, sizeof(*w));
	if(!w)
		return NULL;
	w->conference = c;
	TAILQ_INIT(&w->list);
	w->described = c->described;
	/* long ago: the first change is told at once */
	w->last_tick = schedule_now() - settings.notify_min_interval;
	documents_init(&w->documents);
	c->notify = w;
	return w;
}


void watchers_destroy(conference_t *c)
{
	watchers_t *w = c->notify;

	if(!w)
		return;
	alarm_stop(&w->tick);
	alarm_stop(&w->sweep);
	work_cancel(&w->forget_documents);
	documents_free(&w->documents);
	free(w);
	c->notify = NULL;
}


int watchers_is_behind(const subscription_t *s)
{
	return s->full
		   || roster_has_news(s->conference, &profile.document.view, &s->told);
}


static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}


/* Tombstones that everybody knows of are given up. */
static void sweep(void *arg)
{
	watchers_t *w = arg;
	subscription_t *s;
	unsigned revision = w->conference->revision;

	w->sweeping = 0;
	for(s = TAILQ_FIRST(&w->list); s; s = TAILQ_NEXT(s, link)) {
		revision = least(revision, s->told.changes);
		revision = least(revision, s->told.departures);
		revision = least(revision, s->told.deletions);
	}
	conference_forget(w->conference, revision);
}


/* S9: who was expelled does not watch on. Returns 1 when that ended it. */
static int reject_expelled(subscription_t *s)
{
	if(!s->watcher || !s->watcher->expelled)
		return 0;
	notifier_end(s, "rejected");
	notifier_tell(s);
	return 1;
}


static void tick_now(void *arg)
{
	watchers_t *w = arg;
	subscription_t *s, *next;

	w->ticking = 0;
	w->last_tick = schedule_now();
	TAILQ_FOREACH_SAFE(s, &w->list, link, next)
	{
		if(!reject_expelled(s) && !s->waiting && watchers_is_behind(s))
			notifier_plan(s);
	}
	if(!w->sweeping) {
		w->sweeping = 1;
		alarm_start(&w->sweep, SWEEP_MS, sweep, w);
	}
}


void watchers_tick(watchers_t *w)
{
	int64_t due;

	if(w->ticking)
		return;
	due = w->last_tick + settings.notify_min_interval - schedule_now();
	if(due <= 0) {
		tick_now(w);
		return;
	}
	w->ticking = 1;
	alarm_start(&w->tick, due, tick_now, w);
}


static void forget_documents(void *arg)
{
	watchers_t *w = arg;

	documents_free(&w->documents);
}


void watchers_keep_documents(watchers_t *w)
{
	work_cancel(&w->forget_documents);
	work_add(&w->forget_documents, forget_documents, w);
}
