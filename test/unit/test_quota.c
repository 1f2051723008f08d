/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of worker/quota: how often each user did something in a minute.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include "kamailio_shm.h"
#include "worker/quota.h"

static int take(const char *user, int limit, int64_t now)
{
	str name = {(char *)user, (int)strlen(user)};

	return quota_take(QUOTA_CONFERENCES, &name, limit, now);
}


static int set_up(void **state)
{
	shm_start();
	return quota_create();
}


static int tear_down(void **state)
{
	quota_destroy();
	return shm_blocks;
}


static void test_a_minute_begins_with_the_first(void **state)
{
	assert_int_equal(take("alice", 2, 100), 0);
	assert_int_equal(take("alice", 2, 130), 0);
	assert_int_equal(take("alice", 2, 131), 29);
	assert_int_equal(take("alice", 2, 159), 1);
	assert_int_equal(take("alice", 2, 160), 0);
	assert_int_equal(take("alice", 2, 161), 0);
	assert_int_equal(take("alice", 2, 162), 58);
}


static void test_what_was_refused_does_not_count(void **state)
{
	assert_int_equal(take("bob", 1, 100), 0);
	for(int i = 0; i < 10; i++)
		assert_int_not_equal(take("bob", 1, 110), 0);
	assert_int_equal(take("bob", 2, 120), 0);
}


static void test_each_user_and_kind_by_itself(void **state)
{
	str carol = TEXT("carol");

	assert_int_equal(take("carol", 1, 100), 0);
	assert_int_equal(take("dave", 1, 100), 0);
	assert_int_equal(quota_take(QUOTA_REFERS, &carol, 1, 100), 0);
	assert_int_not_equal(take("carol", 1, 100), 0);
	assert_int_not_equal(quota_take(QUOTA_REFERS, &carol, 1, 100), 0);
}


/* a flood of users takes no memory, and does not make forget who did most */
static void test_it_is_bounded(void **state)
{
	char user[32];

	for(int i = 0; i < 5; i++)
		assert_int_equal(take("mallory", 5, 1000), 0);
	for(int i = 0; i < 100000; i++) {
		snprintf(user, sizeof(user), "user%d", i);
		take(user, 5, 1000);
	}
	assert_int_equal(shm_blocks, 1);
	assert_int_equal(take("mallory", 5, 1010), 50);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test_setup_teardown(
					test_a_minute_begins_with_the_first, set_up, tear_down),
			cmocka_unit_test_setup_teardown(
					test_what_was_refused_does_not_count, set_up, tear_down),
			cmocka_unit_test_setup_teardown(
					test_each_user_and_kind_by_itself, set_up, tear_down),
			cmocka_unit_test_setup_teardown(
					test_it_is_bounded, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
