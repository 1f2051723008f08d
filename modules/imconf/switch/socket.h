/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * socket: numeric addresses and the socket options that every MSRP socket of
 * ours has. Private to the switch.
 */
#ifndef IMCONF_SWITCH_SOCKET_H
#define IMCONF_SWITCH_SOCKET_H

#include <sys/socket.h>
#include "base/text.h"

/** Makes a socket address of a numeric IPv4 or IPv6 address (no brackets, no
 * names). Returns its length, or 0 when it is no address. */
socklen_t socket_address(
		const str *host, unsigned port, struct sockaddr_storage *out);

/** Writes "address:port" for the log. */
void socket_name(const struct sockaddr *address, char *out, size_t size);

/** No Nagle; a peer that vanished is noticed within about a minute. */
void socket_tune(int fd);

#endif
