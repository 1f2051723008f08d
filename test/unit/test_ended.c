/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of sip/ended: which dialogs ended a moment ago.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include "sip/ended.h"

static dialog_id_t dialog(const char *call, const char *ours, const char *its)
{
	return (dialog_id_t){{(char *)call, (int)strlen(call)},
			{(char *)ours, (int)strlen(ours)}, {(char *)its, (int)strlen(its)}};
}


static void test_a_dialog_is_known_by_all_its_names(void **state)
{
	dialog_id_t id = dialog("c1", "l1", "r1");
	dialog_id_t other[] = {dialog("c2", "l1", "r1"), dialog("c1", "l2", "r1"),
			dialog("c1", "l1", "r2"), dialog("c1", "r1", "l1"),
			dialog("", "", "")};

	assert_false(ended_knows(&id, 1000));
	ended_note(&id, 7, 1000);
	assert_true(ended_knows(&id, 1000));
	for(size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		assert_false(ended_knows(&other[i], 1000));
}


static void test_only_its_last_request_is_a_repetition(void **state)
{
	dialog_id_t id = dialog("c3", "l", "r");

	ended_note(&id, 7, 1000);
	assert_true(ended_knows_request(&id, 7, 1000));
	assert_false(ended_knows_request(&id, 6, 1000));
	assert_false(ended_knows_request(&id, 8, 1000));
}


static void test_it_is_forgotten_after_64_T1(void **state)
{
	dialog_id_t id = dialog("c4", "l", "r");

	ended_note(&id, 1, 1000);
	assert_true(ended_knows(&id, 1000 + ENDED_KEPT_MS - 1));
	assert_false(ended_knows(&id, 1000 + ENDED_KEPT_MS));
	assert_false(ended_knows_request(&id, 1, 1000 + ENDED_KEPT_MS));
}


static void test_the_oldest_make_room(void **state)
{
	dialog_id_t first = dialog("first", "l", "r");
	char name[32];

	ended_note(&first, 1, 1000);
	for(int i = 0; i < ENDED_MAX - 1; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		dialog_id_t id = dialog(name, "l", "r");
		ended_note(&id, 1, 1000);
	}
	assert_true(ended_knows(&first, 1000));
	dialog_id_t last = dialog("last", "l", "r");
	ended_note(&last, 1, 1000);
	assert_false(ended_knows(&first, 1000));
	assert_true(ended_knows(&last, 1000));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_a_dialog_is_known_by_all_its_names),
			cmocka_unit_test(test_only_its_last_request_is_a_repetition),
			cmocka_unit_test(test_it_is_forgotten_after_64_T1),
			cmocka_unit_test(test_the_oldest_make_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
