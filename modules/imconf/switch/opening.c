/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * opening: see opening.h. Called by the connection as its socket gets ready;
 * knows nothing of MSRP.
 */
#include <errno.h>
#include <string.h>
#include "core/dprint.h"
#include "admin/statistics.h"
#include "switch/leg.h"
#include "switch/opening.h"
#include "switch/tls.h"
#include "switch/websocket.h"
#include "wire/ws_upgrade.h"

#define HANDSHAKE_MS 10000


static void fail(connection_t *c, const char *why)
{
	count(STAT_HANDSHAKES_FAILED, 1);
	LM_INFO("connection with %s closed: %s\n", c->peer, why);
	connection_doom(c, why);
}


static void too_late(void *arg)
{
	fail(arg, "no handshake within 10 s");
}


/* What follows the request in the same read is frames already. */
static void upgrade(connection_t *c)
{
	char space[WS_UPGRADE_MAX];
	str input = {space, 0}, rest;
	const char *why;
	ssize_t got;
	int rc = 0;

	do {
		got = connection_read(c, space, sizeof(space));
		input.len = (int)got;
		if(got > 0)
			rc = websocket_upgrade(c, &input, &rest, &why);
	} while(got > 0 && rc == 0);
	if(rc < 0)
		fail(c, why);
	else if(rc == 0 && !(got < 0 && (errno == EAGAIN || errno == EINTR)))
		fail(c, "closed before it asked for a WebSocket");
	if(rc <= 0)
		return;
	connection_opened(c);
	if(rest.len > 0)
		websocket_feed(c, &rest);
}


static void begin_upgrade(connection_t *c)
{
	c->web = websocket_create();
	if(!c->web) {
		fail(c, "no memory for a WebSocket");
		return;
	}
	c->stage = CONNECTION_UPGRADING;
	alarm_start(&c->deadline, HANDSHAKE_MS, too_late, c);
	upgrade(c);
}


static void handshake_over(connection_t *c)
{
	leg_t *leg, *next;
	const char *why;

	/* legs of a connection that we opened; others come with their SENDs */
	TAILQ_FOREACH_SAFE(leg, &c->legs, link, next)
	{
		why = leg_objection(leg, c);
		if(why) {
			fail(c, why);
			return;
		}
	}
	if(MSRP_IS_WEB(c->transport))
		begin_upgrade(c);
	else
		connection_opened(c);
}


static void secure(connection_t *c)
{
	switch(tls_handshake(c->tls)) {
		case TLS_DONE:
			handshake_over(c);
			break;
		case TLS_WANTS_WRITE:
			connection_wait_writable(c);
			break;
		case TLS_WANTS_READ:
			break;
		case TLS_FAILED:
			fail(c, tls_error(c->tls));
			break;
	}
}


static void begin_tls(connection_t *c, int calling)
{
	/* a browser would bother its user with the question for a certificate */
	c->tls = tls_create(c->fd, calling, !MSRP_IS_WEB(c->transport));
	if(!c->tls) {
		fail(c, "no memory for TLS");
		return;
	}
	c->stage = CONNECTION_SECURING;
	alarm_start(&c->deadline, HANDSHAKE_MS, too_late, c);
	secure(c);
}


void opening_begin(connection_t *c)
{
	if(MSRP_IS_SECURE(c->transport))
		begin_tls(c, 0);
	else
		begin_upgrade(c);
}


static void dialed(connection_t *c)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if(getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if(error)
		connection_doom(c, strerror(error));
	else if(event_add(&c->readable, NULL) < 0)
		connection_doom(c, "no memory for an event");
	else if(MSRP_IS_SECURE(c->transport))
		begin_tls(c, 1);
	else
		connection_opened(c);
}


void opening_go_on(connection_t *c)
{
	if(c->stage == CONNECTION_DIALING)
		dialed(c);
	else if(c->stage == CONNECTION_SECURING)
		secure(c);
	else
		upgrade(c);
}
