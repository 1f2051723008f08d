/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/nickname.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "wire/nickname.h"

/* clang-format off */
static const struct
{
	const char *value;
	const char *shown; /* NULL: malformed */
} values[] = {
	{"\"Alice the great\"",       "Alice the great"},
	{"\"\"",                      ""},
	{"\"a \\\"b\\\" \\\\ c\"",    "a \"b\" \\ c"},
	{"\"  two   spaces  \"",      "two spaces"},
	{"\"no\xc2\xa0" "break\"",    "no break"},
	{"\"wide\xe3\x80\x80space\"", "wide space"},
	{"\"Gr\xc3\xbc\xc3\x9f" "e\"", "Gr\xc3\xbc\xc3\x9f" "e"},
	{"\"\xe6\x84\x9b\"",          "\xe6\x84\x9b"},
	{"\"\xf0\x9f\x98\x80\"",      "\xf0\x9f\x98\x80"},
	/* what NFKC takes away is shown all the same */
	{"\"\xef\xac\x81ne\"",      "\xef\xac\x81ne"},
	{"\"\xe3\x85\x8b\"",         "\xe3\x85\x8b"},
	{"\"\xe1\x9a\x80x\xe2\x80\x83y\"", "x y"},
	{"\"unassigned \xcd\xb8\"",  NULL},
	{"\"old \xe1\x84\x80\"",     NULL},
	{"\"variation \xe2\x9d\xa4\xef\xb8\x8f\"", NULL},
	{"\"joined a\xe2\x80\x8d" "b\"", NULL},
	{"\"line \xe2\x80\xa8\"",    NULL},
	{"\"no character \xef\xb7\x90\"", NULL},
	{"",                          NULL},
	{"\"",                        NULL},
	{"Alice",                     NULL},
	{"\"Alice",                   NULL},
	{"Alice\"",                   NULL},
	{"\"a\"b\"",                  NULL},
	{"\"a\\\"",                   NULL},
	{"\"a\\b\"",                  NULL},
	{"\"   \"",                   NULL},
	{"\"\xe3\x80\x80\"",          NULL},
	{"\"tab\there\"",             NULL},
	{"\"del\x7f\"",               NULL},
	{"\"c1 \xc2\x85\"",           NULL},
	{"\"zero width \xe2\x80\x8b\"", NULL},
	{"\"turned \xe2\x80\xae\"",   NULL},
	{"\"bom \xef\xbb\xbf\"",      NULL},
	{"\"private \xee\x80\x80\"",  NULL},
	{"\"nothing \xef\xbf\xbf\"",  NULL},
	{"\"latin1 \xfc\"",           NULL},
	{"\"cut \xe6\x84\"",          NULL},
	{"\"overlong \xc0\xaf\"",     NULL},
	{"\"overlong \xe0\x80\xaf\"", NULL},
	{"\"surrogate \xed\xa0\x80\"", NULL},
	{"\"beyond \xf4\x90\x80\x80\"", NULL},
};

static const struct
{
	const char *one, *other;
	int same;
} pairs[] = {
	{"Alice",               "aLICE",               1},
	{"Alice",               "Alise",               0},
	{"BOY",                 "B0Y",                 0},
	{"two words",           "Two  Words",          1},
	{"\xc3\x9cmit",         "\xc3\xbcmit",         1},
	{"\xce\x91\xce\xb2",    "\xce\xb1\xce\x92",    1},
	{"\xd0\x96",            "\xd0\xb6",            1},
	{"\xef\xbc\xa1lice",    "alice",               1},
	{"a\xc2\xa0" "b",       "A b",                 1},
	{"e\xcc\x81t\xc3\xa9",   "\xc3\x89te\xcc\x81",  1},
	{"\xe2\x84\xab",        "\xc3\xa5",            1},
	{"\xef\xac\x81ne",      "Fine",                1},
	{"x\xc2\xb2",           "X2",                  1},
	{"\xe2\x85\xa3",        "iv",                  1},
	{"Stra\xc3\x9f" "e",    "STRASSE",             1},
	{"\xce\xa3\xcf\x83\xcf\x82", "\xcf\x83\xcf\x83\xcf\x83", 1},
	{"\xc4\xb0",            "i",                   0},
	{"\xce\x91lice",        "Alice",               0},
	{"\xef\xbd\xb6\xef\xbe\x9e", "\xe3\x82\xac", 1},
	/* NFKC makes a space of the first */
	{"\xc2\xa8x",           "\xcc\x88x",           1},
	{"",                    "",                    1},
	{"not \xff UTF-8",      "not \xff UTF-8",      1},
	{"not \xff UTF-8",      "NOT \xff UTF-8",      0},
	{"x\x01",               "x\x01",               1},
};
/* clang-format on */


static void test_read(void **state)
{
	str value, name;

	for(size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		value.len = (int)strlen(values[i].value);
		value.s = malloc(value.len + 1);
		memcpy(value.s, values[i].value, value.len);
		if(nickname_read(&value, &name)
				!= (values[i].shown ? 0 : NICKNAME_MALFORMED))
			fail_msg("%s", values[i].value);
		if(values[i].shown)
			assert_string_equal(name.len ? name.s : "", values[i].shown);
		else
			assert_null(name.s);
		text_free(&name);
		free(value.s);
	}
}


static void test_length(void **state)
{
	char space[NICKNAME_MAX + 3];
	str value = {space, NICKNAME_MAX + 2}, name;

	memset(space, 'x', sizeof(space));
	space[0] = space[NICKNAME_MAX + 1] = '"';
	assert_int_equal(nickname_read(&value, &name), 0);
	assert_int_equal(name.len, NICKNAME_MAX);
	text_free(&name);
	space[NICKNAME_MAX + 1] = 'x';
	space[NICKNAME_MAX + 2] = '"';
	value.len++;
	assert_int_equal(nickname_read(&value, &name), NICKNAME_MALFORMED);
}


/* One character of three octets becomes eighteen, four of them spaces. */
static void test_expansion(void **state)
{
	const char *wide = "\xef\xb7\xba";
	char space[NICKNAME_MAX + 3];
	str value = {space, 0}, name, key;

	for(int n = 30; n <= 340; n += 310) {
		value.len = 2 + 3 * n;
		memset(space, '"', sizeof(space));
		for(int i = 0; i < n; i++)
			memcpy(space + 1 + 3 * i, wide, 3);
		assert_int_equal(
				nickname_read(&value, &name), n == 30 ? 0 : NICKNAME_MALFORMED);
		text_free(&name);
		assert_int_equal(nickname_key(&value, &key), 0);
		assert_in_range(key.len, 30 * n, 33 * n + 2);
		text_free(&key);
	}
}


static void test_compare(void **state)
{
	str one, other, a, b;

	for(size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		one.s = (char *)pairs[i].one;
		one.len = (int)strlen(one.s);
		other.s = (char *)pairs[i].other;
		other.len = (int)strlen(other.s);
		assert_int_equal(nickname_key(&one, &a), 0);
		assert_int_equal(nickname_key(&other, &b), 0);
		if(text_eq(&a, &b) != pairs[i].same)
			fail_msg("%s and %s", pairs[i].one, pairs[i].other);
		text_free(&a);
		text_free(&b);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_read),
			cmocka_unit_test(test_length),
			cmocka_unit_test(test_expansion),
			cmocka_unit_test(test_compare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
