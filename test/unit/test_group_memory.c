/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/group_document and model/group_policy when memory is
 * out, at every allocation once: an answer, no leak, and nothing granted.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "alloc_fault.h"
#include "group_helpers.h"
#include "model_helpers.h"
#include "model/group_policy.h"

#define ROUNDS_MAX 5000

/* clang-format off */
static const char group_xml[] = GROUP(
	"<display-name>Team</display-name><oxe:subject>S</oxe:subject>"
	LIST(ENTRY("sip:%61@x")
		"<entry uri='tel:+1-2'><display-name>A</display-name></entry>"
		"<external anchor='e'/>")
	RULES(RULE("<is-list-member/><cr:identity><cr:one id='b@x'/>"
			"<cr:many domain='x'><cr:except id='sip:eve@x'/>"
			"<cr:except domain='y'/></cr:many></cr:identity>",
			"<join-handling>true</join-handling>")
		RULE("<ocp:external-list><ocp:entry anc='e'/></ocp:external-list>",
			"")));
static const char list_xml[] =
	LISTS("<list>" ENTRY("sip:b@X") "<external anchor='f'/></list>");
/* clang-format on */


static void test_parse(void **state)
{
	group_result_t result = GROUP_MEMORY;
	group_document_t *group;
	long n;

	for(n = 1; n < ROUNDS_MAX && result != GROUP_OK; n++) {
		fail_after = n;
		result = read_group(group_xml, &group);
		/* libxml2 calls some of its own failures broken */
		if(result != GROUP_OK)
			assert_null(group);
		if(fail_after > 0)
			break;
		group_document_free(group);
		result = GROUP_MEMORY;
	}
	fail_after = 0;
	assert_true(n > 20 && n < ROUNDS_MAX);
	assert_int_equal(result, GROUP_OK);
	assert_int_equal(group->members, 2);
	assert_int_equal(group->rules, 2);
	group_document_free(group);
}


static void test_add_list(void **state)
{
	group_result_t result = GROUP_MEMORY;
	group_document_t *group;
	str text = text_of(list_xml), further[4];
	int count;
	long n;

	assert_int_equal(read_group(group_xml, &group), GROUP_OK);
	for(n = 1; n < ROUNDS_MAX && result != GROUP_OK; n++) {
		fail_after = n;
		result = group_document_add_list(
				group, &text, further, 4, &count, NULL, 0);
		if(result == GROUP_OK)
			break;
		assert_int_equal(group->members, 2);
		assert_int_equal(count, 0);
	}
	fail_after = 0;
	assert_true(n > 5 && n < ROUNDS_MAX);
	assert_int_equal(group->members, 3);
	assert_int_equal(count, 1);
	text_free(&further[0]);
	group_document_free(group);
}


static void test_policy(void **state)
{
	static const policy_defaults_t defaults = {.members = 0, .others = 0};
	person_t who = {
			.name = {text_of("sip:a@x"), text_of("sip:eve@x")}, .names = 2};
	person_t clean = {.name = {text_of("sip:a@x")}, .names = 1};
	group_document_t *group;

	assert_int_equal(read_group(group_xml, &group), GROUP_OK);
	assert_int_equal(group_permissions(group, &clean, 0, &defaults), MAY_JOIN);
	/* the second name is the one that is excepted */
	for(long n = 1; n < 20; n++) {
		fail_after = n;
		assert_int_equal(group_permissions(group, &who, 0, &defaults), 0);
	}
	fail_after = 1;
	assert_int_equal(group_has_member(group, &clean), 0);
	fail_after = 0;
	assert_int_equal(group_has_member(group, &clean), 1);
	group_document_free(group);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_parse),
			cmocka_unit_test(test_add_list),
			cmocka_unit_test(test_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
