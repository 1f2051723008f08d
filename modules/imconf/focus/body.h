/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * body: what an INVITE to us carries: at most one session description and any
 * number of recipient lists. Clauses G8, A2; RFC 5621. Private to the focus.
 */
#ifndef IMCONF_FOCUS_BODY_H
#define IMCONF_FOCUS_BODY_H

#include "focus/refusal.h"
#include "wire/resource_list.h"
#include "wire/sdp.h"

typedef struct body
{
	int has_sdp;
	sdp_t sdp; /* points into the request, as the next */
	str sdp_text;
	resource_list_t list; /* of all recipient-list parts */
} body_t;

/**
 * Reads the body. Returns 0, or -1 with `refusal` filled in: 400 broken, 415
 * a required part or an encoding we do not know, 488 no MSRP, 486 a list too
 * long. Free with body_free() in any case.
 */
int body_read(const struct sip_msg *msg, body_t *body, refusal_t *refusal);

/**
 * Reads what a cid URL points to (RFC 2392, R3): the whole body, by the
 * message's Content-ID, or a part by its own. 400 when that is no list, else
 * as body_read(). Free with body_free() in any case.
 */
int body_read_pointed(const struct sip_msg *msg, const str *cid, body_t *body,
		refusal_t *refusal);

/** Frees what was read, not the struct; once, also after a failure. */
void body_free(body_t *body);

#endif
