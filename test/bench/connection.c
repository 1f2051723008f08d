/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * connection: see connection.h. Knows nothing of MSRP.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "connection.h"
#include "transport.h"


static int watch(connection_t *c, int operation, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.ptr = c};

	return epoll_ctl(c->epoll, operation, c->fd, &e);
}


connection_t *connection_create(int epoll, int fd)
{
	connection_t *c = calloc(1, sizeof(*c));
	int one = 1;

	if(c == NULL) {
		close(fd);
		return NULL;
	}
	c->fd = fd;
	c->epoll = epoll;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if(fcntl(fd, F_SETFL, O_NONBLOCK) < 0
			|| watch(c, EPOLL_CTL_ADD, EPOLLIN) < 0) {
		connection_destroy(c);
		return NULL;
	}
	return c;
}


void connection_destroy(connection_t *c)
{
	if(c == NULL)
		return;
	transport_close(c->transport);
	close(c->fd);
	free(c->out);
	free(c);
}


int connection_read(connection_t *c)
{
	ssize_t n;

	if(c->in_len == sizeof(c->in))
		return -1; /* nobody sends frames that long here */
	if(c->transport != NULL)
		n = transport_recv(
				c->transport, c->in + c->in_len, sizeof(c->in) - c->in_len);
	else
		n = read(c->fd, c->in + c->in_len, sizeof(c->in) - c->in_len);
	if(n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if(n == 0)
		return -1;
	c->in_len += n;
	return (int)n;
}


void connection_taken(connection_t *c, size_t n)
{
	c->in_len -= n;
	if(n > 0 && c->in_len > 0)
		memmove(c->in, c->in + n, c->in_len);
}


static int queue(connection_t *c, const char *data, size_t len)
{
	size_t waiting = c->out_end - c->out_start, size;
	char *grown;

	if(waiting + len > CONNECTION_QUEUE_MAX)
		return -1;
	if(c->out_start > 0 && c->out_end + len > c->out_size) {
		memmove(c->out, c->out + c->out_start, waiting);
		c->out_start = 0;
		c->out_end = waiting;
	}
	if(c->out_end + len > c->out_size) {
		size = (waiting + len) * 2;
		grown = realloc(c->out, size);
		if(grown == NULL)
			return -1;
		c->out = grown;
		c->out_size = size;
	}
	memcpy(c->out + c->out_end, data, len);
	c->out_end += len;
	return waiting > 0 ? 0 : watch(c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
}


int connection_write(connection_t *c, const char *data, size_t len)
{
	ssize_t n = 0;

	if(c->transport != NULL)
		return transport_send(c->transport, data, len) < 0 ? -1 : 0;
	if(c->out_start == c->out_end) {
		n = send(c->fd, data, len, MSG_NOSIGNAL);
		if(n < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		if(n < 0)
			n = 0;
	}
	return (size_t)n == len ? 0 : queue(c, data + n, len - n);
}


int connection_flush(connection_t *c)
{
	ssize_t n;

	n = send(c->fd, c->out + c->out_start, c->out_end - c->out_start,
			MSG_NOSIGNAL);
	if(n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	c->out_start += n;
	if(c->out_start < c->out_end)
		return 0;
	c->out_start = c->out_end = 0;
	return watch(c, EPOLL_CTL_MOD, EPOLLIN);
}
