/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * sip_stream: SIP over TCP as the load client needs it: connections to the
 * server, cut into messages by Content-Length however large they are. Used by
 * watchers.c.
 */
#ifndef BENCH_SIP_STREAM_H
#define BENCH_SIP_STREAM_H

#include <stdint.h>
#include "sip_text.h"

struct sockaddr_in;

typedef struct sip_stream
{
	int fd;
	char address[64]; /* our host:port on it */
	char *in;		  /* what was read and is no whole message yet */
	size_t len, size;
} sip_stream_t;

/** Connects, and has `epoll` tell of it with the stream as data. Returns 0 or
 * -1. */
int sip_stream_open(sip_stream_t *s, int epoll, const struct sockaddr_in *to);

/** Reads what is there and calls `fn` for every whole message, which it may
 * only look at meanwhile. Returns 0, or -1 when the connection is dead. */
int sip_stream_read(
		sip_stream_t *s, void (*fn)(sip_stream_t *s, const sip_text_t *m));

/** Writes all of it, waiting if need be. Returns 0 or -1. */
int sip_stream_write(sip_stream_t *s, const char *data, size_t len);

#endif
