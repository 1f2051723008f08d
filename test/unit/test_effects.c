/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of model/effects.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <limits.h>
#include "model/conference.h"


static void test_effects_keep_their_order(void **state)
{
	participant_t someone = {0};
	effects_t fx;

	(void)state;
	effects_init(&fx);
	for(int i = 0; i < 1000; i++)
		effects_add(&fx, i % 2 ? EFFECT_BYE : EFFECT_LEAVE, &someone,
				i % 2 ? END_ADMIN : END_NONE);
	assert_int_equal(fx.count, 1000);
	assert_false(fx.failed);
	for(int i = 0; i < 1000; i++) {
		assert_int_equal(fx.item[i].type, i % 2 ? EFFECT_BYE : EFFECT_LEAVE);
		assert_int_equal(fx.item[i].reason, i % 2 ? END_ADMIN : END_NONE);
		assert_ptr_equal(fx.item[i].participant, &someone);
	}
	effects_free(&fx);
	assert_null(fx.item);
	assert_int_equal(fx.count, 0);
}


static void test_a_notify_right_after_a_notify_is_left_out(void **state)
{
	participant_t someone = {0};
	effects_t fx;

	(void)state;
	effects_init(&fx);
	effects_add(&fx, EFFECT_NOTIFY, NULL, END_NONE);
	effects_add(&fx, EFFECT_NOTIFY, NULL, END_NONE);
	assert_int_equal(fx.count, 1);
	effects_add(&fx, EFFECT_ENTER, &someone, END_NONE);
	effects_add(&fx, EFFECT_NOTIFY, NULL, END_NONE);
	assert_int_equal(fx.count, 3);
	effects_free(&fx);
}


static void test_reserved_room_is_there(void **state)
{
	effect_t *before;
	effects_t fx;

	(void)state;
	effects_init(&fx);
	assert_int_equal(effects_reserve(&fx, 0), 0);
	assert_int_equal(effects_reserve(&fx, 100), 0);
	before = fx.item;
	for(int i = 0; i < 100; i++)
		effects_add(&fx, EFFECT_END, NULL, END_NONE);
	assert_ptr_equal(fx.item, before);
	assert_int_equal(fx.count, 100);
	effects_free(&fx);
}


static void test_too_much_is_refused(void **state)
{
	effects_t fx;

	(void)state;
	effects_init(&fx);
	effects_add(&fx, EFFECT_END, NULL, END_NONE);
	assert_int_equal(effects_reserve(&fx, INT_MAX), -1);
	assert_true(fx.failed);
	assert_int_equal(fx.count, 1);
	assert_int_equal(fx.item[0].type, EFFECT_END);
	effects_free(&fx);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_effects_keep_their_order),
			cmocka_unit_test(test_a_notify_right_after_a_notify_is_left_out),
			cmocka_unit_test(test_reserved_room_is_there),
			cmocka_unit_test(test_too_much_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
