/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * roster: see roster.h. Called by the notifier; knows the model and no
 * document.
 *
 * conference->changes has everybody who is shown, and the tombstones of those
 * who were, by ascending revision of the last change: a difference looks at
 * its end alone, whatever the size of the conference.
 */
#include "model/participant.h"
#include "model/roster.h"

typedef struct query
{
	const roster_view_t *view;
	const roster_told_t *told;
	int full;
} query_t;


roster_told_t roster_told_nothing(const conference_t *c)
{
	return (roster_told_t){
			.changes = 0, .departures = c->revision, .deletions = c->revision};
}


static unsigned later(unsigned a, unsigned b)
{
	return a > b ? a : b;
}


static unsigned earlier(unsigned a, unsigned b)
{
	return a < b ? a : b;
}


/* A full document leaves of the one before nothing that had to be deleted;
 * but who is in it as disconnected will have to be. */
roster_told_t roster_told_until(
		const roster_told_t *told, int full, unsigned until)
{
	roster_told_t next = {.departures = later(told->departures, until)};

	next.changes = full ? until : later(told->changes, until);
	next.deletions =
			full ? told->departures
				 : later(told->deletions, earlier(told->departures, until));
	return next;
}


/* The first of conference->changes after `revision`. */
static const participant_t *first_after(
		const conference_t *c, unsigned revision)
{
	const participant_t *p, *first = NULL;

	TAILQ_FOREACH_REVERSE(p, &c->changes, participant_list, change)
	{
		if(p->changed <= revision)
			break;
		first = p;
	}
	return first;
}


/* Was it on the roster when the watcher was told? Perhaps not any more. */
static int is_known(const participant_t *p, const query_t *q)
{
	unsigned since = q->view->alerting ? p->appeared : p->entered;

	return since && since <= q->told->changes;
}


static int took_leave(const query_t *q, roster_status_t *status)
{
	*status = q->view->departure == ROSTER_DISCONNECT ? ROSTER_DISCONNECTED
													  : ROSTER_DELETED;
	return 1;
}


static int is_news(const participant_t *p, const query_t *q)
{
	return q->full || p->changed > q->told->changes;
}


/* It is invited once more, which this watcher is not shown. */
static int alerts_unseen(
		const participant_t *p, const query_t *q, roster_status_t *status)
{
	if(q->full || !is_news(p, q) || !is_known(p, q))
		return 0;
	return took_leave(q, status);
}


static int went(
		const participant_t *p, const query_t *q, roster_status_t *status)
{
	if(p->left > q->told->departures) {
		if(q->view->departure == ROSTER_DELETE)
			return !q->full && is_known(p, q) && took_leave(q, status);
		*status = ROSTER_DISCONNECTED;
		return 1;
	}
	*status = ROSTER_DELETED;
	return !q->full && q->view->departure == ROSTER_TWO_STEP
		   && p->left > q->told->deletions;
}


/* What `p` is told as; 0 when it is not. */
static int status_of(
		const participant_t *p, const query_t *q, roster_status_t *status)
{
	if(participant_is_connected(p)) {
		*status = ROSTER_CONNECTED;
		return is_news(p, q);
	}
	if(!participant_is_visible(p))
		return went(p, q, status);
	*status = ROSTER_ALERTING;
	return q->view->alerting ? is_news(p, q) : alerts_unseen(p, q, status);
}


static void tell(const participant_t *p, roster_status_t status, roster_fn_t fn,
		void *arg)
{
	roster_line_t line = {.participant = p,
			.entity = p->entity,
			.display = p->nickname.len ? p->nickname : p->display,
			.status = status,
			.changed = p->changed};

	if(status == ROSTER_DISCONNECTED) {
		line.departure = p->departure;
		line.code = p->code;
	}
	fn(&line, arg);
}


static void tell_from(
		const participant_t *p, const query_t *q, roster_fn_t fn, void *arg)
{
	roster_status_t status;

	for(; p; p = TAILQ_NEXT(p, change)) {
		if(status_of(p, q, &status))
			tell(p, status, fn, arg);
	}
}


/* Nothing up to here concerns a watcher who was told `told`. */
static unsigned settled(const roster_told_t *told)
{
	return earlier(told->changes, earlier(told->departures, told->deletions));
}


void roster_full(const conference_t *c, const roster_view_t *view,
		const roster_told_t *told, roster_fn_t fn, void *arg)
{
	query_t q = {.view = view, .told = told, .full = 1};

	tell_from(TAILQ_FIRST(&c->changes), &q, fn, arg);
}


void roster_difference(const conference_t *c, const roster_view_t *view,
		const roster_told_t *told, roster_fn_t fn, void *arg)
{
	query_t q = {.view = view, .told = told};

	tell_from(first_after(c, settled(told)), &q, fn, arg);
}


int roster_has_news(const conference_t *c, const roster_view_t *view,
		const roster_told_t *told)
{
	query_t q = {.view = view, .told = told};
	const participant_t *p = first_after(c, told->changes);
	roster_status_t status;

	for(; p; p = TAILQ_NEXT(p, change)) {
		if(status_of(p, &q, &status)
				&& (status != ROSTER_DELETED || p->left > told->departures))
			return 1;
	}
	return 0;
}


/* The last revision before `event`, if that is the next one to tell. */
static void stop_before(unsigned event, unsigned told, unsigned *limit)
{
	if(event > told && event <= *limit)
		*limit = event - 1;
}


/* As roster_told_trim(); up to which revision each may go. */
static void find_limits(
		const conference_t *c, const roster_told_t *told, roster_told_t *limit)
{
	const participant_t *p = first_after(c, settled(told));

	for(; p; p = TAILQ_NEXT(p, change)) {
		stop_before(p->changed, told->changes, &limit->changes);
		/* is_known() asks for these two */
		stop_before(p->appeared, told->changes, &limit->changes);
		stop_before(p->entered, told->changes, &limit->changes);
		stop_before(p->left, told->departures, &limit->departures);
		stop_before(p->left, told->deletions, &limit->deletions);
	}
}


void roster_told_trim(const conference_t *c, int full, roster_told_t *told)
{
	roster_told_t limit = {c->revision, c->revision, c->revision};

	if(full) {
		/* departures are all that a full document asks for */
		told->changes = told->departures;
		told->deletions = told->departures;
	}
	find_limits(c, told, &limit);
	told->changes = full ? 0 : limit.changes;
	told->departures = limit.departures;
	told->deletions = earlier(limit.deletions, limit.departures);
}
