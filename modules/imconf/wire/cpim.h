/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * cpim: the headers of a message/cpim, found without touching a byte. RFC
 * 3862, as deployed clients write it (LF, missing headers). No
 * state.
 */
#ifndef IMCONF_WIRE_CPIM_H
#define IMCONF_WIRE_CPIM_H

#include "base/buffer.h"

#define CPIM_TO_MAX 16		  /* To lines remembered */
#define CPIM_HEADERS_MAX 8192 /* message headers and MIME headers together */

typedef struct cpim
{
	str from_line; /* the whole From line with its line end; empty: absent */
	str from;	   /* its value */
	str from_uri;  /* its URI; empty when it cannot be found */
	int from_count;
	str to[CPIM_TO_MAX]; /* values */
	str to_uri[CPIM_TO_MAX];
	int to_count;		/* all who are named in To; may exceed CPIM_TO_MAX */
	int cc_count;		/* all cc lines */
	str date_time;		/* DateTime's value */
	str content_type;	/* of the wrapped part, without parameters; may be
						   empty */
	size_t headers_end; /* octets up to and including the blank line; when
						   that is missing, up to the first Content- line */
	size_t mime_end;	/* octets up to and including the second blank line */
} cpim_t;

typedef enum cpim_result
{
	CPIM_OK = 0,
	CPIM_NEED_MORE = 1, /* the message headers are not complete yet */
	CPIM_BROKEN = -1	/* a line that is no header, or too long: 400 */
} cpim_result_t;

/**
 * Finds the headers at the begin of `data`. All of `cpim` points into it. Header names of the message part
 * compare exactly (RFC 3862 section 2.1), `Content-type` without case. When
 * the MIME headers are not complete within `data`, mime_end is 0 and
 * content_type empty, still CPIM_OK unless `whole` is 0 (then NEED_MORE).
 * `whole`: no more data will come.
 */
cpim_result_t cpim_parse(const str *data, int whole, cpim_t *cpim);

/**
 * Writes the message headers of `cpim` (parsed from `data`) up to and with
 * the blank line: one From in front instead of all that were there (the
 * only one with its display name when its URI is `from_uri` already), a To of `to_uri` when there is none, a DateTime when there is none;
 * every other byte as it was, line ends as the first line has them. The MIME
 * part (from headers_end on) is not written. `now`: seconds since 1970.
 */
void cpim_write_headers(buffer_t *out, const str *data, const cpim_t *cpim,
		const str *from_uri, const str *to_uri, int64_t now);

#endif
