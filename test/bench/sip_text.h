/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * sip_text: what the load client reads from a SIP message, straight from its
 * text. Enough for messages of the server under load, not for anybody's: full
 * header names, one header field per line.
 */
#ifndef BENCH_SIP_TEXT_H
#define BENCH_SIP_TEXT_H

#include <stddef.h>

typedef struct sip_text
{
	const char *s; /* ends with a NUL */
	size_t len;
} sip_text_t;

/** The status of a response, 0 for a request. */
int sip_status(const sip_text_t *m);

/** 1 when the message is a request of `method`, or a response to one. */
int sip_is(const sip_text_t *m, const char *method);

/** Copies the value of the first `name` header. Returns its length, 0 when it
 * is absent or does not fit; `out` is then "". */
size_t sip_header(
		const sip_text_t *m, const char *name, char *out, size_t size);

/** Copies the whole lines of every `name` header, in order, written under the
 * name `as`. Returns their length; -1 when they do not fit. */
int sip_lines(const sip_text_t *m, const char *name, const char *as, char *out,
		size_t size);

/** The body line that starts with `prefix`, without the prefix. Returns its
 * length, 0 when it is absent or does not fit. */
size_t sip_body_line(
		const sip_text_t *m, const char *prefix, char *out, size_t size);

#endif
