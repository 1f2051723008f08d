/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session: one participant's INVITE dialog, and the focus' private header.
 */
#ifndef IMCONF_FOCUS_SESSION_H
#define IMCONF_FOCUS_SESSION_H

#include "sip/dialog.h"
#include "wire/resource_list.h"
#include "worker/schedule.h"

typedef enum session_state
{
	SESSION_INCOMING,  /* its INVITE is here, our 200 is not out */
	SESSION_ANSWERED,  /* our 200 is out, no ACK yet */
	SESSION_WAITING,   /* to be invited */
	SESSION_INVITING,  /* our INVITE is out */
	SESSION_CANCELLED, /* given up; the outcome is still to come */
	SESSION_CONFIRMED, /* a dialog */
	SESSION_ENDING	   /* our BYE is out, or waits for the ACK */
} session_state_t;

/** What the focus keeps with a conference (conference->focus). */
typedef struct room_book
{
	str history;	  /* recipient-list-history document, may be empty; owned */
	int max_forwards; /* of our INVITEs */
	int unanswered;	  /* INVITEs without any answer yet */
	TAILQ_HEAD(waiting, session) waiting; /* not sent yet */
} room_book_t;

typedef struct session
{
	dialog_t dialog;
	session_state_t state;
	conference_t *conference; /* both NULL once the participant went */
	participant_t *participant;
	uas_t invite;		   /* the INVITE we answer */
	map_node_t known_node; /* table of known INVITEs */
	str known_key;
	str answer_headers, answer_body; /* of our 200, to say it again */
	int offered;	  /* our 200 has an offer, its ACK the answer */
	uint64_t request; /* our INVITE or BYE */
	int heard;		  /* our INVITE has had an answer */
	int left;		  /* its BYE overtook its 200 on the way to the mailbox */
	end_reason_t reason;	   /* of the BYE that waits for the ACK */
	alarm_clock_t timer;	   /* for ACK or for ringing */
	work_t work;			   /* sending the INVITE or the BYE */
	TAILQ_ENTRY(session) link; /* room_book_t.waiting */
	int counted;			   /* in STAT_PARTICIPANTS */
} session_t;

/** Makes the session of `p` and hangs it there. NULL when memory is out. */
session_t *session_create(participant_t *p, session_state_t state);

/** Frees it, with dialog, timers, transactions; the participant loses it. */
void session_destroy(session_t *s);

/** The participant goes its way without it; it lives on to end in order. */
void session_detach(session_t *s);

/** Remembers the INVITE by Call-ID, From tag and CSeq. Returns 0 or -1. */
int session_know_invite(session_t *s, const sip_request_t *rq);

/** The session that answered this very INVITE, or NULL. */
session_t *session_of_invite(const sip_request_t *rq);

/** Hangs the focus' book into a conference. Returns 0 or -1. */
int room_book_create(conference_t *c, int max_forwards);
void room_book_destroy(conference_t *c);

/* create.c: INVITE outside a dialog (A1-A7), and its 200 */
void create_on_invite(sip_request_t *rq, dialog_t *d);
void create_answer(conference_t *c, participant_t *p, end_reason_t reason);

/* dialout.c: invitations (A5) */
void dialout_invite(conference_t *c, participant_t *p, end_reason_t reason);
void dialout_cancel(conference_t *c, participant_t *p, end_reason_t reason);

/* in_dialog.c: ACK, BYE, re-INVITE and what we do not serve; CANCEL */
void in_dialog_on_request(sip_request_t *rq, dialog_t *d);
void in_dialog_on_cancel(sip_request_t *rq, dialog_t *d);

/* release.c: ending sessions */
void release_bye(conference_t *c, participant_t *p, end_reason_t reason);
void release_after_ack(session_t *s);
void release_now(session_t *s);
void release_end(conference_t *c, participant_t *p, end_reason_t reason);

/* options.c (G13) */
void options_on_request(sip_request_t *rq, dialog_t *d);

#endif
