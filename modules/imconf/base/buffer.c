/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * buffer: see buffer.h. Called from every floor; knows nothing above itself.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buffer.h"

#define FIRST_SIZE 256


void buffer_init(buffer_t *b, size_t max)
{
	memset(b, 0, sizeof(*b));
	/* a str counts in int */
	b->max = max == 0 ? BUFFER_MAX : max > INT_MAX ? INT_MAX : max;
}


void buffer_free(buffer_t *b)
{
	free(b->s);
	buffer_init(b, b->max);
}


void buffer_clear(buffer_t *b)
{
	b->len = 0;
	b->failed = 0;
}


static int fail(buffer_t *b)
{
	b->failed = 1;
	return -1;
}


int buffer_reserve(buffer_t *b, size_t more)
{
	size_t size = b->size ? b->size : FIRST_SIZE;
	char *s;

	if(b->failed || more > b->max - b->len)
		return fail(b);
	if(b->s != NULL && more <= b->size - b->len)
		return 0;
	while(size - b->len < more)
		size *= 2;
	if(size > b->max)
		size = b->max;
	s = realloc(b->s, size ? size : 1);
	if(s == NULL)
		return fail(b);
	b->s = s;
	b->size = size;
	return 0;
}


int buffer_add(buffer_t *b, const void *data, size_t len)
{
	if(buffer_reserve(b, len) < 0)
		return -1;
	if(len > 0)
		memcpy(b->s + b->len, data, len);
	b->len += len;
	return 0;
}


int buffer_add_str(buffer_t *b, const str *s)
{
	return buffer_add(b, s->s, s->len > 0 ? s->len : 0);
}


int buffer_add_text(buffer_t *b, const char *zero_terminated)
{
	return buffer_add(b, zero_terminated, strlen(zero_terminated));
}


int buffer_add_number(buffer_t *b, uint64_t n)
{
	char digits[20];
	int at = sizeof(digits);

	do {
		digits[--at] = '0' + n % 10;
		n /= 10;
	} while(n > 0);
	return buffer_add(b, digits + at, sizeof(digits) - at);
}


/* vsnprintf() wants room for a zero that the buffer does not keep and that
 * may not fit below its limit: format aside when it would be tight */
static int print_aside(buffer_t *b, size_t len, const char *fmt, va_list ap)
{
	char *s = malloc(len + 1);
	int rc;

	if(s == NULL)
		return fail(b);
	vsnprintf(s, len + 1, fmt, ap);
	rc = buffer_add(b, s, len);
	free(s);
	return rc;
}


int buffer_printf(buffer_t *b, const char *fmt, ...)
{
	char small[512];
	va_list ap;
	int len, rc;

	if(b->failed)
		return -1;
	va_start(ap, fmt);
	len = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if(len < 0 || (size_t)len > b->max - b->len)
		return fail(b);
	if((size_t)len < sizeof(small))
		return buffer_add(b, small, len);
	va_start(ap, fmt);
	rc = print_aside(b, len, fmt, ap);
	va_end(ap);
	return rc;
}


static const char *xml_special(unsigned char c)
{
	switch(c) {
		case '&':
			return "&amp;";
		case '<':
			return "&lt;";
		case '>':
			return "&gt;";
		case '"':
			return "&quot;";
		case '\'':
			return "&apos;";
		default:
			return NULL;
	}
}


static int utf8_length(unsigned char first)
{
	if(first < 0x80)
		return 1;
	if(first >= 0xc2 && first <= 0xdf)
		return 2;
	if(first >= 0xe0 && first <= 0xef)
		return 3;
	if(first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}


static const char *no_special(unsigned char c)
{
	return NULL;
}


/* Length of the character at `p` when XML 1.0 (section 2.2) allows it, 0 when
 * it does not or is no UTF-8. */
static int xml_char(const unsigned char *p, int left)
{
	int len = utf8_length(p[0]);
	unsigned code;

	if(len == 0 || len > left)
		return 0;
	if(len == 1)
		return p[0] >= 0x20 || p[0] == '\t' || p[0] == '\n' || p[0] == '\r';
	code = p[0] & (0x7f >> len);
	for(int i = 1; i < len; i++) {
		if((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if((len == 3 && code < 0x800) || (len == 4 && code < 0x10000))
		return 0;
	if((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
		return 0;
	return code == 0xfffe || code == 0xffff ? 0 : len;
}


static int add_clean(
		buffer_t *b, const str *s, const char *(*escape)(unsigned char))
{
	const unsigned char *p = (const unsigned char *)s->s;
	const char *special;
	int step, plain = 0;

	for(int i = 0; i < s->len; i += step) {
		special = escape(p[i]);
		step = special ? 0 : xml_char(p + i, s->len - i);
		if(step > 0)
			continue;
		/* the plain run before, then what stands for this octet */
		if(i > plain)
			buffer_add(b, p + plain, i - plain);
		if(special)
			buffer_add_text(b, special);
		else if(p[i] >= 0x80)
			buffer_add_text(b, "\xef\xbf\xbd");
		step = 1;
		plain = i + 1;
	}
	if(s->len > plain)
		buffer_add(b, p + plain, s->len - plain);
	return b->failed ? -1 : 0;
}


int buffer_add_xml(buffer_t *b, const str *s)
{
	return add_clean(b, s, xml_special);
}


int buffer_add_utf8(buffer_t *b, const str *s)
{
	return add_clean(b, s, no_special);
}


int buffer_is_clean(const str *s)
{
	const unsigned char *p = (const unsigned char *)s->s;
	int step;

	for(int i = 0; i < s->len; i += step) {
		step = xml_char(p + i, s->len - i);
		if(step == 0)
			return 0;
	}
	return 1;
}


void buffer_drop(buffer_t *b, size_t len)
{
	if(len >= b->len) {
		b->len = 0;
		return;
	}
	memmove(b->s, b->s + len, b->len - len);
	b->len -= len;
}


int buffer_failed(const buffer_t *b)
{
	return b->failed;
}


str buffer_str(const buffer_t *b)
{
	return (str){b->s, (int)b->len};
}
