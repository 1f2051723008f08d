/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tests of xdms/groups share: somebody who asks for groups, and
 * documents to be found. Include once per program.
 */
#ifndef IMCONF_TEST_GROUPS_ASKER_H
#define IMCONF_TEST_GROUPS_ASKER_H

#include "xdms_world.h"

#include "xdms/groups.h"

#define world_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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


__attribute__((unused)) static int setup(void **state)
{
	memset(&asker, 0, sizeof(asker));
	told = 0;
	return world_begin() < 0 || groups_start() < 0 ? -1 : 0;
}


__attribute__((unused)) static int teardown(void **state)
{
	group_ref_release(asker.ref);
	groups_stop();
	world_end();
	return 0;
}


__attribute__((unused)) static void note(
		void *arg, groups_result_t result, group_ref_t *ref)
{
	asker_t *a = arg;

	a->told++;
	a->result = result;
	a->ref = ref ? group_ref_hold(ref) : NULL;
	told++;
}


__attribute__((unused)) static void ask(asker_t *a, const char *uri)
{
	str text = {(char *)uri, (int)strlen(uri)};
	int before = told;

	group_ref_release(a->ref);
	memset(a, 0, sizeof(*a));
	a->wait = groups_get(&text, &TEXT("sip:alice@example.com"), note, a);
	assert_int_equal(told - before, a->wait ? 0 : 1);
}


__attribute__((unused)) static groups_result_t get(const char *uri)
{
	int before = told;

	ask(&asker, uri);
	until(&told, before + 1);
	assert_true((asker.result == GROUPS_OK) == (asker.ref != NULL));
	return asker.result;
}


__attribute__((unused)) static int forget(const char *uri)
{
	str text = {(char *)uri, (int)strlen(uri)};

	return groups_forget(&text);
}


/* Writes a group document; `members` and `anchors` are words between blanks. */
__attribute__((unused)) static void add_words(
		buffer_t *out, const char *format, const char *words)
{
	str rest = {(char *)words, (int)strlen(words)}, word;

	while(text_next(&rest, ' ', &word)) {
		char text[600];
		snprintf(text, sizeof(text), "%.*s", TEXT_ARG(&word));
		buffer_printf(out, format, text);
	}
}


__attribute__((unused)) static void say_group(
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


__attribute__((unused)) static void say_list(
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


__attribute__((unused)) static void say_unchanged(page_t *p)
{
	page_raw(p, "HTTP/1.1 304 Not Modified\r\n\r\n");
}


/* The users of the last answer, as words. */
__attribute__((unused)) static const char *members(void)
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


__attribute__((unused)) static void let_go(page_t *p)
{
	until(&stand_open, 1);
	p->hold = 0;
	stand_let_go();
}

#endif
