/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * media: what the focus asks about a participant's MSRP leg while it makes
 * SIP bodies. The switch fills it in; the focus knows nothing else of it. A
 * leg is closed by EFFECT_LEAVE, takes part in the chat from EFFECT_ENTER.
 */
#ifndef IMCONF_WORKER_MEDIA_H
#define IMCONF_WORKER_MEDIA_H

#include "base/buffer.h"
#include "model/conference.h"
#include "wire/sdp.h"

typedef struct media_ops
{
	/** Our offer to `p`, with a fresh leg. Returns 0, or -1 (no memory). */
	int (*offer)(participant_t *p, buffer_t *out);

	/** Whether an offer can be used at all: 0, or 488. Nothing is made. */
	int (*check)(const sdp_t *offer);

	/** Our answer to `offer` of `p`, with a fresh leg, or with the leg it has
	 * (re-INVITE). Returns 0, or the SIP code of a refusal (488, 500). */
	int (*answer)(participant_t *p, const sdp_t *offer, buffer_t *out);

	/** What we last said to `p`, word for word, for a re-INVITE that changes
	 * nothing: RFC 4028 7.4 wants the same origin, thus (RFC 3264 8) the same
	 * roles in a=setup, be it passive, which RFC 6135 4.2.2 keeps out of new
	 * offers. Returns 0, or -1: there is nothing (no MSRP), or no memory. */
	int (*repeat)(participant_t *p, buffer_t *out);

	/** The answer of `p` to our offer; NULL: it came without a description.
	 * Returns 0, or 488 when we cannot use it. Either way a participant who
	 * had agreed upon MSRP before keeps it, and any other has none. */
	int (*answered)(participant_t *p, const sdp_t *answer);

	/** A word for RPC: "none", "waiting", "bound", "lost". */
	const char *(*state)(const participant_t *p);

	/** Bytes that wait for its connection to come (back). */
	size_t (*held)(const participant_t *p);

	/** Bytes that its connection has not taken yet (of all its legs). */
	size_t (*queued)(const participant_t *p);
} media_ops_t;

extern media_ops_t media;

#endif
