/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of base/buffer.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include "base/buffer.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void assert_buffer(const buffer_t *b, const char *expected)
{
	str got = buffer_str(b);
	str e = {(char *)expected, (int)strlen(expected)};

	if(!text_eq(&got, &e))
		fail_msg("got '%.*s', expected '%s'", TEXT_ARG(&got), expected);
}


static void test_append(void **state)
{
	buffer_t b;

	(void)state;
	buffer_init(&b, 0);
	assert_buffer(&b, "");
	assert_int_equal(buffer_add(&b, NULL, 0), 0);
	assert_int_equal(buffer_add(&b, "ab", 2), 0);
	assert_int_equal(buffer_add_str(&b, &TEXT("cd")), 0);
	assert_int_equal(buffer_add_str(&b, &(str){NULL, 0}), 0);
	assert_int_equal(buffer_add_text(&b, "ef"), 0);
	assert_int_equal(buffer_printf(&b, "%d-%s", 42, "x"), 0);
	assert_int_equal(buffer_printf(&b, "%s", ""), 0);
	assert_buffer(&b, "abcdef42-x");
	buffer_drop(&b, 2);
	assert_buffer(&b, "cdef42-x");
	buffer_drop(&b, 0);
	assert_buffer(&b, "cdef42-x");
	buffer_drop(&b, 100);
	assert_buffer(&b, "");
	assert_int_equal(buffer_failed(&b), 0);
	buffer_free(&b);
	assert_null(b.s);
	buffer_free(&b);
}


static void test_numbers(void **state)
{
	buffer_t b;

	(void)state;
	buffer_init(&b, 40);
	assert_int_equal(buffer_add_number(&b, 0), 0);
	assert_int_equal(buffer_add_text(&b, " "), 0);
	assert_int_equal(buffer_add_number(&b, 1090), 0);
	assert_int_equal(buffer_add_text(&b, " "), 0);
	assert_int_equal(buffer_add_number(&b, UINT64_MAX), 0);
	assert_buffer(&b, "0 1090 18446744073709551615");
	assert_int_equal(buffer_add_number(&b, UINT64_MAX), -1);
	buffer_free(&b);
}


static void test_grows(void **state)
{
	buffer_t b;
	str s;

	(void)state;
	buffer_init(&b, 0);
	for(int i = 0; i < 100000; i++)
		assert_int_equal(buffer_printf(&b, "%05d", i), 0);
	s = buffer_str(&b);
	assert_int_equal(s.len, 500000);
	assert_memory_equal(s.s + 5 * 12345, "12345", 5);
	buffer_free(&b);
}


static void test_long_print(void **state)
{
	char text[2000];
	buffer_t b;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	buffer_init(&b, 0);
	assert_int_equal(buffer_printf(&b, "<%s>", text), 0);
	assert_int_equal(b.len, sizeof(text) + 1);
	assert_int_equal(b.s[b.len - 1], '>');
	buffer_free(&b);
}


static void test_limit(void **state)
{
	char text[1000] = {0};
	buffer_t b;

	(void)state;
	buffer_init(&b, 4);
	assert_int_equal(buffer_add_text(&b, "abcd"), 0);
	assert_int_equal(buffer_add_text(&b, ""), 0);
	assert_int_equal(buffer_add_text(&b, "e"), -1);
	assert_int_equal(buffer_failed(&b), 1);
	buffer_drop(&b, 4);
	assert_int_equal(buffer_add_text(&b, "e"), -1);
	assert_int_equal(buffer_printf(&b, "e"), -1);
	buffer_clear(&b);
	assert_int_equal(buffer_failed(&b), 0);
	assert_int_equal(buffer_printf(&b, "%s", "wxyz"), 0);
	assert_buffer(&b, "wxyz");
	assert_int_equal(buffer_printf(&b, "%s", "!"), -1);
	buffer_clear(&b);
	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(buffer_printf(&b, "%s", text), -1);
	buffer_clear(&b);
	assert_int_equal(buffer_reserve(&b, (size_t)-1), -1);
	buffer_clear(&b);
	assert_int_equal(buffer_add_xml(&b, &TEXT("ab&")), -1);
	buffer_free(&b);
}


static void test_xml(void **state)
{
	static const struct
	{
		str in;
		const char *out;
	} row[] = {
			{STR_NULL, ""},
			{STR_STATIC_INIT("plain"), "plain"},
			{STR_STATIC_INIT("<a href=\"x\">&'"),
					"&lt;a href=&quot;x&quot;&gt;&amp;&apos;"},
			{STR_STATIC_INIT("a\0b\x01\x1f\tc\r\n\x7f"), "ab\tc\r\n\x7f"},
			{STR_STATIC_INIT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
					"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
			/* Latin-1, a lone continuation, a cut sequence */
			{STR_STATIC_INIT("J\xf6rg"), "J\xef\xbf\xbdrg"},
			{STR_STATIC_INIT("\x80z"), "\xef\xbf\xbdz"},
			{STR_STATIC_INIT("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd"},
			{STR_STATIC_INIT("\xc3<"), "\xef\xbf\xbd&lt;"},
			/* overlong, a surrogate, beyond the last, U+FFFF */
			{STR_STATIC_INIT("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd"},
			{STR_STATIC_INIT("\xe0\x80\xaf"),
					"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
			{STR_STATIC_INIT("\xed\xa0\x80"),
					"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
			{STR_STATIC_INIT("\xef\xbf\xbf"),
					"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
			{STR_STATIC_INIT("\xff"), "\xef\xbf\xbd"},
	};
	buffer_t b;

	(void)state;
	buffer_init(&b, 0);
	for(size_t i = 0; i < COUNT(row); i++) {
		buffer_clear(&b);
		assert_int_equal(buffer_add_xml(&b, &row[i].in), 0);
		assert_buffer(&b, row[i].out);
	}
	buffer_free(&b);
}


static void test_utf8(void **state)
{
	static const struct
	{
		str in;
		const char *out;
	} row[] = {
			{STR_NULL, ""},
			{STR_STATIC_INIT("<a href=\"x\">&'"), "<a href=\"x\">&'"},
			{STR_STATIC_INIT("J\xf6rg\xc3\xa9"), "J\xef\xbf\xbdrg\xc3\xa9"},
			{STR_STATIC_INIT("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd"},
	};
	buffer_t b;
	str out;

	(void)state;
	buffer_init(&b, 0);
	for(size_t i = 0; i < COUNT(row); i++) {
		buffer_clear(&b);
		assert_int_equal(buffer_add_utf8(&b, &row[i].in), 0);
		assert_buffer(&b, row[i].out);
		out = buffer_str(&b);
		assert_int_equal(
				buffer_is_clean(&row[i].in), text_eq(&row[i].in, &out));
	}
	buffer_free(&b);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_append),
			cmocka_unit_test(test_numbers),
			cmocka_unit_test(test_grows),
			cmocka_unit_test(test_long_print),
			cmocka_unit_test(test_limit),
			cmocka_unit_test(test_xml),
			cmocka_unit_test(test_utf8),
	};

	return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
