/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * notifier: sends NOTIFY: full state where it has to be, else what changed
 * since the watcher was told, at most one in flight per subscription. Clauses
 * S4, S8, N1-N4, N9, N10. Called by subscribe.c, the tick and timers.
 */
#include <stdlib.h>
#include "admin/statistics.h"
#include "core/dprint.h"
#include "notify/notify.h"
#include "notify/outcome.h"
#include "notify/profile.h"
#include "notify/watchers.h"
#include "settings.h"
#include "sip/headers.h"
#include "sip/router.h"
#include "worker/effect_runner.h"

/* a datagram holds no more, with room for its header lines */
#define DATAGRAM_BODY_MAX 60000


static void add_state(const subscription_t *s, buffer_t *out)
{
	if(s->reason) {
		buffer_printf(
				out, "Subscription-State: terminated;reason=%s\r\n", s->reason);
		return;
	}
	buffer_printf(out, "Subscription-State: active;expires=%ld",
			subscription_seconds_left(s));
	rate_add(out, &s->rate);
	buffer_add_text(out, "\r\n");
}


static void add_headers(const subscription_t *s, buffer_t *out)
{
	headers_add(out, "Event", &s->event);
	add_state(s, out);
	headers_allow_events(out);
	buffer_add_text(out, "Content-Type: application/conference-info+xml\r\n");
}


static uint64_t send_notify(subscription_t *s, const buffer_t *document)
{
	buffer_t headers;
	str lines, body = buffer_str(document);
	uint64_t id = 0;

	buffer_init(&headers, 0);
	add_headers(s, &headers);
	lines = buffer_str(&headers);
	if(buffer_failed(&headers) || buffer_failed(document))
		goto out;
	s->by_stream = body.len > settings.notify_max_body && !s->no_stream
				   && dialog_takes_stream(&s->dialog);
	if(s->by_stream)
		id = dialog_request_by_stream(
				&s->dialog, "NOTIFY", &lines, &body, outcome_take, s);
	else
		id = dialog_request(
				&s->dialog, "NOTIFY", &lines, &body, outcome_take, s);
out:
	buffer_free(&headers);
	return id;
}


/* How large its next document may be, 0: of any size. Who takes every document
 * as full, or gets no further one, must not be told in parts while one
 * datagram can hold it all. */
static size_t body_max(const subscription_t *s, int last)
{
	if(!s->no_stream && dialog_takes_stream(&s->dialog))
		return 0;
	return s->full_only || last ? DATAGRAM_BODY_MAX : settings.notify_max_body;
}


/* Who came to watch before it was invited is a participant by now. */
static const participant_t *find_watcher(subscription_t *s)
{
	if(!s->watcher)
		s->watcher = conference_find_uri(s->conference, &s->name.uri);
	return s->watcher;
}


/* The next document of `s`, which is running, into `out`. The rest of one that
 * was cut can only be a difference: a full one would be cut again, for ever. */
static void write_document(subscription_t *s, int last, buffer_t *out)
{
	documents_t *all = &watchers_of(s->conference)->documents;
	int full = s->full || (s->full_only && !s->cut);
	const document_t *document =
			documents_get(all, s->conference, full, s->urgent, &s->told);

	/* what changes while its parts go out is for the next tick */
	if(!s->cut || !s->urgent || s->full)
		s->owed = s->conference->revision;
	s->telling = s->told;
	s->cut = 0;
	if(document)
		s->cut = document_write(document, find_watcher(s), s->version + 1,
				body_max(s, last), &s->telling, out);
	else
		out->failed = 1;
}


static uint64_t send_document(subscription_t *s)
{
	buffer_t document;
	uint64_t id;

	if(s->reason)
		return send_notify(s, &s->farewell);
	buffer_init(&document, 0);
	write_document(s, 0, &document);
	id = send_notify(s, &document);
	buffer_free(&document);
	return id;
}


static void overdue(void *arg)
{
	subscription_t *s = arg;

	if(s->in_flight)
		alarm_start(&s->overdue, s->rate.most, overdue, s);
	else if(s->waiting)
		alarm_start(
				&s->overdue, s->wait_until - schedule_now() + 1, overdue, s);
	else
		notifier_plan(s);
}


/* The rates of RFC 6446 count from each NOTIFY on. */
static void start_rates(subscription_t *s)
{
	if(s->reason)
		return;
	if(s->rate.least > 0)
		outcome_wait(s, s->rate.least);
	if(s->rate.most > 0)
		alarm_start(&s->overdue, s->rate.most, overdue, s);
	else
		alarm_stop(&s->overdue);
}


static void send_planned(void *arg)
{
	subscription_t *s = arg;

	if(s->in_flight)
		return;
	s->in_flight = send_document(s);
	if(!s->in_flight) {
		outcome_unsent(s);
		return;
	}
	s->version++;
	s->urgent = 0;
	s->full = 0;
	start_rates(s);
	count(STAT_NOTIFIES, 1);
}


void notifier_plan(subscription_t *s)
{
	if(s->in_flight)
		return;
	work_add(&s->work, send_planned, s);
	if(s->conference)
		watchers_keep_documents(watchers_of(s->conference));
}


void notifier_tell(subscription_t *s)
{
	s->urgent = 1;
	s->full = 1;
	s->waiting = 0;
	alarm_stop(&s->wait);
	notifier_plan(s);
}


void notifier_end(subscription_t *s, const char *reason)
{
	/* what is in flight may be lost: no difference is certain to fit */
	s->full |= s->in_flight != 0;
	s->urgent = 1;
	write_document(s, 1, &s->farewell);
	s->reason = reason;
	alarm_stop(&s->expiry);
	alarm_stop(&s->overdue);
	subscription_leave(s);
}


void notifier_expired(void *subscription)
{
	subscription_t *s = subscription;

	LM_INFO("subscription of %.*s to %.*s expired\n", TEXT_ARG(&s->name.uri),
			TEXT_ARG(&s->conference->identity));
	notifier_end(s, "timeout");
	notifier_tell(s);
}


/* Only full documents have the subject. */
static void tell_subject(watchers_t *w)
{
	subscription_t *s;

	w->described = w->conference->described;
	for(s = TAILQ_FIRST(&w->list); s; s = TAILQ_NEXT(s, link)) {
		s->full = 1;
		s->urgent = 1;
	}
}


static void roster_changed(
		conference_t *c, participant_t *p, end_reason_t reason)
{
	watchers_t *w = watchers_need(c);

	if(w && w->described != c->described)
		tell_subject(w);
	if(w)
		watchers_tick(w);
	else
		LM_ERR("no memory: the watchers of %.*s are not told of a change\n",
				TEXT_ARG(&c->identity));
}


/* Everybody has left, and the watchers are told so with an empty roster: the
 * final document stays small whatever the conference was. */
static void conference_over(
		conference_t *c, participant_t *p, end_reason_t reason)
{
	watchers_t *w = watchers_of(c);
	roster_told_t nothing = roster_told_nothing(c);
	subscription_t *s;

	if(!w)
		return;
	while((s = TAILQ_FIRST(&w->list)) != NULL) {
		s->told = nothing;
		s->full = 1;
		notifier_end(s, "noresource");
		notifier_tell(s);
	}
	watchers_destroy(c);
}


void notify_each(const conference_t *c,
		void (*fn)(const notify_watcher_t *w, void *arg), void *arg)
{
	const watchers_t *all = watchers_of(c);
	const subscription_t *s;
	notify_watcher_t w;

	if(!all)
		return;
	for(s = TAILQ_FIRST(&all->list); s; s = TAILQ_NEXT(s, link)) {
		w = (notify_watcher_t){
				.name = s->name.uri,
				.contact = s->dialog.remote_target,
				.agent = s->dialog.agent,
				.expires = subscription_seconds_left(s),
				.version = s->version,
				.told = s->told.changes,
				.waiting = s->in_flight != 0,
		};
		fn(&w, arg);
	}
}


int notify_start(void)
{
	router_on_initial(METHOD_SUBSCRIBE, subscribe_initial);
	router_on_dialog(DIALOG_SUBSCRIPTION, subscribe_in_dialog);
	effects_on(EFFECT_NOTIFY, roster_changed);
	effects_on(EFFECT_END, conference_over);
	return 0;
}
