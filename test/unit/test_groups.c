/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the xdms room as others see it (xdms/groups): what is
 * remembered, for how long, what is asked again. The lists that groups refer
 * to are in test_group_lists.c.
 */
#include "groups_asker.h"


/* ---- one document ---- */

static void test_P1_fetched_once_and_remembered(void **state)
{
	page_t *p = page(TEAM_PAGE);

	say_group(p, "1", "alice bob", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_string_equal(members(), "alice bob");
	assert_non_null(strstr(p->request, "\r\nX-XCAP-Asserted-Identity: "
									   "\"sip:alice@example.com\"\r\n"));
	for(int i = 0; i < 3; i++)
		assert_int_equal(get(TEAM), GROUPS_OK);
	assert_int_equal(p->asked, 1);
	assert_int_equal(statistics[STAT_XDMS_HITS], 3);
}


static void test_names_of_groups(void **state)
{
	say_group(page(TEAM_PAGE), "1", "alice", "");
	assert_int_equal(
			get("SIP:team:pw@EXAMPLE.com;transport=tcp?a=b"), GROUPS_OK);
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_int_equal(page(TEAM_PAGE)->asked, 1);
	say_group(page(GROUP_PAGE "tel:+33123;phone-context=x"), "1", "a", "");
	assert_int_equal(get("tel:+33123;phone-context=x"), GROUPS_OK);
	say_group(
			page(GROUP_PAGE "sip:a%252Fb%3Fc@example.com:5070"), "1", "a", "");
	assert_int_equal(get("sip:a%2Fb?c@example.com:5070"), GROUPS_OK);
	assert_int_equal(get("mailto:a@example.com"), GROUPS_ABSENT);
}


static void test_without_an_xdms_there_are_no_groups(void **state)
{
	str root = settings.xdms_root;

	settings.xdms_root.len = 0;
	assert_int_equal(get(TEAM), GROUPS_ABSENT);
	settings.xdms_root = root;
	assert_int_equal(stand_strays, 0);
}


static void test_one_fetch_for_many(void **state)
{
	static asker_t many[WAITERS];
	page_t *p = page(TEAM_PAGE);

	say_group(p, "1", "alice", "");
	memset(many, 0, sizeof(many));
	p->hold = 1;
	for(int i = 0; i < WAITERS; i++)
		ask(&many[i], TEAM);
	let_go(p);
	until(&told, WAITERS);
	assert_int_equal(p->asked, 1);
	for(int i = 0; i < WAITERS; i++) {
		assert_int_equal(many[i].told, 1);
		assert_ptr_equal(many[i].ref, many[0].ref);
		group_ref_release(many[i].ref);
	}
}


static void test_giving_up_while_it_is_fetched(void **state)
{
	asker_t other = {0};
	page_t *p = page(TEAM_PAGE);

	say_group(p, "1", "alice", "");
	p->hold = 1;
	ask(&asker, TEAM);
	ask(&other, TEAM);
	groups_cancel(other.wait);
	let_go(p);
	until(&told, 1);
	assert_int_equal(asker.told, 1);
	assert_int_equal(other.told, 0);
}


static void test_when_all_give_up_the_cache_still_learns(void **state)
{
	page_t *p = page(TEAM_PAGE);

	say_group(p, "1", "alice", "");
	p->hold = 1;
	ask(&asker, TEAM);
	groups_cancel(asker.wait);
	let_go(p);
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_int_equal(p->asked, 1);
}


static groups_wait_t *victim;

static void give_up_for_another(
		void *arg, groups_result_t result, group_ref_t *ref)
{
	told++;
	groups_cancel(victim);
}


static void test_giving_up_between_answer_and_telling(void **state)
{
	page_t *p = page(TEAM_PAGE);
	str team = TEXT(TEAM);

	say_group(p, "1", "alice", "");
	groups_get(&team, &team, give_up_for_another, NULL);
	ask(&asker, TEAM);
	victim = asker.wait;
	until(&told, 1);
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_int_equal(asker.told, 1);
}


/* ---- again ---- */

static void test_revalidated_when_its_time_is_over(void **state)
{
	page_t *p = page(TEAM_PAGE);
	group_ref_t *first;

	settings.xdms_ttl = 0;
	say_group(p, "1", "alice", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	first = group_ref_hold(asker.ref);
	say_unchanged(p);
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_non_null(strstr(p->request, "\r\nIf-None-Match: \"1\"\r\n"));
	assert_ptr_equal(asker.ref, first);
	say_group(p, "2", "bob carol", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_string_equal(members(), "bob carol");
	assert_int_equal(p->asked, 3);
	/* who holds the old one keeps it */
	assert_int_equal(group_ref_document(first)->members, 1);
	group_ref_release(first);
}


static void test_an_etag_that_never_changes(void **state)
{
	page_t *p = page(TEAM_PAGE);

	settings.xdms_ttl = 0;
	say_group(p, "1", "alice", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	/* a server that compares nothing */
	say_group(p, "1", "bob", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_string_equal(members(), "bob");
	/* one that compares ETags is asked for all of it once in a while */
	settings.xdms_max_stale = 0;
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_null(strstr(p->request, "If-None-Match"));
}


static void test_without_an_etag_it_is_fetched_anew(void **state)
{
	page_t *p = page(TEAM_PAGE);

	settings.xdms_ttl = 0;
	say_group(p, "", "alice", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_null(strstr(p->request, "If-None-Match"));
	assert_int_equal(p->asked, 2);
}


static void test_absence_is_remembered_for_a_while(void **state)
{
	page_t *p = page(TEAM_PAGE);

	page_says(p, "404 Not Found", "", "");
	assert_int_equal(get(TEAM), GROUPS_ABSENT);
	assert_int_equal(get(TEAM), GROUPS_ABSENT);
	assert_int_equal(p->asked, 1);
	assert_int_equal(forget(TEAM), 1);
	settings.xdms_negative_ttl = 0;
	assert_int_equal(get(TEAM), GROUPS_ABSENT);
	say_group(p, "1", "alice", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
}


static void test_a_group_that_was_removed(void **state)
{
	page_t *p = page(TEAM_PAGE);

	settings.xdms_ttl = 0;
	say_group(p, "1", "alice", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	page_says(p, "404 Not Found", "", "");
	assert_int_equal(get(TEAM), GROUPS_ABSENT);
	/* nothing is left to fall back on */
	settings.xdms_negative_ttl = 0;
	forget(TEAM);
	stand_die();
	assert_int_equal(get(TEAM), GROUPS_DOWN);
}


static void test_forgetting(void **state)
{
	page_t *p = page(TEAM_PAGE);

	say_group(p, "1", "alice", "");
	assert_int_equal(forget(TEAM), 0);
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_int_equal(forget("sip:team@Example.com;x=y"), 1);
	assert_int_equal(forget(TEAM), 0);
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_null(strstr(p->request, "If-None-Match"));
	assert_int_equal(p->asked, 2);
}


static void test_forgetting_while_it_is_fetched(void **state)
{
	page_t *p = page(TEAM_PAGE);

	settings.xdms_ttl = 0;
	say_group(p, "1", "alice", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	say_unchanged(p);
	p->hold = 1;
	ask(&asker, TEAM);
	forget(TEAM);
	let_go(p);
	until(&told, 2);
	assert_int_equal(asker.result, GROUPS_OK);
	/* what came then is not kept */
	say_group(p, "1", "bob", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_null(strstr(p->request, "If-None-Match"));
	assert_string_equal(members(), "bob");
}


/* ---- faults ---- */

static void test_down_with_nothing_remembered(void **state)
{
	stand_die();
	assert_int_equal(get(TEAM), GROUPS_DOWN);
	/* and when it is back it is asked at once */
	assert_int_equal(stand_listen(), 0);
	say_group(page(TEAM_PAGE), "1", "alice", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
}


static void test_it_dies_while_many_wait(void **state)
{
	static asker_t many[WAITERS];

	page(TEAM_PAGE)->hold = 1;
	memset(many, 0, sizeof(many));
	for(int i = 0; i < WAITERS; i++)
		ask(&many[i], TEAM);
	until(&stand_open, 1);
	stand_die();
	until(&told, WAITERS);
	for(int i = 0; i < WAITERS; i++)
		assert_int_equal(many[i].result, GROUPS_DOWN);
}


static void test_too_slow(void **state)
{
	settings.xdms_timeout = 100;
	page(TEAM_PAGE);
	assert_int_equal(get(TEAM), GROUPS_DOWN);
}


static void test_what_is_remembered_serves_while_it_is_down(void **state)
{
	page_t *p = page(TEAM_PAGE);

	settings.xdms_ttl = 0;
	say_group(p, "1", "alice", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	page_says(p, "500 Oops", "", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_string_equal(members(), "alice");
	/* and nobody has to wait for it again so soon */
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_int_equal(p->asked, 2);
	settings.xdms_negative_ttl = 0;
	forget(TEAM);
	assert_int_equal(get(TEAM), GROUPS_DOWN);
}


static void test_but_not_for_ever(void **state)
{
	page_t *p = page(TEAM_PAGE);

	settings.xdms_ttl = 0;
	settings.xdms_max_stale = 0;
	say_group(p, "1", "alice", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	page_says(p, "500 Oops", "", "");
	assert_int_equal(get(TEAM), GROUPS_DOWN);
}


static void test_broken_documents_are_remembered_too(void **state)
{
	page_t *p = page(TEAM_PAGE);

	page_says(p, "200 OK", XML_TYPE, "<group");
	assert_int_equal(get(TEAM), GROUPS_BROKEN);
	assert_int_equal(get(TEAM), GROUPS_BROKEN);
	assert_int_equal(p->asked, 1);
	forget(TEAM);
	page_says(p, "200 OK", "Content-Type: text/html\r\n", "<p>hello");
	assert_int_equal(get(TEAM), GROUPS_BROKEN);
	forget(TEAM);
	page_raw(p, "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n<");
	assert_int_equal(get(TEAM), GROUPS_BROKEN);
}


static void test_wrong_credentials(void **state)
{
	page_t *p = page(TEAM_PAGE);

	settings.xdms_ttl = 0;
	page_says(p, "403 Forbidden", "", "");
	assert_int_equal(get(TEAM), GROUPS_REFUSED);
	say_group(p, "1", "alice", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	page_says(p, "403 Forbidden", "", "");
	assert_int_equal(get(TEAM), GROUPS_REFUSED);
	/* another one may get it */
	say_unchanged(p);
	assert_int_equal(get(TEAM), GROUPS_OK);
}


/* ---- bounds, and looking in ---- */

static int seen, seen_absent, seen_stale;
static size_t seen_bytes;

static void note_entry(const groups_entry_t *entry, void *arg)
{
	seen++;
	seen_absent += entry->absent;
	seen_stale += entry->stale;
	seen_bytes += entry->bytes;
	if(arg)
		*(groups_entry_t *)arg = *entry;
}


static void look(groups_entry_t *last)
{
	seen = seen_absent = seen_stale = 0;
	seen_bytes = 0;
	groups_each(note_entry, last);
}


static void get_numbered(const char *kind, int number, groups_result_t expected)
{
	char uri[64], path[128];

	snprintf(uri, sizeof(uri), "sip:%s%d@example.com", kind, number);
	snprintf(path, sizeof(path), GROUP_PAGE "%s", uri);
	if(expected == GROUPS_OK)
		say_group(page(path), "1", "alice", "");
	assert_int_equal(get(uri), expected);
}


static void test_least_recently_used_ones_leave(void **state)
{
	size_t one;

	get_numbered("g", 0, GROUPS_OK);
	look(NULL);
	one = seen_bytes;
	settings.xdms_cache_max = (int)(one * 3 + one / 2);
	get_numbered("g", 1, GROUPS_OK);
	get_numbered("g", 2, GROUPS_OK);
	get_numbered("g", 0, GROUPS_OK); /* used again */
	get_numbered("g", 3, GROUPS_OK);
	look(NULL);
	assert_int_equal(seen, 3);
	assert_true(seen_bytes <= (size_t)settings.xdms_cache_max);
	get_numbered("g", 0, GROUPS_OK);
	assert_int_equal(page(GROUP_PAGE "sip:g0@example.com")->asked, 1);
	get_numbered("g", 1, GROUPS_OK);
	assert_int_equal(page(GROUP_PAGE "sip:g1@example.com")->asked, 2);
}


static void test_groups_that_do_not_exist_push_nobody_out(void **state)
{
	size_t one;

	get_numbered("g", 0, GROUPS_OK);
	look(NULL);
	one = seen_bytes;
	settings.xdms_cache_max = (int)(one * 2);
	for(int i = 0; i < 200; i++)
		get_numbered("none", i, GROUPS_ABSENT);
	look(NULL);
	assert_int_equal(seen_absent, seen - 1);
	assert_true(seen_bytes <= one * 2);
	get_numbered("g", 0, GROUPS_OK);
	assert_int_equal(page(GROUP_PAGE "sip:g0@example.com")->asked, 1);
}


static void test_a_document_too_large_to_keep_is_used(void **state)
{
	settings.xdms_cache_max = 0;
	say_group(page(TEAM_PAGE), "1", "alice", "");
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_string_equal(members(), "alice");
	look(NULL);
	assert_int_equal(seen, 0);
	assert_int_equal(get(TEAM), GROUPS_OK);
	assert_int_equal(page(TEAM_PAGE)->asked, 2);
}


static void test_looking_in(void **state)
{
	groups_entry_t entry;
	page_t *p = page(TEAM_PAGE);

	look(NULL);
	assert_int_equal(seen, 0);
	say_group(p, "1", "alice bob", "");
	get(TEAM);
	get(TEAM);
	look(&entry);
	assert_int_equal(seen, 1);
	assert_int_equal(entry.uri.len, strlen(TEAM));
	assert_memory_equal(entry.uri.s, TEAM, strlen(TEAM));
	assert_int_equal(entry.members, 2);
	assert_int_equal(entry.hits, 1);
	assert_int_equal(entry.stale, 0);
	assert_true(entry.bytes > 100 && entry.bytes < 10000);
	forget(TEAM);
	settings.xdms_ttl = 0;
	get(TEAM);
	page_says(p, "500 Oops", "", "");
	get(TEAM);
	look(&entry);
	assert_int_equal(entry.stale, 1);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			world_test(test_P1_fetched_once_and_remembered),
			world_test(test_names_of_groups),
			world_test(test_without_an_xdms_there_are_no_groups),
			world_test(test_one_fetch_for_many),
			world_test(test_giving_up_while_it_is_fetched),
			world_test(test_when_all_give_up_the_cache_still_learns),
			world_test(test_giving_up_between_answer_and_telling),
			world_test(test_revalidated_when_its_time_is_over),
			world_test(test_an_etag_that_never_changes),
			world_test(test_without_an_etag_it_is_fetched_anew),
			world_test(test_absence_is_remembered_for_a_while),
			world_test(test_a_group_that_was_removed),
			world_test(test_forgetting),
			world_test(test_forgetting_while_it_is_fetched),
			world_test(test_down_with_nothing_remembered),
			world_test(test_it_dies_while_many_wait),
			world_test(test_too_slow),
			world_test(test_what_is_remembered_serves_while_it_is_down),
			world_test(test_but_not_for_ever),
			world_test(test_broken_documents_are_remembered_too),
			world_test(test_wrong_credentials),
			world_test(test_least_recently_used_ones_leave),
			world_test(test_groups_that_do_not_exist_push_nobody_out),
			world_test(test_a_document_too_large_to_keep_is_used),
			world_test(test_looking_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
