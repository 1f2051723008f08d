/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/replaces, wire/reason and wire/header_value.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include "wire/header_value.h"
#include "wire/reason.h"
#include "wire/replaces.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TAGS ";to-tag=1;from-tag=2"

static str text_of(const char *s)
{
	return (str){(char *)s, (int)strlen(s)};
}


static void check(const char *in, const char *what, str got, const char *want)
{
	str e = text_of(want);

	if(!text_eq(&got, &e))
		fail_msg("%s: %s is '%.*s', not '%s'", in, what, TEXT_ARG(&got), want);
}


static void test_E4_good(void **state)
{
	static const struct
	{
		const char *in, *call_id, *to_tag, *from_tag;
		int early_only;
	} row[] = {
			{"98732@sip.example.com ;from-tag=r33th4x0r ;to-tag=ff87ff",
					"98732@sip.example.com", "ff87ff", "r33th4x0r", 0},
			{"12adf2f34456gs5;to-tag=12345;from-tag=54321;early-only",
					"12adf2f34456gs5", "12345", "54321", 1},
			{"87134@171.161.34.23;to-tag=24796;from-tag=0",
					"87134@171.161.34.23", "24796", "0", 0},
			{"a;TO-TAG=1; From-Tag = 2 ;Early-Only", "a", "1", "2", 1},
			{"a" TAGS ";other=\"x;to-tag=3\";flag", "a", "1", "2", 0},
			{"a\"b<c" TAGS, "a\"b<c", "1", "2", 0},
			{"bXk==" TAGS, "bXk==", "1", "2", 0},
			{"[::1]:/?{}" TAGS, "[::1]:/?{}", "1", "2", 0},
	};
	replaces_t r;

	for(size_t i = 0; i < COUNT(row); i++) {
		str in = text_of(row[i].in);
		if(replaces_parse(&in, &r) != 0)
			fail_msg("refused: %s", row[i].in);
		check(row[i].in, "call_id", r.call_id, row[i].call_id);
		check(row[i].in, "to_tag", r.to_tag, row[i].to_tag);
		check(row[i].in, "from_tag", r.from_tag, row[i].from_tag);
		assert_int_equal(r.early_only, row[i].early_only);
	}
}


static void test_E4_broken(void **state)
{
	static const char *const in[] = {"", ";", "a", TAGS, "a;to-tag=1",
			"a;from-tag=1", "a;to-tag=1;to-tag=1;from-tag=2",
			"a" TAGS ";from-tag=2", "a;to-tag=;from-tag=2",
			"a;to-tag;from-tag=2", "a;to-tag=\"1\";from-tag=2",
			"a;to-tag=1 2;from-tag=2", "a b" TAGS, "a@b@c" TAGS, "@b" TAGS,
			"a@" TAGS, "a,b" TAGS, "a" TAGS ",b" TAGS, "a" TAGS ";=x",
			"a\r\nX: y" TAGS, "a;to-tag=1\r\nX;from-tag=2", "\xc3\xa4" TAGS};
	replaces_t r;

	for(size_t i = 0; i < COUNT(in); i++) {
		str text = text_of(in[i]);
		if(replaces_parse(&text, &r) != REPLACES_BROKEN)
			fail_msg("accepted: %s", in[i]);
	}
}


static void test_E4_parts_are_bounded(void **state)
{
	char text[2 * REPLACES_PART_MAX];
	replaces_t r;

	for(int len = REPLACES_PART_MAX; len <= REPLACES_PART_MAX + 1; len++) {
		int fits = len == REPLACES_PART_MAX;
		memset(text, 'x', len);
		strcpy(text + len, TAGS);
		str in = text_of(text);
		assert_int_equal(replaces_parse(&in, &r) == 0, fits);
		strcpy(text, "a;from-tag=1;to-tag=");
		memset(text + strlen(text), 'x', len);
		text[20 + len] = '\0';
		in = text_of(text);
		assert_int_equal(replaces_parse(&in, &r) == 0, fits);
	}
}


/* `lines`: NULL when it is refused */
static void check_invitee(const char *in, const char *lines)
{
	str headers = text_of(in);
	buffer_t out;
	int rc;

	buffer_init(&out, 0);
	rc = replaces_of_invitee(&headers, &out);
	if(!lines && rc != REPLACES_BROKEN)
		fail_msg("accepted: %s", in);
	if(lines) {
		if(rc < 0)
			fail_msg("refused: %s", in);
		check(in, "lines", buffer_str(&out), lines);
	}
	buffer_free(&out);
}


static void test_E2_headers_of_an_invitee(void **state)
{
	static const struct
	{
		const char *in, *lines;
	} row[] = {
			{"", ""},
			{"Replaces=callid%40host%3Bto-tag%3D7743%3Bfrom-tag%3D6472",
					"Replaces: callid@host;to-tag=7743;from-tag=6472\r\n"},
			{"Replaces=id@host;to-tag=1;from-tag=2;early-only",
					"Replaces: id@host;to-tag=1;from-tag=2;early-only\r\n"},
			{"%52eplaces=a" TAGS, ""}, /* nobody writes it so */
			{"Session-Replaces=0123abcd", "Session-Replaces: 0123abcd\r\n"},
			{"session-replaces=1&REPLACES=a" TAGS,
					"Session-Replaces: 1\r\nReplaces: a" TAGS "\r\n"},
			{"Subject=x&Route=%3Csip:evil%3E&From=boss&body=x&Call-ID=1", ""},
			{"Replaces=a" TAGS "&Subject=x", "Replaces: a" TAGS "\r\n"},
			{" ", ""},
			{"& &=&Subject", ""},
			{"&&=&Replaces", NULL},
			{"Replaces=", NULL},
			{"Replaces=a", NULL},
			{"Replaces=a" TAGS "&Replaces=b" TAGS, NULL},
			{"Session-Replaces=1&Session-Replaces=1", NULL},
			{"Session-Replaces=", NULL},
			{"Session-Replaces=a%20b", NULL},
			{"Session-Replaces=1%0d%0aX:%20y", NULL},
			{"Session-Replaces=%C3%A4", NULL},
			{"Replaces=a%0D%0ARoute:x" TAGS, NULL},
			{"Replaces=a%00" TAGS, NULL},
			{"Replaces=a%4" TAGS, NULL},
			{"Replaces=a" TAGS "%0d%0aX:y", NULL},
			{"Replaces=a" TAGS ";x=%22%0d%0aX:y%22", NULL},
	};

	for(size_t i = 0; i < COUNT(row); i++)
		check_invitee(row[i].in, row[i].lines);
}


/* what was unescaped may hold escapes again: they stay what they are */
static void test_E2_nothing_is_unescaped_twice(void **state)
{
	check_invitee("Replaces=a%250d%250a" TAGS, "Replaces: a%0d%0a" TAGS "\r\n");
}


static void test_reasons(void **state)
{
	static const struct
	{
		const char *in;
		int cause;
	} row[] = {
			{"SIP;cause=200;text=\"Call completed\"", 200},
			{"SIP ;cause=200 ;text=\"bye\"", 200},
			{"sip; Cause = 480", 480},
			{"SIP;text=\"a;cause=200;b\"", 0},
			{"SIP;text=\"a;b, SIP;cause=200\"", 0},
			{"SIP;text=\"\\\"\";cause=200", 200},
			{"Q.850;cause=16", 0},
			{"Q.850;cause=16;text=\"x, y\", SIP;cause=200", 200},
			{"SIP;cause=600, SIP;cause=200", 600},
			{"SIP, SIP;cause=200", 200},
			{"SIP;cause=700", 0},
			{"SIP;cause=99999999999999999999", 0},
			{"SIP;cause=-200", 0},
			{"SIP;cause=", 0},
			{"SIP;cause", 0},
			{"SIPS;cause=200", 0},
			{"SIP;text=\"never closed;cause=200", 0},
			{"", 0},
			{",;,;=", 0},
	};

	for(size_t i = 0; i < COUNT(row); i++) {
		str in = text_of(row[i].in);
		int cause = reason_sip_cause(&in);
		if(cause != row[i].cause)
			fail_msg("%s: %d, not %d", row[i].in, cause, row[i].cause);
	}
}


static void test_pieces(void **state)
{
	static const char *const piece[] = {
			"<sip:a,b>;x", "\"q,\\\",\" <sip:c>", "", "d"};
	str rest = text_of(" <sip:a,b>;x ,\"q,\\\",\" <sip:c>,, d"), got;

	for(size_t i = 0; i < COUNT(piece); i++) {
		assert_int_equal(header_next(&rest, ',', &got), 1);
		check("list", "piece", got, piece[i]);
	}
	assert_int_equal(header_next(&rest, ',', &got), 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_E4_good),
			cmocka_unit_test(test_E4_broken),
			cmocka_unit_test(test_E4_parts_are_bounded),
			cmocka_unit_test(test_E2_headers_of_an_invitee),
			cmocka_unit_test(test_E2_nothing_is_unescaped_twice),
			cmocka_unit_test(test_reasons),
			cmocka_unit_test(test_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
