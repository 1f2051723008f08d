/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the xdms room as others see it (xdms/groups): what is
 * remembered, for how long, what is asked again, and the lists that groups
 * refer to.
 */
#include "xdms_world.h"

#include "xdms/groups.h"

#define TEAM "sip:team@example.com"
#define TEAM_PAGE GROUP_PAGE TEAM
#define LIST_PAGE "/xcap/resource-lists/"
#define WAITERS 300

/* somebody who waits for a document */
typedef struct asker
{
	int told;
	groups_result_t result;
	group_ref_t *ref; /* held */
	groups_wait_t *wait;
} asker_t;

static asker_t asker;
static int told;


static int setup(void **state)
{
	memset(&asker, 0, sizeof(asker));
	told = 0;
	return world_begin() < 0 || groups_start() < 0 ? -1 : 0;
}


static int teardown(void **state)
{
	group_ref_release(asker.ref);
	groups_stop();
	world_end();
	return 0;
}


static void note(void *arg, groups_result_t result, group_ref_t *ref)
{
	asker_t *a = arg;

	a->told++;
	a->result = result;
	a->ref = ref ? group_ref_hold(ref) : NULL;
	told++;
}


static void ask(asker_t *a, const char *uri)
{
	str text = {(char *)uri, (int)strlen(uri)};
	int before = told;

	group_ref_release(a->ref);
	memset(a, 0, sizeof(*a));
	a->wait = groups_get(&text, &TEXT("sip:alice@example.com"), note, a);
	assert_int_equal(told - before, a->wait ? 0 : 1);
}


static groups_result_t get(const char *uri)
{
	int before = told;

	ask(&asker, uri);
	until(&told, before + 1);
	assert_true((asker.result == GROUPS_OK) == (asker.ref != NULL));
	return asker.result;
}


static int forget(const char *uri)
{
	str text = {(char *)uri, (int)strlen(uri)};

	return groups_forget(&text);
}


/* Writes a group document; `members` and `anchors` are words between blanks. */
static void add_words(buffer_t *out, const char *format, const char *words)
{
	str rest = {(char *)words, (int)strlen(words)}, word;

	while(text_next(&rest, ' ', &word)) {
		char text[600];
		snprintf(text, sizeof(text), "%.*s", TEXT_ARG(&word));
		buffer_printf(out, format, text);
	}
}


static void say_group(
		page_t *p, const char *etag, const char *members, const char *anchors)
{
	char headers[256] = XML_TYPE;
	buffer_t body;

	if(etag[0])
		snprintf(
				headers, sizeof(headers), "%sETag: \"%s\"\r\n", XML_TYPE, etag);
	buffer_init(&body, 0);
	buffer_add_text(&body, "<group xmlns=\"urn:oma:xml:poc:list-service\">"
						   "<list-service uri=\"" TEAM "\"><list>");
	add_words(&body, "<entry uri=\"sip:%s@example.com\"/>", members);
	add_words(&body, "<external anchor=\"%s\"/>", anchors);
	buffer_add_text(&body, "</list></list-service></group>");
	buffer_add(&body, "", 1);
	page_says(p, "200 OK", headers, body.s);
	buffer_free(&body);
}


static void say_list(
		page_t *p, const char *etag, const char *members, const char *anchors)
{
	char headers[256];
	buffer_t body;

	snprintf(headers, sizeof(headers),
			"Content-Type: application/resource-lists+xml\r\n"
			"ETag: \"%s\"\r\n",
			etag);
	buffer_init(&body, 0);
	buffer_add_text(&body, "<resource-lists "
						   "xmlns=\"urn:ietf:params:xml:ns:resource-lists\">"
						   "<list>");
	add_words(&body, "<entry uri=\"sip:%s@example.com\"/>", members);
	add_words(&body, "<external anchor=\"%s\"/>", anchors);
	buffer_add_text(&body, "</list></resource-lists>");
	buffer_add(&body, "", 1);
	page_says(p, "200 OK", headers, body.s);
	buffer_free(&body);
}


static void say_unchanged(page_t *p)
{
	page_raw(p, "HTTP/1.1 304 Not Modified\r\n\r\n");
}


/* The users of the last answer, as words. */
static const char *members(void)
{
	static char text[1024];
	const group_document_t *d = group_ref_document(asker.ref);

	text[0] = '\0';
	for(int i = 0; i < d->members; i++) {
		size_t len = strlen(text);
		snprintf(text + len, sizeof(text) - len, "%s%.*s", i ? " " : "",
				(int)strcspn(d->member[i].uri.s + 4, "@"),
				d->member[i].uri.s + 4);
	}
	return text;
}


static void let_go(page_t *p)
{
	until(&stand_open, 1);
	p->hold = 0;
	stand_let_go();
}


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


#define world_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
			world_test(test_least_recently_used_ones_leave),
			world_test(test_groups_that_do_not_exist_push_nobody_out),
			world_test(test_a_document_too_large_to_keep_is_used),
			world_test(test_looking_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
