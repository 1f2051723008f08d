/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * transport: what may lie between a load client and its socket: TLS, a
 * WebSocket, or both, client's side. No certificate is checked and payload is
 * masked with zeros: it is the server that is measured.
 */
#ifndef BENCH_TRANSPORT_H
#define BENCH_TRANSPORT_H

#include <sys/types.h>

typedef struct transport transport_t;

/** Opens what the MSRP URI `path` asks for on a connected, blocking socket:
 * TLS for msrps, a WebSocket for ;ws. Returns 0 and sets `out`, to NULL for
 * plain TCP; -1 when the server refuses. */
int transport_open(int fd, const char *path, transport_t **out);

/** As recv() on a non-blocking socket: at most `size` bytes of MSRP, -1 with
 * errno, 0 at the end. */
ssize_t transport_recv(transport_t *t, char *out, size_t size);

/** 1 when there may be more to receive without the socket being readable. */
int transport_pending(const transport_t *t);

/** Sends one frame of MSRP. Returns `len`, or -1 with errno; with EAGAIN
 * nothing of it was taken. */
ssize_t transport_send(transport_t *t, const char *data, size_t len);

void transport_close(transport_t *t);

#endif
