/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * multipart: MIME bodies of SIP messages taken apart and put together.
 * RFC 2046, RFC 5621. No state, nothing copied on the way in.
 */
#ifndef IMCONF_WIRE_MULTIPART_H
#define IMCONF_WIRE_MULTIPART_H

#include "base/buffer.h"

#define MULTIPART_PARTS_MAX 16 /* leaves in one body, nested ones included */
#define MULTIPART_DEPTH_MAX 4

/** One leaf; everything points into the body (a part without a type is
 * text/plain by RFC 2046, which points to a constant). */
typedef struct body_part
{
	str type;		 /* "application/sdp", without parameters */
	str params;		 /* the Content-Type's parameters, after the first ';' */
	str disposition; /* "recipient-list"; empty when absent */
	int optional;	 /* Content-Disposition says handling=optional */
	str content_id;	 /* without angle brackets */
	str encoding;	 /* Content-Transfer-Encoding; empty, 7bit, 8bit, binary
						pass, others are for the caller to refuse */
	str body;
} body_part_t;

typedef struct body_parts
{
	body_part_t part[MULTIPART_PARTS_MAX];
	int count;
} body_parts_t;

/**
 * Splits a body. `content_type` and `disposition` are the message's header
 * values (the latter may be empty); a body that is not multipart is one part,
 * neither body nor type is none.
 * multipart/mixed, /related and /alternative are opened (RFC 5621 section 3),
 * nested ones too. Tolerates bare LF, a missing final CRLF, text before and
 * after (deployed clients do), boundary with or without quotes.
 * Returns 0, or -1 when broken: no boundary, no opening or closing delimiter,
 * a part's header line that is none, too many parts, too deep.
 */
int body_parts_parse(const str *content_type, const str *disposition,
		const str *body, body_parts_t *parts);

/** Value of a parameter (quotes removed) in a `;`-separated list, name
 * compared without case. Returns 1 or 0. */
int mime_param(const str *params, const str *name, str *value);

/**
 * Writes one part with its delimiter and headers. `boundary` must not occur
 * in any body: use one made by random_hex(). `disposition` may be NULL.
 */
void multipart_add(buffer_t *out, const char *boundary, const char *type,
		const char *disposition, const str *body);
/** Writes the closing delimiter. */
void multipart_end(buffer_t *out, const char *boundary);

#endif
