/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/ws_upgrade.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "wire/ws_upgrade.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define GET "GET / HTTP/1.1\r\n"
#define HOST "Host: a.example.com\r\n"
#define UP "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define V13 "Sec-WebSocket-Version: 13\r\n"
#define MSRP "Sec-WebSocket-Protocol: msrp\r\n"
#define ORIGIN "Origin: https://www.example.com\r\n"
#define END "\r\n"


/* Of a copy of exactly the text's size, so that reading on is noticed. What
 * the result points to is compared before it goes. */
static int parse(const char *text, int len, ws_upgrade_t *u, char *key)
{
	str s = {malloc(len ? len : 1), len};
	int rc;

	memcpy(s.s, text, len);
	rc = ws_upgrade_parse(&s, u);
	snprintf(key, 64, "%.*s", TEXT_ARG(&u->key));
	free(s.s);
	return rc;
}


static const struct
{
	const char *name, *text;
	int code;
} whole[] = {
		/* clang-format off */
	{"RFC 7977 section 4.1", GET HOST UP KEY ORIGIN MSRP V13 END, 101},
	{"a browser", "GET /msrp?x=1 HTTP/1.1\r\nHost: a:2861\r\n"
		"User-Agent: Mozilla/5.0\r\nAccept: */*\r\nPragma: no-cache\r\n"
		"Sec-WebSocket-Extensions: permessage-deflate\r\n"
		"Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
		KEY V13 MSRP ORIGIN END, 101},
	{"odd case and blanks", "GET / HTTP/1.1\r\nhost:a\r\nUPGRADE:websocket\r\n"
		"connection:upgrade \r\nsec-websocket-key:dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"sec-websocket-version: 13 \r\nsec-websocket-protocol:sip,MSRP\r\n" END,
		101},
	{"two lines of protocols", GET HOST UP KEY V13
		"Sec-WebSocket-Protocol: sip\r\n" MSRP END, 101},
	{"an empty body is none", GET HOST UP KEY V13 MSRP
		"Content-Length: 0\r\n" END, 101},
	{"no host", GET UP KEY V13 MSRP END, 400},
	{"an empty host", GET "Host: \r\n" UP KEY V13 MSRP END, 400},
	{"no upgrade", GET HOST "Connection: Upgrade\r\n" KEY V13 MSRP END,
		426},
	{"no connection", GET HOST "Upgrade: websocket\r\n" KEY V13 MSRP END,
		426},
	{"an upgrade to something else", GET HOST "Connection: Upgrade\r\n"
		"Upgrade: h2c\r\n" KEY V13 MSRP END, 426},
	{"no version", GET HOST UP KEY MSRP END, 426},
	{"another version", GET HOST UP KEY MSRP "Sec-WebSocket-Version: 8\r\n" END,
		426},
	{"no key", GET HOST UP V13 MSRP END, 400},
	{"two keys", GET HOST UP KEY KEY V13 MSRP END, 400},
	{"a short key", GET HOST UP V13 MSRP
		"Sec-WebSocket-Key: dGhl\r\n" END, 400},
	{"a key that is no base64", GET HOST UP V13 MSRP
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j\"Q==\r\n" END, 400},
	{"no protocol", GET HOST UP KEY V13 END, 400},
	{"another protocol", GET HOST UP KEY V13
		"Sec-WebSocket-Protocol: sip, msrps\r\n" END, 400},
	{"a body", GET HOST UP KEY V13 MSRP "Content-Length: 5\r\n" END, 400},
	{"a body in chunks", GET HOST UP KEY V13 MSRP
		"Transfer-Encoding: chunked\r\n" END, 400},
	{"a folded line", GET HOST UP KEY V13 MSRP "X: a\r\n b\r\n" END, 400},
	{"a blank before the colon", GET HOST UP KEY V13 MSRP "X : a\r\n" END,
		400},
	{"a line without a colon", GET HOST UP KEY V13 MSRP "X\r\n" END, 400},
	{"a control character", GET HOST UP KEY V13 MSRP "X: \001\r\n" END,
		400},
	{"a CR inside", GET HOST UP KEY V13 MSRP "X: a\rY: b\r\n" END, 400},
	{"POST", "POST / HTTP/1.1\r\n" HOST UP KEY V13 MSRP END, 405},
	{"HTTP 1.0", "GET / HTTP/1.0\r\n" HOST UP KEY V13 MSRP END, 505},
	{"HTTP 2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
	{"MSRP", "MSRP abcd SEND\r\nTo-Path: msrp://a/b;tcp\r\n\r\n", 400},
	{"no target", "GET HTTP/1.1\r\n" HOST UP KEY V13 MSRP END, 400},
	{"nothing but the end", "GET\r\n\r\n", 400},
	{"TLS", "\x16\x03\x01\x02", 400},
	{"an empty line first", "\r\n" GET HOST UP KEY V13 MSRP END, 400},
		/* clang-format on */
};


static void test_whole(void **state)
{
	ws_upgrade_t u;
	char key[64];

	for(size_t i = 0; i < COUNT(whole); i++) {
		int len = (int)strlen(whole[i].text);

		if(parse(whole[i].text, len, &u, key) != 1)
			fail_msg("%s: waits for more", whole[i].name);
		if(u.code != whole[i].code)
			fail_msg("%s: %d (%s) instead of %d", whole[i].name, u.code,
					u.why ? u.why : "", whole[i].code);
		assert_true((u.why == NULL) == (u.code == 101));
		if(u.code == 101)
			assert_string_equal(key, "dGhlIHNhbXBsZSBub25jZQ==");
	}
}


static void test_every_cut_waits(void **state)
{
	const char *text = whole[0].text;
	int len = (int)strlen(text);
	ws_upgrade_t u;
	char key[64];

	for(int i = 0; i < len; i++)
		assert_int_equal(parse(text, i, &u, key), 0);
	assert_int_equal(parse(text, len, &u, key), 1);
	assert_int_equal(u.length, len);
}


static void test_what_follows_is_left(void **state)
{
	str text = TEXT(GET HOST UP KEY V13 MSRP ORIGIN END "\x82\x80rest");
	ws_upgrade_t u;

	assert_int_equal(ws_upgrade_parse(&text, &u), 1);
	assert_int_equal(u.length, text.len - 6);
	assert_true(text_eq(&u.origin, &TEXT("https://www.example.com")));
}


static void test_length_is_bounded(void **state)
{
	static char text[WS_UPGRADE_MAX + 1];
	ws_upgrade_t u;
	char key[64];
	int at;

	at = snprintf(text, sizeof(text), GET HOST UP KEY V13 MSRP "X: ");
	memset(text + at, 'x', sizeof(text) - at);
	assert_int_equal(parse(text, WS_UPGRADE_MAX - 1, &u, key), 0);
	assert_int_equal(parse(text, WS_UPGRADE_MAX, &u, key), 1);
	assert_int_equal(u.code, 400);
	memcpy(text + WS_UPGRADE_MAX - 4, "\r\n\r\n", 4);
	assert_int_equal(parse(text, WS_UPGRADE_MAX, &u, key), 1);
	assert_int_equal(u.code, 101);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_whole),
			cmocka_unit_test(test_every_cut_waits),
			cmocka_unit_test(test_what_follows_is_left),
			cmocka_unit_test(test_length_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
