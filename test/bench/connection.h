/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * connection: one non-blocking TCP connection with what was read and not yet
 * taken, and what the socket did not take yet. Used by the load client and by
 * the bare relay, so that both pay the same for reading and writing.
 */
#ifndef BENCH_CONNECTION_H
#define BENCH_CONNECTION_H

#include <stddef.h>
#include <stdint.h>

#define CONNECTION_IN 65536
#define CONNECTION_QUEUE_MAX (16 << 20)

typedef struct connection
{
	int fd; /* -1: closed */
	int epoll;
	struct transport *transport; /* NULL: plain TCP; see transport.h */
	size_t in_len;
	char *out; /* from out_start to out_end waits for the socket */
	size_t out_start, out_end, out_size;
	char in[CONNECTION_IN];
} connection_t;

/** Takes `fd` over: non-blocking, no delay, watched for reading with the
 * connection as epoll's data. Returns NULL (and closes `fd`) on failure. */
connection_t *connection_create(int epoll, int fd);

/** Closes and frees. */
void connection_destroy(connection_t *c);

/** Reads once. Returns the bytes got, 0 when there were none, -1 when the
 * connection is dead. */
int connection_read(connection_t *c);

/** Forgets the first `n` bytes read. */
void connection_taken(connection_t *c, size_t n);

/** Writes, or queues what the socket does not take. Returns 0, or -1 when the
 * connection is dead or its queue is full. */
int connection_write(connection_t *c, const char *data, size_t len);

/** The socket is writable again. Returns 0 or -1. */
int connection_flush(connection_t *c);

#endif
