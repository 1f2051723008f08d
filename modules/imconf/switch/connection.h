/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * connection: one connection, of any transport: its socket, the parser of
 * what comes in and the queue of what could not go out yet. It carries any number of legs: none
 * before the first SEND, more than one when a relay stands in between. It
 * ends by connection_doom() alone, which never frees anything under the
 * caller's feet.
 */
#ifndef IMCONF_SWITCH_CONNECTION_H
#define IMCONF_SWITCH_CONNECTION_H

#include <sys/socket.h>
#include "base/list.h"
#include "switch/door.h"
#include "switch/out_queue.h"
#include "wire/msrp_frame.h"
#include "wire/msrp_uri.h"
#include "worker/schedule.h"

#define CONNECTION_PEER_MAX 64
#define CONNECTION_SLICES_MAX 4

struct leg;
struct message;

/** The incoming frame under way. */
typedef struct frame
{
	struct leg *leg;		 /* whose SEND it is; NULL: nobody's */
	struct message *message; /* what its body belongs to; may be NULL */
	int code;				 /* the verdict as far as it is certain, else 0 */
	int mute;				 /* response or REPORT: never answered */
	int answered;
	int hang_up; /* whoever sends it is not who he has to be */
} frame_t;

typedef TAILQ_HEAD(leg_list, leg) leg_list_t;

/** What has to happen before MSRP can pass. */
typedef enum connection_stage
{
	CONNECTION_OPEN, /* nothing any more */
	CONNECTION_DIALING,
	CONNECTION_SECURING, /* TLS handshake */
	CONNECTION_UPGRADING /* WebSocket handshake */
} connection_stage_t;

typedef struct connection
{
	TAILQ_ENTRY(connection) corked_link;
	int fd;
	connection_stage_t stage;
	msrp_transport_t transport;
	int finishing;	  /* to be closed when the peer has got everything */
	int paused;		  /* how many streams want it read no further */
	int64_t took_at;  /* when the socket took something that had waited */
	int corked;		  /* in the list of those to be flushed */
	const char *doom; /* why it is about to be closed; NULL: it is not */
	struct event readable;
	struct event writable;
	alarm_clock_t deadline;
	door_place_t place;
	struct tls *tls;				/* below MSRP; NULL: the socket itself */
	struct websocket *web;			/* between them; NULL: none */
	char peer[CONNECTION_PEER_MAX]; /* "address:port", for the log */
	leg_list_t legs;
	size_t stray;		   /* bytes read while no leg was on it */
	msrp_parser_t *parser; /* NULL between frames: it is as large as a head */
	frame_t frame;
	out_queue_t out;
} connection_t;

/**
 * Takes a connected (or, with `dialing`, connecting) non-blocking socket and
 * its place, which the connection owns from then on. It has 30 s to carry a
 * leg. Returns NULL when memory is out (both are still the caller's).
 */
connection_t *connection_create(int fd, const struct sockaddr *peer,
		msrp_transport_t transport, int dialing, const door_place_t *place);

/** Closes it, soon: at once no byte is read or sent any more, its legs are
 * lost and it is freed before the loop's next turn. `why` is static. */
void connection_doom(connection_t *c, const char *why);

/** The same, for a peer that has lost its way: what waits goes out before as
 * far as the socket takes it at once, our answers among it. */
void connection_hang_up(connection_t *c, const char *why);

/** Closes it when what waits has gone out and the peer has hung up, 5 s from
 * now at the latest. Nothing it says is heard any more. */
void connection_finish(connection_t *c);

/**
 * Sends up to CONNECTION_SLICES_MAX slices, at once as far as the socket
 * takes them; the rest is held by reference. Returns 0, or -1 when the
 * connection is lost, be it because more than settings.leg_queue_max bytes
 * would wait.
 */
int connection_send(connection_t *c, const slice_t *slice, int count);

/** 1 when nothing of what it says counts any more. */
static inline int connection_is_over(const connection_t *c)
{
	return c->doom || c->finishing;
}

/** 1 when bytes may go to the socket at once: nothing waits before them. */
static inline int connection_is_open(const connection_t *c)
{
	return !c->doom && c->stage == CONNECTION_OPEN && c->out.count == 0;
}

/** For an open connection: writes as much as the socket takes at once, and
 * returns how much that was, or -1 when the connection is lost. */
ssize_t connection_write(connection_t *c, const char *s, size_t len);

/** The same below a WebSocket, whose frames these are then. */
int connection_put(connection_t *c, const slice_t *slice, int count);

/** For a WebSocket: these octets of MSRP have come. */
void connection_input(connection_t *c, str *input);

/** As recv(), through TLS where there is any. */
ssize_t connection_read(connection_t *c, char *space, size_t max);

/** For opening: go on when the socket is writable; MSRP may pass now. */
void connection_wait_writable(connection_t *c);
void connection_opened(connection_t *c);

/** Reads no further, until it is resumed as often as it was paused. Harmless
 * for one that is to be closed. */
void connection_pause(connection_t *c);
void connection_resume(connection_t *c);

/** From now to connection_uncork() sends only queue up: when more than one
 * message is at hand, one system call then carries them all. */
void connection_cork(void);
void connection_uncork(void);
int connection_is_corked(void);

/** A leg was put on it (legs is no longer empty): no deadline any more. */
void connection_in_use(connection_t *c);

#endif
