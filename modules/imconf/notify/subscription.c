/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * subscription: see subscription.h. Knows no message but the one it is made
 * from.
 */
#include <stdlib.h>
#include "admin/statistics.h"
#include "notify/profile.h"
#include "notify/watchers.h"
#include "sip/headers.h"
#include "worker/allotment.h"


/* Enters the conference's list. Returns 0 or -1. */
static int enter(subscription_t *s, conference_t *c)
{
	watchers_t *w = watchers_need(c);

	if(!w)
		return -1;
	TAILQ_INSERT_TAIL(&w->list, s, link);
	s->conference = c;
	count(STAT_SUBSCRIPTIONS, 1);
	return 0;
}


void subscription_leave(subscription_t *s)
{
	if(!s->conference)
		return;
	TAILQ_REMOVE(&watchers_of(s->conference)->list, s, link);
	s->conference = NULL;
	s->watcher = NULL;
	count(STAT_SUBSCRIPTIONS, -1);
	allotment_return(ALLOTMENT_SUBSCRIPTIONS);
}


static int make_dialog(
		subscription_t *s, const conference_t *c, const sip_request_t *rq)
{
	buffer_t contact;
	str value;
	int rc = -1;

	buffer_init(&contact, 0);
	headers_conference_contact(&contact, &c->identity);
	value = buffer_str(&contact);
	if(!buffer_failed(&contact))
		rc = dialog_init_uas(&s->dialog, DIALOG_SUBSCRIPTION, s, rq, &value);
	buffer_free(&contact);
	return rc;
}


static int make_event(subscription_t *s, const str *id)
{
	buffer_t event;
	str value;
	int rc = -1;

	buffer_init(&event, 0);
	buffer_add_text(&event, "conference");
	if(id->len)
		buffer_printf(&event, ";id=%.*s", TEXT_ARG(id));
	value = buffer_str(&event);
	if(!buffer_failed(&event))
		rc = text_copy(&s->event, &value);
	buffer_free(&event);
	return rc;
}


/* A client that takes every document as full is known by its User-Agent. */
static int takes_full_only(const sip_request_t *rq)
{
	str agent = {NULL, 0};

	sip_header(&rq->msg, "User-Agent", &agent);
	return profile.full || profile_full_for(&agent);
}


subscription_t *subscription_create(conference_t *c, const sip_request_t *rq,
		const str *id, const str *instance)
{
	subscription_t *s = calloc(1, sizeof(*s));

	if(!s)
		return NULL;
	buffer_init(&s->farewell, 0);
	s->told = roster_told_nothing(c);
	s->watcher = conference_find(c, &rq->requester);
	s->full_only = takes_full_only(rq);
	if(identity_init(&s->name, &rq->requester.name[0]) < 0
			|| text_copy(&s->instance, instance) < 0 || make_event(s, id) < 0
			|| make_dialog(s, c, rq) < 0 || enter(s, c) < 0) {
		subscription_destroy(s);
		return NULL;
	}
	return s;
}


void subscription_destroy(subscription_t *s)
{
	subscription_leave(s);
	outgoing_forget(s->in_flight);
	alarm_stop(&s->expiry);
	alarm_stop(&s->wait);
	alarm_stop(&s->overdue);
	work_cancel(&s->work);
	dialog_free(&s->dialog);
	buffer_free(&s->farewell);
	text_free(&s->event);
	text_free(&s->instance);
	identity_free(&s->name);
	free(s);
}


static int same_watcher(const subscription_t *a, const subscription_t *b)
{
	if(a->watcher || b->watcher)
		return a->watcher == b->watcher;
	return identity_eq(&a->name, &b->name);
}


void subscription_replace(subscription_t *fresh)
{
	subscription_t *s, *next, *oldest = NULL;
	int same = 0;

	TAILQ_FOREACH_SAFE(s, &watchers_of(fresh->conference)->list, link, next)
	{
		if(s == fresh || !same_watcher(s, fresh))
			continue;
		if(text_eq(&s->instance, &fresh->instance)) {
			subscription_destroy(s);
			continue;
		}
		same++;
		if(!oldest)
			oldest = s;
	}
	if(same >= SUBSCRIPTIONS_PER_WATCHER)
		subscription_destroy(oldest);
}


void subscription_prolong(subscription_t *s, unsigned seconds)
{
	int64_t ms = (int64_t)seconds * 1000;

	s->expires_at = schedule_now() + ms;
	alarm_start(&s->expiry, ms, notifier_expired, s);
}


long subscription_seconds_left(const subscription_t *s)
{
	int64_t ms = s->expires_at - schedule_now();

	return ms > 0 ? (ms + 999) / 1000 : 0;
}
