/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session: one participant's INVITE dialog, and the focus' private header.
 */
#ifndef IMCONF_FOCUS_SESSION_H
#define IMCONF_FOCUS_SESSION_H

#include "focus/mailing.h"
#include "sip/dialog.h"
#include "wire/replaces.h"
#include "wire/resource_list.h"
#include "wire/session_timer.h"
#include "worker/schedule.h"

typedef enum session_state
{
	SESSION_INCOMING,  /* its INVITE is here, our 200 is not out */
	SESSION_ANSWERED,  /* our 200 is out, no ACK yet */
	SESSION_WAITING,   /* to be invited */
	SESSION_INVITING,  /* our INVITE is out */
	SESSION_CANCELLED, /* given up; the outcome is still to come */
	SESSION_CONFIRMED, /* a dialog */
	SESSION_ENDING,	   /* our BYE is out, or waits for the ACK */
	SESSION_OVER	   /* its BYE came; our re-INVITE has no outcome yet */
} session_state_t;

/** What the focus keeps with a conference (conference->focus). */
typedef struct room_book
{
	mailing_t *founding;		  /* of those whom the first INVITE listed */
	struct group_ref *group;	  /* holds conference->document, NULL: ad-hoc */
	alarm_clock_t linger;		  /* of an empty public conference */
	alarm_clock_t idle, duration; /* lifetime.c's */
	int idle_timeout;			  /* seconds, as of its begin */
	int64_t began;				  /* schedule_now() */
	int unanswered;				  /* INVITEs without any answer yet */
	TAILQ_HEAD(waiting, session) waiting; /* not sent yet */
	struct waiting incoming;			  /* their ANSWER is still to come */
} room_book_t;

/** A session's timer (RFC 4028); see refresh.c. */
typedef struct refresh
{
	session_timer_t agreed;
	int64_t ends_at;  /* by schedule_now(): without a refresh it is over */
	uint64_t request; /* our last refresh */
	int under_way;	  /* it has no final answer yet */
	int is_invite;	  /* it is a re-INVITE, not an UPDATE */
	int peer_updates; /* the peer's Allow has UPDATE (G3) */
} refresh_t;

typedef struct session
{
	dialog_t dialog;
	session_state_t state;
	conference_t *conference; /* both NULL once the participant went */
	participant_t *participant;
	uas_t invite;		   /* the INVITE we answer */
	unsigned invite_cseq;  /* of it, and so of its ACK */
	map_node_t known_node; /* table of known INVITEs */
	str known_key;
	str answer_headers, answer_body; /* of our 200, to say it again */
	str offer;						 /* of the INVITE, until it is answered */
	int offered;		/* our 200 has an offer, its ACK the answer */
	mailing_t *mailing; /* what our INVITE says, until it was answered */
	uint64_t request;	/* our INVITE or BYE */
	struct groups_wait *expansion; /* it is a group: its document is awaited */
	int heard;					   /* our INVITE has had an answer */
	str early_tag; /* of the last phone that rang, while INVITING */
	int left;	   /* its BYE overtook its 200 on the way to the mailbox */
	end_reason_t reason; /* of the BYE that waits for the ACK */
	alarm_clock_t timer; /* for ACK or ringing; CONFIRMED: for refreshes */
	work_t work;		 /* sending the INVITE, a refresh or the BYE */
	refresh_t refresh;
	struct modification *modification; /* the last re-INVITE, NULL: forgotten */
	alarm_clock_t *no_media;		   /* it has no MSRP yet; may be NULL */
	TAILQ_ENTRY(session) link;		   /* room_book_t.waiting or .incoming */
	int counted;					   /* in STAT_PARTICIPANTS */
} session_t;

/** Makes the session of `p` and hangs it there; an INCOMING one beside the
 * session it has, until session_seat(). NULL when memory is out. */
session_t *session_create(participant_t *p, session_state_t state);

/** Frees it, with dialog, timers, transactions; the participant loses it. */
void session_destroy(session_t *s);

/** The INCOMING session of `p`, or NULL. */
session_t *session_incoming(const participant_t *p);

/** An INCOMING session becomes the session of its participant. */
void session_seat(session_t *s);

/** The participant goes its way without it; it lives on to end in order. */
void session_detach(session_t *s);

/** The dialog stands (ACK, or our ACK): its timers start. */
void session_confirmed(session_t *s);

/** Remembers the INVITE by Call-ID, From tag and CSeq. Returns 0 or -1. */
int session_know_invite(session_t *s, const sip_request_t *rq);

/** The session that answered this very INVITE, or NULL. */
session_t *session_of_invite(const sip_request_t *rq);

#define CONTRIBUTION_ID_MAX 256 /* octets that we keep, and pass on */

/** Hangs the focus' book into a conference; `max_forwards`: of the founding's
 * invitations. Returns 0 or -1. */
int room_book_create(conference_t *c, int max_forwards);
void room_book_destroy(conference_t *c);

/* invite.c: INVITE outside a dialog */
struct body;
struct refusal;
void invite_on_request(sip_request_t *rq, dialog_t *d);
/** Reads and checks what every such INVITE must have. As body_read(). */
int invite_read(sip_request_t *rq, struct body *body, struct refusal *refusal);
/** The Subject of a message, cut to what we pass on. 1, or 0: it has none. */
int invite_subject(const struct sip_msg *msg, str *subject);

/* create.c: to a factory (A1-A7) */
void create_on_invite(sip_request_t *rq);
/** A conference in the worker's tables, with the headers of `rq`; identity and
 * headers of `spec` are filled in here. NULL when memory is out. */
conference_t *create_conference(
		const sip_request_t *rq, conference_spec_t *spec);
/** A conference just made gets its book and goes into the tables. Returns it, or
 * NULL when memory is out: it is gone then. NULL is harmless. */
conference_t *create_enter(conference_t *c, int max_forwards);
/** It never was. */
void create_undo(conference_t *c);
/** It is: counted, told, its clocks run. `creator` may be NULL. */
void create_announce(conference_t *c, const participant_t *creator);
/** It begins with `creator` and the effects of its founding, or never was when
 * that is NULL. It may be gone afterwards. NULL is harmless. */
void create_begin(conference_t *c, participant_t *creator, effects_t *fx,
		sip_request_t *rq, const struct body *body);

/* join.c: to a Session Identity (J1, J2) */
void join_on_invite(sip_request_t *rq);
/** Before a join: 1, 0 when the INVITE was cancelled meanwhile and nothing is
 * left to do, or -1 and a refusal. */
int join_may_begin(const sip_request_t *rq, struct refusal *refusal);
/** Lets the requester in, if the model agrees. 0, or -1 and a refusal. */
int join_conference(conference_t *c, sip_request_t *rq, const struct body *body,
		int admitted, struct refusal *refusal);
/** G5: 0, or -1 when it asks for privacy that the rules do not allow. */
int join_anonymity(
		unsigned permissions, const person_t *who, struct refusal *refusal);

/* group.c: to a group (P1-P3, U1, U2) */
void group_on_invite(sip_request_t *rq);
/** Gives up a join that waits for its document; 1 when there was one. */
int group_cancel(unsigned hash, unsigned label);
/** EFFECT_EMPTY: a public conference lingers. */
void group_empty(conference_t *c, participant_t *p, end_reason_t reason);

/* expand.c: invitees that are lists */
/** 1 when a 403 brought the members of a list, which are invited now. */
int expand_refused(session_t *s, struct sip_msg *reply);
/** 1 when the invitee is a group hosted here: it expands by itself. */
int expand_hosted(session_t *s);
/** 1 when `uri` is nobody to invite to `c`: us, or the group whose conference
 * it is. */
int expand_is_loop(const conference_t *c, const str *uri);
/** 1 when the request comes from another focus. */
int expand_is_focus(const sip_request_t *rq);
/** 403 with P-Refused-URI-List, if its user may see the members. */
void expand_refuse_focus(
		sip_request_t *rq, const struct group_document *document);

/* restart.c: INVITE to a factory that means a conference that lives */
struct invitees;
/** The conference that its sender was in and that its Contribution-ID names,
 * or NULL. */
conference_t *restart_of(const sip_request_t *rq);
/** Lets the requester in there and invites whom it lists. 0, or -1 and a
 * refusal. */
int restart(conference_t *c, sip_request_t *rq, const struct body *body,
		const struct invitees *in, struct refusal *refusal);

/* replace.c: INVITE with Replaces (E4, RFC 3891) */
/** All of that for an INVITE to `c` (NULL: nothing is running there). 0 when
 * nothing speaks against it, or -1 and a refusal. */
int replace_check(const sip_request_t *rq, const conference_t *c,
		struct refusal *refusal);
/** E1: the same for an INVITE to a factory; a Replaces that names no dialog of
 * ours is meant for an invitee. */
int replace_at_factory(
		const sip_request_t *rq, struct invitees *in, struct refusal *refusal);
/** Its sender is in by it, or not: the dialog that it replaced ends. */
void replace_after_create(const sip_request_t *rq);
/** A phone rings: whose early dialog that is. */
void replace_note_early(session_t *s, const struct sip_msg *reply);

/* admit.c: letting in whom the model agreed to */
/** 488 for an offer that the switch cannot use; 0 or -1. */
int admit_check(const struct body *body, struct refusal *refusal);
/** Carries out `fx`, among them the ANSWER of `p` to `rq`: at once, or when a
 * run of effects that is going on comes to it. */
void admit(participant_t *p, effects_t *fx, sip_request_t *rq,
		const struct body *body);
/** The conference of an INCOMING session is over: 404. It is freed. */
void admit_over(session_t *s);
void admit_answer(conference_t *c, participant_t *p, end_reason_t reason);

/* dialout.c: invitations (A5) */
void dialout_invite(conference_t *c, participant_t *p, end_reason_t reason);
void dialout_heard(session_t *s);
/** The participant did not come; the session is detached. */
void dialout_fail(session_t *s, int code);
void dialout_cancel(conference_t *c, participant_t *p, end_reason_t reason);

/* refresh.c: session timers (G7, G10, M2, M3; RFC 4028) */
/** 400 or 422 to a request whose session timer cannot be; 0 or -1. */
int refresh_check(const struct sip_msg *request, struct refusal *refusal);
/** As UAS: agrees with the request on a timer, which our 2xx tells. */
void refresh_agree(session_t *s, const struct sip_msg *request);
void refresh_write_answer(const session_t *s, buffer_t *out);
/** As UAC: what our INVITE or UPDATE asks for. */
void refresh_write_request(session_t *s, buffer_t *out);
/** A 2xx to it. */
void refresh_take_reply(session_t *s, const struct sip_msg *reply);
/** A 422 to it: 0 when it is worth repeating, or -1. */
int refresh_take_422(session_t *s, const struct sip_msg *reply);
/** A CONFIRMED session was refreshed just now: its timer starts (again). */
void refresh_start(session_t *s);
/** 1 while a re-INVITE of ours has no final answer. */
int refresh_is_inviting(const session_t *s);

/* modify.c: re-INVITE and UPDATE from participants (M1; RFC 3261 14) */
void modify_on_request(session_t *s, sip_request_t *rq);
/** 1 when it is a re-INVITE that we have answered: it gets the same again. */
int modify_repeat(session_t *s, sip_request_t *rq);
/** 1 when the ACK is that of a re-INVITE. */
int modify_take_ack(session_t *s, const sip_request_t *ack);
/** 1 while our 200 to a re-INVITE waits for its ACK. */
int modify_is_unfinished(const session_t *s);
void modify_forget(session_t *s);
/** The description in an answer to our offer, `where` it came (for the log);
 * none, or none of use, leaves a participant with the MSRP it has, if any. */
void modify_take_answer(
		session_t *s, const struct sip_msg *msg, const char *where);

/* no_media.c: legs without MSRP */
/** Gives a participant without MSRP its media_timeout. */
void no_media_watch(session_t *s);
void no_media_forget(session_t *s);

/* in_dialog.c: ACK, BYE, re-INVITE and what we do not serve; CANCEL */
void in_dialog_on_request(sip_request_t *rq, dialog_t *d);
void in_dialog_on_cancel(sip_request_t *rq, dialog_t *d);

/* lifetime.c: idle_timeout and max_duration */
void lifetime_start(conference_t *c);
void lifetime_stop(conference_t *c);

/* refer.c: adding and expelling (R1-R8) */
void refer_on_request(sip_request_t *rq, dialog_t *d);
/** In a session's dialog, whose participant is there. */
void refer_in_session(session_t *s, sip_request_t *rq);

/* release.c: ending sessions */
void release_bye(conference_t *c, participant_t *p, end_reason_t reason);
void release_after_ack(session_t *s);
void release_now(session_t *s);
void release_end(conference_t *c, participant_t *p, end_reason_t reason);

/* options.c (G13) */
void options_on_request(sip_request_t *rq, dialog_t *d);
/** 200 with what we can; `contact`: our Contact value. */
void options_answer(sip_request_t *rq, const str *contact);

#endif
