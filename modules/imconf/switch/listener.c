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
#include "switch/listener.h"
#include "switch/socket.h"
#include "worker/worker.h"

#define BACKLOG 1024
/* connections taken in one turn of the loop */
#define ACCEPT_TURN 64
#define PAUSE_MS 1000

static struct event incoming;
static alarm_clock_t pause_over;


static void resume(void *arg)
{
	if(event_add(&incoming, NULL) < 0)
		alarm_start(&pause_over, PAUSE_MS, resume, NULL);
}


/* Out of descriptors or memory: the connection stays in the kernel's queue,
 * and asking again at once would turn the loop into a spin. */
static void take_a_break(void)
{
	LM_ERR("no MSRP connection can be accepted: %s\n", strerror(errno));
	event_del(&incoming);
	alarm_start(&pause_over, PAUSE_MS, resume, NULL);
}


static int is_passing(int error)
{
	return error == ECONNABORTED || error == EINTR || error == EPERM
		   || error == EPROTO;
}


/* Returns 1, or 0 when there is nobody (more). */
static int accept_one(int listening)
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
	socket_tune(fd);
	if(!connection_create(fd, address, 0)) {
		LM_ERR("no memory for an MSRP connection\n");
		close(fd);
	}
	return 1;
}


static void readable(evutil_socket_t fd, short what, void *arg)
{
	for(int i = 0; i < ACCEPT_TURN && accept_one(fd); i++)
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


/* Returns the socket of that worker's port, or -1 (said in the log). */
static int open_port(int index)
{
	str host = {settings.msrp_address, (int)strlen(settings.msrp_address)};
	unsigned port = settings.msrp_port + index;
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
	int fd = open_port(index);

	if(fd < 0)
		return -1;
	close(fd);
	return 0;
}


int listener_open(void)
{
	int fd = open_port(worker.index);

	if(fd < 0)
		return -1;
	event_assign(
			&incoming, worker.base, fd, EV_READ | EV_PERSIST, readable, NULL);
	if(event_add(&incoming, NULL) == 0)
		return 0;
	LM_ERR("no memory for an event\n");
	close(fd);
	return -1;
}
