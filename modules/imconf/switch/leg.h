/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * leg: the MSRP side of a participant: a session id that leads to it, the
 * paths of both ends, and the connection it is bound to, if any. Made when a
 * description is offered or answered, gone with the LEAVE effect.
 */
#ifndef IMCONF_SWITCH_LEG_H
#define IMCONF_SWITCH_LEG_H

#include "model/conference.h"
#include "switch/abilities.h"
#include "switch/allowance.h"
#include "switch/block.h"
#include "switch/connection.h"
#include "wire/fingerprint.h"
#include "wire/sdp.h"
#include "worker/schedule.h"

#define LEG_SESSION_BITS 128
#define LEG_PEER_PATH_MAX 2048
#define LEG_LINES 20

typedef enum leg_state
{
	LEG_WAITING, /* no connection yet */
	LEG_BOUND,
	LEG_LOST /* its connection died; another one may bind it again */
} leg_state_t;

typedef TAILQ_HEAD(message_list, message) message_list_t;
typedef TAILQ_HEAD(held_list, held) held_list_t;

/** What was said while the leg did not hear; see hold.h. */
typedef struct hold
{
	held_list_t list;
	size_t size; /* bytes of it all */
	int refused; /* messages that found no room since it last heard */
} hold_t;

typedef struct leg
{
	map_node_t node;	   /* by session id */
	TAILQ_ENTRY(leg) link; /* on its connection */
	unsigned holders;	   /* itself, and streams on their way to it */
	char session[LEG_SESSION_BITS / 4 + 1];
	participant_t *participant; /* NULL: destroyed, only held any more */
	leg_state_t state;
	int hears; /* bound, its first SEND answered, nothing held any more */
	unsigned binding; /* grows with each loss, so that a stream begun
						 before it never goes on after it */
	int entered;	  /* takes part: it is in room->leg */
	int place;		  /* there */
	int active;		  /* we connect: the peer is passive */
	str dial_host;	  /* there; numeric, owned */
	unsigned dial_port;
	int agreed;	  /* offer and answer have met, once at least */
	int offering; /* an offer of ours has no answer yet */
	int guessed;  /* peer_path is what its first SEND said, not its answer */
	int on_hold; /* the peer does not want to hear, for now: sendonly, inactive */
	int deaf;	 /* nor has it ever wanted to: nothing is kept for it */
	int mute;	 /* the peer does not speak: recvonly, inactive */
	connection_t *connection; /* with LEG_WAITING: being opened by us */
	sdp_own_t own;			  /* what our descriptions say */
	fingerprint_t *print;	  /* of the peer's certificate; owned */
	int prints;				  /* how many; one has to match */
	str described;			  /* the last of them; owned */
	str path;				  /* ours; owned */
	str peer_path;			  /* owned; empty while unknown */
	str peer_session; /* of peer_path's last URI: the peer's own; owned */
	block_t *head;	  /* "To-Path: ...\r\nFrom-Path: ...\r\n" */
	taste_t *taste;	  /* what it can take, shared; NULL: everything */
	int takes_private;
	message_list_t messages; /* unfinished ones from this participant */
	int message_count;
	alarm_clock_t sweep; /* looks for messages that are never finished */
	int sweeping;
	allowance_t allowance;
	allowance_t lines; /* in the log, about what its peer does wrong */
	int unsaid;
	hold_t hold;			/* down here: the fan-out has no need of it */
	alarm_clock_t deadline; /* to be bound (again) */
} leg_t;

/** Makes a leg, waiting, with a fresh session id, and hangs it into `p`.
 * Returns NULL when memory is out. */
leg_t *leg_create(participant_t *p);

/** Takes it out of its participant, room and connection; its unfinished
 * messages are aborted. NULL is harmless. */
void leg_destroy(leg_t *leg);

/** Keeps the memory of a leg, not the leg. */
void leg_hold(leg_t *leg);
void leg_release(leg_t *leg);

/** The leg of an MSRP session id, or NULL. */
leg_t *leg_find(const str *session);

/** Which transport our descriptions name and a peer is to come by, and at
 * which address: a peer of that address family (0: not known). Returns 0 or
 * -1. */
int leg_set_transport(leg_t *leg, msrp_transport_t transport, int family);

/** Where we connect to, when it is active. Returns 0 or -1. */
int leg_set_dial(leg_t *leg, const str *host, unsigned port);

/** Sets the fingerprints of which the peer's certificate must have one; none:
 * any will do. Returns 0 or -1. */
int leg_set_fingerprints(leg_t *leg, const str *value, int count);

/** Why its peer cannot be the one at the end of `c`, as far as TLS tells; NULL
 * when it can. RFC 4975 section 14.4. */
const char *leg_objection(const leg_t *leg, const connection_t *c);

/** Sets the peer's path (URIs parted by spaces). Returns 0 or -1. */
int leg_set_peer(leg_t *leg, const str *path);

/** 1 when a frame's From-Path is that of somebody else than who answered our
 * offer: all phones of a forked invitation know the leg's session id. The
 * peer's own session id counts, its address may have changed on the way. */
int leg_is_other_phone(const leg_t *leg, const str *from_path);

/** 1 when that one is the peer after all, whose answer to another offer of ours
 * is slower than its new connection. */
int leg_moves_ahead(const leg_t *leg, const str *from_path);

/** Puts it on a connection, bound at once or, while that one is connecting,
 * when it is open. */
void leg_bind(leg_t *leg, connection_t *c);

/** Takes it off its connection, which closes when no other leg is on it. */
void leg_unbind(leg_t *leg);

/** For the connection: it is open now; it died. */
void leg_connected(leg_t *leg);
void leg_lost(leg_t *leg, const char *why);

/** It has entered and has no connection: gives it its time, anew, to get one. */
void leg_wait(leg_t *leg);

/** EFFECT_ENTER: from now on it hears the room, and a leg without connection
 * is given its time to get one; what is said meanwhile is held. Harmless when it has entered. */
void leg_enter(leg_t *leg);

/** 1 when one more line about what its peer does wrong may go to the log: one
 * a second, and a burst of LEG_LINES. How many were left out is said with the
 * next. */
int leg_may_say(leg_t *leg);

/** Where it is in the log: "conference T: leg of E". */
#define LEG_FMT "conference %.*s: leg of %.*s"
#define LEG_ARG(l)                                  \
	TEXT_ARG(&(l)->participant->conference->token), \
			TEXT_ARG(&(l)->participant->entity)

#endif
