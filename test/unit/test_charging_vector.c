/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/charging_vector.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "wire/charging_vector.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void test_in_and_out(void **state)
{
	static const struct
	{
		const char *in, *out; /* NULL: refused */
	} row[] = {
			{"icid-value=1234bc9876e", "icid-value=1234bc9876e"},
			{"icid-value=\"AyretyU0dm+6O2IrT5tAFrbHLso=023551024\"; "
			 "orig-ioi=home1.net",
					"icid-value=\"AyretyU0dm+6O2IrT5tAFrbHLso=023551024\""
					";orig-ioi=home1.net"},
			{"orig-ioi=\"Type 3h\";ICID-Value=a;icid-generated-at=192.0.6.8;"
			 "transit-ioi=\"a.1,void\";term-ioi=x;related-icid=b",
					"icid-value=a;icid-generated-at=192.0.6.8"
					";orig-ioi=\"Type 3h\";term-ioi=x"},
			{"icid-value=a;flag", "icid-value=a"},
			{"", NULL},
			{"orig-ioi=home1.net", NULL},
			{"icid-value", NULL},
			{"icid-value=", NULL},
			{"icid-value=a;icid-value=b", NULL},
			{"icid-value=a;orig-ioi=b;orig-ioi=c", NULL},
			{"icid-value=a, icid-value=b", NULL},
			{"icid-value=\"a\r\nEvil: 1\"", NULL},
			{"icid-value=a\r\n Evil: 1", NULL},
			{"icid-value=\"a\\\n Evil: 1\"", NULL},
			{"icid-value=\"a\\\x7f\"", NULL},
			{"icid-value=\"a\\\"\\\\\"", "icid-value=\"a\\\"\\\\\""},
			{"icid-value=\"a\\", NULL},
			{"icid-value=\"a\\\"", NULL},
			{"<sip:a@b>;icid-value=a", NULL},
	};

	for(size_t i = 0; i < COUNT(row); i++) {
		str text = {(char *)row[i].in, (int)strlen(row[i].in)}, got;
		charging_vector_t vector;
		char line[512];
		buffer_t out;

		if(charging_vector_parse(&text, &vector) < 0) {
			if(row[i].out)
				fail_msg("'%s' refused", row[i].in);
			continue;
		}
		if(!row[i].out)
			fail_msg("'%s' taken", row[i].in);
		buffer_init(&out, 0);
		charging_vector_add(&out, &vector);
		snprintf(line, sizeof(line), "P-Charging-Vector: %s\r\n", row[i].out);
		got = buffer_str(&out);
		assert_int_equal(got.len, strlen(line));
		assert_memory_equal(got.s, line, got.len);
		buffer_free(&out);
	}
}

/* a value of so many octets */
static int parse_long(size_t octets, const char *after)
{
	char *text = malloc(octets + strlen(after) + 20);
	charging_vector_t vector;
	str whole = {text, 0};
	int rc;

	whole.len = sprintf(text, "icid-value=");
	memset(text + whole.len, 'a', octets);
	whole.len += (int)octets;
	whole.len += sprintf(text + whole.len, "%s", after);
	rc = charging_vector_parse(&whole, &vector);
	free(text);
	return rc;
}

static void test_bounds(void **state)
{
	char many[CHARGING_VECTOR_MAX + 1] = "";

	assert_int_equal(parse_long(CHARGING_VALUE_MAX, ""), 0);
	assert_int_equal(parse_long(CHARGING_VALUE_MAX + 1, ""), -1);
	while(strlen(many) + 3 < CHARGING_VECTOR_MAX - 20)
		strcat(many, ";xy");
	assert_int_equal(parse_long(5, many), 0);
	strcat(many, ";xyxyxyxyxyxyxyxyxyxy");
	assert_int_equal(parse_long(5, many), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_in_and_out),
			cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
