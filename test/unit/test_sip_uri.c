/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/sip_uri.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include "wire/sip_uri.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static str text_of(const char *s)
{
	return (str){(char *)s, s ? (int)strlen(s) : 0};
}


static void check(const char *in, const char *what, str got, const char *want)
{
	str e = text_of(want);

	if(!text_eq(&got, &e))
		fail_msg("%s: %s is '%.*s', not '%s'", in, what, TEXT_ARG(&got),
				want ? want : "");
}


static const struct
{
	const char *in;
	sip_uri_scheme_t scheme;
	const char *user, *host, *port, *params, *headers, *core;
} good[] = {
		{"sip:bob@example.com", URI_SIP, "bob", "example.com", "", "", "",
				"sip:bob@example.com"},
		{"SIPS:bob:secret@example.com:5061;transport=tcp;lr", URI_SIPS, "bob",
				"example.com", "5061", "transport=tcp;lr", "",
				"SIPS:bob:secret@example.com:5061;transport=tcp;lr"},
		{"sip:example.com", URI_SIP, "", "example.com", "", "", "",
				"sip:example.com"},
		{"sip:[2001:db8::9:1]:5060", URI_SIP, "", "[2001:db8::9:1]", "5060", "",
				"", "sip:[2001:db8::9:1]:5060"},
		{"sip:a@[::1]", URI_SIP, "a", "[::1]", "", "", "", "sip:a@[::1]"},
		{"sip:bob@x?Replaces=callid%40host%3Bto-tag%3D7743", URI_SIP, "bob",
				"x", "", "", "Replaces=callid%40host%3Bto-tag%3D7743",
				"sip:bob@x"},
		{"sip:+33612@x.org;user=phone;method=INVITE?Session-Replaces=12",
				URI_SIP, "+33612", "x.org", "", "user=phone;method=INVITE",
				"Session-Replaces=12",
				"sip:+33612@x.org;user=phone;method=INVITE"},
		/* unescaped '@' in a header, '?' and ';' in a user part */
		{"sip:bob@x?Replaces=id@host;to-tag=1", URI_SIP, "bob", "x", "", "",
				"Replaces=id@host;to-tag=1", "sip:bob@x"},
		{"sip:a?b;c@x", URI_SIP, "a?b;c", "x", "", "", "", "sip:a?b;c@x"},
		{"sip:bob@x?", URI_SIP, "bob", "x", "", "", "", "sip:bob@x"},
		{"sip:bob@x;", URI_SIP, "bob", "x", "", "", "", "sip:bob@x;"},
		{"tel:+33612345678", URI_TEL, "+33612345678", "", "", "", "",
				"tel:+33612345678"},
		{"tel:+1-201-555.0123;ext=7", URI_TEL, "+1-201-555.0123", "", "",
				"ext=7", "", "tel:+1-201-555.0123;ext=7"},
		{"tel:*21#a;phone-context=x.org", URI_TEL, "*21#a", "", "",
				"phone-context=x.org", "", "tel:*21#a;phone-context=x.org"},
		{"tel:+1?Replaces=x", URI_TEL, "+1", "", "", "", "Replaces=x",
				"tel:+1"},
};


static void test_good(void **state)
{
	(void)state;
	for(size_t i = 0; i < COUNT(good); i++) {
		str in = text_of(good[i].in);
		uri_parts_t uri;

		if(sip_uri_parse(&in, &uri) != 0)
			fail_msg("%s is refused", good[i].in);
		assert_int_equal(uri.scheme, good[i].scheme);
		check(good[i].in, "user", uri.user, good[i].user);
		check(good[i].in, "host", uri.host, good[i].host);
		check(good[i].in, "port", uri.port, good[i].port);
		check(good[i].in, "params", uri.params, good[i].params);
		check(good[i].in, "headers", uri.headers, good[i].headers);
		check(good[i].in, "core", uri.core, good[i].core);
	}
}


static void test_bad(void **state)
{
	static const char *const row[] = {"", "sip:", "sip",
			"sips:", "tel:", "bob@example.com", "http://example.com",
			"mailto:bob@x", "<sip:bob@x>", "sip:@x", "sip:bob@", "sip:bob@;lr",
			"sip:bob@?a=b", "sip:bob@x:", "sip:bob@x:65536", "sip:bob@x:50a",
			"sip:bob@x y", " sip:bob@x", "sip:bob@x\r\nVia: y", "sip:bob@x\x7f",
			"sip:b\"ob@x", "sip:bob@x>", "sip:bob@[::1", "sip:bob@[]",
			"sip:bob@[x]", "sip:bob@[::1]y", "sip:bob@x@y", "sip:bob@x,y",
			"tel:abc@x", "tel:+", "tel:+12a", "tel:;ext=1", "tel:--"};
	uri_parts_t uri;

	(void)state;
	for(size_t i = 0; i < COUNT(row); i++) {
		str in = text_of(row[i]);

		if(sip_uri_parse(&in, &uri) != -1)
			fail_msg("%s is taken", row[i]);
	}
	assert_int_equal(sip_uri_parse(&(str){NULL, 0}, &uri), -1);
	assert_int_equal(sip_uri_parse(&(str){"sip:a\0@x", 8}, &uri), -1);
}


static void test_length(void **state)
{
	char text[1030];
	str in = {text, 1024};
	uri_parts_t uri;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "sip:", 4);
	text[1022] = '@';
	assert_int_equal(sip_uri_parse(&in, &uri), 0);
	in.len = 1025;
	assert_int_equal(sip_uri_parse(&in, &uri), -1);
}


static void test_values(void **state)
{
	str params = TEXT("a=1;LR; Transport = tcp ;=x;a=2");
	str headers = TEXT("Replaces=x%40y&Subject=&b");
	str value;

	(void)state;
	assert_int_equal(sip_uri_param(&params, &TEXT("A"), &value), 1);
	check("params", "a", value, "1");
	assert_int_equal(sip_uri_param(&params, &TEXT("lr"), &value), 1);
	check("params", "lr", value, "");
	assert_int_equal(sip_uri_param(&params, &TEXT("transport"), &value), 1);
	check("params", "transport", value, "tcp");
	assert_int_equal(sip_uri_param(&params, &TEXT("trans"), &value), 0);
	assert_int_equal(sip_uri_param(&params, &TEXT(""), &value), 0);
	assert_int_equal(sip_uri_param(&(str){NULL, 0}, &TEXT("a"), &value), 0);
	assert_int_equal(sip_uri_header(&headers, &TEXT("replaces"), &value), 1);
	check("headers", "Replaces", value, "x%40y");
	assert_int_equal(sip_uri_header(&headers, &TEXT("subject"), &value), 1);
	check("headers", "Subject", value, "");
	assert_int_equal(sip_uri_header(&headers, &TEXT("x"), &value), 0);
}


static const struct
{
	const char *in;
	int rc;
	const char *display, *uri, *params;
} name_addrs[] = {
		{"\"B\" <sip:b@x>;tag=1", 0, "B", "sip:b@x", "tag=1"},
		{"\"a \\\" <sip:no@x> b\"<sip:b@x>", 0, "a \\\" <sip:no@x> b",
				"sip:b@x", ""},
		{"sip:b@x;tag=1", 0, "", "sip:b@x", "tag=1"},
		{"<sip:b@x;lr>", 0, "", "sip:b@x;lr", ""},
		{" Bob Smith  < sip:b@x>", -1, NULL, NULL, NULL},
		{" Bob Smith  <sip:b@x> ; tag=1 ", 0, "Bob Smith", "sip:b@x", "tag=1"},
		{"tel:+33612", 0, "", "tel:+33612", ""},
		{"<cid:Id_1@example.com>", 0, "", "cid:Id_1@example.com", ""},
		{"<sip:x@y;method=BYE>;a", 0, "", "sip:x@y;method=BYE", "a"},
		{"\"\" <sip:b@x>", 0, "", "sip:b@x", ""},
		{"", -1, NULL, NULL, NULL},
		{"<>", -1, NULL, NULL, NULL},
		{"Bob", -1, NULL, NULL, NULL},
		{"\"Bob\"", -1, NULL, NULL, NULL},
		{"\"Bob <sip:b@x>", -1, NULL, NULL, NULL},
		{"\"Bob\\\" <sip:b@x>", -1, NULL, NULL, NULL},
		{"\"Bob\" x <sip:b@x>", -1, NULL, NULL, NULL},
		{"<sip:b@x", -1, NULL, NULL, NULL},
		{"<sip:b@x>, <sip:c@x>", -1, NULL, NULL, NULL},
		{"<sip:b@x> tag=1", -1, NULL, NULL, NULL},
		{"<sip:b<@x>", -1, NULL, NULL, NULL},
		{"<:b>", -1, NULL, NULL, NULL},
		{"<sip:>", -1, NULL, NULL, NULL},
		{"<s ip:b@x>", -1, NULL, NULL, NULL},
		{"<sip:b@x\r\nVia: z>", -1, NULL, NULL, NULL},
		{"\"", -1, NULL, NULL, NULL},
		{"\"\\", -1, NULL, NULL, NULL},
};


static void test_name_addr(void **state)
{
	(void)state;
	for(size_t i = 0; i < COUNT(name_addrs); i++) {
		str in = text_of(name_addrs[i].in), display, uri, params;

		if(name_addr_parse(&in, &display, &uri, &params) != name_addrs[i].rc)
			fail_msg("%s: not %d", name_addrs[i].in, name_addrs[i].rc);
		if(name_addrs[i].rc < 0)
			continue;
		check(name_addrs[i].in, "display", display, name_addrs[i].display);
		check(name_addrs[i].in, "uri", uri, name_addrs[i].uri);
		check(name_addrs[i].in, "params", params, name_addrs[i].params);
	}
}


static void test_unescape(void **state)
{
	static const struct
	{
		const char *in, *out; /* NULL: refused */
	} row[] = {
			{"", ""},
			{"plain", "plain"},
			{"callid%40host%3Bto-tag%3d7743", "callid@host;to-tag=7743"},
			{"%C3%A9%25", "\xc3\xa9%"},
			{"%", NULL},
			{"a%4", NULL},
			{"%zz", NULL},
			{"%4g", NULL},
			{"a%0d%0aVia: x", NULL},
			{"a%00b", NULL},
			{"%7f", NULL},
	};

	(void)state;
	for(size_t i = 0; i < COUNT(row); i++) {
		str in = text_of(row[i].in), out;
		int rc = sip_unescape(&in, &out);

		assert_int_equal(rc, row[i].out ? 0 : -1);
		check(row[i].in, "result", out, row[i].out);
		text_free(&out);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_good),
			cmocka_unit_test(test_bad),
			cmocka_unit_test(test_length),
			cmocka_unit_test(test_values),
			cmocka_unit_test(test_name_addr),
			cmocka_unit_test(test_unescape),
	};

	return cmocka_run_group_tests_name("sip_uri", tests, NULL, NULL);
}
