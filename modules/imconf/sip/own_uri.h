/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * own_uri: which URIs are ours: the conference factories (A1), groups (P1, U1)
 * and the Session Identities (A6), the first and last matched by user part and host; ports and parameters do not
 * count (clients route by outbound proxy and strip them). Any process.
 */
#ifndef IMCONF_SIP_OWN_URI_H
#define IMCONF_SIP_OWN_URI_H

#include "base/text.h"

/** Adds a factory URI; at start. Returns 0, or -1 when it is no sip URI with
 * a user part or there are too many. */
int own_uri_add_factory(const str *uri);

/** How many there are. */
int own_uri_factories(void);

/** Sets the host[:port] of Session Identities; at start. Returns 0 or -1. */
int own_uri_set_domain(const str *domain);

/** That domain without its port. */
const str *own_uri_domain_host(void);

/** 1 when a URI of these parts is a factory's, 0 otherwise. */
int own_uri_is_factory(const str *user, const str *host);

/** The worker of a Session Identity's user part and host, -1 for others. */
int own_uri_worker(const str *user, const str *host);

/** Adds a regular expression (POSIX, extended) that the URIs of groups match;
 * at start. Returns 0, or -1 when it is none or there are too many. */
int own_uri_add_group(const char *expression);

/** 1 when `uri` (its parameters and headers do not count) is a group's. */
int own_uri_is_group(const str *uri);

/** The worker that owns a group, the same for all its names. */
int own_uri_group_worker(const str *uri);

/** 1 when `uri` is a factory or a Session Identity, of whatever conference:
 * such entries of a list would loop. */
int own_uri_is_ours(const str *uri);

#endif
