/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * notifier: sends NOTIFY: full state on every change, at most one in flight
 * per subscription, changes meanwhile coalesced into the next one. Clauses S4,
 * N3, N4, N9, N10. Called by subscribe.c, the effect runner and timers.
 */
#include <stdlib.h>
#include "admin/statistics.h"
#include "core/dprint.h"
#include "model/roster.h"
#include "notify/notify.h"
#include "notify/subscription.h"
#include "sip/headers.h"
#include "sip/router.h"
#include "wire/conference_info.h"
#include "worker/effect_runner.h"

/* a NOTIFY that finds no mailbox slot or memory is tried again */
#define AGAIN_MS 1000
#define UNSENT_MAX 10

/* RFC 6665 has a NOTIFY answered within 64*T1, and so has tm */
#define TIMED_OUT 408

static const info_status_t status_of[] = {
		[ROSTER_ALERTING] = INFO_ALERTING,
		[ROSTER_CONNECTED] = INFO_CONNECTED,
		[ROSTER_DISCONNECTED] = INFO_DISCONNECTED,
};

static const info_departure_t departure_of[] = {
		[DEPARTED_NOT] = DEPARTURE_NONE,
		[DEPARTED_LEFT] = DEPARTURE_DEPARTED,
		[DEPARTED_BOOTED] = DEPARTURE_BOOTED,
		[DEPARTED_FAILED] = DEPARTURE_FAILED,
		[DEPARTED_BUSY] = DEPARTURE_BUSY,
};


static void add_line(const roster_line_t *line, void *out)
{
	info_user_t user = {
			.entity = line->entity,
			.display = line->display,
			.status = status_of[line->status],
			.departure = departure_of[line->departure],
			.reason_code = line->code,
			.yourown = line->own,
	};

	conference_info_user(out, &user);
}


/* The next document of `s`: who is in, and who went after `since`. */
static void build_document(
		const subscription_t *s, unsigned since, buffer_t *out)
{
	const conference_t *c = s->conference;
	info_document_t document = {
			.entity = c->group.len ? c->group : c->identity,
			.version = s->version + 1,
			.subject = c->subject,
			.max_users = c->max_participants,
	};

	conference_info_begin_full(out, &document);
	roster_each(c, s->watcher, since, add_line, out);
	conference_info_end(out);
}


static void add_headers(const subscription_t *s, buffer_t *out)
{
	headers_add(out, "Event", &s->event);
	if(s->reason)
		buffer_printf(
				out, "Subscription-State: terminated;reason=%s\r\n", s->reason);
	else
		buffer_printf(out, "Subscription-State: active;expires=%ld\r\n",
				subscription_seconds_left(s));
	headers_allow_events(out);
	buffer_add_text(out, "Content-Type: application/conference-info+xml\r\n");
}


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


static void tell_from_backlog(void *arg)
{
	notifier_tell(arg);
}


/* What `s` does next, when nothing is in flight; after a NOTIFY that was not
 * sent the alarm does. */
static void go_on(subscription_t *s)
{
	if(s->dirty && !s->in_flight && !s->unsent)
		work_add(&s->work, tell_from_backlog, s);
}


static void take_outcome(void *arg, const outcome_t *outcome)
{
	subscription_t *s = arg;
	int ok = outcome->code >= 200 && outcome->code < 300;

	if(!outcome->last)
		return;
	s->in_flight = 0;
	if(s->reason && !s->dirty) {
		/* the final one; clients may have forgotten the dialog by now */
		subscription_destroy(s);
		return;
	}
	if(ok) {
		s->told = s->telling;
	} else {
		count(STAT_NOTIFIES_FAILED, 1);
		LM_INFO("NOTIFY to %.*s failed with %d%s\n",
				TEXT_ARG(&s->dialog.remote_target), outcome->code,
				is_fatal(outcome->code) ? ": subscription ends" : "");
	}
	if(is_fatal(outcome->code))
		subscription_destroy(s);
	else
		go_on(s);
}


static void try_again(subscription_t *s)
{
	count(STAT_NOTIFIES_FAILED, 1);
	if(++s->unsent < UNSENT_MAX) {
		alarm_start(&s->again, AGAIN_MS, tell_from_backlog, s);
		return;
	}
	LM_ERR("no NOTIFY to %.*s could be sent: subscription ends\n",
			TEXT_ARG(&s->dialog.remote_target));
	subscription_destroy(s);
}


static uint64_t send_notify(subscription_t *s, const str *document)
{
	buffer_t headers;
	str lines;
	uint64_t id = 0;

	buffer_init(&headers, 0);
	add_headers(s, &headers);
	lines = buffer_str(&headers);
	if(!buffer_failed(&headers))
		id = dialog_request(
				&s->dialog, "NOTIFY", &lines, document, take_outcome, s);
	buffer_free(&headers);
	return id;
}


static uint64_t send_document(subscription_t *s)
{
	buffer_t document;
	str body;
	uint64_t id = 0;

	if(s->reason) {
		body = buffer_str(&s->farewell);
		return buffer_failed(&s->farewell) ? 0 : send_notify(s, &body);
	}
	buffer_init(&document, 0);
	build_document(s, s->told, &document);
	body = buffer_str(&document);
	if(!buffer_failed(&document))
		id = send_notify(s, &body);
	buffer_free(&document);
	return id;
}


void notifier_tell(subscription_t *s)
{
	s->dirty = 1;
	if(s->in_flight)
		return;
	work_cancel(&s->work);
	alarm_stop(&s->again);
	s->in_flight = send_document(s);
	if(!s->in_flight) {
		try_again(s);
		return;
	}
	s->dirty = 0;
	s->unsent = 0;
	s->version++;
	if(s->conference)
		s->telling = s->conference->revision;
	count(STAT_NOTIFIES, 1);
}


static void end_with(subscription_t *s, const char *reason, unsigned since)
{
	build_document(s, since, &s->farewell);
	s->reason = reason;
	s->dirty = 1;
	alarm_stop(&s->expiry);
	subscription_leave(s);
}


void notifier_end(subscription_t *s, const char *reason)
{
	end_with(s, reason, s->told);
}


void notifier_expired(void *subscription)
{
	subscription_t *s = subscription;

	LM_INFO("subscription of %.*s to %.*s expired\n", TEXT_ARG(&s->name.uri),
			TEXT_ARG(&s->conference->identity));
	notifier_end(s, "timeout");
	notifier_tell(s);
}


static void roster_changed(
		conference_t *c, participant_t *p, end_reason_t reason)
{
	subscription_list_t *list = subscriptions(c);
	subscription_t *s;

	if(!list)
		return;
	for(s = TAILQ_FIRST(list); s; s = TAILQ_NEXT(s, link)) {
		s->dirty = 1;
		go_on(s);
	}
}


/* Everybody has left, and the watchers are told so with an empty roster: the
 * final document stays small whatever the conference was. */
static void conference_over(
		conference_t *c, participant_t *p, end_reason_t reason)
{
	subscription_list_t *list = subscriptions(c);
	subscription_t *s;

	if(!list)
		return;
	while((s = TAILQ_FIRST(list)) != NULL) {
		end_with(s, "noresource", c->revision);
		go_on(s);
	}
	c->notify = NULL;
	free(list);
}


void notify_each(const conference_t *c,
		void (*fn)(const notify_watcher_t *w, void *arg), void *arg)
{
	const subscription_list_t *list = subscriptions(c);
	const subscription_t *s;
	notify_watcher_t w;

	if(!list)
		return;
	for(s = TAILQ_FIRST(list); s; s = TAILQ_NEXT(s, link)) {
		w = (notify_watcher_t){
				.name = s->name.uri,
				.contact = s->dialog.remote_target,
				.expires = subscription_seconds_left(s),
				.version = s->version,
				.told = s->told,
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
