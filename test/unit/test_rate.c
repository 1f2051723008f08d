/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of notify/rate: max-rate and min-rate of RFC 6446.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "model_helpers.h"
#include "notify/rate.h"
#include "settings.h"

#define HOUR 3600000

settings_t settings;


static int setup(void **state)
{
	settings = (settings_t){
			.notify_min_interval = 1000, .notify_min_rate_interval = 10000};
	return 0;
}


static rate_t rate_of(const char *params, int64_t lifetime)
{
	str text = text_of(params);
	rate_t rate;

	rate_read(&text, lifetime, &rate);
	return rate;
}


static void expect_agreed(const char *params, const char *agreed)
{
	rate_t rate = rate_of(params, HOUR);
	buffer_t b;

	buffer_init(&b, 0);
	rate_add(&b, &rate);
	buffer_add(&b, "", 1);
	assert_string_equal(b.s, agreed);
	buffer_free(&b);
}


static void test_nothing_asked(void **state)
{
	expect_agreed("", "");
	expect_agreed("id=7", "");
}


static void test_what_was_asked_is_agreed(void **state)
{
	expect_agreed("max-rate=0.1", ";max-rate=0.1");
	expect_agreed(
			"id=7;max-rate=0.25;min-rate=0.05", ";max-rate=0.25;min-rate=0.05");
	expect_agreed("max-rate=0.001", ";max-rate=0.001");
	assert_int_equal(rate_of("max-rate=0.5", HOUR).least, 2000);
	/* an interval is rounded up: never more often than asked */
	assert_int_equal(rate_of("max-rate=0.3", HOUR).least, 3334);
}


static void test_bounds_of_max_rate(void **state)
{
	assert_int_equal(rate_of("max-rate=99.9999999999", HOUR).least, 1000);
	/* RFC 6446 5.3: not beyond the subscription's end */
	assert_int_equal(rate_of("max-rate=0.0000000001", 60000).least, 60000);
	settings.notify_max_rate_interval = 5000;
	assert_int_equal(rate_of("max-rate=0.01", HOUR).least, 5000);
}


static void test_bounds_of_min_rate(void **state)
{
	assert_int_equal(rate_of("min-rate=50", HOUR).most, 10000);
	/* section 8: not above max-rate */
	assert_int_equal(rate_of("max-rate=0.02;min-rate=0.1", HOUR).most, 50000);
	settings.notify_min_rate_interval = 0;
	assert_int_equal(rate_of("min-rate=0.01", HOUR).most, 0);
}


static void test_what_is_no_rate_was_not_asked(void **state)
{
	static const char *const values[] = {"", "0", "0.0", "-1", "1.", ".5",
			"100", "1e3", "0.12345678901", "1.2.3", "x", "1,5"};
	char params[64];

	for(size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		snprintf(params, sizeof(params), "max-rate=%s;min-rate=%s", values[i],
				values[i]);
		expect_agreed(params, "");
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test_setup(test_nothing_asked, setup),
			cmocka_unit_test_setup(test_what_was_asked_is_agreed, setup),
			cmocka_unit_test_setup(test_bounds_of_max_rate, setup),
			cmocka_unit_test_setup(test_bounds_of_min_rate, setup),
			cmocka_unit_test_setup(test_what_is_no_rate_was_not_asked, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
