/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * buffer: bytes that grow at their end, with a limit. Errors stick: write
 * away and ask buffer_failed() once. Ground floor.
 */
#ifndef IMCONF_BASE_BUFFER_H
#define IMCONF_BASE_BUFFER_H

#include <stdarg.h>
#include "base/text.h"

typedef struct buffer
{
	char *s;	 /* owned; not zero terminated */
	size_t len;	 /* bytes written */
	size_t size; /* bytes allocated */
	size_t max;	 /* never grows beyond; 0: BUFFER_MAX */
	int failed;	 /* memory out or max reached since the last clear */
} buffer_t;

#define BUFFER_MAX (64UL << 20)

/** Makes `b` empty, without memory, growing up to `max` bytes. */
void buffer_init(buffer_t *b, size_t max);

/** Gives the memory back; `b` is as after buffer_init() then. */
void buffer_free(buffer_t *b);

/** Forgets the contents and the failure, keeps the memory. */
void buffer_clear(buffer_t *b);

/** Makes room for `more` bytes at the end. Returns 0 or -1 (failed is set). */
int buffer_reserve(buffer_t *b, size_t more);

/** Appends; a failed buffer takes nothing more. Return 0 or -1. */
int buffer_add(buffer_t *b, const void *data, size_t len);
int buffer_add_str(buffer_t *b, const str *s);
int buffer_add_text(buffer_t *b, const char *zero_terminated);
int buffer_add_number(buffer_t *b, uint64_t n); /* in decimal */
int buffer_printf(buffer_t *b, const char *fmt, ...)
		__attribute__((format(printf, 2, 3)));

/** Appends `s` with the five XML specials escaped and control octets that
 * XML 1.0 forbids dropped; what is no UTF-8 becomes U+FFFD, octet by octet, so
 * that no name can break a document. Returns 0 or -1. */
int buffer_add_xml(buffer_t *b, const str *s);

/** The same without escapes: plain text that is UTF-8 whatever came. */
int buffer_add_utf8(buffer_t *b, const str *s);

/** Is `s` UTF-8 throughout, and of characters that XML 1.0 (section 2.2)
 * allows: would buffer_add_utf8() add it unchanged? */
int buffer_is_clean(const str *s);

/** Drops the first `len` bytes (all, when there are fewer). */
void buffer_drop(buffer_t *b, size_t len);

/** 1 when anything since init or clear did not fit. */
int buffer_failed(const buffer_t *b);

/** The contents as a `str`; good until the next change. */
str buffer_str(const buffer_t *b);

#endif
