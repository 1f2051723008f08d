/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * request: a SIP request as the conference worker sees it: the gate's copy,
 * parsed once by Kamailio's parser, with who sent it. Lives only during the
 * handler; copy what has to stay.
 */
#ifndef IMCONF_SIP_REQUEST_H
#define IMCONF_SIP_REQUEST_H

#include "core/parser/msg_parser.h"
#include "model/conference.h"
#include "sip/uas.h"
#include "worker/request_block.h"

typedef struct sip_request
{
	struct sip_msg msg;
	const request_block_t *block;
	uas_t uas;
	int method; /* METHOD_INVITE ... of Kamailio's parser */
	str method_name;
	str uri;   /* the Request-URI as the script left it */
	str token; /* its user part: names a conference, or nothing of ours */
	str call_id, from_tag, to_tag; /* to_tag empty: outside a dialog */
	unsigned cseq;
	person_t requester; /* names in order of trust; names == 0: unknown */
	int max_forwards;	/* 70 when absent */
} sip_request_t;

/**
 * Parses a block. Returns 0, or -1 when the message is not usable (the gate
 * let only parsable ones through). Free with sip_request_free() in any case.
 */
int sip_request_init(sip_request_t *rq, const request_block_t *block);
void sip_request_free(sip_request_t *rq);

/** The body of the first header of this name or its compact form (compared
 * without case), borrowed and trimmed. Returns 0, or -1 when absent. */
int sip_request_header(const sip_request_t *rq, const char *name, str *value);

/** Header lookup in any parsed message: returns 1 and sets value, or 0. */
int sip_header(const struct sip_msg *msg, const char *name, str *value);

/** Calls `fn` for every comma separated token of every header of this name;
 * stops when it returns non-zero, which is returned; else 0. */
int sip_header_tokens(const struct sip_msg *msg, const char *name,
		int (*fn)(const str *token, void *arg), void *arg);

/** 1 when a header of this name lists `token` (compared without case). */
int sip_header_lists(
		const struct sip_msg *msg, const char *name, const char *token);

/** The conference that the Request-URI names: by its Session Identity or, for
 * a group, the one that is running (S2). NULL when there is none. */
conference_t *sip_request_conference(const sip_request_t *rq);

/** The names that P-Asserted-Identity gives whoever sent a message, into
 * `who`; to be believed of trusted senders only. */
void sip_asserted(const struct sip_msg *msg, person_t *who);

/** 1 when a message's Privacy asks to hide who sent it (`id` or `user`). */
int sip_wants_privacy(const struct sip_msg *msg);

/** The body; empty when there is none. */
str sip_body(const struct sip_msg *msg);

/**
 * Refuses: an answer with a definite code, a log line that says who, what and
 * why, and the statistic. `headers` may be NULL. Gives the To a tag.
 */
void sip_refuse(sip_request_t *rq, int code, const char *reason,
		const char *why, const str *headers);

/** The same with a body, whose Content-Type is among `headers`. */
void sip_refuse_with(sip_request_t *rq, int code, const char *reason,
		const char *why, const str *headers, const str *body);

#endif
