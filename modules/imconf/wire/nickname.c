/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * nickname: see nickname.h. Called by the switch for NICKNAME requests and by
 * the model to compare; knows neither frames nor participants.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* towlower_l */
#endif
#include <locale.h>
#include <wctype.h>

#include "base/buffer.h"
#include "wire/nickname.h"

#define NO_CHARACTER (-1)

typedef struct range
{
	long first, last;
} range_t;


static int is_in(long c, const range_t *range, size_t count)
{
	for(size_t i = 0; i < count; i++) {
		if(c >= range[i].first && c <= range[i].last)
			return 1;
	}
	return 0;
}


static long tail_of(const unsigned char *p, int len, long c)
{
	for(int i = 1; i < len; i++) {
		if((p[i] & 0xc0) != 0x80)
			return NO_CHARACTER;
		c = c << 6 | (p[i] & 0x3f);
	}
	return c;
}


/* The character at *at, which moves on; NO_CHARACTER: no UTF-8. */
static long next_character(const str *s, int *at)
{
	static const long smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)s->s + *at;
	int len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	long c;

	if(len == 1) {
		*at += 1;
		return p[0];
	}
	if(p[0] < 0xc2 || p[0] > 0xf4 || s->len - *at < len)
		return NO_CHARACTER;
	c = tail_of(p, len, p[0] & (0xff >> (len + 1)));
	if(c < smallest[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return NO_CHARACTER;
	*at += len;
	return c;
}


static int add_character(buffer_t *b, long c)
{
	unsigned char s[4];
	int len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for(int i = len - 1; i > 0; i--, c >>= 6)
		s[i] = 0x80 | (c & 0x3f);
	s[0] = lead[len] | c;
	return buffer_add(b, s, len);
}


/* RFC 8264 section 9: controls, what is ignorable, private and unassigned at
 * the ends of planes. */
static int is_allowed(long c)
{
	static const range_t forbidden[] = {{0, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad},
			{0x34f, 0x34f}, {0x61c, 0x61c}, {0x115f, 0x1160}, {0x17b4, 0x17b5},
			{0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e},
			{0x2060, 0x206f}, {0x3164, 0x3164}, {0xe000, 0xf8ff},
			{0xfdd0, 0xfdef}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff},
			{0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0xe0000, 0xe0fff},
			{0xf0000, 0x10ffff}};

	return !is_in(c, forbidden, sizeof(forbidden) / sizeof(forbidden[0]))
		   && (c & 0xfffe) != 0xfffe;
}


static int is_space(long c)
{
	static const range_t spaces[] = {{0x20, 0x20}, {0xa0, 0xa0},
			{0x1680, 0x1680}, {0x2000, 0x200a}, {0x202f, 0x202f},
			{0x205f, 0x205f}, {0x3000, 0x3000}};

	return is_in(c, spaces, sizeof(spaces) / sizeof(spaces[0]));
}


/* Takes the quotes off. Inside a quotation mark or a backslash stand behind a
 * backslash, and nothing else does. */
static int unquote(const str *value, buffer_t *out)
{
	str in = {value->s + 1, value->len - 2};

	if(value->len < 2 || value->s[0] != '"' || value->s[value->len - 1] != '"')
		return NICKNAME_MALFORMED;
	for(int i = 0; i < in.len; i++) {
		if(in.s[i] == '"')
			return NICKNAME_MALFORMED;
		if(in.s[i] == '\\') {
			i++;
			if(i == in.len || (in.s[i] != '"' && in.s[i] != '\\'))
				return NICKNAME_MALFORMED;
		}
		buffer_add(out, &in.s[i], 1);
	}
	if(buffer_failed(out))
		return NICKNAME_MEMORY;
	return out->len > NICKNAME_MAX ? NICKNAME_MALFORMED : 0;
}


/* Every run of spaces becomes one, those at the ends none. With `fold` case
 * and width are taken away, too. */
static int normalize(const str *s, buffer_t *out, long (*fold)(long))
{
	int at = 0, gap = 0;
	long c;

	while(at < s->len) {
		c = next_character(s, &at);
		if(c == NO_CHARACTER || (!is_space(c) && !is_allowed(c)))
			return NICKNAME_MALFORMED;
		if(is_space(c)) {
			gap = out->len > 0;
			continue;
		}
		if(gap)
			buffer_add(out, " ", 1);
		gap = 0;
		add_character(out, fold ? fold(c) : c);
	}
	return buffer_failed(out) ? NICKNAME_MEMORY : 0;
}


static int give(buffer_t *b, str *out)
{
	str all = buffer_str(b);

	return text_copy(out, &all) < 0 ? NICKNAME_MEMORY : 0;
}


int nickname_read(const str *value, str *name)
{
	buffer_t plain, shown;
	str text;
	int rc;

	name->s = NULL;
	name->len = 0;
	buffer_init(&plain, 0);
	buffer_init(&shown, 0);
	rc = unquote(value, &plain);
	text = buffer_str(&plain);
	if(rc == 0)
		rc = normalize(&text, &shown, NULL);
	if(rc == 0 && text.len > 0 && shown.len == 0)
		rc = NICKNAME_MALFORMED;
	if(rc == 0)
		rc = give(&shown, name);
	buffer_free(&plain);
	buffer_free(&shown);
	return rc;
}


/* In any script; in a C library without the locale only in ASCII. */
static long lower(long c)
{
	static locale_t unicode;
	static int asked;

	if(!asked)
		unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	asked = 1;
	if(unicode)
		return (long)towlower_l((wint_t)c, unicode);
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}


static long fold(long c)
{
	if(c >= 0xff01 && c <= 0xff5e)
		c -= 0xff01 - 0x21;
	return lower(c);
}


int nickname_key(const str *name, str *key)
{
	buffer_t b;
	int rc;

	buffer_init(&b, 0);
	rc = normalize(name, &b, fold);
	/* a name of another origin may be anything; then it is its own key */
	if(rc == NICKNAME_MALFORMED)
		rc = text_copy(key, name) < 0 ? NICKNAME_MEMORY : 0;
	else if(rc == 0)
		rc = give(&b, key);
	buffer_free(&b);
	return rc;
}
