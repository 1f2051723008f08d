/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * next_hop: where a request of ours goes, as a sip URI with a numeric host:
 * imconf resolves no names.
 */
#ifndef IMCONF_SIP_NEXT_HOP_H
#define IMCONF_SIP_NEXT_HOP_H

#include "core/ip_addr.h"

#define NEXT_HOP_SIZE 128

/** The numeric address that is this sip URI's host. Returns 0, or -1 when the
 * host is a name. */
int next_hop_address(const str *uri, struct ip_addr *address);

/** 1 when the host of this sip URI is a numeric address. */
int next_hop_is_numeric(const str *uri);

/** Writes "sip:ip:port;transport=..." of a source into `out` (NEXT_HOP_SIZE);
 * returns it as a str. */
str next_hop_of_source(const struct receive_info *rcv, char *out);

/** 1 for the transports of any size: TCP, TLS, SCTP, WebSocket. */
int next_hop_is_stream_proto(int proto);

/** What a sip URI says of its transport: 1 a stream, 0 UDP, -1 nothing. */
int next_hop_transport(const str *uri);

/** Rewrites `hop`, which says no transport, into `out` with transport=tcp. */
str next_hop_by_tcp(const str *hop, char *out);

/**
 * RFC 3261 18.1.1: a large request goes by TCP. Rewrites `hop` into `out`
 * with transport=tcp when `size` asks for it and `hop` says no transport and
 * is not on this machine, where UDP loses nothing up to its own limit. What
 * no datagram holds goes by TCP even when `hop` says UDP.
 */
str next_hop_for_size(const str *hop, size_t size, char *out);

#endif
