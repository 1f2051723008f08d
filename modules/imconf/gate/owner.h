/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * owner: is a request ours, and which worker's? Computed from the request
 * alone, never looked up. Runs in SIP workers.
 */
#ifndef IMCONF_GATE_OWNER_H
#define IMCONF_GATE_OWNER_H

#include "core/parser/msg_parser.h"

typedef enum owner_kind
{
	OWNER_NOBODY,  /* not ours */
	OWNER_FACTORY, /* to a conference factory: see owner_by_session() */
	OWNER_GROUP,   /* to a group: its worker is set */
	OWNER_TOKEN	   /* to a Session Identity: its worker is set */
} owner_kind_t;

/** Looks at the Request-URI, as the script left it. `worker` is set for
 * OWNER_GROUP and OWNER_TOKEN. */
owner_kind_t owner_of(const struct sip_msg *msg, int *worker);

/** The worker of a factory INVITE with parsed headers: by Contribution-ID, so
 * that a restart meets its conference, else by Call-ID. */
int owner_by_session(const struct sip_msg *invite);

#endif
