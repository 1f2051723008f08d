/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * trust: who is inside the trust domain (RFC 3325): whose word about a sender
 * we take, and who is told what is for the domain alone.
 */
#ifndef IMCONF_SIP_TRUST_H
#define IMCONF_SIP_TRUST_H

#include "core/parser/msg_parser.h"

/** Adds an address or network ("10.0.0.0/8"); at start. Returns 0, or -1 when
 * it is none or there are too many. */
int trust_add_peer(const str *network);

/** 1 when `ip` is in one of them. */
int trust_peer(const struct ip_addr *ip);

/** 1 when anybody is trusted at all. */
int trust_domain(void);

/** 1 when a request comes from one of them, or the script set the message
 * flag that says so (parameter trusted_flag). In SIP workers. */
int trust_request(const struct sip_msg *msg);

#endif
