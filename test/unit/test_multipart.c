/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/multipart.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include "base/random.h"
#include "wire/multipart.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define MIXED "multipart/mixed;boundary=b1"

static str text_of(const char *s)
{
	return (str){(char *)s, s ? (int)strlen(s) : 0};
}


static int parse(const char *type, const char *body, body_parts_t *parts)
{
	str t = text_of(type), b = text_of(body);

	return body_parts_parse(&t, &(str){NULL, 0}, &b, parts);
}


static void assert_text(str got, const char *want)
{
	str e = text_of(want);

	if(!text_eq(&got, &e))
		fail_msg("'%.*s', not '%s'", TEXT_ARG(&got), want);
}


/* as the RCS reference client writes it: no line end after the last line */
static void test_factory_invite(void **state)
{
	static const char body[] =
			"--boundary1\r\nContent-Type: application/sdp\r\n"
			"Content-Length: 5\r\n\r\nv=0\r\n\r\n--boundary1\r\n"
			"Content-Type: application/resource-lists+xml; charset=\"u;8\"\r\n"
			"Content-Length: 4\r\n"
			"Content-Disposition: recipient-list; Handling=OPTIONAL\r\n"
			"Content-ID: <l1@x>\r\n\r\n<r/>\r\n--boundary1--";
	body_parts_t parts;
	const body_part_t *list;
	str value;

	(void)state;
	assert_int_equal(
			parse("multipart/mixed;boundary=boundary1", body, &parts), 0);
	assert_int_equal(parts.count, 2);
	assert_text(parts.part[0].type, "application/sdp");
	assert_text(parts.part[0].body, "v=0\r\n");
	assert_text(parts.part[0].disposition, "");
	assert_int_equal(parts.part[0].optional, 0);
	list = &parts.part[1];
	assert_true(text_eq_nocase(
			&list->type, &TEXT("application/resource-lists+xml")));
	assert_text(list->body, "<r/>");
	assert_text(list->disposition, "recipient-list");
	assert_int_equal(list->optional, 1);
	assert_text(list->content_id, "l1@x");
	assert_int_equal(mime_param(&list->params, &TEXT("CHARSET"), &value), 1);
	assert_text(value, "u;8");
}


static void test_single(void **state)
{
	body_parts_t parts;
	str body = TEXT("v=0\r\n"), none = {NULL, 0};

	(void)state;
	assert_int_equal(body_parts_parse(&TEXT("application/sdp ; a=b"),
							 &TEXT("session;handling=optional"), &body, &parts),
			0);
	assert_int_equal(parts.count, 1);
	assert_text(parts.part[0].type, "application/sdp");
	assert_text(parts.part[0].params, "a=b");
	assert_text(parts.part[0].disposition, "session");
	assert_int_equal(parts.part[0].optional, 1);
	assert_text(parts.part[0].body, "v=0\r\n");
	assert_int_equal(body_parts_parse(&none, &none, &none, &parts), 0);
	assert_int_equal(parts.count, 0);
	assert_int_equal(body_parts_parse(&none, &none, &body, &parts), 0);
	assert_int_equal(parts.count, 1);
	assert_text(parts.part[0].type, "");
	assert_int_equal(parse("multipart/signed;boundary=b1", "--b1", &parts), 0);
	assert_text(parts.part[0].type, "multipart/signed");
}


/* well formed or near enough; the bodies joined by '|' */
static void test_odd(void **state)
{
	static const struct
	{
		const char *type, *body, *bodies;
	} row[] = {
			{MIXED, "--b1\r\n\r\n1\r\n--b1--\r\n", "1"},
			{MIXED, "--b1\n\n1\n--b1\nContent-Type: a/b\n\n2\n\n--b1--\n",
					"1|2\n"},
			{MIXED, "before\r\n--b1x\r\n--b1\r\n\r\n1\r\n--b1--\r\nafter\r\n",
					"1"},
			{MIXED, "\r\n--b1 \t\r\n\r\n1\r\n--b1-- \r\n--b1\r\n\r\n2", "1"},
			{"Multipart/RELATED; start=x; Boundary=\"b1\"",
					"--b1\r\n\r\n--b12\r\n--B1\r\n--b1--", "--b12\r\n--B1"},
			{"multipart/alternative; boundary=\"a b;c=\"",
					"--a b;c=\r\n\r\n1\r\n--a b;c=--", "1"},
			/* no body, no header, neither */
			{MIXED, "--b1\r\nContent-Type: a/b\r\n\r\n--b1--", ""},
			{MIXED, "--b1\r\nContent-Type: a/b\r\n--b1--", ""},
			{MIXED, "--b1\r\n--b1\r\n\r\n2\r\n--b1--", "|2"},
			/* a folded header */
			{MIXED, "--b1\r\nContent-Type: a/b;\r\n\tc=d\r\n\r\n1\r\n--b1--",
					"1"},
			/* nested; the inner boundary begins like the outer one */
			{MIXED,
					"--b1\r\nContent-Type: multipart/mixed;boundary=b12\r\n\r\n"
					"--b12\r\n\r\n1\r\n--b12\r\n\r\n2\r\n--b12--\r\n\r\n"
					"--b1\r\n\r\n3\r\n--b1--",
					"1|2|3"},
	};
	body_parts_t parts;
	buffer_t all;

	(void)state;
	buffer_init(&all, 0);
	for(size_t i = 0; i < COUNT(row); i++) {
		if(parse(row[i].type, row[i].body, &parts) != 0)
			fail_msg("row %zu is refused", i);
		buffer_clear(&all);
		for(int k = 0; k < parts.count; k++) {
			buffer_add_text(&all, k ? "|" : "");
			buffer_add_str(&all, &parts.part[k].body);
		}
		assert_text(buffer_str(&all), row[i].bodies);
	}
	buffer_free(&all);
}


static void test_broken(void **state)
{
	static const struct
	{
		const char *type, *body;
	} row[] = {
			{"multipart/mixed", "--b1\r\n\r\n1\r\n--b1--"},
			{"multipart/mixed;boundary=", "--\r\n\r\n1\r\n----"},
			{"multipart/mixed;boundary=\"\"", "--\r\n\r\n1\r\n----"},
			{"multipart/mixed;xboundary=b1", "--b1\r\n\r\n1\r\n--b1--"},
			{MIXED, ""},
			{MIXED, "1"},
			{MIXED, "--b1--"},
			{MIXED, "--b1"},
			{MIXED, "--b1\r\n\r\n1\r\n"},
			{MIXED, "--b1\r\n\r\n1\r\n--b1"},
			{MIXED, "--b1\r\n\r\n1\r\n--b1-"},
			{MIXED, "--b2\r\n\r\n1\r\n--b2--"},
			{MIXED, " --b1\r\n\r\n1\r\n --b1--"},
			{MIXED, "--b1\r\nno header\r\n\r\n1\r\n--b1--"},
			{MIXED, "--b1\r\n: no name\r\n\r\n1\r\n--b1--"},
			{MIXED, "--b1\r\nContent-Type: multipart/mixed\r\n\r\n1\r\n--b1--"},
			{MIXED, "--b1\r\nContent-Type: multipart/mixed;boundary=b2\r\n\r\n"
					"--b2\r\n\r\n1\r\n--b1--"},
	};
	body_parts_t parts;

	(void)state;
	for(size_t i = 0; i < COUNT(row); i++) {
		if(parse(row[i].type, row[i].body, &parts) != -1)
			fail_msg("row %zu is taken", i);
	}
}


static void test_long_boundary(void **state)
{
	buffer_t type, body;
	body_parts_t parts;
	str t, b;

	(void)state;
	buffer_init(&type, 0);
	buffer_init(&body, 0);
	buffer_printf(&type, "multipart/mixed;boundary=%0300d", 7);
	buffer_printf(&body, "--%0300d\r\n\r\n1\r\n--%0300d--", 7, 7);
	t = buffer_str(&type);
	b = buffer_str(&body);
	assert_int_equal(body_parts_parse(&t, &(str){NULL, 0}, &b, &parts), -1);
	buffer_free(&type);
	buffer_free(&body);
}


/* `depth` containers in one another, the innermost with one leaf */
static int parse_nested(int depth)
{
	buffer_t out;
	body_parts_t parts;
	str body;
	int rc;

	buffer_init(&out, 0);
	for(int i = 1; i < depth; i++)
		buffer_printf(&out,
				"--b%d\r\nContent-Type: multipart/mixed;boundary=b%d\r\n\r\n",
				i, i + 1);
	buffer_printf(&out, "--b%d\r\n\r\nx\r\n", depth);
	for(int i = depth; i > 0; i--)
		buffer_printf(&out, "--b%d--\r\n", i);
	body = buffer_str(&out);
	rc = body_parts_parse(&TEXT(MIXED), &(str){NULL, 0}, &body, &parts);
	if(rc == 0)
		assert_int_equal(parts.count, 1);
	buffer_free(&out);
	return rc;
}


static int parse_many(int count)
{
	buffer_t out;
	body_parts_t parts;
	str body;
	int rc;

	buffer_init(&out, 0);
	for(int i = 0; i < count; i++)
		multipart_add(&out, "b1", "text/plain", NULL, &TEXT("x"));
	multipart_end(&out, "b1");
	body = buffer_str(&out);
	rc = body_parts_parse(&TEXT(MIXED), &(str){NULL, 0}, &body, &parts);
	if(rc == 0)
		assert_int_equal(parts.count, count);
	buffer_free(&out);
	return rc;
}


static void test_limits(void **state)
{
	(void)state;
	assert_int_equal(parse_nested(MULTIPART_DEPTH_MAX), 0);
	assert_int_equal(parse_nested(MULTIPART_DEPTH_MAX + 1), -1);
	assert_int_equal(parse_nested(2000), -1);
	assert_int_equal(parse_many(MULTIPART_PARTS_MAX), 0);
	assert_int_equal(parse_many(MULTIPART_PARTS_MAX + 1), -1);
	assert_int_equal(parse_many(5000), -1);
}


/* a whole body taken, every shorter one refused, nothing read beyond */
static void test_truncated(void **state)
{
	static const char whole[] = "--b1\r\nContent-Type: application/sdp\r\n\r\n"
								"v=0\r\n\r\n--b1\r\nContent-Type: a/b\r\n\r\n"
								"x\r\n--b1--";
	body_parts_t parts;

	(void)state;
	assert_int_equal(parse(MIXED, whole, &parts), 0);
	for(size_t len = 0; len < sizeof(whole) - 1; len++) {
		char *copy = malloc(len + 1);
		str body = {copy, (int)len};

		memcpy(copy, whole, len);
		copy = realloc(copy, len ? len : 1);
		body.s = copy;
		assert_int_equal(
				body_parts_parse(&TEXT(MIXED), &(str){NULL, 0}, &body, &parts),
				-1);
		free(copy);
	}
}


static void test_garbage(void **state)
{
	static const char octet[] = "\r\n-b1:; =\"\\a\0<";
	unsigned char raw[64];
	char body[64];
	body_parts_t parts;

	(void)state;
	for(int round = 0; round < 20000; round++) {
		random_bytes(raw, sizeof(raw));
		for(size_t i = 0; i < sizeof(raw); i++)
			body[i] = octet[raw[i] % sizeof(octet)];
		body_parts_parse(&TEXT(MIXED), &(str){body, 32},
				&(str){body, (int)sizeof(body)}, &parts);
		assert_in_range(parts.count, 0, MULTIPART_PARTS_MAX);
	}
}


static void test_params(void **state)
{
	static const struct
	{
		const char *list, *name, *value; /* NULL: absent */
	} row[] = {
			{"a=1;b=2", "b", "2"},
			{" a = 1 ;\r\n b = \"2;a=3\" ", "B", "2;a=3"},
			{"flag;a=1", "flag", ""},
			{"a=\"\\\";b=2\"", "b", NULL},
			{"a=\"x", "a", "\"x"},
			{"a=\"x\\", "a", "\"x\\"},
			{"", "a", NULL},
			{";;=;", "", NULL},
			{"b=1=2", "b", "1=2"},
	};

	(void)state;
	for(size_t i = 0; i < COUNT(row); i++) {
		str list = text_of(row[i].list), name = text_of(row[i].name), value;

		assert_int_equal(
				mime_param(&list, &name, &value), row[i].value != NULL);
		assert_text(value, row[i].value);
	}
}


static void test_write(void **state)
{
	buffer_t out;
	body_parts_t parts;
	str body;

	(void)state;
	buffer_init(&out, 0);
	multipart_add(&out, "b1", "application/sdp", NULL, &TEXT("v=0\r\n"));
	multipart_add(&out, "b1", "application/resource-lists+xml",
			"recipient-list-history; handling=optional", &TEXT("<r/>"));
	multipart_end(&out, "b1");
	assert_int_equal(buffer_failed(&out), 0);
	body = buffer_str(&out);
	assert_text(body,
			"--b1\r\nContent-Type: application/sdp\r\n"
			"Content-Length: 5\r\n\r\nv=0\r\n\r\n"
			"--b1\r\nContent-Type: application/resource-lists+xml\r\n"
			"Content-Disposition: recipient-list-history; handling=optional\r\n"
			"Content-Length: 4\r\n\r\n<r/>\r\n--b1--\r\n");
	assert_int_equal(
			body_parts_parse(&TEXT(MIXED), &(str){NULL, 0}, &body, &parts), 0);
	assert_text(parts.part[0].body, "v=0\r\n");
	assert_text(parts.part[1].disposition, "recipient-list-history");
	assert_int_equal(parts.part[1].optional, 1);
	assert_text(parts.part[1].body, "<r/>");
	buffer_free(&out);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_factory_invite),
			cmocka_unit_test(test_single),
			cmocka_unit_test(test_odd),
			cmocka_unit_test(test_broken),
			cmocka_unit_test(test_long_boundary),
			cmocka_unit_test(test_limits),
			cmocka_unit_test(test_truncated),
			cmocka_unit_test(test_garbage),
			cmocka_unit_test(test_params),
			cmocka_unit_test(test_write),
	};

	return cmocka_run_group_tests_name("multipart", tests, NULL, NULL);
}
