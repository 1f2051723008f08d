/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * text: see text.h. Called from every floor; knows nothing above itself.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include <stdlib.h>
#include <string.h>
#include "base/text.h"


static int is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}


int text_eq(const str *a, const str *b)
{
	if(a->len != b->len)
		return 0;
	return a->len <= 0 || memcmp(a->s, b->s, a->len) == 0;
}


/* not strncasecmp: its idea of a letter depends on the locale */
static int lower(char c)
{
	return (c >= 'A' && c <= 'Z') ? c - 'A' + 'a' : c;
}


static int equal_nocase(const char *a, const char *b, int len)
{
	for(int i = 0; i < len; i++) {
		if(lower(a[i]) != lower(b[i]))
			return 0;
	}
	return 1;
}


int text_eq_nocase(const str *a, const str *b)
{
	return a->len == b->len && equal_nocase(a->s, b->s, a->len);
}


int text_starts_nocase(const str *s, const str *prefix)
{
	return s->len >= prefix->len && equal_nocase(s->s, prefix->s, prefix->len);
}


int text_find_char(const str *s, char c)
{
	const char *p = s->len > 0 ? memchr(s->s, c, s->len) : NULL;

	return p ? (int)(p - s->s) : -1;
}


int text_find(const str *s, const str *needle)
{
	const char *p;

	if(needle->len <= 0)
		return 0;
	if(s->len < needle->len)
		return -1;
	p = memmem(s->s, s->len, needle->s, needle->len);
	return p ? (int)(p - s->s) : -1;
}


str text_trim(const str *s)
{
	str t = *s;

	while(t.len > 0 && is_space(t.s[0])) {
		t.s++;
		t.len--;
	}
	while(t.len > 0 && is_space(t.s[t.len - 1]))
		t.len--;
	return t;
}


str text_from(const str *s, int from)
{
	if(from >= s->len)
		from = s->len;
	/* no arithmetic on a null pointer, not even plus nothing */
	if(from <= 0)
		return *s;
	return (str){s->s + from, s->len - from};
}


int text_hex_value(char c)
{
	if(c >= '0' && c <= '9')
		return c - '0';
	if(c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if(c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}


str text_cut(const str *s, int max)
{
	str head = *s;

	if(head.len <= max)
		return head;
	head.len = max;
	/* the first octet left out must begin a character */
	while(head.len > 0 && ((unsigned char)head.s[head.len] & 0xc0) == 0x80)
		head.len--;
	return head;
}


int text_copy(str *dst, const str *src)
{
	*dst = (str){NULL, 0};
	if(src->len <= 0)
		return 0;
	dst->s = malloc((size_t)src->len + 1);
	if(dst->s == NULL)
		return -1;
	memcpy(dst->s, src->s, src->len);
	dst->s[src->len] = '\0';
	dst->len = src->len;
	return 0;
}


void text_free(str *s)
{
	free(s->s);
	*s = (str){NULL, 0};
}


int text_replace(str *dst, const str *src)
{
	str copy;

	if(text_copy(&copy, src) < 0)
		return -1;
	text_free(dst);
	*dst = copy;
	return 0;
}


int text_to_uint(const str *s, uint64_t max, uint64_t *value)
{
	uint64_t n = 0;
	unsigned digit;

	if(s->len <= 0)
		return -1;
	for(int i = 0; i < s->len; i++) {
		if(s->s[i] < '0' || s->s[i] > '9')
			return -1;
		digit = s->s[i] - '0';
		if(digit > max || n > (max - digit) / 10)
			return -1;
		n = n * 10 + digit;
	}
	*value = n;
	return 0;
}


int text_next(str *rest, char sep, str *token)
{
	int at;

	if(rest->len <= 0)
		return 0;
	at = text_find_char(rest, sep);
	*token = (str){rest->s, at < 0 ? rest->len : at};
	*rest = text_from(rest, at < 0 ? rest->len : at + 1);
	*token = text_trim(token);
	return 1;
}
