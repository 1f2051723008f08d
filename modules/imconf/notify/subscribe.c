/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * subscribe: answers SUBSCRIBE: new, refreshing and ending subscriptions, and
 * those we cannot serve. Clauses S1-S3, S8, S9; RFC 6665 4.2.1, RFC 4575 3.
 * Called by the router; knows no document.
 */
#include "core/dprint.h"
#include "core/parser/contact/parse_contact.h"
#include "model/policy.h"
#include "notify/subscription.h"
#include "settings.h"
#include "sip/headers.h"
#include "sip/trust_headers.h"
#include "wire/sip_uri.h"
#include "worker/allotment.h"
#include "worker/capacity.h"
#include "worker/worker.h"

/* one hour: RFC 6665 4.2.1.1 allows no longer least interval to be asked */
#define TOO_BRIEF_BELOW 3600

static const str no_headers = {NULL, 0};


/* Answers with one line of header that says what would do. */
static void refuse_with(sip_request_t *rq, int code, const char *reason,
		const char *why, const buffer_t *lines)
{
	str headers = buffer_failed(lines) ? no_headers : buffer_str(lines);

	sip_refuse(rq, code, reason, why, &headers);
}


static void refuse_event(sip_request_t *rq)
{
	buffer_t lines;

	buffer_init(&lines, 0);
	headers_allow_events(&lines);
	refuse_with(rq, 489, "Bad Event", "no event package of ours", &lines);
	buffer_free(&lines);
}


static void refuse_accept(sip_request_t *rq)
{
	str lines = TEXT("Accept: application/conference-info+xml\r\n");

	sip_refuse(rq, 406, "Not Acceptable",
			"takes no application/conference-info+xml", &lines);
}


static void refuse_brief(sip_request_t *rq)
{
	buffer_t lines;

	buffer_init(&lines, 0);
	buffer_printf(&lines, "Min-Expires: %d\r\n", settings.min_expires);
	refuse_with(rq, 423, "Interval Too Brief",
			"the subscription would be too short", &lines);
	buffer_free(&lines);
}


/* An operator's limit is reached. */
static void refuse_for_now(sip_request_t *rq)
{
	buffer_t lines;

	buffer_init(&lines, 0);
	buffer_printf(&lines, "Retry-After: %d\r\n", capacity_retry_after());
	refuse_with(rq, settings.overload_code,
			settings.overload_code == 503 ? "Service Unavailable"
										  : "Temporarily Unavailable",
			capacity_why(), &lines);
	buffer_free(&lines);
}


/* Is it ours, and what are its Event's parameters? Returns 0 when refused. */
static int take_event(sip_request_t *rq, str *params)
{
	static const str ours = TEXT("conference");
	str value, package;

	if(sip_request_header(rq, "Event", &value) < 0) {
		refuse_event(rq);
		return 0;
	}
	*params = value;
	if(!text_next(params, ';', &package) || !text_eq_nocase(&package, &ours)) {
		refuse_event(rq);
		return 0;
	}
	return 1;
}


/* RFC 6665 8.2.1 */
static str event_id(const str *params)
{
	static const str name = TEXT("id");
	str id = no_headers;

	sip_uri_param(params, &name, &id);
	return text_trim(&id);
}


static int is_acceptable(const str *token, void *arg)
{
	static const str wide[] = {TEXT("application/conference-info+xml"),
			TEXT("application/*"), TEXT("*/*")};
	str rest = *token, type;

	if(!text_next(&rest, ';', &type))
		return 0;
	for(size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
		if(text_eq_nocase(&type, &wide[i]))
			return 1;
	}
	return 0;
}


/* RFC 4575 3.4: without Accept it is our type. Returns 0 when refused. */
static int check_accept(sip_request_t *rq)
{
	str value;

	if(sip_request_header(rq, "Accept", &value) < 0
			|| sip_header_tokens(&rq->msg, "Accept", is_acceptable, NULL))
		return 1;
	refuse_accept(rq);
	return 0;
}


/* How long the subscription will be. Returns 0 when refused. */
static int take_expires(sip_request_t *rq, unsigned *seconds)
{
	uint64_t asked = settings.default_expires;
	str value;

	if(sip_request_header(rq, "Expires", &value) == 0
			&& text_to_uint(&value, UINT32_MAX, &asked) < 0) {
		sip_refuse(rq, 400, "Bad Request", "Expires is no number", NULL);
		return 0;
	}
	if(asked > 0 && asked < TOO_BRIEF_BELOW
			&& asked < (uint64_t)settings.min_expires) {
		refuse_brief(rq);
		return 0;
	}
	if(asked > (uint64_t)settings.max_expires)
		asked = settings.max_expires;
	*seconds = (unsigned)asked;
	return 1;
}


/* What tells a watcher's devices apart: the instance its Contact names, else
 * the Contact itself. Returns 0 when refused. */
static int take_instance(sip_request_t *rq, str *instance)
{
	struct hdr_field *h = rq->msg.contact;
	contact_body_t *body;

	if(!h || parse_contact(h) < 0 || !(body = h->parsed) || body->star
			|| !body->contacts || body->contacts->uri.len <= 0) {
		sip_refuse(rq, 400, "Bad Request", "no usable Contact", NULL);
		return 0;
	}
	*instance = body->contacts->instance ? body->contacts->instance->body
										 : body->contacts->uri;
	return 1;
}


/* S2, S9. Returns NULL when refused. */
static conference_t *find_conference(sip_request_t *rq)
{
	conference_t *c = sip_request_conference(rq);

	if(!c || c->ending) {
		sip_refuse(rq, 404, "Not Found", "no such conference", NULL);
		return NULL;
	}
	if(rq->requester.names == 0) {
		sip_refuse(rq, 403, "Forbidden", "nobody knows who it is", NULL);
		return NULL;
	}
	if(!policy_may_watch(c, &rq->requester)) {
		sip_refuse(rq, 403, "Forbidden", "may not watch", NULL);
		return NULL;
	}
	return c;
}


/* Returns 0, or -1 when tm did not take it. */
static int accept_request(
		sip_request_t *rq, subscription_t *s, unsigned seconds)
{
	buffer_t lines;
	str headers;
	int rc = -1;

	buffer_init(&lines, 0);
	buffer_printf(&lines, "Expires: %u\r\n", seconds);
	headers_contact(&lines, &s->dialog.contact);
	headers_allow(&lines);
	headers_supported(&lines);
	headers_allow_events(&lines);
	trust_headers_answer(&lines, rq, &s->dialog.contact);
	headers = buffer_str(&lines);
	if(!buffer_failed(&lines))
		rc = uas_reply(&rq->uas, 200, "OK", &headers, NULL,
				rq->to_tag.len ? NULL : &s->dialog.local_tag);
	buffer_free(&lines);
	return rc;
}


/* The 200 has left: its NOTIFY follows (S4, S8). */
static void go_on_for(subscription_t *s, unsigned seconds, const str *params)
{
	if(seconds > 0) {
		subscription_prolong(s, seconds);
		rate_read(params, seconds * INT64_C(1000), &s->rate);
	} else {
		s->full = 1;
		notifier_end(s, "timeout");
	}
	notifier_tell(s);
}


static void create(sip_request_t *rq, conference_t *c, const str *params,
		const str *instance, unsigned seconds)
{
	str id = event_id(params);
	subscription_t *s;

	if(capacity_subscription() != CAPACITY_FREE) {
		refuse_for_now(rq);
		return;
	}
	s = subscription_create(c, rq, &id, instance);
	if(!s) {
		allotment_return(ALLOTMENT_SUBSCRIPTIONS);
		sip_refuse(rq, 500, "Server Internal Error", "out of memory", NULL);
		return;
	}
	if(accept_request(rq, s, seconds) < 0) {
		subscription_destroy(s);
		return;
	}
	LM_INFO("%.*s watches %.*s for %u s\n", TEXT_ARG(&s->name.uri),
			TEXT_ARG(&c->identity), seconds);
	/* a question (RFC 6665 4.4.3) ends nothing */
	if(seconds > 0)
		subscription_replace(s);
	go_on_for(s, seconds, params);
}


void subscribe_initial(sip_request_t *rq, dialog_t *d)
{
	str params, instance;
	unsigned seconds;
	conference_t *c;

	if(!take_event(rq, &params))
		return;
	c = find_conference(rq);
	if(!c || !check_accept(rq) || !take_expires(rq, &seconds)
			|| !take_instance(rq, &instance))
		return;
	create(rq, c, &params, &instance, seconds);
}


static void refresh(sip_request_t *rq, subscription_t *s)
{
	unsigned seconds;
	str params;

	if(!take_event(rq, &params) || !take_expires(rq, &seconds))
		return;
	if(accept_request(rq, s, seconds) == 0)
		go_on_for(s, seconds, &params);
}


void subscribe_in_dialog(sip_request_t *rq, dialog_t *d)
{
	subscription_t *s = d->owner;
	str allow = TEXT("Allow: SUBSCRIBE\r\n");

	if(rq->method == METHOD_ACK)
		return;
	if(dialog_take_request(d, rq, rq->method == METHOD_SUBSCRIBE)
			== DIALOG_OLD_CSEQ) {
		sip_refuse(rq, 500, "Server Internal Error", "CSeq out of order", NULL);
		return;
	}
	if(rq->method != METHOD_SUBSCRIBE)
		sip_refuse(rq, 405, "Method Not Allowed",
				"not served in a subscription", &allow);
	else if(s->reason)
		sip_refuse(rq, 481, "Subscription Does Not Exist",
				"the subscription has ended", NULL);
	else
		refresh(rq, s);
}
