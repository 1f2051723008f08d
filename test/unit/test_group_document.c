/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/group_document: clauses P1, U1 and N6, older forms, and
 * what a broken or hostile XDMS may send.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <libxml/parser.h>
#include "group_helpers.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MIB (1 << 20)

static int loads; /* external entities anybody asked for */


static xmlParserInputPtr count_load(
		const char *url, const char *id, xmlParserCtxtPtr ctxt)
{
	(void)url;
	(void)id;
	(void)ctxt;
	loads++;
	return NULL;
}


static str text_of(const char *s)
{
	return (str){(char *)s, (int)strlen(s)};
}


static double seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}


static void assert_text(str got, const char *want)
{
	str e = text_of(want);

	if(!text_eq(&got, &e))
		fail_msg("'%.*s', not '%s'", TEXT_ARG(&got), want);
}


/* name of the service: its members, then what else it says */
static void describe(const group_document_t *group, buffer_t *out)
{
	buffer_add_str(out, &group->uri);
	if(group->display.len > 0)
		buffer_printf(out, " '%.*s'", TEXT_ARG(&group->display));
	if(group->subject.len > 0)
		buffer_printf(out, " about '%.*s'", TEXT_ARG(&group->subject));
	for(int i = 0; i < group->members; i++) {
		const group_member_t *m = &group->member[i];

		buffer_printf(out, "%s%.*s", i ? ", " : ": ", TEXT_ARG(&m->uri));
		if(m->display.len > 0)
			buffer_printf(out, " '%.*s'", TEXT_ARG(&m->display));
	}
	if(group->unusable > 0)
		buffer_printf(out, " -%d", group->unusable);
	for(int i = 0; i < group->externals; i++)
		buffer_printf(out, " @%.*s", TEXT_ARG(&group->external[i]));
	if(group->invite_members)
		buffer_add_text(out, " invite");
	if(group->max_participants)
		buffer_printf(out, " max %d", group->max_participants);
	if(group->has_rules)
		buffer_printf(out, " rules %d", group->rules);
}


static void assert_parsed(const char *xml, const char *want)
{
	group_document_t *group;
	buffer_t out;

	if(read_group(xml, &group) != GROUP_OK)
		fail_msg("refused: %s", xml);
	buffer_init(&out, 0);
	describe(group, &out);
	assert_text(buffer_str(&out), want);
	buffer_free(&out);
	group_document_free(group);
}


typedef struct row
{
	const char *xml, *want;
} row_t;


/* clang-format off */
static const row_t good[] = {
	{GROUP(""), "sip:team@x"},
	{GROUP("<display-name xml:lang='en'> Team\n A&amp;B </display-name>"
			LIST(ENTRY("sip:a@x") ENTRY("sip:b@x"))
			"<invite-members>true</invite-members>"
			"<max-participant-count>10</max-participant-count>"
			"<cr:ruleset/>"),
		"sip:team@x 'Team  A&B': sip:a@x, sip:b@x invite max 10 rules 0"},
	/* any order, what is unknown passed over with all in it */
	{GROUP(RULES(RULE("", ""))
			"<max-participant-count> +7 </max-participant-count>"
			"<x:y xmlns:x='urn:x'><list>" ENTRY("sip:z@x") "</list></x:y>"
			"<oxe:subject>S</oxe:subject>"
			LIST(ENTRY("sip:a@x"))
			"<invite-members> 1 </invite-members>"),
		"sip:team@x about 'S': sip:a@x invite max 7 rules 1"},
	{GROUP("<invite-members>0</invite-members>"), "sip:team@x"},
	{GROUP("<invite-members>TRUE!</invite-members>"), "sip:team@x"},
	{GROUP("<max-participant-count>0</max-participant-count>"),
		"sip:team@x"},
	{GROUP("<max-participant-count>99999999999</max-participant-count>"),
		"sip:team@x max 2147483647"},
	/* N6: as written; headers of a URI are nobody's name */
	{GROUP(LIST(ENTRY("sip:A%61@X;user=phone?Subject=a") ENTRY("tel:+1-201")
			ENTRY(" sips:b@x ") ENTRY("sip:caf\xc3\xa9@x"))),
		"sip:team@x: sip:A%61@X;user=phone, tel:+1-201, sips:b@x, "
		"sip:caf\xc3\xa9@x"},
	/* one user once */
	{GROUP(LIST(ENTRY("sip:a@x") ENTRY("sip:a@X:5060") ENTRY("sips:%61@x")
			ENTRY("tel:+1-2") ENTRY("sip:+12@y;user=phone"))),
		"sip:team@x: sip:a@x, tel:+1-2"},
	/* names: the first that is none empty */
	{GROUP(LIST("<entry uri='sip:a@x'><rl:display-name/>"
			"<rl:display-name>A <b>no</b>1</rl:display-name>"
			"<display-name>B</display-name></entry>"
			"<entry uri='sip:A@x'><display-name>C</display-name></entry>")),
		"sip:team@x: sip:a@x 'A 1', sip:A@x 'C'"},
	{GROUP(LIST("<rl:entry uri='sip:a@x'/><external anchor=' u '/>"
			"<rl:external anchor='v'/><external anchor='u'/><external/>")),
		"sip:team@x: sip:a@x @u @v"},
	{"\xef\xbb\xbf" GROUP("") "\r\n", "sip:team@x"},
};

/* of several list-services the one that was asked for, else the first */
static const row_t services[] = {
	{GROUP_HEAD "<list-service uri='sip:b@x'>" LIST(ENTRY("sip:c@x"))
			"</list-service></group>",
		"sip:b@x: sip:c@x"},
	{GROUP_HEAD "<list-service uri='sip:b@x'>"
			LIST(ENTRY("sip:c@x") "<external anchor='e'/>")
			RULES(RULE("", "")) "</list-service>"
			SERVICE(LIST(ENTRY("sip:d@x"))) "</group>",
		"sip:team@x: sip:d@x"},
	{GROUP_HEAD SERVICE(LIST(ENTRY("sip:d@x")))
			SERVICE(LIST(ENTRY("sip:e@x"))) "</group>",
		"sip:team@x: sip:d@x"},
	{GROUP_HEAD "<list-service uri='sip:b@x'/><list-service uri='sip:c@x'>"
			LIST(ENTRY("sip:d@x")) "</list-service></group>",
		"sip:b@x"},
	{GROUP_HEAD "<list-service uri='sip:t%65am@X:5060'>"
			LIST(ENTRY("sip:d@x")) "</list-service></group>",
		"sip:t%65am@X:5060: sip:d@x"},
	{GROUP_HEAD "<list-service/></group>", "sip:team@x"},
	{"<list-service uri='sip:team@x' " NS_GROUP ">"
			LIST(ENTRY("sip:d@x")) "</list-service>",
		"sip:team@x: sip:d@x"},
};

/* entries that nobody can be invited by */
static const row_t unusable[] = {
	{GROUP(LIST(ENTRY("") ENTRY("bob") ENTRY("sip:a b@x")
			ENTRY("mailto:a@x") ENTRY("sip:a@x&#10;b") "<entry/>"
			"<entry uri='pres:c@x'><display-name>C</display-name></entry>"
			ENTRY("sip:anonymous@anonymous.invalid") ENTRY("sip:d@x"))),
		"sip:team@x: sip:d@x -8"},
};
/* clang-format on */


static void test_P1_good(void **state)
{
	for(size_t i = 0; i < COUNT(good); i++)
		assert_parsed(good[i].xml, good[i].want);
}


static void test_P1_which_service(void **state)
{
	for(size_t i = 0; i < COUNT(services); i++)
		assert_parsed(services[i].xml, services[i].want);
}


static void test_N6_unusable_entries(void **state)
{
	for(size_t i = 0; i < COUNT(unusable); i++)
		assert_parsed(unusable[i].xml, unusable[i].want);
}


static void test_group_uris(void **state)
{
	static const char *const uri[] = {"tel:+1-201-555-0123", "sip:a%20b%2Fc@x",
			"sip:t@[2001:db8::1]", "sip:a&amp;b@x", "grp:alpha"};
	char xml[1000];

	for(size_t i = 0; i < COUNT(uri); i++) {
		const char *plain = i == 3 ? "sip:a&b@x" : uri[i];
		str asked = text_of(plain), text;
		group_document_t *group;

		snprintf(xml, sizeof(xml),
				GROUP_HEAD "<list-service uri=\"sip:b@x\"/>"
						   "<list-service uri=\"%s\">" LIST(
								   ENTRY("sip:d@x")) "</list-service></group>",
				uri[i]);
		text = text_of(xml);
		assert_int_equal(
				group_document_parse(&text, &asked, &group, NULL, 0), GROUP_OK);
		assert_text(group->uri, plain);
		assert_int_equal(group->members, 1);
		group_document_free(group);
	}
}


/* Documents as XDM clients of their time wrote them */
static void test_legacy(void **state)
{
	static const char xml[] =
			"<?xml version=\"1.0\" encoding=\"utf-8\" ?>"
			"<group xmlns=\"urn:oma:params:xml:ns:list-service\" "
			"xmlns:rl=\"urn:ietf:params:xml:ns:resource-lists\" "
			"xmlns:cr=\"urn:ietf:params:xml:ns:common-policy\">"
			"<list-service uri=\"sip:team@x\"><display-name>old"
			"</display-name><list><entry uri=\"sip:u24@x\">"
			"<rl:display-name>tr</rl:display-name></entry></list>"
			"<invite-members>true</invite-members>"
			"<max-participant-count>10</max-participant-count>"
			"<cr:ruleset><cr:rule id=\"0\"><cr:conditions>"
			"<is-list-member>true</is-list-member></cr:conditions>"
			"<cr:actions><join-handling>allow</join-handling>"
			"<allow-anonymity>true</allow-anonymity></cr:actions>"
			"<cr:transformations /></cr:rule></cr:ruleset>"
			"</list-service></group>";
	group_document_t *group;

	assert_parsed(
			xml, "sip:team@x 'old': sip:u24@x 'tr' invite max 10 rules 1");
	assert_int_equal(read_group(xml, &group), GROUP_OK);
	assert_int_equal(group->rule[0].conditions, 1);
	assert_int_equal(group->rule[0].condition[0].type, CONDITION_IS_MEMBER);
	assert_int_equal(group->rule[0].actions, MAY_JOIN | MAY_BE_ANONYMOUS);
	group_document_free(group);
}


static void assert_result(const char *xml, group_result_t want)
{
	str text = text_of(xml);
	group_document_t *group;
	char why[40];
	group_result_t got = group_document_parse(
			&text, &TEXT("sip:team@x"), &group, why, sizeof(why));

	if(got != want)
		fail_msg("%d, not %d: %.200s", got, want, xml);
	assert_null(group);
	assert_int_equal(strncmp(why, "line ", 5), 0);
	assert_null(strpbrk(why, "\r\n\x1b"));
}


#define DEEP4(a) "<a><a><a><a>" a "</a></a></a></a>"
#define DEEP16(a) DEEP4(DEEP4(DEEP4(DEEP4(a))))

static void test_broken(void **state)
{
	static const char *const xml[] = {"", " ", "hello", "<", "<group",
			"\x1b[0m", "<group/>", "<group xmlns=\"urn:x\"/>",
			"<group " NS_GROUP "/>", "<group " NS_GROUP "></grp>",
			GROUP_HEAD SERVICE(""), GROUP_HEAD SERVICE("<list>") "</group>",
			GROUP_HEAD "<x>" SERVICE("") "</x></group>", GROUP("") "<more/>",
			GROUP("<max-participant-count>many</max-participant-count>"),
			GROUP("<max-participant-count>-1</max-participant-count>"),
			GROUP("<max-participant-count/>"), GROUP("&nbsp;"), GROUP("&#0;"),
			GROUP("\xff"), GROUP("<display-name>\xc3</display-name>"),
			GROUP("<zz:y/>") "<", GROUP("<x a='1' a='2'/>"),
			/* a DTD, whatever it holds */
			"<!DOCTYPE group [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">"
			"]>" GROUP("<display-name>&b;</display-name>"),
			"<!DOCTYPE group SYSTEM \"file:///etc/passwd\">" GROUP(""),
			"<!DOCTYPE g [<!ENTITY x SYSTEM \"http://127.0.0.1/\">]>"
			"<group>&x;</group>",
			GROUP(DEEP16(DEEP16("")))};

	for(size_t i = 0; i < COUNT(xml); i++)
		assert_result(xml[i], GROUP_BROKEN);
	assert_int_equal(loads, 0);
	assert_parsed(GROUP(DEEP16("")), "sip:team@x");
}


static void test_why(void **state)
{
	str text = text_of(
			"<group " NS_GROUP ">\n<list-service>\n<max-participant-count>x\n"
			"</max-participant-count></list-service></group>");
	group_document_t *group;
	char why[100];

	assert_int_equal(group_document_parse(&text, &TEXT("sip:team@x"), &group,
							 why, sizeof(why)),
			GROUP_BROKEN);
	assert_string_equal(why, "line 4: max-participant-count is no number");
	text = text_of(GROUP(""));
	assert_int_equal(group_document_parse(&text, &TEXT("sip:team@x"), &group,
							 why, sizeof(why)),
			GROUP_OK);
	assert_string_equal(why, "");
	group_document_free(group);
	group_document_free(NULL);
}


/* `before`, `count` times `each` with a number in it, `after` */
static void repeat(buffer_t *xml, const char *before, int count,
		const char *each, const char *after)
{
	const char *hole = strstr(each, "%d");

	buffer_init(xml, 0);
	buffer_add_text(xml, before);
	for(int i = 0; i < count; i++) {
		buffer_add(xml, each, hole ? (size_t)(hole - each) : strlen(each));
		if(hole)
			buffer_printf(xml, "%d%s", i, hole + 2);
	}
	buffer_add_text(xml, after);
	assert_false(buffer_failed(xml));
}


#define OPEN GROUP_HEAD "<list-service uri='sip:team@x'>"
#define CLOSE "</list-service></group>"
#define OPEN_RULE OPEN "<cr:ruleset><cr:rule id='r'><cr:conditions>"
#define CLOSE_RULE "</cr:conditions></cr:rule></cr:ruleset>" CLOSE

static group_result_t parse_many(const char *before, int count,
		const char *each, const char *after, group_document_t **group)
{
	group_result_t result;
	buffer_t xml;
	str text;

	repeat(&xml, before, count, each, after);
	text = buffer_str(&xml);
	result = group_document_parse(&text, &TEXT("sip:team@x"), group, NULL, 0);
	buffer_free(&xml);
	return result;
}


static void test_limits(void **state)
{
	static const struct
	{
		const char *before, *each, *after;
		int most;
	} row[] = {
			{OPEN "<list>", "<entry uri='sip:u%d@x'/>", "</list>" CLOSE,
					GROUP_MEMBERS_MAX},
			{OPEN "<list>", "<external anchor='a%d'/>", "</list>" CLOSE,
					GROUP_EXTERNALS_MAX},
			{OPEN "<cr:ruleset>", "<cr:rule id='r%d'/>", "</cr:ruleset>" CLOSE,
					GROUP_RULES_MAX},
			{OPEN_RULE, "<unknown/>", CLOSE_RULE, GROUP_CONDITIONS_MAX},
			/* the identity itself is one */
			{OPEN_RULE "<cr:identity>", "<cr:one id='sip:%d@x'/>",
					"</cr:identity>" CLOSE_RULE, GROUP_CONDITIONS_MAX - 1},
	};
	group_document_t *group;

	for(size_t i = 0; i < COUNT(row); i++) {
		assert_int_equal(parse_many(row[i].before, row[i].most, row[i].each,
								 row[i].after, &group),
				GROUP_OK);
		group_document_free(group);
		assert_int_equal(parse_many(row[i].before, row[i].most + 1, row[i].each,
								 row[i].after, &group),
				GROUP_TOO_LONG);
		assert_null(group);
	}
}


static void test_limit_of_size(void **state)
{
	group_document_t *group;
	buffer_t xml;
	str text;
	char why[60];

	repeat(&xml, GROUP(""), 8 * MIB - (int)strlen(GROUP("")), " ", "");
	text = buffer_str(&xml);
	assert_int_equal(
			group_document_parse(&text, &TEXT("sip:team@x"), &group, NULL, 0),
			GROUP_OK);
	group_document_free(group);
	buffer_add_text(&xml, "<!-- -->");
	text = buffer_str(&xml);
	assert_int_equal(group_document_parse(&text, &TEXT("sip:team@x"), &group,
							 why, sizeof(why)),
			GROUP_TOO_LONG);
	assert_string_equal(why, "line 1: larger than 8 MiB");
	buffer_free(&xml);
}


/* The same, or different ones, or all in one name: bounded in time */
static void test_hostile_is_quick(void **state)
{
	static const struct
	{
		const char *before, *each, *after;
		int count;
	} row[] = {
			{OPEN "<list>", "<entry uri='sip:a@x'/>", "</list>" CLOSE, 300000},
			{OPEN, "<a%d xmlns='urn:%d'/>", CLOSE, 100000},
			{OPEN "<x", " a%d=''", "/>" CLOSE, 100000},
			{OPEN "<display-name>", "a ", "</display-name>" CLOSE, 3000000},
			{OPEN "<display-name>", "&amp;", "</display-name>" CLOSE, 1000000},
			{OPEN "<display-name>", "<![CDATA[]]>&#x20;",
					"</display-name>" CLOSE, 300000},
			{"", "<a>", "", 2000000},
			{OPEN "<list>", "<list>", "", 500000},
	};
	double start = seconds();
	group_document_t *group;

	for(size_t i = 0; i < COUNT(row); i++) {
		parse_many(
				row[i].before, row[i].count, row[i].each, row[i].after, &group);
		group_document_free(group);
	}
	assert_true(seconds() - start < 30);
}


/* what a member costs, text and all, and how long reading takes: the bounds
 * leave a slow machine and the sanitizers room */
static void test_U1_large_groups(void **state)
{
	static const int counts[] = {10000, GROUP_MEMBERS_MAX};

	for(size_t i = 0; i < COUNT(counts); i++) {
		double start = seconds(), took;
		group_document_t *group;

		assert_int_equal(parse_many(OPEN "<list>", counts[i],
								 "<entry uri='sip:user.name%d@example.com'/>",
								 "</list><max-participant-count>50"
								 "</max-participant-count>" CLOSE,
								 &group),
				GROUP_OK);
		took = seconds() - start;
		assert_int_equal(group->members, counts[i]);
		assert_int_equal(group->max_participants, 50);
		assert_non_null(group_document_find(
				group, &TEXT("sip:user.name9999@example.com")));
		assert_null(group_document_find(
				group, &TEXT("sip:user.name10000000@example.com")));
		assert_true(group->bytes > 60UL * counts[i]);
		assert_true(group->bytes < 200UL * counts[i]);
		assert_true(took < 1e-3 * counts[i]);
		group_document_free(group);
	}
}


/* ---- lists that anchors lead to ---- */

static group_result_t add(group_document_t *group, const char *xml,
		str *further, int max, int *count)
{
	str text = text_of(xml);

	return group_document_add_list(group, &text, further, max, count, NULL, 0);
}


/* clang-format off */
static const char nested_lists[] = LISTS(
	"<list name='l'><display-name>L</display-name>"
	"<entry uri='sip:b@x'><display-name>B</display-name></entry>"
	ENTRY("sip:a@X") ENTRY("bad") "<entry-ref ref='x'/>"
	"<list><entry uri='sip:c@x'/></list></list>"
	"<list><external anchor='e'/><external anchor='f'/>"
	"<external anchor='e'/></list>");
/* clang-format on */


static void test_add_list(void **state)
{
	group_document_t *group;
	str further[2];
	buffer_t out;
	int count;

	assert_int_equal(
			read_group(GROUP(LIST(ENTRY("sip:a@x"))), &group), GROUP_OK);
	assert_int_equal(add(group, nested_lists, further, 2, &count), GROUP_OK);
	assert_int_equal(count, 2);
	assert_text(further[0], "e");
	assert_text(further[1], "f");
	text_free(&further[0]);
	text_free(&further[1]);
	/* what a node selector leads to */
	assert_int_equal(
			add(group,
					"<list xmlns=\"urn:ietf:params:xml:ns:resource-lists\">"
					"<entry uri=\"sip:d@x\"/></list>",
					NULL, 0, &count),
			GROUP_OK);
	buffer_init(&out, 0);
	describe(group, &out);
	assert_text(buffer_str(&out),
			"sip:team@x: sip:a@x, sip:b@x 'B', sip:c@x, sip:d@x -1");
	buffer_free(&out);
	assert_int_equal(group->lists, 2);
	for(int i = 0; i < group->members; i++)
		assert_int_equal(group->member[i].list, i == 3 ? 2 : 1);
	group_document_free(group);
}


static void test_add_list_refused(void **state)
{
	static const struct
	{
		const char *xml;
		group_result_t result;
	} row[] = {
			{"", GROUP_BROKEN},
			{GROUP(LIST(ENTRY("sip:b@x"))), GROUP_BROKEN},
			{LISTS("<list>" ENTRY("sip:b@x")
							 ENTRY("sip:a@x") "<external anchor=\"e\"/>"),
					GROUP_BROKEN},
			{"<!DOCTYPE x>" LISTS("<list>" ENTRY("sip:b@x") "</list>"),
					GROUP_BROKEN},
			{LISTS("<list>" ENTRY("sip:b@x") ENTRY(
					 "sip:a@x") "<external anchor=\"e\"/>"
								"<external anchor=\"f\"/></list>"),
					GROUP_TOO_LONG},
	};
	group_document_t *group;
	size_t bytes;
	str further[1];
	int count;

	assert_int_equal(
			read_group(GROUP(LIST(ENTRY("sip:a@x"))), &group), GROUP_OK);
	for(size_t i = 0; i < COUNT(row); i++) {
		assert_int_equal(
				add(group, row[i].xml, further, 1, &count), row[i].result);
		/* nothing of it stays */
		assert_int_equal(count, 0);
		assert_int_equal(group->members, 1);
		assert_int_equal(group->lists, 0);
		assert_int_equal(group->member[0].list, 0);
		assert_null(group_document_find(group, &TEXT("sip:b@x")));
	}
	bytes = group->bytes;
	assert_int_equal(add(group, LISTS("<list>" ENTRY("sip:b@x") "</list>"),
							 NULL, 0, &count),
			GROUP_OK);
	assert_non_null(group_document_find(group, &TEXT("sip:b@x")));
	assert_true(group->bytes > bytes);
	group_document_free(group);
}


static void test_add_list_too_long(void **state)
{
	group_document_t *group;
	buffer_t xml;
	str text;
	int count;

	assert_int_equal(
			parse_many(OPEN "<list>", GROUP_MEMBERS_MAX - 1,
					"<entry uri='sip:u%d@x'/>", "</list>" CLOSE, &group),
			GROUP_OK);
	repeat(&xml, "<list xmlns='urn:ietf:params:xml:ns:resource-lists'>", 1000,
			"<entry uri='sip:v%d@x'/>", "</list>");
	text = buffer_str(&xml);
	assert_int_equal(
			group_document_add_list(group, &text, NULL, 0, &count, NULL, 0),
			GROUP_TOO_LONG);
	assert_int_equal(group->members, GROUP_MEMBERS_MAX - 1);
	assert_int_equal(add(group, LISTS("<list>" ENTRY("sip:v@x") "</list>"),
							 NULL, 0, &count),
			GROUP_OK);
	buffer_free(&xml);
	group_document_free(group);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_P1_good),
			cmocka_unit_test(test_P1_which_service),
			cmocka_unit_test(test_group_uris),
			cmocka_unit_test(test_legacy),
			cmocka_unit_test(test_N6_unusable_entries),
			cmocka_unit_test(test_broken),
			cmocka_unit_test(test_why),
			cmocka_unit_test(test_limits),
			cmocka_unit_test(test_limit_of_size),
			cmocka_unit_test(test_hostile_is_quick),
			cmocka_unit_test(test_U1_large_groups),
			cmocka_unit_test(test_add_list),
			cmocka_unit_test(test_add_list_refused),
			cmocka_unit_test(test_add_list_too_long),
	};

	xmlSetExternalEntityLoader(count_load);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
