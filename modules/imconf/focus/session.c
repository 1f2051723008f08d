/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session: see the header. Called by all of the focus.
 */
#include "focus/session.h"

#include <stdlib.h>
#include "admin/statistics.h"
#include "focus/referral.h"
#include "xdms/groups.h"

static map_t known_invites;

static room_book_t *book_of(const session_t *s)
{
	return s->conference->focus;
}

/* what it is invited with goes over from the participant */
static mailing_t *take_mailing(participant_t *p)
{
	room_book_t *book = p->conference->focus;
	mailing_t *m = p->mailing;

	p->mailing = NULL;
	return m ? m : mailing_hold(book->founding);
}

session_t *session_create(participant_t *p, session_state_t state)
{
	session_t *s = calloc(1, sizeof(*s));

	if(!s) {
		LM_ERR("no memory for the session of %.*s\n", TEXT_ARG(&p->entity));
		return NULL;
	}
	s->state = state;
	s->participant = p;
	s->conference = p->conference;
	if(state == SESSION_WAITING)
		s->mailing = take_mailing(p);
	if(state == SESSION_INCOMING)
		TAILQ_INSERT_TAIL(&book_of(s)->incoming, s, link);
	else
		p->session = s;
	return s;
}

session_t *session_incoming(const participant_t *p)
{
	room_book_t *book = p->conference->focus;
	session_t *s;

	TAILQ_FOREACH(s, &book->incoming, link)
	{
		if(s->participant == p)
			return s;
	}
	return NULL;
}

void session_seat(session_t *s)
{
	TAILQ_REMOVE(&book_of(s)->incoming, s, link);
	s->state = SESSION_ANSWERED;
	s->participant->session = s;
}

void session_detach(session_t *s)
{
	if(!s->participant)
		return;
	referral_end_session(s);
	if(s->state == SESSION_WAITING)
		TAILQ_REMOVE(&book_of(s)->waiting, s, link);
	if(s->state == SESSION_INCOMING)
		TAILQ_REMOVE(&book_of(s)->incoming, s, link);
	else
		s->participant->session = NULL;
	if(s->state == SESSION_INVITING && !s->heard)
		book_of(s)->unanswered--;
	if(s->counted)
		count(STAT_PARTICIPANTS, -1);
	s->counted = 0;
	s->participant = NULL;
	s->conference = NULL;
}

void session_destroy(session_t *s)
{
	session_detach(s);
	alarm_stop(&s->timer);
	work_cancel(&s->work);
	outgoing_forget(s->request);
	if(s->expansion)
		groups_cancel(s->expansion);
	mailing_release(s->mailing);
	uas_release(&s->invite);
	outgoing_forget(s->refresh.request);
	modify_forget(s);
	no_media_forget(s);
	map_remove(&known_invites, &s->known_node);
	text_free(&s->known_key);
	text_free(&s->offer);
	text_free(&s->early_tag);
	text_free(&s->answer_headers);
	text_free(&s->answer_body);
	dialog_free(&s->dialog);
	free(s);
}

void session_confirmed(session_t *s)
{
	refresh_start(s);
	no_media_watch(s);
}

static int invite_key(const sip_request_t *rq, buffer_t *key)
{
	buffer_init(key, 0);
	return buffer_printf(key, "%.*s;%.*s;%u", TEXT_ARG(&rq->call_id),
			TEXT_ARG(&rq->from_tag), rq->cseq);
}

int session_know_invite(session_t *s, const sip_request_t *rq)
{
	buffer_t key;
	str text;
	int rc = invite_key(rq, &key);

	text = buffer_str(&key);
	if(rc == 0)
		rc = text_copy(&s->known_key, &text);
	if(rc == 0)
		rc = map_put(&known_invites, &s->known_node, &s->known_key, s);
	buffer_free(&key);
	return rc;
}

session_t *session_of_invite(const sip_request_t *rq)
{
	session_t *s = NULL;
	buffer_t key;
	str text;

	if(invite_key(rq, &key) == 0) {
		text = buffer_str(&key);
		s = map_get(&known_invites, &text);
	}
	buffer_free(&key);
	return s;
}

int room_book_create(conference_t *c, int max_forwards)
{
	room_book_t *book = calloc(1, sizeof(*book));

	if(!book)
		return -1;
	book->founding = mailing_create(max_forwards);
	if(!book->founding) {
		free(book);
		return -1;
	}
	TAILQ_INIT(&book->waiting);
	TAILQ_INIT(&book->incoming);
	c->focus = book;
	return 0;
}

void room_book_destroy(conference_t *c)
{
	room_book_t *book = c->focus;

	if(!book)
		return;
	alarm_stop(&book->linger);
	lifetime_stop(c);
	group_ref_release(book->group);
	mailing_release(book->founding);
	free(book);
	c->focus = NULL;
}
