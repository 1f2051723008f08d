/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * conference: a conference and its participants, and the transitions that are
 * all that ever happens to it. A transition changes the model and appends the
 * effects the rooms above have to carry out, in order. It knows no SIP
 * message, no socket and no XML. One worker owns a conference; no locks.
 *
 * A transition that does not fit the participant's state does nothing (the
 * wire repeats and crosses itself). When memory is out it changes nothing
 * either: `failed` of the effects is set then, and JOIN_MEMORY returned.
 */
#ifndef IMCONF_MODEL_CONFERENCE_H
#define IMCONF_MODEL_CONFERENCE_H

#include <time.h>
#include "base/list.h"
#include "base/map.h"
#include "model/effects.h"
#include "model/identity.h"

typedef enum participant_state
{
	PARTICIPANT_WAITING,   /* listed; invited once the creator is in (A5) */
	PARTICIPANT_INVITED,   /* INVITE under way; watchers do not see it (N9) */
	PARTICIPANT_ALERTING,  /* answered 180 */
	PARTICIPANT_JOINING,   /* came by INVITE; our 200 not yet accepted by tm */
	PARTICIPANT_CONNECTED, /* in */
	PARTICIPANT_GONE	   /* was here or was invited; may come back */
} participant_state_t;

/** How a participant went; the words of RFC 4575 disconnection-method. */
typedef enum departure
{
	DEPARTED_NOT,
	DEPARTED_LEFT,	 /* "departed": BYE from it */
	DEPARTED_BOOTED, /* "booted": we ended its session */
	DEPARTED_FAILED, /* "failed": refused, no answer, lost */
	DEPARTED_BUSY	 /* "busy": 486 or 600 */
} departure_t;

/** What ends a conference when somebody goes; see release.h. */
typedef struct release_rules
{
	int min_participants; /* fewer end it; below 2: off */
	int with_creator;	  /* it ends when its creator goes */
} release_rules_t;

typedef struct participant
{
	TAILQ_ENTRY(participant) link;
	struct conference *conference;
	unsigned number; /* from 1, unique in the conference for ever */
	identity_t name[IDENTITY_NAMES_MAX];
	map_node_t node[IDENTITY_NAMES_MAX]; /* in conference->by_name */
	int names;
	str entity;	  /* as shown to everybody, for ever (N4, N6); owned */
	str display;  /* display name, often empty; owned */
	str nickname; /* shown instead (N8); while it is in; owned */
	str nickname_key;
	str former_nickname; /* until it went; owned */
	int said_in;		 /* switch: others were told that it is in */
	int creator;
	int depth;	   /* lists between the inviter's list and it */
	int anonymous; /* its entity is made up (N5); its names are for us alone */
	struct participant *inviter; /* NULL: came by itself, or an operator's */
	str invitation; /* focus: header lines of its invitation alone; owned */
	participant_state_t state;
	participant_state_t before; /* JOINING: the state it came from */
	departure_t departure;
	int code;	   /* SIP code that ended it, 0: none */
	int was_shown; /* watchers have been able to see it */
	int expelled;  /* removed for good: may not come back uninvited (J1) */
	int resigned;  /* left for good: may not come back uninvited */
	int key;	   /* a key participant of the group, since it entered */
	int noted;	   /* is in conference->changes */
	TAILQ_ENTRY(participant) change; /* in conference->changes */
	/* revisions, 0: never. Of the last change watchers see; of the first
	 * time in view, alerting or connected; of the first time connected; of
	 * the last departure that watchers may be told */
	unsigned changed;
	unsigned appeared;
	unsigned entered;
	unsigned left;
	int announced; /* events: its coming was told, its going is to be */
	time_t since;  /* when it was invited, came or went last; an operator's */
	struct mailing *mailing; /* focus: what its invitation shall say */
	void *session;			 /* focus: its INVITE dialog */
	str reached_at; /* focus: the SIP socket, "address:port", at which it
					   reaches us; empty: not known; borrowed for ever */
	void *leg;		/* switch: its MSRP side */
} participant_t;

typedef TAILQ_HEAD(participant_list, participant) participant_list_t;

typedef struct conference
{
	map_node_t group_node;		  /* the worker's table of groups */
	map_node_t contribution_node; /* and of Contribution-IDs */
	map_node_t node;			  /* the worker's table, by token */
	TAILQ_ENTRY(conference) link; /* the worker's list, the oldest first */
	unsigned long serial;		  /* grows along that list; 0: not in it */
	time_t since;				  /* when it came into that list */
	str token;					  /* user part of the Session Identity; owned */
	str identity;				  /* the Session Identity, a sip URI; owned */
	str subject;				  /* owned, may be empty; so are the next two */
	str contribution_id;
	str conversation_id;
	str charging; /* how charging records know it (G12), may be empty; owned */
	str group;	  /* the IM Group Identity (N3); empty: ad-hoc; owned */
	const struct group_document *document; /* of the group, NULL: ad-hoc; the
			focus holds it as long as the conference lives */
	unsigned default_members; /* permission_t bits where it has no ruleset */
	unsigned default_others;
	int creator_invites; /* ad-hoc: nobody else adds people (R7) */
	str group_key;		 /* identity key of the group; owned */
	int unattended; /* an operator's: until the first has come it lasts while
					   somebody is invited */
	int stays;		/* nobody present does not end it: EMPTY instead of END */
	release_rules_t release;
	int64_t spoken; /* switch: schedule_now() of the last message; 0: none */
	int max_participants;
	unsigned revision;				 /* of what watchers see; from 1 */
	unsigned described;				 /* revision of its subject, 0: the first */
	unsigned last_number;			 /* of participants */
	int tombstones;					 /* of `changes` */
	participant_list_t participants; /* in the order they were made */
	participant_list_t changes;		 /* who is shown, and the tombstones of who
								 * was, by ascending `changed` */
	map_t by_name;					 /* identity key -> participant */
	int present;					 /* JOINING or CONNECTED */
	int counted; /* all but GONE: what max_participants bounds (R5) */
	int ending;	 /* END was asked for; no transition does anything more */
	void *focus; /* each room's own */
	void *notify;
	void *room; /* switch */
} conference_t;

/** What a conference is made of; all copied. */
typedef struct conference_spec
{
	str token;
	str identity;
	str subject;
	str contribution_id;
	str conversation_id;
	str charging;
	str group; /* empty: ad-hoc */
	const struct group_document *document;
	unsigned default_members, default_others;
	int creator_invites;
	int unattended;
	int stays;
	release_rules_t release;
	int max_participants;
} conference_spec_t;

/** Somebody who comes or is invited; all copied. */
typedef struct person
{
	str name[IDENTITY_NAMES_MAX]; /* URIs; the first is the one shown */
	int names;
	str display;
	str invitation; /* header lines of its invitation alone, often empty */
	int anonymous;	/* asked for privacy: shown under a made-up name (N5), but
					  known by its own */
} person_t;

typedef enum join_result
{
	JOIN_OK = 0,
	JOIN_BAD_NAME = -1, /* a name that is no sip or tel URI: 400 */
	JOIN_FULL = -2,		/* over max_participants: 486 (A3, R5) */
	JOIN_MEMORY = -3,	/* 500 */
	JOIN_OVER = -4,		/* the conference is ending: 404 */
	JOIN_FORBIDDEN = -5 /* 403 */
} join_result_t;

/** Makes an empty conference at revision 1, or NULL when memory is out. */
conference_t *conference_create(const conference_spec_t *spec);

/** Frees it and its participants. Sessions, legs, subscriptions and the
 * worker's table nodes must have been detached before. NULL is harmless. */
void conference_destroy(conference_t *c);

/** The participant that has one of these names, in any state, or NULL.
 * Anonymous names find nobody. */
participant_t *conference_find(const conference_t *c, const person_t *who);
participant_t *conference_find_uri(const conference_t *c, const str *uri);

/** A participant as the person it came as; borrowed from it. */
person_t conference_person(const participant_t *p);

/** The participant that is shown by this entity and has not gone, or NULL. Who
 * is anonymous is found by its made-up name, and by no other. */
participant_t *conference_find_shown(const conference_t *c, const str *entity);

/**
 * Founds the conference: the creator is JOINING, every invitee WAITING (A2:
 * duplicates by identity and the creator's own names dropped, the first
 * occurrence stays). Nothing is invited before conference_joined().
 * Effects: ANSWER creator. On any failure the conference is empty as before.
 * JOIN_FULL when creator and invitees together exceed max_participants. A
 * conference that has participants is founded already: JOIN_FORBIDDEN.
 */
join_result_t conference_found(conference_t *c, const person_t *creator,
		const person_t *invitees, int count, effects_t *fx,
		participant_t **creator_out);

/**
 * Somebody asks to come in by INVITE: to the Session Identity (J1), allowed as
 * policy_may_return() says; or to the group, whose policy let it in
 * (`admitted`) though it may never have been here. A connected one's older session ends
 * (J2: BYE END_REPLACED and LEAVE before ANSWER) and watchers go on seeing it
 * connected; a ringing invitation is given up (CANCEL and LEAVE before ANSWER).
 * A rejoin keeps number and entity; but who was shown by its name and wants to
 * be anonymous now comes as somebody new, and the old one goes: NOTIFY.
 * Effects: ANSWER.
 */
join_result_t conference_join(conference_t *c, const person_t *who,
		int admitted, effects_t *fx, participant_t **participant);

/** tm accepted our 200: CONNECTED. Effects: ENTER, INVITE of every WAITING
 * participant, NOTIFY. */
void conference_joined(participant_t *p, effects_t *fx);

/** tm refused our 200 (the INVITE was cancelled): GONE, never shown. Effects:
 * LEAVE, and as conference_left() when nobody is left. One whose older session
 * it had replaced was seen connected: LEFT, with NOTIFY. */
void conference_join_failed(participant_t *p, effects_t *fx);

/** An invitee's phone rings. Effects: NOTIFY (once). */
void conference_ringing(participant_t *p, effects_t *fx);

/** An invitee answered: CONNECTED. Effects: ENTER, NOTIFY. One that is GONE
 * changes nothing and gets BYE. One that came in by itself meanwhile (JOINING,
 * CONNECTED) changes nothing and gets nothing, as its `session` is the newer
 * one: the caller ends the late one itself, as it does after END. */
void conference_answered(participant_t *p, effects_t *fx);

/** An invitation ended without a session: GONE with `code` kept; 486 and 600
 * are BUSY, else FAILED. Effects: LEAVE, NOTIFY. */
void conference_refused(participant_t *p, int code, effects_t *fx);

/**
 * An invitee turned out to be a list: it goes as if it had never been here,
 * and `members` are invited in its stead, by its inviter; who is known already
 * is left out. Effects: LEAVE, NOTIFY when it was seen ringing, INVITE of each.
 * Returns how many found no room.
 */
int conference_expand(
		participant_t *p, const person_t *members, int count, effects_t *fx);

/**
 * `inviter` (NULL: an operator) adds people to the running conference (R1-R5).
 * Who is in or invited already, or listed twice, is left out; who went or was
 * expelled is invited anew, and may come again. The limit is checked for all
 * of them together: on any failure nobody is invited and nothing has changed.
 * Effects: INVITE of each.
 */
join_result_t conference_invite(conference_t *c, participant_t *inviter,
		const person_t *people, int count, effects_t *fx);

/**
 * `who`, who was here, comes back by founding again (conference_join(), not
 * `admitted`), and adds people as conference_invite() does: both, or on any
 * failure neither. Effects: those of the join, INVITE of each.
 */
join_result_t conference_restart(conference_t *c, const person_t *who,
		const person_t *people, int count, effects_t *fx,
		participant_t **participant);

/** A participant's session is over, by itself (LEFT) or otherwise. Effects:
 * LEAVE, NOTIFY; when release_due() says so: CANCEL or BYE and LEAVE of all
 * others, END. */
void conference_left(participant_t *p, departure_t how, effects_t *fx);

/** The same, for good: it may not come back unless it is invited again, or
 * its group's rules admit it. */
void conference_resigned(participant_t *p, effects_t *fx);

/** We end a participant's session (no ACK, no media, an operator). CONNECTED:
 * BYE with `reason`; INVITED or ALERTING: CANCEL. Then as conference_left().
 * WAITING: no effects. With END_ADMIN or END_EXPELLED it may not come back
 * uninvited (J1). */
void conference_remove(
		participant_t *p, departure_t how, end_reason_t reason, effects_t *fx);

/** May `p` not have this nickname: is it another's who is here or invited, or
 * what another one is shown as? Returns 1 or 0, or -1 when memory is out. RFC
 * 7701 section 7.1. */
int conference_name_taken(const participant_t *p, const str *nickname);

/**
 * Another nickname for `p`, shown instead of its display name (N8), copied;
 * empty: none. It ends when `p` goes. The entity never changes. Effects: NOTIFY when watchers see `p` and the name is
 * another one.
 */
void conference_rename(participant_t *p, const str *nickname, effects_t *fx);

/** Another subject, copied. Effects: NOTIFY when it is another one. */
void conference_describe(conference_t *c, const str *subject, effects_t *fx);

/** An invitee's answer asserts `who` it is (G12): names that nobody else has
 * are its own from now on. Its entity stays what it was invited as (N6). */
void conference_learn(participant_t *p, const person_t *who);

/**
 * An invitee's answer asks for privacy (N7): it is anonymous from now on, for
 * everybody and without a display name. To be called before the transition
 * that shows it first. Returns 0, or -1 when memory is out or watchers know
 * its entity already, which then stays as it is.
 */
int conference_hide(participant_t *p);

/**
 * Every watcher was told all about departures up to `revision`
 * (roster_told_t's `deletions`), or there is no watcher and `revision` is the
 * conference's: the tombstones up to there are given up. Who went keeps its
 * record all the same, with number and entity, in case it comes back.
 */
void conference_forget(conference_t *c, unsigned revision);

/** The conference ends: CANCEL who is invited, BYE who is in, LEAVE of both,
 * END. Everybody is GONE then. The last NOTIFY is the notifier's answer to
 * END. */
void conference_end(conference_t *c, end_reason_t reason, effects_t *fx);

#endif
