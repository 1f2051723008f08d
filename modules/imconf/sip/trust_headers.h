/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * trust_headers: what messages carry within the trust domain only (G12): who
 * we are, P-Asserted-Identity with the Session Identity (RFC 3325; the
 * conference asks, whoever had it asked stands in Referred-By), and
 * P-Charging-Vector (RFC 7315).
 */
#ifndef IMCONF_SIP_TRUST_HEADERS_H
#define IMCONF_SIP_TRUST_HEADERS_H

#include "base/buffer.h"
#include "sip/request.h"

struct dialog;

/** Of a request in `d`, or that begins it, towards a trusted next hop. */
void trust_headers_request(
		buffer_t *out, const struct dialog *d, const char *method);

/**
 * Of an answer to `rq`; nothing when it was sent by somebody whom we do not
 * trust. `contact`: our Contact value; NULL (a refusal): no identity.
 */
void trust_headers_answer(
		buffer_t *out, const sip_request_t *rq, const str *contact);

/**
 * What identifies a conference that `rq` makes in charging records: the vector
 * that it brings, without its operators, or one of our own; empty without a
 * trust domain. `id` is for text_free(). Returns 0, or -1 when memory is out.
 */
int trust_headers_charging(const sip_request_t *rq, str *id);

#endif
