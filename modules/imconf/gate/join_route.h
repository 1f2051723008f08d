/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * join_route: event_route[imconf:join]: the operator's script sees an INVITE
 * from outside before a conference does, and may refuse it. Runs in the SIP
 * worker.
 */
#ifndef IMCONF_GATE_JOIN_ROUTE_H
#define IMCONF_GATE_JOIN_ROUTE_H

#include "gate/owner.h"

/** Runs the route, where there is one. Returns 0, or the code of a refusal and
 * its reason (good until the next call). */
int join_route_run(
		struct sip_msg *msg, owner_kind_t owner, const char **reason);

/** imconf_refuse(code, reason): that is what the INVITE gets. Returns 1, or -1
 * outside the route, or for a code that is no refusal. */
int join_route_refuse(int code, const str *reason);

#endif
