/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * message: one message on its way through, chunk by chunk. Up to collect_max
 * it is collected, in whatever order its chunks come, and passed on whole; a
 * larger one streams, its chunks one behind the other. RFC 4975 sections 5.1
 * and 7.3.1.
 */
#ifndef IMCONF_SWITCH_MESSAGE_H
#define IMCONF_SWITCH_MESSAGE_H

#include "switch/fanout.h"
#include "switch/spans.h"
#include "switch/verdict.h"

/** Unfinished ones of one participant at a time. */
#define MESSAGES_MAX 8

typedef enum message_state
{
	MESSAGE_COLLECTING,
	MESSAGE_STREAMING,
	MESSAGE_REFUSED /* kept so that later chunks get the same code */
} message_state_t;

typedef struct message
{
	TAILQ_ENTRY(message) link;
	leg_t *leg; /* of its sender */
	message_state_t state;
	int code;		 /* that refused it */
	str id;			 /* as received, or one of ours; owned */
	int nameless;	 /* it came without a Message-ID */
	str type;		 /* Content-Type; owned */
	str extra;		 /* further MIME headers; owned */
	uint64_t total;	 /* as the sender says, or MSRP_UNKNOWN */
	uint64_t end;	 /* where its last chunk ended, MSRP_UNKNOWN before */
	buffer_t body;	 /* collecting: from the start; streaming: not passed on */
	uint64_t at;	 /* where in the message the next octet goes, from 0 */
	uint64_t sent;	 /* streaming: octets passed on */
	spans_t *spans;	 /* what of `body` has come; NULL: all. Owned */
	int64_t touched; /* when something last came of it */
	ruling_t ruling;
	cargo_t cargo;
	audience_t audience; /* streaming */
	tally_t tally;
	connection_t *paced; /* its sender's, read no further; see pace.h */
	alarm_clock_t pace;
	long waited;		/* ms that its sender had to wait */
	receipt_t *receipt; /* held; often NULL */
} message_t;

/**
 * A chunk begins. Returns 0 and its message (NULL for an empty SEND that
 * belongs to none), or the code that is certain already; the chunk must then
 * still be given to message_end() when there is a message.
 */
int message_begin(leg_t *leg, const msrp_head_t *head, message_t **out);

/** The next octets of the chunk. Returns 0 or the code that refuses it. */
int message_body(message_t *m, const str *piece);

/** The chunk is complete. Returns the code of its response; `m` may be gone
 * afterwards. */
int message_end(message_t *m, char flag);

/** For what passes it on: it is refused with `code`, which is returned; what
 * has gone out of it ends with an abort. */
int message_refuse(message_t *m, int code, const char *why);

/** The sender goes: nothing more will come of its unfinished messages. */
void messages_abort(leg_t *leg);

#endif
