/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * outgoing: requests that the worker sends through tm. The outcome comes back
 * through the mailbox, into a slot reserved beforehand; tm's callbacks run in
 * other processes and know the request by a number only. The worker times its
 * requests besides, so that an outcome comes exactly once, whatever happens.
 */
#ifndef IMCONF_SIP_OUTGOING_H
#define IMCONF_SIP_OUTGOING_H

#include "base/text.h"

struct sip_msg;

/**
 * A reply. `reply` is NULL when there is none (time-out, could not be sent,
 * memory): `code` is 408 or 500 then. Called from the loop, never from within
 * the sending function. Non-INVITE: once. INVITE: for every provisional but
 * 100, then for the final one (`last` set), and again for every further 2xx
 * (`last` not set) as long as the request is not forgotten.
 */
typedef struct outcome
{
	uint64_t id;
	int code;
	int last;
	struct sip_msg *reply;
} outcome_t;

typedef void (*outcome_fn_t)(void *arg, const outcome_t *outcome);

/** For requests whose outcome nobody waits for. */
void outgoing_ignore(void *arg, const outcome_t *outcome);

/** What to send; everything borrowed. */
typedef struct outgoing
{
	const char *method;
	str request_uri;
	str next_hop; /* sip URI with a numeric host */
	str from, to; /* URIs */
	str call_id, local_tag, remote_tag;
	unsigned cseq;
	str headers; /* complete lines: Route, Contact, ... */
	str body;
	struct socket_info *socket; /* or what listens there for the next hop's
			protocol; NULL: tm's choice */
} outgoing_t;

/** Sends. Returns the id (never 0), or 0 when nothing was sent (logged): no
 * mailbox slot, bad next hop, no memory. Then `fn` is not called. */
uint64_t outgoing_send(const outgoing_t *o, outcome_fn_t fn, void *arg);

/** Sends an ACK to a 2xx: no transaction, no outcome. Returns 0 or -1. */
int outgoing_ack(const outgoing_t *o);

/** CANCELs an INVITE of ours; its outcome still comes. Before a provisional
 * reply tm waits for one (RFC 3261 9.1). */
void outgoing_cancel(uint64_t id);

/** The owner is going away: no outcome of this id is delivered any more.
 * Harmless for 0 and for ids that are done. */
void outgoing_forget(uint64_t id);

/** Hooks into tm and the mailbox; in the worker at start. 0 or -1. */
int outgoing_start(void);

#endif
