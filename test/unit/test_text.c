/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of base/text.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include "base/text.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static str text_of(const char *s)
{
	return (str){(char *)s, s ? (int)strlen(s) : 0};
}


static void assert_text(str got, const char *expected)
{
	str e = text_of(expected);

	if(!text_eq(&got, &e))
		fail_msg("got '%.*s', expected '%s'", TEXT_ARG(&got), expected);
}


static void test_compare(void **state)
{
	static const struct
	{
		const char *a, *b;
		int same, same_nocase, starts;
	} row[] = {
			{"", "", 1, 1, 1},
			{NULL, "", 1, 1, 1},
			{"a", "", 0, 0, 1},
			{"", "a", 0, 0, 0},
			{"abc", "abc", 1, 1, 1},
			{"abc", "ABC", 0, 1, 1},
			{"abcd", "ABC", 0, 0, 1},
			{"abd", "abc", 0, 0, 0},
			{"@[`{", "`{@[", 0, 0, 0},
			{"\xc3\x84", "\xc3\xa4", 0, 0, 0},
	};

	(void)state;
	for(size_t i = 0; i < COUNT(row); i++) {
		str a = text_of(row[i].a), b = text_of(row[i].b);

		assert_int_equal(text_eq(&a, &b), row[i].same);
		assert_int_equal(text_eq_nocase(&a, &b), row[i].same_nocase);
		assert_int_equal(text_starts_nocase(&a, &b), row[i].starts);
	}
}


static void test_find(void **state)
{
	static const struct
	{
		const char *s, *needle;
		int at;
	} row[] = {
			{"", "", 0},
			{NULL, "x", -1},
			{"abc", "", 0},
			{"abc", "c", 2},
			{"abc", "bc", 1},
			{"abc", "abcd", -1},
			{"aab", "ab", 1},
			{"abc", "x", -1},
	};

	(void)state;
	for(size_t i = 0; i < COUNT(row); i++) {
		str s = text_of(row[i].s), needle = text_of(row[i].needle);

		assert_int_equal(text_find(&s, &needle), row[i].at);
		if(needle.len == 1)
			assert_int_equal(text_find_char(&s, needle.s[0]), row[i].at);
	}
	assert_int_equal(text_find_char(&(str){"a\0b", 3}, 'b'), 2);
	assert_int_equal(text_find(&(str){"a\0b", 3}, &(str){"\0b", 2}), 1);
}


static void test_parts(void **state)
{
	(void)state;
	assert_text(text_trim(&TEXT("")), "");
	assert_text(text_trim(&TEXT(" \t\r\n ")), "");
	assert_text(text_trim(&TEXT(" a b\t\r\n")), "a b");
	assert_text(text_trim(&(str){NULL, 0}), "");
	assert_text(text_from(&TEXT("abc"), 0), "abc");
	assert_text(text_from(&TEXT("abc"), 2), "c");
	assert_text(text_from(&TEXT("abc"), 3), "");
	assert_text(text_from(&TEXT("abc"), 99), "");
	assert_text(text_from(&(str){NULL, 0}, 1), "");
}


static void test_own(void **state)
{
	str s, old = {NULL, 0};

	(void)state;
	assert_int_equal(text_copy(&s, &TEXT("abc")), 0);
	assert_string_equal(s.s, "abc");
	assert_int_equal(text_replace(&s, &(str){s.s + 1, 2}), 0);
	assert_string_equal(s.s, "bc");
	assert_int_equal(text_replace(&s, &old), 0);
	assert_null(s.s);
	assert_int_equal(text_replace(&s, &TEXT("x")), 0);
	text_free(&s);
	assert_null(s.s);
	text_free(&s);
	assert_int_equal(text_copy(&s, &TEXT("")), 0);
	assert_null(s.s);
	assert_int_equal(s.len, 0);
}


static void test_to_uint(void **state)
{
	static const struct
	{
		const char *s;
		uint64_t max;
		int rc;
		uint64_t value;
	} row[] = {
			{"0", 0, 0, 0},
			{"1", 0, -1, 0},
			{"9", 8, -1, 0},
			{"65535", 65535, 0, 65535},
			{"65536", 65535, -1, 0},
			{"0000000000000000000000007", 7, 0, 7},
			{"18446744073709551615", UINT64_MAX, 0, UINT64_MAX},
			{"18446744073709551616", UINT64_MAX, -1, 0},
			{"99999999999999999999999999", UINT64_MAX, -1, 0},
			{"", 9, -1, 0},
			{NULL, 9, -1, 0},
			{"-1", 9, -1, 0},
			{"+1", 9, -1, 0},
			{" 1", 9, -1, 0},
			{"1 ", 9, -1, 0},
			{"1a", 99, -1, 0},
	};

	(void)state;
	for(size_t i = 0; i < COUNT(row); i++) {
		str s = text_of(row[i].s);
		uint64_t value = 0;

		if(text_to_uint(&s, row[i].max, &value) != row[i].rc)
			fail_msg("'%s' up to %llu", row[i].s,
					(unsigned long long)row[i].max);
		assert_true(value == row[i].value);
	}
	assert_int_equal(text_to_uint(&(str){"1\0", 2}, 99, &(uint64_t){0}), -1);
}


static void test_next(void **state)
{
	str rest = TEXT(" a, b c ,,d"), token;

	(void)state;
	assert_int_equal(text_next(&rest, ',', &token), 1);
	assert_text(token, "a");
	assert_int_equal(text_next(&rest, ',', &token), 1);
	assert_text(token, "b c");
	assert_int_equal(text_next(&rest, ',', &token), 1);
	assert_text(token, "");
	assert_int_equal(text_next(&rest, ',', &token), 1);
	assert_text(token, "d");
	assert_int_equal(text_next(&rest, ',', &token), 0);
	rest = (str){NULL, 0};
	assert_int_equal(text_next(&rest, ',', &token), 0);
}


static void test_cut(void **state)
{
	static const struct
	{
		const char *s;
		int max;
		const char *head;
	} row[] = {
			{"", 3, ""},
			{"abc", 3, "abc"},
			{"abcd", 3, "abc"},
			{"ab\xc3\xa4", 3, "ab"},
			{"ab\xc3\xa4", 4, "ab\xc3\xa4"},
			{"\xe2\x82\xac", 2, ""},
			{"\x80\x80\x80", 2, ""},
	};

	(void)state;
	for(size_t i = 0; i < COUNT(row); i++) {
		str s = text_of(row[i].s);

		assert_text(text_cut(&s, row[i].max), row[i].head);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_compare),
			cmocka_unit_test(test_find),
			cmocka_unit_test(test_parts),
			cmocka_unit_test(test_own),
			cmocka_unit_test(test_to_uint),
			cmocka_unit_test(test_next),
			cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
