/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * referral: see the header. Made by refer.c; dialout.c and the effects say how
 * far it got.
 *
 * It may outlive target, session and conference: it is told when they go. One
 * NOTIFY at a time; what changed meanwhile is told with the next. Any failure
 * ends the subscription and nothing else.
 */
#include "focus/referral.h"

#include <stdlib.h>
#include "admin/statistics.h"
#include "core/parser/parse_methods.h"
#include "focus/focus.h"
#include "settings.h"
#include "sip/headers.h"
#include "wire/sip_uri.h"
#include "wire/sipfrag.h"

#define REFERRALS_MAX 1000 /* of a worker */
#define REFERRALS_PER_DIALOG 16
/* an invitation may wait for others before it rings */
#define LIFETIME_MARGIN 60 /* seconds */

/* what a REFER outside dialogs made, for all referrals in it */
typedef struct outside
{
	dialog_t dialog;
	int referrals;
} outside_t;

struct referral
{
	TAILQ_ENTRY(referral) link;
	dialog_t *dialog; /* the session's or outside->dialog */
	const session_t *session;
	outside_t *outside;
	const participant_t *target; /* NULL: nothing is awaited */
	unsigned long conference;	 /* its serial: it may end earlier */
	str watcher;				 /* who referred; owned */
	str event;					 /* refer[;id=...]; owned */
	int code;					 /* how far it got */
	int told;					 /* with the NOTIFY sent last */
	const char *reason;			 /* why it ends; NULL: it does not */
	int last;					 /* the NOTIFY in flight is the last one */
	uint64_t in_flight;
	int64_t expires_at; /* by schedule_now() */
	alarm_clock_t expiry;
	work_t work;
};

static TAILQ_HEAD(referrals, referral) referrals = TAILQ_HEAD_INITIALIZER(
		referrals);
static int referral_count;

static int count_in(const dialog_t *d)
{
	referral_t *r;
	int n = 0;

	TAILQ_FOREACH(r, &referrals, link)
	n += r->dialog == d;
	return n;
}

static outside_t *outside_create(const sip_request_t *rq, const conference_t *c)
{
	outside_t *o = calloc(1, sizeof(*o));
	buffer_t contact;
	str value;

	if(!o)
		return NULL;
	buffer_init(&contact, 0);
	headers_conference_contact(&contact, &c->identity);
	value = buffer_str(&contact);
	if(buffer_failed(&contact)
			|| dialog_init_uas(&o->dialog, DIALOG_REFERRAL, o, rq, &value)
					   < 0) {
		free(o);
		o = NULL;
	}
	buffer_free(&contact);
	return o;
}

static void outside_release(outside_t *o)
{
	if(!o || --o->referrals > 0)
		return;
	dialog_free(&o->dialog);
	free(o);
}

/* RFC 3515 2.4.6: the first of a dialog has no id */
static int make_event(referral_t *r, unsigned cseq)
{
	buffer_t event;
	str value;
	int rc;

	buffer_init(&event, 0);
	buffer_add_text(&event, "refer");
	if(r->dialog->referred)
		buffer_printf(&event, ";id=%u", cseq);
	value = buffer_str(&event);
	rc = buffer_failed(&event) ? -1 : text_copy(&r->event, &value);
	buffer_free(&event);
	return rc;
}

static int hang_in(referral_t *r, const sip_request_t *rq, dialog_t *d,
		session_t *s, const conference_t *c)
{
	r->dialog = d;
	r->session = s;
	if(d && !s)
		r->outside = d->owner;
	if(!d) {
		r->outside = outside_create(rq, c);
		if(!r->outside)
			return -1;
		r->dialog = &r->outside->dialog;
	}
	if(r->outside)
		r->outside->referrals++;
	return make_event(r, rq->cseq);
}

referral_t *referral_create(const sip_request_t *rq, dialog_t *d, session_t *s,
		const conference_t *c, refusal_t *refusal)
{
	referral_t *r;
	str contact;

	if(referral_count >= REFERRALS_MAX
			|| (d && count_in(d) >= REFERRALS_PER_DIALOG)) {
		refusal_set(refusal, 480, "Temporarily Unavailable",
				"Retry-After: 5\r\n", "too many subscriptions of REFERs");
		return NULL;
	}
	if(!d && dialog_target((struct sip_msg *)&rq->msg, &contact) < 0) {
		refusal_set(
				refusal, 400, "Bad Request", NULL, "it has no usable Contact");
		return NULL;
	}
	r = calloc(1, sizeof(*r));
	if(!r) {
		refusal_no_memory(refusal);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&referrals, r, link);
	referral_count++;
	count(STAT_REFERRALS, 1);
	r->conference = c->serial;
	if(text_copy(&r->watcher, &rq->requester.name[0]) < 0
			|| hang_in(r, rq, d, s, c) < 0) {
		referral_destroy(r);
		refusal_no_memory(refusal);
		return NULL;
	}
	return r;
}

void referral_destroy(referral_t *r)
{
	TAILQ_REMOVE(&referrals, r, link);
	referral_count--;
	count(STAT_REFERRALS, -1);
	outgoing_forget(r->in_flight);
	alarm_stop(&r->expiry);
	work_cancel(&r->work);
	outside_release(r->outside);
	text_free(&r->watcher);
	text_free(&r->event);
	free(r);
}

const dialog_t *referral_dialog(const referral_t *r)
{
	return r->dialog;
}

static long seconds_left(const referral_t *r)
{
	int64_t ms = r->expires_at - schedule_now();

	return ms > 0 ? (ms + 999) / 1000 : 0;
}

static void add_headers(const referral_t *r, buffer_t *out)
{
	headers_add(out, "Event", &r->event);
	if(r->reason)
		buffer_printf(
				out, "Subscription-State: terminated;reason=%s\r\n", r->reason);
	else
		buffer_printf(out, "Subscription-State: active;expires=%ld\r\n",
				seconds_left(r));
	buffer_add_text(out, "Content-Type: " SIPFRAG_TYPE "\r\n");
}

static uint64_t notify(referral_t *r, outcome_fn_t fn)
{
	buffer_t headers, body;
	str lines, frag;
	uint64_t id = 0;

	buffer_init(&headers, 0);
	buffer_init(&body, 0);
	add_headers(r, &headers);
	sipfrag_write(&body, r->code);
	lines = buffer_str(&headers);
	frag = buffer_str(&body);
	if(!buffer_failed(&headers) && !buffer_failed(&body))
		id = dialog_request(r->dialog, "NOTIFY", &lines, &frag, fn, r);
	buffer_free(&headers);
	buffer_free(&body);
	return id;
}

static void send_notify(void *arg);

static void on_outcome(void *arg, const outcome_t *o)
{
	referral_t *r = arg;
	int failed = o->code < 200 || o->code > 299;

	r->in_flight = 0;
	if(failed)
		LM_INFO("a NOTIFY about a REFER was answered with %d: its "
				"subscription ends\n",
				o->code);
	if(failed || r->last)
		referral_destroy(r);
	else if(r->reason || r->told != r->code)
		work_add(&r->work, send_notify, r);
}

static void send_notify(void *arg)
{
	referral_t *r = arg;

	if(r->in_flight)
		return;
	r->in_flight = notify(r, on_outcome);
	if(!r->in_flight) {
		referral_destroy(r);
		return;
	}
	r->told = r->code;
	r->last = r->reason != NULL;
}

static void end(referral_t *r, const char *reason)
{
	r->reason = reason;
	r->target = NULL;
	alarm_stop(&r->expiry);
}

static void expired(void *arg)
{
	end(arg, "timeout");
	work_add(&((referral_t *)arg)->work, send_notify, arg);
}

static void prolong(referral_t *r, long seconds)
{
	r->expires_at = schedule_now() + seconds * 1000;
	alarm_start(&r->expiry, seconds * 1000, expired, r);
}

/* it got as far as `code` */
static void reach(referral_t *r, int code)
{
	if(r->reason)
		return;
	r->code = code;
	if(code >= 200)
		end(r, "noresource");
	work_add(&r->work, send_notify, r);
}

static int code_of(const participant_t *target)
{
	if(!target || target->state == PARTICIPANT_CONNECTED)
		return 200;
	return target->state == PARTICIPANT_ALERTING ? 180 : 100;
}

void referral_begin(referral_t *r, const participant_t *target)
{
	r->dialog->referred = 1;
	r->target = target;
	prolong(r, settings.invite_timeout + LIFETIME_MARGIN);
	reach(r, code_of(target));
}

void referral_reached(const participant_t *target, int code)
{
	referral_t *r;

	TAILQ_FOREACH(r, &referrals, link)
	{
		if(r->target == target)
			reach(r, code);
	}
}

/* one that comes in by itself meanwhile leaves its invitation only */
void referral_left(conference_t *c, participant_t *p, end_reason_t reason)
{
	if(p->state == PARTICIPANT_GONE)
		referral_reached(p, p->code >= 300 ? p->code : 487);
}

/* RFC 5057 lets the dialog go on for them alone; nobody would gain */
void referral_end_session(const session_t *s)
{
	referral_t *r, *next;

	TAILQ_FOREACH_SAFE(r, &referrals, link, next)
	{
		if(r->session != s)
			continue;
		if(!r->last) {
			end(r, "noresource");
			notify(r, outgoing_ignore);
		}
		referral_destroy(r);
	}
}

void focus_each_referral(const conference_t *c,
		void (*fn)(const focus_referral_t *r, void *arg), void *arg)
{
	focus_referral_t shown;
	referral_t *r;

	TAILQ_FOREACH(r, &referrals, link)
	{
		if(r->conference != c->serial)
			continue;
		shown = (focus_referral_t){
				.watcher = r->watcher,
				.contact = r->dialog->remote_target,
				.agent = r->dialog->agent,
				.event = r->event,
				.expires = r->reason ? 0 : seconds_left(r),
				.code = r->code,
				.over = r->reason != NULL,
				.waiting = r->in_flight != 0,
		};
		fn(&shown, arg);
	}
}

static int take_event(const sip_request_t *rq, str *id)
{
	static const str name = TEXT("id"), ours = TEXT("refer");
	str value, package;

	if(sip_request_header(rq, "Event", &value) < 0)
		return -1;
	if(!text_next(&value, ';', &package) || !text_eq_nocase(&package, &ours))
		return -1;
	sip_uri_param(&value, &name, id);
	return 0;
}

static referral_t *find(const dialog_t *d, const str *id)
{
	static const str name = TEXT("id");
	referral_t *r;
	str own, params;

	TAILQ_FOREACH(r, &referrals, link)
	{
		params = text_from(&r->event, sizeof("refer"));
		sip_uri_param(&params, &name, &own);
		if(r->dialog == d && !r->reason && text_eq(&own, id))
			break;
	}
	return r;
}

static int read_expires(const sip_request_t *rq, long *seconds)
{
	uint64_t asked;
	str value;

	*seconds = settings.invite_timeout + LIFETIME_MARGIN;
	if(sip_request_header(rq, "Expires", &value) < 0)
		return 0;
	if(text_to_uint(&value, UINT32_MAX, &asked) < 0)
		return -1;
	if(asked < (uint64_t)*seconds)
		*seconds = (long)asked;
	return 0;
}

/* RFC 3515 2.4.4: it may be prolonged, or ended before it is over */
static void refresh(referral_t *r, sip_request_t *rq, long seconds)
{
	buffer_t lines;
	str headers;

	buffer_init(&lines, 0);
	buffer_printf(&lines, "Expires: %ld\r\n", seconds);
	headers_contact(&lines, &r->dialog->contact);
	headers = buffer_str(&lines);
	uas_reply(&rq->uas, 200, "OK", &headers, NULL, NULL);
	buffer_free(&lines);
	if(seconds > 0)
		prolong(r, seconds);
	else
		end(r, "timeout");
	r->told = 0;
	work_add(&r->work, send_notify, r);
}

void referral_on_subscribe(sip_request_t *rq, dialog_t *d)
{
	str id = {NULL, 0}, events = TEXT("Allow-Events: refer\r\n");
	referral_t *r;
	long seconds;

	if(take_event(rq, &id) < 0) {
		sip_refuse(rq, 489, "Bad Event", "no event package of this dialog",
				&events);
		return;
	}
	r = find(d, &id);
	if(!r)
		sip_refuse(rq, 481, "Subscription Does Not Exist",
				"no REFER is being told of", NULL);
	else if(read_expires(rq, &seconds) < 0)
		sip_refuse(rq, 400, "Bad Request", "Expires is no number", NULL);
	else
		refresh(r, rq, seconds);
}

void referral_on_request(sip_request_t *rq, dialog_t *d)
{
	str allow = TEXT("Allow: SUBSCRIBE, REFER\r\n");

	if(rq->method == METHOD_ACK)
		return;
	if(dialog_take_request(d, rq, 1) == DIALOG_OLD_CSEQ)
		sip_refuse(rq, 500, "Server Internal Error", "its CSeq is not higher",
				NULL);
	else if(rq->method == METHOD_SUBSCRIBE)
		referral_on_subscribe(rq, d);
	else if(rq->method == METHOD_REFER)
		refer_on_request(rq, d);
	else
		sip_refuse(rq, 405, "Method Not Allowed",
				"not served in a REFER's dialog", &allow);
}
