/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/msrp_uri.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include "wire/msrp_uri.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))


static void assert_text(const char *uri, const str *got, const char *expected)
{
	if(got->len != (int)strlen(expected)
			|| memcmp(got->s ? got->s : "", expected, got->len) != 0)
		fail_msg("%s: '%.*s' instead of '%s'", uri, TEXT_ARG(got), expected);
}


/* Parses a copy of exactly the text's size, so that reading on is noticed. */
static int parse(const char *text, msrp_uri_t *uri, char **copy)
{
	str s = {NULL, (int)strlen(text)};

	*copy = s.s = malloc(s.len ? s.len : 1);
	memcpy(s.s, text, s.len);
	return msrp_uri_parse(&s, uri);
}


static void test_good(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text;
		int secure;
		const char *host;
		unsigned port;
		const char *session, *transport;
	} row[] = {
		{"msrp://127.0.0.1:2855/abc;tcp", 0, "127.0.0.1", 2855, "abc", "tcp"},
		{"msrps://a.example/x;tcp", 1, "a.example", 0, "x", "tcp"},
		{"MSRP://A.example:1/X;TCP", 0, "A.example", 1, "X", "TCP"},
		{"msrp://10.0.0.1:9/1510823456789;tcp", 0, "10.0.0.1", 9,
			"1510823456789", "tcp"},
		{"msrp://alice@a.example:65535/s;ws", 0, "a.example", 65535, "s", "ws"},
		{"msrp://[::1]:2855/s;tcp", 0, "::1", 2855, "s", "tcp"},
		{"msrp://[2001:db8::1]/s;tcp", 0, "2001:db8::1", 0, "s", "tcp"},
		{"msrp://relay.example:2855;tcp", 0, "relay.example", 2855, "", "tcp"},
		{"msrp://a/s;tcp;x=y;z", 0, "a", 0, "s", "tcp"},
		{"msrp://a/s/t+u=v~w.x_y-z;tcp", 0, "a", 0, "s/t+u=v~w.x_y-z", "tcp"},
	};
	/* clang-format on */
	size_t i;

	(void)state;
	for(i = 0; i < COUNT(row); i++) {
		msrp_uri_t uri;
		char *copy;

		if(parse(row[i].text, &uri, &copy) < 0)
			fail_msg("%s refused", row[i].text);
		assert_int_equal(uri.secure, row[i].secure);
		assert_int_equal(uri.port, row[i].port);
		assert_text(row[i].text, &uri.host, row[i].host);
		assert_text(row[i].text, &uri.session, row[i].session);
		assert_text(row[i].text, &uri.transport, row[i].transport);
		free(copy);
	}
}


static void test_bad(void **state)
{
	static const char *row[] = {"", "msrp", "msrp:", "msrp://", "msrp://;tcp",
			"msrp:///s;tcp", "sip://a/s;tcp", "msrpx://a/s;tcp", "msrp:a/s;tcp",
			"msrp://a/s", "msrp://a/s;", "msrp://a/s;;tcp", "msrp://a:/s;tcp",
			"msrp://a:0/s;tcp", "msrp://a:65536/s;tcp", "msrp://a:-1/s;tcp",
			"msrp://a:2x/s;tcp", "msrp://a:1:2/s;tcp", "msrp://:2855/s;tcp",
			"msrp://u@/s;tcp", "msrp://[]/s;tcp", "msrp://[::1/s;tcp",
			"msrp://[::1]x/s;tcp", "msrp://[::1]:/s;tcp", "msrp://::1/s;tcp",
			" msrp://a/s;tcp", "msrp://a/s;tcp ", "msrp://a/s\r\nX: y;tcp",
			"msrp://a/\"s;tcp", "msrp://a/<s>;tcp", "msrp://\303\244/s;tcp",
			"msrp://a/s\177;tcp"};
	size_t i;

	(void)state;
	for(i = 0; i < COUNT(row); i++) {
		msrp_uri_t uri;
		char *copy;

		if(parse(row[i], &uri, &copy) == 0)
			fail_msg("'%s' accepted", row[i]);
		free(copy);
	}
}


static void test_length_is_bounded(void **state)
{
	char text[1100];
	str s = {text, 0};
	msrp_uri_t uri;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "msrp://a/", 9);
	memcpy(text + 1020, ";tcp", 4);
	s.len = 1024;
	assert_int_equal(msrp_uri_parse(&s, &uri), 0);
	s.len = 1025;
	assert_int_equal(msrp_uri_parse(&s, &uri), -1);
	memcpy(text + 4, "\0", 1);
	s.len = 1024;
	assert_int_equal(msrp_uri_parse(&s, &uri), -1);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_good),
			cmocka_unit_test(test_bad),
			cmocka_unit_test(test_length_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
