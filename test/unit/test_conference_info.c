/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/conference_info: clauses N3, N8, N9, N10, N11.
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


static void test_user(void **state)
{
	static const struct
	{
		const char *display;
		info_status_t status;
		info_departure_t departure;
		int code, yourown;
		const char *want;
	} row[] = {
			{NULL, INFO_CONNECTED, DEPARTURE_NONE, 0, 0,
					"<user entity=\"sip:b@x\" state=\"full\">"
					"<endpoint entity=\"sip:b@x\" state=\"full\">"
					"<status>connected</status></endpoint></user>\r\n"},
			{"B<", INFO_ALERTING, DEPARTURE_NONE, 0, 1,
					"<user entity=\"sip:b@x\" state=\"full\" yourown=\"true\">"
					"<display-text>B&lt;</display-text>"
					"<endpoint entity=\"sip:b@x\" state=\"full\">"
					"<status>alerting</status></endpoint></user>\r\n"},
			{NULL, INFO_DISCONNECTED, DEPARTURE_NONE, 486, 0,
					"<user entity=\"sip:b@x\" state=\"full\">"
					"<endpoint entity=\"sip:b@x\" state=\"full\">"
					"<status>disconnected</status></endpoint></user>\r\n"},
			{NULL, INFO_DISCONNECTED, DEPARTURE_BOOTED, 0, 0,
					"<user entity=\"sip:b@x\" state=\"full\">"
					"<endpoint entity=\"sip:b@x\" state=\"full\">"
					"<status>disconnected</status><disconnection-method>booted"
					"</disconnection-method></endpoint></user>\r\n"},
			{NULL, INFO_DISCONNECTED, DEPARTURE_FAILED, 603, 0,
					"<user entity=\"sip:b@x\" state=\"full\">"
					"<endpoint entity=\"sip:b@x\" state=\"full\">"
					"<status>disconnected</status><disconnection-method>failed"
					"</disconnection-method><disconnection-info><reason>Reason:"
					" SIP;cause=603</reason></disconnection-info></endpoint>"
					"</user>\r\n"},
			/* a departure is nothing that somebody present has */
			{NULL, INFO_CONNECTED, DEPARTURE_BUSY, 486, 0,
					"<user entity=\"sip:b@x\" state=\"full\">"
					"<endpoint entity=\"sip:b@x\" state=\"full\">"
					"<status>connected</status></endpoint></user>\r\n"},
	};
	buffer_t out;

	(void)state;
	buffer_init(&out, 0);
	for(size_t i = 0; i < COUNT(row); i++) {
		info_user_t user = {TEXT("sip:b@x"), text_of(row[i].display),
				row[i].status, row[i].departure, row[i].code, row[i].yourown};

		buffer_clear(&out);
		conference_info_user(&out, &user);
		assert_text(buffer_str(&out), row[i].want);
	}
	buffer_free(&out);
}


static void test_frame(void **state)
{
	static const char xmlns[] = "urn:ietf:params:xml:ns:conference-info";
	info_document_t document = {.entity = TEXT("sip:c&1@x"), .version = 7};
	buffer_t out;
	char want[600];

	(void)state;
	buffer_init(&out, 0);
	for(int full = 0; full < 2; full++) {
		if(full) {
			document.subject = TEXT("Tea > coffee");
			document.max_users = 20;
			document.version = UINT32_MAX;
		}
		buffer_clear(&out);
		conference_info_begin_full(&out, &document);
		conference_info_end(&out);
		snprintf(want, sizeof(want),
				"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
				"<conference-info xmlns=\"%s\" entity=\"sip:c&amp;1@x\" "
				"state=\"full\" version=\"%u\">\r\n"
				"<conference-description>%s</conference-description>\r\n"
				"<users state=\"full\">\r\n</users>\r\n"
				"</conference-info>\r\n",
				xmlns, (unsigned)document.version,
				full ? "<subject>Tea &gt; coffee</subject>"
					   "<maximum-user-count>20</maximum-user-count>"
					 : "");
		assert_text(buffer_str(&out), want);
	}
	buffer_free(&out);
}


static void write_all(buffer_t *out, const str *name, int yourown)
{
	info_document_t document = {*name, 1, *name, 3};

	conference_info_begin_full(out, &document);
	for(int status = INFO_CONNECTED; status <= INFO_ALERTING; status++) {
		for(int left = DEPARTURE_NONE; left <= DEPARTURE_BUSY; left++) {
			info_user_t user = {*name, *name, status, left, 480, yourown};

			conference_info_user(out, &user);
		}
	}
	conference_info_end(out);
}


/* the bare yourown is the one thing the schema does not know (ruling N10) */
static void test_schema(void **state)
{
	char path[512];
	buffer_t out;
	str xml;

	(void)state;
	if(!schema_path("conference-info.xsd", path, sizeof(path)))
		skip();
	buffer_init(&out, 0);
	write_all(&out, &TEXT("sip:alice@example.com"), 0);
	xml = buffer_str(&out);
	assert_int_equal(schema_validate(path, &xml), 0);
	buffer_free(&out);
}


/* nobody's name breaks everybody's roster */
static void test_hostile_names(void **state)
{
	char name[40];
	buffer_t out;

	(void)state;
	buffer_init(&out, 0);
	for(int round = 0; round < 2000; round++) {
		xmlDocPtr doc;

		random_bytes(name, sizeof(name));
		buffer_clear(&out);
		write_all(&out, &(str){name, (int)sizeof(name)}, 1);
		doc = xmlReadMemory(out.s, (int)out.len, NULL, NULL, XML_PARSE_NONET);
		assert_non_null(doc);
		xmlFreeDoc(doc);
	}
	buffer_free(&out);
}


static void test_limit(void **state)
{
	buffer_t out;

	(void)state;
	buffer_init(&out, 1000);
	write_all(&out, &TEXT("sip:alice@example.com"), 0);
	assert_int_equal(buffer_failed(&out), 1);
	buffer_free(&out);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_user),
			cmocka_unit_test(test_frame),
			cmocka_unit_test(test_schema),
			cmocka_unit_test(test_hostile_names),
			cmocka_unit_test(test_limit),
	};
	int failed;

	failed = cmocka_run_group_tests_name("conference_info", tests, NULL, NULL);
	xmlCleanupParser();
	return failed;
}
