/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * advertise: the address that our descriptions name, where it is not the one
 * that we listen on: behind NAT, in a container, with IPv4 and IPv6.
 */
#ifndef IMCONF_SWITCH_ADVERTISE_H
#define IMCONF_SWITCH_ADVERTISE_H

#include <sys/socket.h>
#include "base/text.h"

#define ADVERTISE_MAX 16

/** Reads "[SIP socket=]address[:port]": to those who reach us at that SIP
 * socket ("10.0.0.1" or "10.0.0.1:5060"; without one: to all) we are `address`,
 * and `port` there is msrp_port here, the other ranges shifted by as much.
 * `value` must stay. At start. Returns 0, or -1: it is none, or one too many. */
int advertise_add(const char *value);

/** Do all ports that we name exist, and is there an address for everybody when
 * msrp_address is a wildcard? In mod_init. Returns 0, or -1 (said in the
 * log). */
int advertise_check(void);

/** The address for somebody who reaches us at that SIP socket ("" when that is
 * not known) and speaks `family` (AF_INET, AF_INET6; 0: not known), and by how
 * much its ports differ from ours. */
str advertise_address(const str *reached_at, int family, int *shift);

/** The family of a numeric address, 0 when it is none. */
int advertise_family(const str *address);

#endif
