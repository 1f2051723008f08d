/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * refresh: session timers: what INVITEs and their answers say of them, our
 * refreshes, and the end of sessions that nobody refreshes. Called by all of
 * the focus that makes or answers INVITEs; the arithmetic is session_timer's.
 */
#include <stdio.h>
#include "base/random.h"
#include "focus/focus.h"
#include "focus/refusal.h"
#include "focus/session.h"
#include "settings.h"
#include "sip/headers.h"
#include "worker/effect_runner.h"
#include "worker/media.h"

#define UNSENT_MS 1000		/* until what could not be sent is tried again */
#define RETRY_AFTER_MAX 600 /* seconds that a refusal may put us off */

static void due(void *arg);

static session_rules_t rules(void)
{
	return (session_rules_t){
			.expires = settings.session_expires,
			.min_se = settings.min_se,
			.we_refresh = settings.we_refresh,
	};
}

/* Returns -1 when what it says cannot be read. */
static int read_words(const struct sip_msg *msg, session_words_t *words)
{
	str value;

	memset(words, 0, sizeof(*words));
	words->supported = sip_header_lists(msg, "Supported", "timer")
					   || sip_header_lists(msg, "Require", "timer");
	if(sip_header(msg, "Session-Expires", &value)
			&& session_expires_parse(&value, &words->expires, &words->refresher)
					   < 0)
		return -1;
	if(sip_header(msg, "Min-SE", &value)
			&& min_se_parse(&value, &words->min_se) < 0)
		return -1;
	return 0;
}

static void note_methods(session_t *s, const struct sip_msg *msg)
{
	str value;

	if(sip_header(msg, "Allow", &value))
		s->refresh.peer_updates = sip_header_lists(msg, "Allow", "UPDATE");
}

int refresh_check(const struct sip_msg *request, refusal_t *refusal)
{
	static char min_se[32];
	session_rules_t ours = rules();
	session_timer_t trial = {0};
	session_words_t words;

	if(read_words(request, &words) < 0)
		return refusal_set(refusal, 400, "Bad Request", NULL,
				"its Session-Expires or Min-SE is no number of seconds");
	if(session_timer_answer(&trial, &ours, &words) == 0)
		return 0;
	snprintf(min_se, sizeof(min_se), "Min-SE: %d\r\n", settings.min_se);
	return refusal_set(refusal, 422, "Session Interval Too Small", min_se,
			"a session timer of %u s", words.expires);
}

void refresh_agree(session_t *s, const struct sip_msg *request)
{
	session_rules_t ours = rules();
	session_words_t words;

	note_methods(s, request);
	if(read_words(request, &words) == 0)
		session_timer_answer(&s->refresh.agreed, &ours, &words);
}

void refresh_write_answer(const session_t *s, buffer_t *out)
{
	session_timer_write_answer(&s->refresh.agreed, out);
}

void refresh_write_request(session_t *s, buffer_t *out)
{
	session_rules_t ours = rules();

	session_timer_write_request(&s->refresh.agreed, &ours, out);
}

void refresh_take_reply(session_t *s, const struct sip_msg *reply)
{
	session_rules_t ours = rules();
	session_words_t words;

	note_methods(s, reply);
	if(read_words(reply, &words) < 0)
		memset(&words, 0, sizeof(words));
	session_timer_take(&s->refresh.agreed, &ours, &words);
}

int refresh_take_422(session_t *s, const struct sip_msg *reply)
{
	session_words_t words;

	if(read_words(reply, &words) < 0)
		return -1;
	return session_timer_take_422(&s->refresh.agreed, &words);
}

int refresh_is_inviting(const session_t *s)
{
	return s->refresh.under_way && s->refresh.is_invite;
}

static void give_up(session_t *s)
{
	conference_t *c = s->conference;
	effects_t fx;

	effects_init(&fx);
	conference_remove(s->participant, DEPARTED_FAILED, END_EXPIRED, &fx);
	effects_run(c, &fx);
	effects_free(&fx);
}

static void expired(void *arg)
{
	session_t *s = arg;

	LM_INFO("%.*s: no refresh of the session of %.*s within %u s: ended\n",
			TEXT_ARG(&s->conference->identity),
			TEXT_ARG(&s->participant->entity), s->refresh.agreed.interval);
	give_up(s);
}

/* until the session ends, or for `ms` if that is sooner */
static void later(session_t *s, int64_t ms, schedule_fn_t fn)
{
	int64_t left = s->refresh.ends_at - schedule_now();

	if(ms < left)
		alarm_start(&s->timer, ms, fn, s);
	else
		alarm_start(&s->timer, left > 0 ? left : 0, expired, s);
}

void refresh_start(session_t *s)
{
	const session_timer_t *t = &s->refresh.agreed;

	if(s->state != SESSION_CONFIRMED || !s->participant)
		return;
	alarm_stop(&s->timer);
	if(!t->interval)
		return;
	s->refresh.ends_at = schedule_now() + session_timer_expiry_ms(t);
	if(t->we_refresh)
		later(s, session_timer_refresh_ms(t), due);
	else
		later(s, INT64_MAX, expired);
}

/* what of the peer's answer concerns its leg; many leave the description out */
static void refreshed(session_t *s, struct sip_msg *reply)
{
	dialog_refresh_target(&s->dialog, reply);
	refresh_take_reply(s, reply);
	refresh_start(s);
	if(s->refresh.is_invite) {
		modify_take_answer(s, reply, "answer to our re-INVITE");
		no_media_watch(s);
	}
}

/* RFC 4028 section 10, RFC 5057: the dialog is no more */
static int is_fatal(int code)
{
	static const int codes[] = {
			404, 408, 410, 416, 480, 481, 482, 484, 485, 502, 604};
	size_t i;

	for(i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if(codes[i] == code)
			return 1;
	}
	return 0;
}

static int64_t put_off_ms(const session_t *s, const struct sip_msg *reply)
{
	int64_t ms = (s->refresh.ends_at - schedule_now()) / 2;
	uint64_t seconds;
	str value, digits;

	if(reply && sip_header(reply, "Retry-After", &value)
			&& text_next(&value, ';', &digits)
			&& text_next(&digits, ' ', &value)
			&& text_to_uint(&value, RETRY_AFTER_MAX, &seconds) == 0)
		ms = (int64_t)seconds * 1000;
	return ms > UNSENT_MS ? ms : UNSENT_MS;
}

/* it came by no INVITE of its own */
static int is_own_call_id(const session_t *s)
{
	return s->known_key.len == 0;
}

/* a final answer that is no 2xx */
static void refused(session_t *s, const outcome_t *o)
{
	refresh_t *r = &s->refresh;
	unsigned dice;

	/* what it was offered anew in vain */
	if(r->is_invite)
		media.answered(s->participant, NULL);
	if(is_fatal(o->code)) {
		LM_INFO("%.*s: %.*s answers a refresh with %d: its session is over\n",
				TEXT_ARG(&s->conference->identity),
				TEXT_ARG(&s->participant->entity), o->code);
		give_up(s);
	} else if(o->code == 491) {
		random_bytes(&dice, sizeof(dice));
		later(s, session_timer_glare_ms(is_own_call_id(s), dice), due);
	} else if(o->code == 422 && o->reply
			  && refresh_take_422(s, o->reply) == 0) {
		later(s, 0, due);
	} else if((o->code == 405 || o->code == 501) && !r->is_invite) {
		r->peer_updates = 0;
		later(s, 0, due);
	} else if(!r->agreed.peer_knows) {
		/* it cannot be refreshed, but it is there */
		refresh_start(s);
	} else {
		later(s, put_off_ms(s, o->reply), due);
	}
}

static void on_outcome(void *arg, const outcome_t *o)
{
	session_t *s = arg;
	int success = o->code >= 200 && o->code < 300 && o->reply;

	if(o->code < 200)
		return;
	if(success && s->refresh.is_invite)
		dialog_ack(&s->dialog, o->reply);
	if(!o->last)
		return;
	s->refresh.under_way = 0;
	if(s->state == SESSION_OVER)
		session_destroy(s);
	else if(!s->participant)
		return;
	else if(success)
		refreshed(s, o->reply);
	else
		refused(s, o);
}

static uint64_t send_update(session_t *s, const str *headers)
{
	return dialog_request(&s->dialog, "UPDATE", headers, NULL, on_outcome, s);
}

/* the description as it is; who has no MSRP is offered it once more */
static uint64_t send_invite(session_t *s, const str *headers)
{
	buffer_t sdp;
	str body;
	uint64_t id = 0;

	buffer_init(&sdp, 0);
	if(media.repeat(s->participant, &sdp) == 0
			|| media.offer(s->participant, &sdp) == 0) {
		body = buffer_str(&sdp);
		id = dialog_invite(&s->dialog, headers, &body, on_outcome, s);
	}
	buffer_free(&sdp);
	return id;
}

/* backlog */
static void send_refresh(void *arg)
{
	session_t *s = arg;
	refresh_t *r = &s->refresh;
	buffer_t lines;
	str headers;

	outgoing_forget(r->request);
	r->request = 0;
	buffer_init(&lines, 0);
	headers_allow(&lines);
	headers_supported(&lines);
	refresh_write_request(s, &lines);
	r->is_invite = !r->peer_updates;
	if(r->is_invite)
		buffer_add_text(&lines, "Content-Type: application/sdp\r\n");
	headers = buffer_str(&lines);
	if(!buffer_failed(&lines))
		r->request = r->is_invite ? send_invite(s, &headers)
								  : send_update(s, &headers);
	r->under_way = r->request != 0;
	if(r->under_way)
		later(s, INT64_MAX, expired);
	else
		later(s, UNSENT_MS, due);
	buffer_free(&lines);
}

static void due(void *arg)
{
	session_t *s = arg;

	/* RFC 3261 14.1: not beside another INVITE */
	if(modify_is_unfinished(s))
		later(s, UNSENT_MS, due);
	else
		work_add(&s->work, send_refresh, s);
}

int focus_timer(const participant_t *p, focus_timer_t *timer)
{
	const session_t *s = p->session;
	const session_timer_t *t;

	if(!s || s->state != SESSION_CONFIRMED || !s->refresh.agreed.interval)
		return -1;
	t = &s->refresh.agreed;
	timer->interval = t->interval;
	timer->left = (long)((s->refresh.ends_at - schedule_now()) / 1000);
	timer->we_refresh = t->we_refresh;
	return 0;
}
