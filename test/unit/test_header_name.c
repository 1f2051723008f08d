/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/header_name.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>
#include "wire/header_name.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static str text_of(const char *s)
{
	return (str){(char *)s, (int)strlen(s)};
}


static void test_header_is(void **state)
{
	static const struct
	{
		const char *name, *full;
		int is;
	} row[] = {
			{"Contact", "Contact", 1},
			{"CONTACT", "Contact", 1},
			{"m", "Contact", 1},
			{"M", "Contact", 1},
			{"o", "Event", 1},
			{"x", "Session-Expires", 1},
			{"k", "Supported", 1},
			{"e", "Content-Encoding", 1},
			{"r", "Refer-To", 1},
			{"b", "Referred-By", 1},
			{"s", "Subject", 1},
			{"m", "Event", 0},
			{"z", "Contact", 0},
			{"", "Contact", 0},
			{"mm", "Contact", 0},
			{"Contacts", "Contact", 0},
			{"Contac", "Contact", 0},
			{"k", "k", 1},
	};

	for(size_t i = 0; i < COUNT(row); i++) {
		str name = text_of(row[i].name), full = text_of(row[i].full);
		if(header_is(&name, &full) != row[i].is)
			fail_msg("'%s' as %s: not %d", row[i].name, row[i].full, row[i].is);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_header_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
