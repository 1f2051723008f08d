/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * network: addresses by prefix, for what an operator allows.
 */
#ifndef IMCONF_SWITCH_NETWORK_H
#define IMCONF_SWITCH_NETWORK_H

#include <sys/socket.h>
#include "base/text.h"

#define NETWORK_OCTETS 16

typedef struct network
{
	int family;
	int bits;
	unsigned char address[NETWORK_OCTETS];
} network_t;

/** Reads "10.0.0.0/8", "2001:db8::/32", "[::1]" or an address, which stands
 * for itself. Returns 0 or -1. */
int network_parse(const str *text, network_t *network);

/** 1 when the address is in it. An IPv4 address in an IPv6 socket counts as
 * what it is. */
int network_has(const network_t *network, const struct sockaddr *address);

#endif
