/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/xcap_path: clause P1, where a group's document is, and
 * where an external list may be.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include "wire/xcap_path.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ROOT "http://xdms.example.com:8080/xcap-root"


static str text_of(const char *s)
{
	return (str){(char *)s, (int)strlen(s)};
}


/* `want` NULL: refused */
static void assert_url(
		int rc, const buffer_t *url, const char *what, const char *want)
{
	str got = buffer_str(url), expected = text_of(want ? want : "");

	if((rc == 0) != (want != NULL))
		fail_msg("%s: %s", what, rc == 0 ? "accepted" : "refused");
	if(want && !text_eq(&got, &expected))
		fail_msg("%s: '%.*s', not '%s'", what, TEXT_ARG(&got), want);
}


static void assert_group(const char *root, const char *path,
		const char *group_uri, const char *want)
{
	str r = text_of(root), p = text_of(path), g = text_of(group_uri);
	buffer_t url;
	int rc;

	buffer_init(&url, 0);
	rc = xcap_group_url(&r, &p, &g, &url);
	assert_url(rc, &url, group_uri, want);
	buffer_free(&url);
}


static void test_P1_group_uris(void **state)
{
	static const struct
	{
		const char *uri, *segment;
	} row[] = {
			{"sip:team@example.com", "sip:team@example.com"},
			{"tel:+1-201-555-0123", "tel:+1-201-555-0123"},
			{"tel:7042;phone-context=example.com",
					"tel:7042;phone-context=example.com"},
			{"sip:a!b$c&d=e*(f),g~h_i.j@x", "sip:a!b$c&d=e*(f),g~h_i.j@x"},
			{"sip:a/b@x", "sip:a%2Fb@x"},
			{"sip:../../etc@x", "sip:..%2F..%2Fetc@x"},
			{"sip:a?b@x", "sip:a%3Fb@x"},
			{"sip:a#b@x", "sip:a%23b@x"},
			{"sip:t@[2001:db8::1]:5070", "sip:t@%5B2001:db8::1%5D:5070"},
			{"sip:a%20b@x", "sip:a%2520b@x"},
			{"sip:a b@x", "sip:a%20b@x"},
			{"sip:\"o'b\"@x", "sip:%22o%27b%22@x"},
			{"sip:caf\xc3\xa9@x", "sip:caf%C3%A9@x"},
			{"sip:a\\b|c^d`e{f}<g>@x", "sip:a%5Cb%7Cc%5Ed%60e%7Bf%7D%3Cg%3E@x"},
			{"sip:%s@x", "sip:%25s@x"},
	};
	char want[200];

	for(size_t i = 0; i < COUNT(row); i++) {
		snprintf(want, sizeof(want),
				ROOT "/org.openmobilealliance.groups/global/byGroupID/%s",
				row[i].segment);
		assert_group(ROOT, XCAP_GROUP_PATH, row[i].uri, want);
	}
}


static void test_group_uris_refused(void **state)
{
	static const char *const uri[] = {
			"", ".", "..", "sip:a\r\nHost: b@x", "sip:a\tb@x", "sip:\x7f@x"};

	for(size_t i = 0; i < COUNT(uri); i++)
		assert_group(ROOT, XCAP_GROUP_PATH, uri[i], NULL);
}


static void test_roots_and_paths(void **state)
{
	static const struct
	{
		const char *root, *path, *url;
	} row[] = {
			{"http://x", "g/%s", "http://x/g/u"},
			{"http://x/", "g/%s", "http://x/g/u"},
			{"HTTPS://x:443/a//", "//g/%s/index", "HTTPS://x:443/a/g/u/index"},
			{"http://[::1]:80/r", "%s", "http://[::1]:80/r/u"},
			{"http://x/a%20b", "g%20h/%s", "http://x/a%20b/g%20h/u"},
			{"http://x", "g", NULL},
			{"http://x", "", NULL},
			{"http://x", "%s/%s", NULL},
			{"http://x", "%d/%s", NULL},
			{"http://x", "a b/%s", NULL},
			{"http://x", "a#%s", NULL},
			{"http://x/?q=1", "%s", NULL},
			{"http://x/#f", "%s", NULL},
			{"http://x/a b", "%s", NULL},
			{"http://x/../b", "%s", NULL},
			{"http://u:p@x/", "%s", NULL},
			{"http://u@x", "%s", NULL},
			{"http:///a", "%s", NULL},
			{"http://x:99999/", "%s", NULL},
			{"http://x:0/", "%s", NULL},
			{"http://[::1/", "%s", NULL},
			{"http://[::1]x/", "%s", NULL},
			{"ftp://x/", "%s", NULL},
			{"x/y", "%s", NULL},
			{"", "%s", NULL},
	};

	for(size_t i = 0; i < COUNT(row); i++)
		assert_group(row[i].root, row[i].path, "u", row[i].url);
}


static void assert_anchor(
		const char *root, const char *anchor, int other, const char *want)
{
	str r = text_of(root), a = text_of(anchor);
	buffer_t url;
	int rc;

	buffer_init(&url, 0);
	rc = xcap_resolve(&r, &a, other, &url);
	assert_url(rc, &url, anchor, want);
	buffer_free(&url);
}


static void test_anchors(void **state)
{
	static const struct
	{
		const char *anchor, *url;
	} row[] = {
			{"resource-lists/users/sip:a@x/index",
					ROOT "/resource-lists/users/sip:a@x/index"},
			{" resource-lists/index\r\n", ROOT "/resource-lists/index"},
			{"/other/index", "http://xdms.example.com:8080/other/index"},
			{ROOT "/a/b", ROOT "/a/b"},
			{"HTTP://XDMS.example.COM:8080/z",
					"HTTP://XDMS.example.COM:8080/z"},
			{"http://xdms.example.com:8080", "http://xdms.example.com:8080/"},
			{"http://xdms.example.com:8080?q",
					"http://xdms.example.com:8080/?q"},
			{"a/~~/resource-lists/list[@name=\"l 1\"]?xmlns(a=b)#f",
					ROOT "/a/~~/resource-lists/"
						 "list%5B@name=%22l%201%22%5D?xmlns(a=b)"},
			{"a/list%5b1%5d", ROOT "/a/list%5b1%5d"},
			{"caf\xc3\xa9", ROOT "/caf%C3%A9"},
			{"a..b/.c", ROOT "/a..b/.c"},
	};

	for(size_t i = 0; i < COUNT(row); i++) {
		assert_anchor(ROOT, row[i].anchor, 0, row[i].url);
		assert_anchor(ROOT "//", row[i].anchor, 0, row[i].url);
	}
}


static void test_anchors_refused(void **state)
{
	static const char *const anchor[] = {"", " ", "#f", "?q", "//evil/x",
			"file:///etc/passwd", "ftp://xdms.example.com:8080/x", "sip:bob@x",
			"http:/x", "http://", "http:///x",
			"http://xdms.example.com:8080@evil/x",
			"http://u:p@xdms.example.com:8080/x",
			"http://xdms.example.com:8080\\@evil/x",
			"http://xdms.example.com:8080:1/x", "a\r\nb", "a\x01", "a%", "a%4",
			"a%zz", "../x", "a/../../x", "./x", "a/..", "/../x", ROOT "/../x"};

	for(size_t i = 0; i < COUNT(anchor); i++) {
		assert_anchor(ROOT, anchor[i], 0, NULL);
		assert_anchor(ROOT, anchor[i], 1, NULL);
	}
}


static void test_other_hosts(void **state)
{
	static const struct
	{
		const char *root, *anchor;
		int same;
	} row[] = {
			{"http://x/r", "http://y/l", 0},
			{"http://x/r", "http://x.y/l", 0},
			{"http://x/r", "https://x/l", 0},
			{"http://x/r", "http://x:8080/l", 0},
			{"http://x/r", "http://x:80/l", 1},
			{"https://x:443/r", "https://x/l", 1},
			{"https://x/r", "http://x:443/l", 0},
			{"http://[::1]/r", "http://[::1]:80/l", 1},
			{"http://[::1]/r", "http://[::2]/l", 0},
	};

	for(size_t i = 0; i < COUNT(row); i++) {
		assert_anchor(row[i].root, row[i].anchor, 0,
				row[i].same ? row[i].anchor : NULL);
		assert_anchor(row[i].root, row[i].anchor, 1, row[i].anchor);
	}
}


static void test_bounded(void **state)
{
	static char longer[XCAP_URL_MAX + 10];

	memset(longer, 'a', sizeof(longer) - 1);
	assert_anchor(ROOT, longer, 0, NULL);
	assert_group(ROOT, XCAP_GROUP_PATH, longer, NULL);
	/* three octets for one */
	memset(longer, '/', sizeof(longer) - 1);
	longer[XCAP_URL_MAX / 2] = '\0';
	assert_group(ROOT, XCAP_GROUP_PATH, longer, NULL);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_P1_group_uris),
			cmocka_unit_test(test_group_uris_refused),
			cmocka_unit_test(test_roots_and_paths),
			cmocka_unit_test(test_anchors),
			cmocka_unit_test(test_anchors_refused),
			cmocka_unit_test(test_other_hosts),
			cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
