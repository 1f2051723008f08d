/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * nickname: see nickname.h. Called by the switch for NICKNAME requests and by
 * the model to compare; knows neither frames nor participants. What Unicode
 * says of characters comes from libunistring.
 */
#include <errno.h>
#include <stdlib.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>
#include <unictype.h>

#include "base/buffer.h"
#include "wire/nickname.h"

/* RFC 8264 section 7: rules are applied until nothing changes any more */
#define ROUNDS_MAX 4
#define CHARACTER_MAX 6


/* RFC 8264 section 9.9; libunistring has no property for them. */
static int is_old_hangul(ucs4_t c)
{
	return (c >= 0x1100 && c <= 0x11ff) || (c >= 0xa960 && c <= 0xa97c)
		   || (c >= 0xd7b0 && c <= 0xd7fb);
}


/* The FreeformClass of RFC 8264 section 4.3. */
static int is_allowed(ucs4_t c)
{
	static const uint32_t never = UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cs
								  | UC_CATEGORY_MASK_Co | UC_CATEGORY_MASK_Cn
								  | UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp;

	return !uc_is_general_category_withtable(c, never)
		   && !uc_is_property_default_ignorable_code_point(c)
		   && !uc_is_property_not_a_character(c) && !is_old_hangul(c);
}


static int is_space(ucs4_t c)
{
	return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Zs);
}


static int add_character(buffer_t *b, ucs4_t c)
{
	uint8_t s[CHARACTER_MAX];

	return buffer_add(b, s, u8_uctomb(s, c, sizeof(s)));
}


/* Takes the quotes off. Inside a quotation mark or a backslash stand behind a
 * backslash, and nothing else does. */
static int unquote(const str *value, buffer_t *out)
{
	str in = text_from(value, 1);

	if(value->len < 2 || value->s[0] != '"' || value->s[value->len - 1] != '"')
		return NICKNAME_MALFORMED;
	in.len--;
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


/* RFC 8266 section 2.1: every run of spaces becomes one, those at the ends
 * none. Without `strict` any character will do. */
static int map_spaces(const str *s, int strict, buffer_t *out)
{
	int at = 0, gap = 0, len;
	ucs4_t c;

	buffer_clear(out);
	while(at < s->len) {
		len = u8_mbtoucr(&c, (const uint8_t *)s->s + at, s->len - at);
		if(len < 1 || (strict && !is_space(c) && !is_allowed(c)))
			return NICKNAME_MALFORMED;
		at += len;
		if(is_space(c)) {
			gap = out->len > 0;
			continue;
		}
		if(gap)
			buffer_add(out, " ", 1);
		gap = 0;
		add_character(out, c);
	}
	return buffer_failed(out) ? NICKNAME_MEMORY : 0;
}


/* Without case and in NFKC, once. */
static int fold(buffer_t *b)
{
	size_t len;
	uint8_t *folded;

	if(b->len == 0)
		return 0;
	folded = u8_casefold(
			(const uint8_t *)b->s, b->len, NULL, UNINORM_NFKC, NULL, &len);
	if(!folded)
		return errno == ENOMEM ? NICKNAME_MEMORY : NICKNAME_MALFORMED;
	buffer_clear(b);
	buffer_add(b, folded, len);
	free(folded);
	return buffer_failed(b) ? NICKNAME_MEMORY : 0;
}


/* What equal ones have in common, in `key`: NFKC may make spaces and
 * capitals, which the rules have to see again. */
static int reduce(const str *name, int strict, buffer_t *key)
{
	str before = *name, after = {NULL, 0};
	buffer_t last;
	int rc = 0, round, stable = 0;

	buffer_init(&last, 0);
	for(round = 0; rc == 0 && round < ROUNDS_MAX; round++) {
		rc = map_spaces(&before, strict && round == 0, key);
		if(rc == 0)
			rc = fold(key);
		after = buffer_str(key);
		stable = rc == 0 && text_eq(&before, &after);
		if(rc || stable)
			break;
		buffer_clear(&last);
		rc = buffer_add_str(&last, &after) < 0 ? NICKNAME_MEMORY : 0;
		before = buffer_str(&last);
	}
	if(rc == 0 && !stable)
		rc = NICKNAME_MALFORMED;
	buffer_free(&last);
	return rc;
}


static int give(buffer_t *b, str *out)
{
	str all = buffer_str(b);

	return text_copy(out, &all) < 0 ? NICKNAME_MEMORY : 0;
}


/* Something must be left of it, and not more than may be said. */
static int check_key(const str *name)
{
	buffer_t key;
	int rc;

	buffer_init(&key, 0);
	rc = reduce(name, 1, &key);
	if(rc == 0 && (key.len == 0 || key.len > NICKNAME_MAX))
		rc = NICKNAME_MALFORMED;
	buffer_free(&key);
	return rc;
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
	if(rc == 0 && text.len > 0)
		rc = check_key(&text);
	if(rc == 0)
		rc = map_spaces(&text, 1, &shown);
	if(rc == 0)
		rc = give(&shown, name);
	buffer_free(&plain);
	buffer_free(&shown);
	return rc;
}


int nickname_key(const str *name, str *key)
{
	buffer_t b;
	int rc;

	buffer_init(&b, 0);
	rc = reduce(name, 0, &b);
	/* a name of another origin may be anything; then it is its own key */
	if(rc == NICKNAME_MALFORMED)
		rc = text_copy(key, name) < 0 ? NICKNAME_MEMORY : 0;
	else if(rc == 0)
		rc = give(&b, key);
	buffer_free(&b);
	return rc;
}
