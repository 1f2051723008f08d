/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * request_block: a SIP request on its way from a SIP worker to a conference
 * worker: one self-contained block of shared memory, made by the gate, read
 * and freed by the worker.
 */
#ifndef IMCONF_WORKER_REQUEST_BLOCK_H
#define IMCONF_WORKER_REQUEST_BLOCK_H

#include "core/ip_addr.h"

typedef struct request_block
{
	struct receive_info rcv;
	unsigned hash, label; /* tm's name of the transaction; ACK: unused */
	unsigned cancelled_hash, cancelled_label; /* CANCEL: of its INVITE */
	int to_factory; /* the Request-URI is a conference factory */
	int to_group;	/* the Request-URI is a group's */
	int user_len;	/* digest user as "sip:user@realm", 0: not authenticated */
	int buf_len;	/* the message as it came from the wire */
	char bytes[];	/* message, a zero, user */
} request_block_t;

#endif
