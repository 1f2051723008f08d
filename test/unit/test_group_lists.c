/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the xdms room as others see it (xdms/groups): the lists that
 * groups refer to, merged, bounded, asked for again.
 */
#include "groups_asker.h"


/* ---- lists that a group refers to ---- */

static void test_lists_are_merged_in_order(void **state)
{
	/* the first comes last */
	page_t *first = page(LIST_PAGE "first");

	say_group(page(TEAM_PAGE), "1", "alice bob",
			"resource-lists/first resource-lists/second");
	say_list(first, "1", "carol bob", "resource-lists/third");
	say_list(page(LIST_PAGE "second"), "1", "dave", "");
	say_list(page(LIST_PAGE "third"), "1", "erin", "");
	first->hold = 1;
	ask(&asker, TEAM);
	until(&page(LIST_PAGE "second")->asked, 1);
	let_go(first);
	until(&told, 1);
	assert_string_equal(members(), "alice bob carol dave erin");
}


static void test_lists_that_name_each_other(void **state)
{
	say_group(page(TEAM_PAGE), "1", "alice",
			"resource-lists/a resource-lists/a "
			"/xcap/resource-lists/a");
	say_list(page(LIST_PAGE "a"), "1", "bob", "resource-lists/b");
	say_list(page(LIST_PAGE "b"), "1", "carol",
			"resource-lists/a resource-lists/b");
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_string_equal(members(), "alice bob carol");
	assert_int_equal(page(LIST_PAGE "a")->asked, 1);
	assert_int_equal(page(LIST_PAGE "b")->asked, 1);
}


static void test_groups_that_name_each_other_end(void **state)
{
	static const char other[] =
			"org.openmobilealliance.groups/global/byGroupID/sip:b@example.com";
	static const char this[] =
			"org.openmobilealliance.groups/global/byGroupID/" TEAM;

	say_group(page(TEAM_PAGE), "1", "alice", other);
	say_group(page(GROUP_PAGE "sip:b@example.com"), "1", "bob", this);
	assert_int_equal(get(TEAM), GROUPS_UNRESOLVED);
	assert_int_equal(page(TEAM_PAGE)->asked, 1);
}


static void test_lists_that_cannot_be_had(void **state)
{
	page_t *p = page(TEAM_PAGE), *list = page(LIST_PAGE "a");

	say_group(p, "1", "alice", "resource-lists/a");
	page_says(list, "404 Not Found", "", "");
	assert_int_equal(get(TEAM), GROUPS_UNRESOLVED);
	assert_int_equal(get(TEAM), GROUPS_UNRESOLVED);
	assert_int_equal(p->asked, 1);
	forget(TEAM);
	page_says(list, "503 Busy", "", "");
	assert_int_equal(get(TEAM), GROUPS_DOWN);
	page_says(list, "200 OK", XML_TYPE, "<resource-lists");
	assert_int_equal(get(TEAM), GROUPS_UNRESOLVED);
}


static void test_lists_of_other_servers(void **state)
{
	say_group(page(TEAM_PAGE), "1", "alice", "http://localhost:1/a");
	assert_int_equal(get(TEAM), GROUPS_UNRESOLVED);
	forget(TEAM);
	settings.xdms_external_hosts = 1;
	assert_int_equal(get(TEAM), GROUPS_DOWN);
}


static void test_lists_are_bounded_in_depth(void **state)
{
	char path[64], next[64];

	say_group(page(TEAM_PAGE), "1", "alice", "resource-lists/1");
	for(int i = 1; i <= 5; i++) {
		snprintf(path, sizeof(path), LIST_PAGE "%d", i);
		snprintf(next, sizeof(next), "resource-lists/%d", i + 1);
		say_list(page(path), "1", "bob", next);
	}
	assert_int_equal(get(TEAM), GROUPS_UNRESOLVED);
	assert_int_equal(page(LIST_PAGE "4")->asked, 1);
	assert_int_equal(page(LIST_PAGE "5")->asked, 0);
	forget(TEAM);
	say_list(page(LIST_PAGE "4"), "1", "carol", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_string_equal(members(), "alice bob carol");
}


static void test_lists_are_bounded_in_number(void **state)
{
	char path[64], first[1024] = "", second[1024] = "";

	for(int i = 0; i < 34; i++) {
		char *words = i < 17 ? first : second;
		snprintf(path, sizeof(path), LIST_PAGE "%d", i);
		say_list(page(path), "1", "bob", "");
		snprintf(words + strlen(words), 1024 - strlen(words),
				"resource-lists/%d ", i);
	}
	say_group(page(TEAM_PAGE), "1", "alice", first);
	say_list(page(LIST_PAGE "16"), "1", "bob", second);
	assert_int_equal(get(TEAM), GROUPS_UNRESOLVED);
}


static void test_a_group_is_bounded_with_its_lists(void **state)
{
	static char long_name[40000];

	memset(long_name, 'x', sizeof(long_name) - 1);
	say_group(
			page(TEAM_PAGE), "1", "alice", "resource-lists/a resource-lists/b");
	page_says(page(LIST_PAGE "a"), "200 OK", XML_TYPE, long_name);
	page_says(page(LIST_PAGE "b"), "200 OK", XML_TYPE, long_name);
	assert_int_equal(get(TEAM), GROUPS_UNRESOLVED);
}


static void test_lists_are_revalidated_with_their_group(void **state)
{
	page_t *p = page(TEAM_PAGE), *a = page(LIST_PAGE "a");
	group_ref_t *first;

	settings.xdms_ttl = 0;
	say_group(p, "g1", "alice", "resource-lists/a");
	say_list(a, "a1", "bob", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	first = group_ref_hold(asker.ref);
	say_unchanged(p);
	say_unchanged(a);
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_ptr_equal(asker.ref, first);
	assert_non_null(strstr(a->request, "\r\nIf-None-Match: \"a1\"\r\n"));
	assert_int_equal(a->asked, 2);
	group_ref_release(first);
}


/* 304 to whom it concerns */
static void group_or_unchanged(page_t *p, const char *request, buffer_t *out)
{
	if(strstr(request, "If-None-Match: \"g1\""))
		buffer_add_text(out, "HTTP/1.1 304 Not Modified\r\n\r\n");
	else
		buffer_add(out, p->reply.s, p->reply.len);
}


static void test_a_list_that_changed(void **state)
{
	page_t *p = page(TEAM_PAGE), *a = page(LIST_PAGE "a");

	settings.xdms_ttl = 0;
	p->fn = group_or_unchanged;
	say_group(p, "g1", "alice", "resource-lists/a");
	say_list(a, "a1", "bob", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	say_list(a, "a2", "carol", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_string_equal(members(), "alice carol");
	/* gone, and the group still refers to it */
	page_says(a, "404 Not Found", "", "");
	assert_int_equal(get(TEAM), GROUPS_UNRESOLVED);
}


static void test_a_group_that_changed_above_its_list(void **state)
{
	page_t *p = page(TEAM_PAGE), *a = page(LIST_PAGE "a");

	settings.xdms_ttl = 0;
	say_group(p, "g1", "alice", "resource-lists/a");
	say_list(a, "a1", "bob", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	say_group(p, "g2", "erin", "");
	a->hold = 1;
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_string_equal(members(), "erin");
	assert_int_equal(p->asked, 2);
}


static void test_a_list_that_is_down_leaves_what_is_remembered(void **state)
{
	page_t *p = page(TEAM_PAGE), *a = page(LIST_PAGE "a");

	settings.xdms_ttl = 0;
	p->fn = group_or_unchanged;
	say_group(p, "g1", "alice", "resource-lists/a");
	say_list(a, "a1", "bob", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	page_says(a, "500 Oops", "", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_string_equal(members(), "alice bob");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			world_test(test_lists_are_merged_in_order),
			world_test(test_lists_that_name_each_other),
			world_test(test_groups_that_name_each_other_end),
			world_test(test_lists_that_cannot_be_had),
			world_test(test_lists_of_other_servers),
			world_test(test_lists_are_bounded_in_depth),
			world_test(test_lists_are_bounded_in_number),
			world_test(test_a_group_is_bounded_with_its_lists),
			world_test(test_lists_are_revalidated_with_their_group),
			world_test(test_a_list_that_changed),
			world_test(test_a_group_that_changed_above_its_list),
			world_test(test_a_list_that_is_down_leaves_what_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
