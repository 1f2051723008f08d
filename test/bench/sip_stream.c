/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * sip_stream: see sip_stream.h. Knows no dialog.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "sip_stream.h"

#define READ_SIZE 65536


int sip_stream_open(sip_stream_t *s, int epoll, const struct sockaddr_in *to)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = s};
	struct sockaddr_in own;
	socklen_t len = sizeof(own);
	int one = 1;

	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	if(s->fd < 0 || connect(s->fd, (struct sockaddr *)to, sizeof(*to)) < 0
			|| getsockname(s->fd, (struct sockaddr *)&own, &len) < 0)
		return -1;
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	snprintf(s->address, sizeof(s->address), "127.0.0.1:%d",
			ntohs(own.sin_port));
	return epoll_ctl(epoll, EPOLL_CTL_ADD, s->fd, &event);
}


static int make_room(sip_stream_t *s)
{
	size_t size = s->size ? 2 * s->size : READ_SIZE;
	char *grown;

	if(s->size - s->len > READ_SIZE)
		return 0;
	if(size - s->len <= READ_SIZE)
		size += READ_SIZE;
	grown = realloc(s->in, size);
	if(grown == NULL)
		return -1;
	s->in = grown;
	s->size = size;
	return 0;
}


/* The length of the message that begins at `m`, 0 when more is needed. */
static size_t message_length(const sip_text_t *m)
{
	const char *blank = memmem(m->s, m->len, "\r\n\r\n", 4);
	const char *header;
	size_t head;

	if(blank == NULL)
		return 0;
	head = blank + 4 - m->s;
	header = memmem(m->s, head, "\r\nContent-Length:", 17);
	head += header ? strtoul(header + 17, NULL, 10) : 0;
	return head <= m->len ? head : 0;
}


/* Large buffers are not kept: there are a thousand. */
static void drop(sip_stream_t *s, size_t taken)
{
	s->len -= taken;
	memmove(s->in, s->in + taken, s->len);
	if(s->len > 0)
		return;
	free(s->in);
	s->in = NULL;
	s->size = 0;
}


static void take_messages(
		sip_stream_t *s, void (*fn)(sip_stream_t *, const sip_text_t *))
{
	size_t taken = 0, n;
	char next;

	for(;;) {
		sip_text_t m = {.s = s->in + taken, .len = s->len - taken};

		n = message_length(&m);
		if(n == 0)
			break;
		m.len = n;
		next = s->in[taken + n];
		s->in[taken + n] = 0;
		fn(s, &m);
		s->in[taken + n] = next;
		taken += n;
	}
	if(taken > 0)
		drop(s, taken);
}


int sip_stream_read(
		sip_stream_t *s, void (*fn)(sip_stream_t *s, const sip_text_t *m))
{
	ssize_t n;

	if(make_room(s) < 0)
		return -1;
	n = recv(s->fd, s->in + s->len, s->size - s->len - 1, MSG_DONTWAIT);
	if(n < 0)
		return errno == EAGAIN ? 0 : -1;
	if(n == 0)
		return -1;
	s->len += n;
	s->in[s->len] = 0;
	take_messages(s, fn);
	return 0;
}


int sip_stream_write(sip_stream_t *s, const char *data, size_t len)
{
	ssize_t n;

	for(; len > 0; data += n, len -= n) {
		n = send(s->fd, data, len, MSG_NOSIGNAL);
		if(n < 0)
			return -1;
	}
	return 0;
}
