/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * dialout: invitations (A5): all in parallel, paced by the backlog, with at
 * most max_parallel_invites that nobody has answered yet. Carries out
 * EFFECT_INVITE and EFFECT_CANCEL.
 */
#include "admin/statistics.h"
#include "base/random.h"
#include "core/parser/parse_to.h"
#include "focus/body.h"
#include "focus/referral.h"
#include "focus/session.h"
#include "settings.h"
#include "sip/headers.h"
#include "sip/trust.h"
#include "sip/next_hop.h"
#include "wire/multipart.h"
#include "worker/effect_runner.h"
#include "worker/media.h"

static void send_invite(void *arg);
static void invite(session_t *s);

/* lets the next ones go */
static void pump(conference_t *c)
{
	room_book_t *book = c->focus;
	session_t *s;

	while(book->unanswered < settings.max_parallel_invites
			&& (s = TAILQ_FIRST(&book->waiting))) {
		TAILQ_REMOVE(&book->waiting, s, link);
		s->state = SESSION_INVITING;
		book->unanswered++;
		work_add(&s->work, send_invite, s);
	}
}

void dialout_heard(session_t *s)
{
	room_book_t *book;

	if(s->heard || !s->conference)
		return;
	s->heard = 1;
	book = s->conference->focus;
	book->unanswered--;
	pump(s->conference);
}

/* the participant did not come; the session may have to wait for tm */
void dialout_fail(session_t *s, int code)
{
	conference_t *c = s->conference;
	participant_t *p = s->participant;
	effects_t fx;

	count_invite_failed(code);
	LM_INFO("%.*s did not come to %.*s: %d\n", TEXT_ARG(&p->entity),
			TEXT_ARG(&c->identity), code);
	dialout_heard(s);
	session_detach(s);
	effects_init(&fx);
	conference_refused(p, code, &fx);
	effects_run(c, &fx);
	effects_free(&fx);
}

static void rang_too_long(void *arg)
{
	session_t *s = arg;

	outgoing_cancel(s->request);
	dialout_fail(s, 408);
	s->state = SESSION_CANCELLED;
}

/* N7: before it is shown for the first time, and for good */
static void hide(session_t *s, const struct sip_msg *reply)
{
	if(s->participant->was_shown || !reply || !sip_wants_privacy(reply))
		return;
	if(conference_hide(s->participant) < 0)
		LM_ERR("no memory to hide a participant of %.*s\n",
				TEXT_ARG(&s->conference->identity));
}

/* RFC 3325: an answer, too, may say who somebody is */
static void learn(session_t *s, const struct sip_msg *reply)
{
	person_t who = {0};

	if(!trust_peer(&reply->rcv.src_ip))
		return;
	sip_asserted(reply, &who);
	conference_learn(s->participant, &who);
}

static void take_ringing(session_t *s, const struct sip_msg *reply)
{
	conference_t *c = s->conference;
	effects_t fx;

	hide(s, reply);
	referral_reached(s->participant, 180);
	effects_init(&fx);
	conference_ringing(s->participant, &fx);
	effects_run(c, &fx);
	effects_free(&fx);
}

static void connect_participant(session_t *s, struct sip_msg *reply)
{
	conference_t *c = s->conference;
	participant_t *p = s->participant;
	effects_t fx;

	count(STAT_INVITES_ANSWERED, 1);
	s->state = SESSION_CONFIRMED;
	mailing_release(s->mailing);
	s->mailing = NULL;
	hide(s, reply);
	learn(s, reply);
	/* without a description, or one of use: without MSRP, a defined state */
	modify_take_answer(s, reply, "200");
	refresh_take_reply(s, reply);
	session_confirmed(s);
	effects_init(&fx);
	conference_answered(p, &fx);
	effects_run(c, &fx);
	effects_free(&fx);
}

/* the first 2xx */
static void take_answer(session_t *s, struct sip_msg *reply)
{
	int given_up = s->state == SESSION_CANCELLED;

	alarm_stop(&s->timer);
	if(dialog_take_reply(&s->dialog, reply) < 0) {
		LM_ERR("a 200 to our INVITE with Call-ID %.*s has no tag or Contact\n",
				TEXT_ARG(&s->dialog.call_id));
		if(!given_up)
			dialout_fail(s, 500);
		session_destroy(s);
		return;
	}
	dialog_ack(&s->dialog, reply);
	dialout_heard(s);
	if(s->left && !given_up)
		dialout_fail(s, 487);
	if(s->left)
		session_destroy(s);
	else if(given_up)
		release_now(s);
	else
		connect_participant(s, reply);
}

/* a second phone: ACK and BYE; the first phone's 200 again: ACK */
static void take_further_answer(session_t *s, struct sip_msg *reply)
{
	struct to_body *to = get_to(reply);
	dialog_t fork;

	if(text_eq(&to->tag_value, &s->dialog.remote_tag)) {
		dialog_ack(&s->dialog, reply);
		return;
	}
	LM_INFO("another phone of %.*s answered: ended\n",
			TEXT_ARG(&s->dialog.remote_uri));
	if(dialog_init_fork(&fork, &s->dialog, reply) < 0)
		return;
	dialog_ack(&fork, reply);
	dialog_request(&fork, "BYE", NULL, NULL, outgoing_ignore, NULL);
	dialog_free(&fork);
}

/* a proxy or the phone wants a longer session timer (RFC 4028 7.3) */
static int is_worth_repeating(session_t *s, const struct sip_msg *reply)
{
	return s->state == SESSION_INVITING && reply
		   && refresh_take_422(s, reply) == 0;
}

static void on_outcome(void *arg, const outcome_t *o)
{
	session_t *s = arg;

	if(o->code >= 200 && o->code < 300 && o->reply) {
		if(o->last)
			take_answer(s, o->reply);
		else
			take_further_answer(s, o->reply);
		return;
	}
	if(o->code < 200) {
		dialout_heard(s);
		replace_note_early(s, o->reply);
		if(o->code == 180 && s->state == SESSION_INVITING)
			take_ringing(s, o->reply);
		return;
	}
	/* a further 2xx that there was no memory for: it comes again */
	if(!o->last)
		return;
	if(o->code == 422 && is_worth_repeating(s, o->reply)) {
		invite(s);
		return;
	}
	if(s->state != SESSION_CANCELLED
			&& !(o->code == 403 && o->reply && expand_refused(s, o->reply)))
		dialout_fail(s, o->code < 300 ? 500 : o->code);
	session_destroy(s);
}

static void add_description(session_t *s, buffer_t *lines, buffer_t *body)
{
	char boundary[33];
	buffer_t sdp;
	str text;

	buffer_init(&sdp, 0);
	if(media.offer(s->participant, &sdp) < 0)
		body->failed = 1;
	text = buffer_str(&sdp);
	if(s->mailing->history.len == 0) {
		buffer_add_text(lines, "Content-Type: application/sdp\r\n");
		buffer_add_str(body, &text);
		buffer_free(&sdp);
		return;
	}
	random_hex(boundary, 128);
	buffer_printf(
			lines, "Content-Type: multipart/mixed;boundary=%s\r\n", boundary);
	multipart_add(body, boundary, "application/sdp", NULL, &text);
	multipart_add(body, boundary, "application/resource-lists+xml",
			"recipient-list-history; handling=optional", &s->mailing->history);
	multipart_end(body, boundary);
	buffer_free(&sdp);
}

/* RFC 3892; RFC 3323: not of who wants to stay unnamed (R6) */
static void add_referrer(const session_t *s, buffer_t *lines)
{
	const participant_t *inviter = s->participant->inviter;
	const mailing_t *m = s->mailing;

	if(m->unnamed || (!inviter && !m->referred_by.len))
		return;
	buffer_printf(lines, "Referred-By: <%.*s>\r\n",
			TEXT_ARG(m->referred_by.len ? &m->referred_by : &inviter->entity));
}

/* E2: what its inviter wants to be replaced by this session */
static void add_own_lines(const participant_t *p, buffer_t *lines)
{
	str name = TEXT("Replaces:"), next = TEXT("\r\nReplaces:");

	buffer_add_str(lines, &p->invitation);
	if(settings.require_replaces
			&& (text_starts_nocase(&p->invitation, &name)
					|| text_find(&p->invitation, &next) >= 0))
		buffer_add_text(lines, "Require: replaces\r\n");
}

static void add_headers(session_t *s, buffer_t *lines)
{
	const conference_t *c = s->conference;

	headers_allow(lines);
	headers_supported(lines);
	headers_allow_events(lines);
	headers_accept_contact(lines);
	refresh_write_request(s, lines);
	buffer_printf(lines, "Max-Forwards: %d\r\n", s->mailing->max_forwards);
	add_referrer(s, lines);
	headers_add(lines, "Subject", &c->subject);
	headers_add(lines, "Contribution-ID", &c->contribution_id);
	headers_add(lines, "Conversation-ID", &c->conversation_id);
	add_own_lines(s->participant, lines);
}

static int prepare_dialog(session_t *s)
{
	const conference_t *c = s->conference;
	buffer_t contact;
	str text;
	int rc;

	if(s->dialog.call_id.len) {
		/* once more, after a 422 */
		s->dialog.local_cseq++;
		return 0;
	}
	buffer_init(&contact, 0);
	headers_conference_contact(&contact, &c->identity);
	text = buffer_str(&contact);
	rc = dialog_init_uac(&s->dialog, DIALOG_SESSION, s, &c->identity,
			&s->participant->name[0].uri, &text);
	buffer_free(&contact);
	return rc;
}

static void invite(session_t *s)
{
	char hop[NEXT_HOP_SIZE];
	buffer_t lines, body;
	outgoing_t o;

	s->request = 0;
	buffer_init(&lines, 0);
	buffer_init(&body, 0);
	if(prepare_dialog(s) == 0) {
		dialog_address(&s->dialog, &o, "INVITE", &lines, hop);
		add_headers(s, &lines);
		add_description(s, &lines, &body);
		o.headers = buffer_str(&lines);
		o.body = buffer_str(&body);
		if(!buffer_failed(&lines) && !buffer_failed(&body))
			s->request = outgoing_send(&o, on_outcome, s);
	}
	buffer_free(&lines);
	buffer_free(&body);
	if(!s->request) {
		dialout_fail(s, 500);
		session_destroy(s);
		return;
	}
	count(STAT_INVITES, 1);
	alarm_start(&s->timer, settings.invite_timeout * 1000L, rang_too_long, s);
}

/* backlog: one invitee */
static void send_invite(void *arg)
{
	if(!expand_hosted(arg))
		invite(arg);
}

void dialout_invite(conference_t *c, participant_t *p, end_reason_t reason)
{
	room_book_t *book = c->focus;
	session_t *s = session_create(p, SESSION_WAITING);
	effects_t fx;

	if(s) {
		TAILQ_INSERT_TAIL(&book->waiting, s, link);
		pump(c);
		return;
	}
	effects_init(&fx);
	conference_refused(p, 500, &fx);
	effects_run(c, &fx);
	effects_free(&fx);
}

/* EFFECT_CANCEL: what was not sent is forgotten, what rings is cancelled and
 * waited for */
void dialout_cancel(conference_t *c, participant_t *p, end_reason_t reason)
{
	session_t *s = p->session;

	if(!s)
		return;
	if(s->state == SESSION_INVITING)
		dialout_heard(s);
	if(!s->request) {
		session_destroy(s);
		return;
	}
	alarm_stop(&s->timer);
	outgoing_cancel(s->request);
	session_detach(s);
	s->state = SESSION_CANCELLED;
}
