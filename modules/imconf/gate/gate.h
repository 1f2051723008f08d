/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * gate: the way from the routing script to a conference worker. Runs in
 * Kamailio's SIP workers and never waits: transaction, suspend, post.
 */
#ifndef IMCONF_GATE_GATE_H
#define IMCONF_GATE_GATE_H

#include "core/parser/msg_parser.h"

typedef enum gate_kind
{
	GATE_ANY,		/* imconf_handle() */
	GATE_CREATE,	/* INVITE to a factory */
	GATE_JOIN,		/* INVITE to a group or a Session Identity */
	GATE_DIALOG,	/* whatever belongs to a dialog, ACK included */
	GATE_CANCEL,	/* CANCEL of an INVITE to us */
	GATE_SUBSCRIBE, /* SUBSCRIBE outside a dialog */
	GATE_REFER,		/* REFER outside a dialog */
	GATE_OPTIONS	/* OPTIONS outside a dialog */
} gate_kind_t;

#define GATE_TAKEN 1
#define GATE_NOT_OURS (-1)

/** Takes the request if it is ours and of this kind. Returns GATE_TAKEN (it
 * is answered or will be) or GATE_NOT_OURS. */
int gate_take(struct sip_msg *msg, gate_kind_t kind);

#endif
