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
	{"",                    "",                    1},
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
			cmocka_unit_test(test_compare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
