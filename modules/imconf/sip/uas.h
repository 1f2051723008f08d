/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * uas: answering a suspended transaction from the worker. Only the worker
 * that got the request answers it.
 */
#ifndef IMCONF_SIP_UAS_H
#define IMCONF_SIP_UAS_H

#include "base/text.h"

struct cell;

/** A server transaction by tm's name for it; plain data, may be copied. */
typedef struct uas
{
	unsigned hash, label;
	struct cell *held; /* a reference that keeps tm from forgetting it */
} uas_t;

/**
 * Answers. `headers`: complete lines with CRLF, a Content-Type among them
 * when there is a body; may be NULL, as `body` and `to_tag` (in-dialog
 * requests and 100 need no tag). Returns 0, or -1 when tm did not accept it
 * (answered already, cancelled, gone): nothing was sent then.
 */
int uas_reply(uas_t *uas, int code, const char *reason, const str *headers,
		const str *body, const str *to_tag);

/** 1 while it waits for its final answer: 0 once it is answered, cancelled or
 * gone. */
int uas_is_open(const uas_t *uas);

/** Keeps the transaction (and the retransmission of its 2xx, RFC 3261
 * 13.3.1.4) alive until uas_release(). Returns 0 or -1. */
int uas_hold(uas_t *uas);

/** Ends the retransmission of a 2xx and lets go. Harmless when nothing is held. */
void uas_release(uas_t *uas);

#endif
