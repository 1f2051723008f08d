/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * trust: whose word about a sender's identity we take. design: identity of a
 * requester; RFC 3325.
 */
#ifndef IMCONF_SIP_TRUST_H
#define IMCONF_SIP_TRUST_H

#include "core/ip_addr.h"

/** Adds an address or network ("10.0.0.0/8"); at start. Returns 0, or -1 when
 * it is none or there are too many. */
int trust_add_peer(const str *network);

/** 1 when `ip` is in one of them. */
int trust_peer(const struct ip_addr *ip);

#endif
