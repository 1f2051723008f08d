/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/conference_info: clauses N2, N3, N8-N11.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include "schema.h"
#include "base/random.h"
#include "wire/conference_info.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static str text_of(const char *s)
{
	return (str){(char *)s, s ? (int)strlen(s) : 0};
}


static void assert_text(str got, const char *want)
{
	str e = text_of(want);

	if(!text_eq(&got, &e))
		fail_msg("'%.*s', not '%s'", TEXT_ARG(&got), want);
}


static const info_options_t plain = {.yourown = YOUROWN_OFF};
static const info_options_t bare = {.yourown = YOUROWN_BARE};
static const info_options_t namespaced = {
		.yourown = YOUROWN_NAMESPACED, .yourown_uri = str_init("urn:x:a&b")};
static const info_options_t both = {
		.yourown = YOUROWN_BOTH, .yourown_uri = str_init("urn:x:a&b")};
static const info_options_t no_reasons = {.no_reasons = 1};
static const info_options_t pending = {.pending = 1};


static void begin(
		conference_info_t *d, int partial, const info_options_t *options)
{
	info_head_t head = {.entity = TEXT("sip:c@x"), .partial = partial};

	conference_info_begin(d, &head, options);
}


/* bob, as user 2 */
static void add_bob(conference_info_t *d, info_status_t status)
{
	info_user_t user = {.id = 2, .entity = TEXT("sip:b@x"), .status = status};

	conference_info_add(d, &user);
}


/* The <user> elements for the watcher `own`, good until the next call. */
static str users_for(const conference_info_t *d, unsigned own)
{
	static buffer_t out;
	static const str begin = str_init("<users state=\"");
	str all, users;

	buffer_free(&out);
	conference_info_write(d, 1, own, conference_info_users(d), &out);
	assert_false(buffer_failed(&out));
	all = buffer_str(&out);
	users = text_from(&all, text_find(&all, &begin));
	users = text_from(&users, text_find_char(&users, '\n') + 1);
	users.len = text_find(&users, &TEXT("</users>"));
	buffer_clear(&out);
	return users;
}


static const struct
{
	const char *display;
	info_status_t status;
	info_departure_t departure;
	int code;
	const info_options_t *options;
	const char *want;
} users[] = {
		{NULL, INFO_CONNECTED, DEPARTURE_NONE, 0, &plain,
				"<user entity=\"sip:b@x\" state=\"full\">"
				"<endpoint entity=\"sip:b@x\" state=\"full\">"
				"<status>connected</status></endpoint></user>\r\n"},
		{"B<", INFO_ALERTING, DEPARTURE_NONE, 0, &plain,
				"<user entity=\"sip:b@x\" state=\"full\">"
				"<display-text>B&lt;</display-text>"
				"<endpoint entity=\"sip:b@x\" state=\"full\">"
				"<status>alerting</status></endpoint></user>\r\n"},
		{NULL, INFO_ALERTING, DEPARTURE_NONE, 0, &pending,
				"<user entity=\"sip:b@x\" state=\"full\">"
				"<endpoint entity=\"sip:b@x\" state=\"full\">"
				"<status>pending</status></endpoint></user>\r\n"},
		{NULL, INFO_DISCONNECTED, DEPARTURE_NONE, 486, &plain,
				"<user entity=\"sip:b@x\" state=\"full\">"
				"<endpoint entity=\"sip:b@x\" state=\"full\">"
				"<status>disconnected</status></endpoint></user>\r\n"},
		{NULL, INFO_DISCONNECTED, DEPARTURE_BOOTED, 0, &plain,
				"<user entity=\"sip:b@x\" state=\"full\">"
				"<endpoint entity=\"sip:b@x\" state=\"full\">"
				"<status>disconnected</status><disconnection-method>booted"
				"</disconnection-method></endpoint></user>\r\n"},
		{NULL, INFO_DISCONNECTED, DEPARTURE_FAILED, 603, &plain,
				"<user entity=\"sip:b@x\" state=\"full\">"
				"<endpoint entity=\"sip:b@x\" state=\"full\">"
				"<status>disconnected</status><disconnection-method>failed"
				"</disconnection-method><disconnection-info><reason>Reason:"
				" SIP;cause=603</reason></disconnection-info></endpoint>"
				"</user>\r\n"},
		{NULL, INFO_DISCONNECTED, DEPARTURE_BUSY, 486, &no_reasons,
				"<user entity=\"sip:b@x\" state=\"full\">"
				"<endpoint entity=\"sip:b@x\" state=\"full\">"
				"<status>disconnected</status></endpoint></user>\r\n"},
		/* a departure is nothing that somebody present has */
		{NULL, INFO_CONNECTED, DEPARTURE_BUSY, 486, &plain,
				"<user entity=\"sip:b@x\" state=\"full\">"
				"<endpoint entity=\"sip:b@x\" state=\"full\">"
				"<status>connected</status></endpoint></user>\r\n"},
		{"B", INFO_DELETED, DEPARTURE_BUSY, 486, &plain,
				"<user entity=\"sip:b@x\" state=\"deleted\"/>\r\n"},
};


static void test_N9_user(void **state)
{
	conference_info_t d;

	(void)state;
	conference_info_init(&d);
	for(size_t i = 0; i < COUNT(users); i++) {
		info_user_t user = {.id = 2,
				.entity = TEXT("sip:b@x"),
				.display = text_of(users[i].display),
				.status = users[i].status,
				.departure = users[i].departure,
				.reason_code = users[i].code};

		begin(&d, 1, users[i].options);
		conference_info_add(&d, &user);
		assert_text(users_for(&d, 2), users[i].want);
	}
	conference_info_free(&d);
}


static void test_N10_yourown(void **state)
{
	static const struct
	{
		const info_options_t *options;
		unsigned own;
		const char *want;
	} row[] = {
			{&bare, 2, " yourown=\"true\""},
			{&bare, 3, ""},
			{&bare, 0, ""},
			{&plain, 2, ""},
			{&namespaced, 2, " xmlns:im=\"urn:x:a&amp;b\" im:yourown=\"true\""},
			{&both, 2,
					" yourown=\"true\" xmlns:im=\"urn:x:a&amp;b\""
					" im:yourown=\"true\""},
	};
	conference_info_t d;
	char want[300];

	(void)state;
	conference_info_init(&d);
	for(size_t i = 0; i < COUNT(row); i++) {
		begin(&d, 0, row[i].options);
		add_bob(&d, INFO_CONNECTED);
		snprintf(want, sizeof(want),
				"<user entity=\"sip:b@x\" state=\"full\"%s>"
				"<endpoint entity=\"sip:b@x\" state=\"full\">"
				"<status>connected</status></endpoint></user>\r\n",
				row[i].want);
		assert_text(users_for(&d, row[i].own), want);
	}
	begin(&d, 1, &bare);
	add_bob(&d, INFO_DELETED);
	assert_text(users_for(&d, 2),
			"<user entity=\"sip:b@x\" state=\"deleted\"/>\r\n");
	conference_info_free(&d);
}


static void test_N3_head(void **state)
{
	static const char xmlns[] = "urn:ietf:params:xml:ns:conference-info";
	static const struct
	{
		info_head_t head;
		uint32_t version;
		const char *state, *description;
	} row[] = {
			{{.entity = str_init("sip:c&1@x")}, 7, "full",
					"<conference-description></conference-description>\r\n"},
			{{str_init("sip:c&1@x"), 0, str_init("Tea > coffee"), 20},
					UINT32_MAX, "full",
					"<conference-description><subject>Tea &gt; coffee</subject>"
					"<maximum-user-count>20</maximum-user-count>"
					"</conference-description>\r\n"},
			{{str_init("sip:c&1@x"), 1, str_init("Tea"), 20}, 8, "partial", ""},
	};
	conference_info_t d;
	buffer_t out;
	char want[600];

	(void)state;
	buffer_init(&out, 0);
	conference_info_init(&d);
	for(size_t i = 0; i < COUNT(row); i++) {
		buffer_clear(&out);
		conference_info_begin(&d, &row[i].head, &bare);
		conference_info_write(&d, row[i].version, 1, 0, &out);
		snprintf(want, sizeof(want),
				"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
				"<conference-info xmlns=\"%s\" entity=\"sip:c&amp;1@x\" "
				"state=\"%s\" version=\"%u\">\r\n%s<users state=\"%s\">\r\n"
				"</users>\r\n</conference-info>\r\n",
				xmlns, row[i].state, (unsigned)row[i].version,
				row[i].description, row[i].state);
		assert_text(buffer_str(&out), want);
	}
	conference_info_free(&d);
	buffer_free(&out);
}


static void add_all(conference_info_t *d, const str *name, int partial,
		const info_options_t *options)
{
	info_head_t head = {*name, partial, *name, 3};
	info_status_t last = partial ? INFO_DELETED : INFO_ALERTING;
	unsigned id = 0;

	conference_info_begin(d, &head, options);
	for(int status = INFO_CONNECTED; status <= (int)last; status++) {
		for(int left = DEPARTURE_NONE; left <= DEPARTURE_BUSY; left++) {
			info_user_t user = {++id, id, *name, *name, status, left, 480};

			conference_info_add(d, &user);
		}
	}
}


/* the bare yourown is the one thing the schema does not know (ruling N10) */
static void test_N10_schema(void **state)
{
	const info_options_t *valid[] = {
			&plain, &namespaced, &pending, &no_reasons};
	char path[512];
	conference_info_t d;
	buffer_t out;
	str xml;

	(void)state;
	if(!schema_path("conference-info.xsd", path, sizeof(path)))
		skip();
	buffer_init(&out, 0);
	conference_info_init(&d);
	for(size_t i = 0; i < 2 * COUNT(valid); i++) {
		buffer_clear(&out);
		add_all(&d, &TEXT("sip:alice@example.com"), i % 2, valid[i / 2]);
		conference_info_write(&d, 1, 1, conference_info_users(&d), &out);
		xml = buffer_str(&out);
		assert_int_equal(schema_validate(path, &xml), 0);
	}
	conference_info_free(&d);
	buffer_free(&out);
}


static void assert_well_formed(const buffer_t *out)
{
	xmlDocPtr doc;

	assert_false(buffer_failed(out));
	doc = xmlReadMemory(out->s, (int)out->len, NULL, NULL, XML_PARSE_NONET);
	assert_non_null(doc);
	xmlFreeDoc(doc);
}


/* nobody's name breaks everybody's roster */
static void test_hostile_names(void **state)
{
	conference_info_t d;
	char name[40];
	buffer_t out;

	(void)state;
	buffer_init(&out, 0);
	conference_info_init(&d);
	for(int round = 0; round < 2000; round++) {
		random_bytes(name, sizeof(name));
		buffer_clear(&out);
		add_all(&d, &(str){name, (int)sizeof(name)}, round % 2, &both);
		conference_info_write(
				&d, 1, round % 15, conference_info_users(&d), &out);
		assert_well_formed(&out);
	}
	conference_info_free(&d);
	buffer_free(&out);
}


/* The length of the document with `users` users, its version a long one. */
static size_t length_with(const conference_info_t *d, unsigned own, int users)
{
	size_t length;
	buffer_t out;

	buffer_init(&out, 0);
	conference_info_write(d, UINT32_MAX, own, users, &out);
	assert_well_formed(&out);
	length = out.len;
	buffer_free(&out);
	return length;
}


static void test_a_document_is_cut_to_size(void **state)
{
	conference_info_t d;

	(void)state;
	conference_info_init(&d);
	begin(&d, 0, &both);
	assert_int_equal(conference_info_fit(&d, 10), 0);
	add_all(&d, &TEXT("sip:alice@example.com"), 1, &both);
	for(size_t max = 1; max < 8000; max += 7) {
		int fit = conference_info_fit(&d, max);

		assert_in_range(fit, 1, 20);
		/* whoever's it is, and no less than possible */
		assert_true(fit == 1 || length_with(&d, 1, fit) <= max);
		assert_true(fit == 20 || length_with(&d, 1, fit + 1) > max);
	}
	assert_int_equal(conference_info_fit(&d, 0), 20);
	assert_int_equal(conference_info_revision(&d, 11), 12);
	conference_info_free(&d);
}


static void test_a_document_is_built_anew_each_time(void **state)
{
	conference_info_t d;

	(void)state;
	conference_info_init(&d);
	add_all(&d, &TEXT("sip:alice@example.com"), 1, &both);
	begin(&d, 1, &bare);
	assert_int_equal(conference_info_users(&d), 0);
	add_bob(&d, INFO_DELETED);
	assert_int_equal(conference_info_users(&d), 1);
	assert_false(conference_info_failed(&d));
	assert_text(users_for(&d, 2),
			"<user entity=\"sip:b@x\" state=\"deleted\"/>\r\n");
	conference_info_free(&d);
}


static void test_limit(void **state)
{
	conference_info_t d;
	buffer_t out;

	(void)state;
	buffer_init(&out, 1000);
	conference_info_init(&d);
	add_all(&d, &TEXT("sip:alice@example.com"), 0, &plain);
	conference_info_write(&d, 1, 1, conference_info_users(&d), &out);
	assert_int_equal(buffer_failed(&out), 1);
	conference_info_free(&d);
	buffer_free(&out);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_N9_user),
			cmocka_unit_test(test_N10_yourown),
			cmocka_unit_test(test_N3_head),
			cmocka_unit_test(test_N10_schema),
			cmocka_unit_test(test_hostile_names),
			cmocka_unit_test(test_a_document_is_cut_to_size),
			cmocka_unit_test(test_a_document_is_built_anew_each_time),
			cmocka_unit_test(test_limit),
	};
	int failed;

	failed = cmocka_run_group_tests_name("conference_info", tests, NULL, NULL);
	xmlCleanupParser();
	return failed;
}
