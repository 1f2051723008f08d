/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * request_block: a SIP request on its way from a SIP worker to a conference
 * worker: one self-contained block of shared memory, made by the gate, read
 * and freed by the worker.
 */
#ifndef IMCONF_WORKER_REQUEST_BLOCK_H
#define IMCONF_WORKER_REQUEST_BLOCK_H

#include <stddef.h>
#include "core/ip_addr.h"

typedef struct request_block
{
	struct receive_info rcv;
	unsigned hash, label; /* tm's name of the transaction; ACK: unused */
	unsigned cancelled_hash, cancelled_label; /* CANCEL: of its INVITE */
	int to_factory; /* the Request-URI is a conference factory */
	int to_group;	/* the Request-URI is a group's */
	int trusted;	/* what it asserts is believed: a trusted peer sent it */
	int buf_len;	/* the message as it came from the wire */
	int user_len;	/* digest user as "sip:user@realm", 0: not authenticated */
	int uri_len;	/* the Request-URI as the script left it, 0: as received */
	char bytes[];	/* message, a zero, user, URI */
} request_block_t;

/** Bytes of the whole block. */
static inline size_t request_block_size(const request_block_t *block)
{
	return sizeof(*block) + block->buf_len + 1 + block->user_len
		   + block->uri_len;
}

/** The two texts behind the message; empty when absent. */
static inline str request_block_user(const request_block_t *block)
{
	return (str){(char *)block->bytes + block->buf_len + 1, block->user_len};
}

static inline str request_block_uri(const request_block_t *block)
{
	str user = request_block_user(block);

	return (str){user.s + user.len, block->uri_len};
}

#endif
