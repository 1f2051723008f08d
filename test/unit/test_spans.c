/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of switch/spans and switch/allowance: rules in numbers.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include "switch/allowance.h"
#include "switch/spans.h"


static void test_stretches_grow_together(void **state)
{
	spans_t s = {0};

	assert_int_equal(spans_first(&s), 0);
	assert_int_equal(spans_add(&s, 10, 20), 0);
	assert_int_equal(spans_first(&s), 0);
	assert_int_equal(spans_add(&s, 30, 40), 0);
	assert_int_equal(s.count, 2);
	assert_int_equal(spans_add(&s, 15, 30), 0);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.span[0].from, 10);
	assert_int_equal(s.span[0].end, 40);
	assert_int_equal(spans_add(&s, 0, 5), 0);
	assert_int_equal(spans_first(&s), 5);
	assert_int_equal(spans_add(&s, 5, 5), 0);
	assert_int_equal(spans_add(&s, 5, 10), 0);
	assert_int_equal(spans_first(&s), 40);
	assert_int_equal(s.count, 1);
}


static void test_too_many_gaps(void **state)
{
	spans_t s = {0};

	for(int i = 0; i < SPANS_MAX; i++)
		assert_int_equal(spans_add(&s, 2 * i, 2 * i + 1), 0);
	assert_int_equal(spans_add(&s, 1000, 1001), -1);
	assert_int_equal(s.count, SPANS_MAX);
	/* what fills one is welcome */
	assert_int_equal(spans_add(&s, 1, 2), 0);
	assert_int_equal(spans_first(&s), 3);
	assert_int_equal(spans_add(&s, 0, 2000), 0);
	assert_int_equal(s.count, 1);
}


/* Against a table of octets. */
static void test_any_order_is_as_good(void **state)
{
	char here[64];
	unsigned from, end, first;
	spans_t s;

	srand(1);
	for(int round = 0; round < 2000; round++) {
		memset(here, 0, sizeof(here));
		memset(&s, 0, sizeof(s));
		for(int i = 0; i < 12; i++) {
			from = rand() % 64;
			end = from + rand() % (65 - from);
			assert_int_equal(spans_add(&s, from, end), 0);
			memset(here + from, 1, end - from);
			for(first = 0; first < 64 && here[first];)
				first++;
			assert_int_equal(spans_first(&s), first);
		}
	}
}


static void test_allowance(void **state)
{
	allowance_t a = {0};
	int64_t now = 5000;

	/* five at once, then two a second */
	for(int i = 0; i < 5; i++)
		assert_int_equal(allowance_take(&a, now, 2, 5), 1);
	assert_int_equal(allowance_take(&a, now, 2, 5), 0);
	assert_int_equal(allowance_take(&a, now + 499, 2, 5), 0);
	assert_int_equal(allowance_take(&a, now + 500, 2, 5), 1);
	assert_int_equal(allowance_take(&a, now + 500, 2, 5), 0);
	assert_int_equal(allowance_take(&a, now + 1000, 2, 5), 1);
	/* what was not used is not saved up beyond the burst */
	now += 100000;
	for(int i = 0; i < 5; i++)
		assert_int_equal(allowance_take(&a, now, 2, 5), 1);
	assert_int_equal(allowance_take(&a, now, 2, 5), 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_stretches_grow_together),
			cmocka_unit_test(test_too_many_gaps),
			cmocka_unit_test(test_any_order_is_as_good),
			cmocka_unit_test(test_allowance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
