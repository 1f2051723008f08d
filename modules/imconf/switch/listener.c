/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * listener: see listener.h. Makes connections of those who come and knows
 * nothing of what they want.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* accept4 */
#endif
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "core/dprint.h"
#include "settings.h"
#include "switch/connection.h"
#include "switch/door.h"
#include "switch/listener.h"
#include "switch/ports.h"
#include "switch/socket.h"
#include "worker/worker.h"

#define BACKLOG 1024
/* connections taken in one turn of the loop */
#define ACCEPT_TURN 64
#define PAUSE_MS 1000

static struct event incoming[MSRP_TRANSPORTS];
static int serving[MSRP_TRANSPORTS]; /* the event is in the loop */
static alarm_clock_t pause_over;


static void resume(void *arg)
{
	for(int t = 0; t < MSRP_TRANSPORTS; t++) {
		if(serving[t] && event_add(&incoming[t], NULL) < 0)
			alarm_start(&pause_over, PAUSE_MS, resume, NULL);
	}
}


/* Out of descriptors or memory: the connection stays in the kernel's queue,
 * and asking again at once would turn the loop into a spin. */
static void take_a_break(void)
{
	LM_ERR("no MSRP connection can be accepted: %s\n", strerror(errno));
	for(int t = 0; t < MSRP_TRANSPORTS; t++) {
		if(serving[t])
			event_del(&incoming[t]);
	}
	alarm_start(&pause_over, PAUSE_MS, resume, NULL);
}


static int is_passing(int error)
{
	return error == ECONNABORTED || error == EINTR || error == EPERM
		   || error == EPROTO;
}


static void receive(
		int fd, const struct sockaddr *peer, msrp_transport_t transport)
{
	door_place_t place = {0};

	if(door_enter(peer, &place) < 0) {
		close(fd);
		return;
	}
	socket_tune(fd);
	if(connection_create(fd, peer, transport, 0, &place))
		return;
	LM_ERR("no memory for an MSRP connection\n");
	door_leave(&place);
	close(fd);
}


/* Returns 1, or 0 when there is nobody (more). */
static int accept_one(int listening, msrp_transport_t transport)
{
	struct sockaddr_storage peer;
	struct sockaddr *address = (struct sockaddr *)&peer;
	socklen_t len = sizeof(peer);
	int fd = accept4(listening, address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if(fd < 0) {
		if(errno != EAGAIN && errno != EWOULDBLOCK && !is_passing(errno))
			take_a_break();
		return is_passing(errno);
	}
	receive(fd, address, transport);
	return 1;
}


static void readable(evutil_socket_t fd, short what, void *arg)
{
	msrp_transport_t transport = (struct event *)arg - incoming;

	for(int i = 0; i < ACCEPT_TURN && accept_one(fd, transport); i++)
		;
}


static int listen_on(const struct sockaddr *address, socklen_t len)
{
	int fd = socket(
			address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if(fd < 0)
		return -1;
	if(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0
			&& bind(fd, address, len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	close(fd);
	return -1;
}


/* Returns the socket of a port, or -1 (said in the log). */
static int open_port(unsigned port)
{
	str host = {settings.msrp_address, (int)strlen(settings.msrp_address)};
	struct sockaddr_storage space;
	struct sockaddr *address = (struct sockaddr *)&space;
	socklen_t len = socket_address(&host, port, &space);
	int fd;

	if(len == 0) {
		LM_ERR("msrp_address %s, port %u: no numeric address\n",
				settings.msrp_address, port);
		return -1;
	}
	fd = listen_on(address, len);
	if(fd < 0)
		LM_ERR("cannot listen for MSRP on %s port %u: %s\n",
				settings.msrp_address, port, strerror(errno));
	return fd;
}


int listener_check(int index)
{
	for(int t = 0; t < MSRP_TRANSPORTS; t++) {
		int port = ports_of(t, index);
		int fd = port ? open_port(port) : -1;

		if(port && fd < 0)
			return -1;
		if(fd >= 0)
			close(fd);
	}
	return 0;
}


static int serve(msrp_transport_t transport, int port)
{
	struct event *event = &incoming[transport];
	int fd = open_port(port);

	if(fd < 0)
		return -1;
	event_assign(event, worker.base, fd, EV_READ | EV_PERSIST, readable, event);
	serving[transport] = 1;
	if(event_add(event, NULL) == 0)
		return 0;
	LM_ERR("no memory for an event\n");
	return -1;
}


int listener_open(void)
{
	for(int t = 0; t < MSRP_TRANSPORTS; t++) {
		int port = ports_of(t, worker.index);

		if(port && serve(t, port) < 0)
			return -1;
	}
	return 0;
}
