/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/header_params.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>
#include "base/buffer.h"
#include "wire/header_params.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* "name|value" of each, with '!' for a refusal */
static void write_params(const char *text, buffer_t *out)
{
	str rest = {(char *)text, (int)strlen(text)}, name, value;
	int rc;

	while((rc = header_params_next(&rest, &name, &value)) > 0)
		buffer_printf(out, "%s%.*s|%.*s", out->len ? " " : "", TEXT_ARG(&name),
				TEXT_ARG(&value));
	if(rc < 0)
		buffer_add_text(out, "!");
}

static void test_next(void **state)
{
	static const struct
	{
		const char *in, *out;
	} row[] = {
			{"", ""},
			{"  ", ""},
			{"a", "a|"},
			{"a=b", "a|b"},
			{" a = b ; c ", "a|b c|"},
			{"+g.oma.sip-im", "+g.oma.sip-im|"},
			{"+g.x=\"urn%3Aa;b,c\";d=e", "+g.x|\"urn%3Aa;b,c\" d|e"},
			{"icid-value=Ayret=x+/2;at=[2001:db8::1]",
					"icid-value|Ayret=x+/2 at|[2001:db8::1]"},
			{"a=\"q\\\"q\"", "a|\"q\\\"q\""},
			{"a=\"\"", "a|\"\""},
			{"a=", "!"},
			{"=b", "!"},
			{";a", "!"},
			{"a;", "!"},
			{"a;;b", "a|!"},
			{"a b", "!"},
			{"a,b", "!"},
			{"a=b,c", "!"},
			{"a=b c=d", "!"},
			{"a=<b>", "!"},
			{"a=\"open", "!"},
			{"a=\"q\\", "!"},
			{"a=\"x\"y", "!"},
			{"a=b\r\nEvil: 1", "!"},
			{"a=\"b\r\nEvil: 1\"", "!"},
			{"a\rb", "!"},
			{"a=\x7f", "!"},
			{"\xc3\xa4=b", "!"},
	};

	for(size_t i = 0; i < COUNT(row); i++) {
		buffer_t out;

		buffer_init(&out, 0);
		write_params(row[i].in, &out);
		buffer_add(&out, "", 1);
		if(strcmp(out.s, row[i].out) != 0)
			fail_msg("%s: %s, not %s", row[i].in, out.s, row[i].out);
		buffer_free(&out);
	}
}

static void test_zero_octets_end_nothing(void **state)
{
	char text[] = "a=b\0c";
	str rest = {text, sizeof(text) - 1}, name, value;

	assert_int_equal(header_params_next(&rest, &name, &value), -1);
}

static void test_valid(void **state)
{
	static const struct
	{
		const char *text;
		int plain, accept;
	} row[] = {
			{"", 0, 0},
			{"a", 1, 0},
			{"a;b=\"c\"", 1, 0},
			{"a;", 0, 0},
			{"*", 1, 1}, /* an asterisk is a token, too */
			{"*;+g.oma.sip-im", 1, 1},
			{"*;+a=\"x,y\";require;explicit, * ; b", 0, 1},
			{"*;a,", 0, 0},
			{"*;", 0, 0},
			{"*a", 1, 0},
			{"* ;a b", 0, 0},
			{"*;a\r\nEvil: 1", 0, 0},
	};

	for(size_t i = 0; i < COUNT(row); i++) {
		str text = {(char *)row[i].text, (int)strlen(row[i].text)};

		if(header_params_valid(&text) != row[i].plain)
			fail_msg("valid '%s'", row[i].text);
		if(header_params_accept_valid(&text) != row[i].accept)
			fail_msg("accept '%s'", row[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_next),
			cmocka_unit_test(test_zero_octets_end_nothing),
			cmocka_unit_test(test_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
