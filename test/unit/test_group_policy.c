/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of model/group_policy: clauses P2, U1, G5, R7, S9 and RFC 4745.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <time.h>
#include "group_helpers.h"
#include "model_helpers.h"
#include "model/group_policy.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define JOIN "<join-handling>true</join-handling>"
#define WATCH "<allow-conference-state>true</allow-conference-state>"
#define INVITE \
	"<allow-invite-users-dynamically>true</allow-invite-users-dynamically>"
#define NO_JOIN "<join-handling>false</join-handling>"
#define IDENTITY(names) "<cr:identity>" names "</cr:identity>"
#define ONE(id) "<cr:one id=\"" id "\"/>"
#define MEMBERS LIST(ENTRY("sip:alice@x") ENTRY("tel:+1-201-555-0123"))
#define WITH(rules) GROUP(MEMBERS RULES(rules))
#define IF(conditions) WITH(RULE(conditions, JOIN))

static const policy_defaults_t defaults = {
		.members = MAY_INITIATE | MAY_JOIN | MAY_WATCH, .others = MAY_WATCH};


/* up to two names, '|' between them; "" is nobody known */
static person_t person_of(const char *names)
{
	person_t who = {.names = 0};
	str rest = text_of(names);

	while(text_next(&rest, '|', &who.name[who.names]))
		who.names++;
	return who;
}


static unsigned ask(const char *xml, const char *names, int anonymous)
{
	person_t who = person_of(names);
	group_document_t *group;
	unsigned permissions;

	if(read_group(xml, &group) != GROUP_OK)
		fail_msg("refused: %s", xml);
	permissions = group_permissions(group, &who, anonymous, &defaults);
	group_document_free(group);
	return permissions;
}


typedef struct row
{
	const char *xml, *who;
	int anonymous;
	unsigned want;
} row_t;


static void check(const row_t *row, size_t count)
{
	for(size_t i = 0; i < count; i++) {
		unsigned got = ask(row[i].xml, row[i].who, row[i].anonymous);

		if(got != row[i].want)
			fail_msg("row %zu, %s: %#x, not %#x", i, row[i].who, got,
					row[i].want);
	}
}


static void test_P2_no_ruleset(void **state)
{
	static const row_t rows[] = {
			{GROUP(MEMBERS), "sip:alice@x", 0,
					MAY_INITIATE | MAY_JOIN | MAY_WATCH},
			{GROUP(MEMBERS), "sip:eve@x", 0, MAY_WATCH},
			{GROUP(MEMBERS), "", 0, MAY_WATCH},
			/* a ruleset that says nothing allows nothing */
			{GROUP(MEMBERS RULES("")), "sip:alice@x", 0, 0},
			{GROUP(MEMBERS "<cr:ruleset/>"), "sip:alice@x", 0, 0},
			{WITH(RULE("", "")), "sip:alice@x", 0, 0},
	};

	check(rows, COUNT(rows));
}


static void test_P2_members(void **state)
{
	static const row_t rows[] = {
			{IF("<is-list-member/>"), "sip:alice@x", 0, MAY_JOIN},
			{IF("<is-list-member/>"), "sip:alice@y", 0, 0},
			{IF("<is-list-member/>"), "", 0, 0},
			/* by any name, in any spelling */
			{IF("<is-list-member/>"), "sips:%61lice@X:5061", 0, MAY_JOIN},
			{IF("<is-list-member/>"), "sip:eve@x|tel:+12015550123", 0,
					MAY_JOIN},
			{IF("<is-list-member/>"), "sip:+12015550123@y;user=phone", 0,
					MAY_JOIN},
			{IF("<is-list-member>true</is-list-member>"), "sip:alice@x", 0,
					MAY_JOIN},
			{IF("<is-list-member> 1 </is-list-member>"), "sip:alice@x", 0,
					MAY_JOIN},
			/* never a way in for everybody else */
			{IF("<is-list-member>false</is-list-member>"), "sip:alice@x", 0, 0},
			{IF("<is-list-member>false</is-list-member>"), "sip:eve@x", 0, 0},
			/* by namespace, not by prefix or name */
			{IF("<cr:is-list-member/>"), "sip:alice@x", 0, 0},
	};

	check(rows, COUNT(rows));
}


#define MANY_EXCEPT                                 \
	IDENTITY("<cr:many><cr:except domain=\"Bad\"/>" \
			 "<cr:except id=\"sip:eve@x\"/></cr:many>")

static void test_rfc4745_identity(void **state)
{
	static const row_t rows[] = {
			{IF(IDENTITY(ONE("sip:bob@y"))), "sip:bob@Y", 0, MAY_JOIN},
			{IF(IDENTITY(ONE("sip:bob@y"))), "sip:bob@y;x=1", 0, MAY_JOIN},
			{IF(IDENTITY(ONE("sip:bob@y"))), "sip:carol@y", 0, 0},
			{IF(IDENTITY(ONE("bob@y"))), "sip:bob@y", 0, MAY_JOIN},
			{IF(IDENTITY(ONE("mailto:bob@y"))), "sip:bob@y", 0, 0},
			{IF(IDENTITY(ONE("sip:a@y") ONE("tel:+1-2"))), "tel:+12", 0,
					MAY_JOIN},
			{IF(IDENTITY("<cr:one/>")), "sip:bob@y", 0, 0},
			{IF(IDENTITY("")), "sip:bob@y", 0, 0},
			{IF(IDENTITY("<cr:many/>")), "tel:+12", 0, MAY_JOIN},
			{IF(IDENTITY("<cr:many/>")), "", 0, 0},
			{IF(IDENTITY("<cr:many/>")), "sip:a@anonymous.invalid", 0, 0},
			{IF(IDENTITY("<cr:many domain=\"Y\"/>")), "sip:bob@y:5070", 0,
					MAY_JOIN},
			{IF(IDENTITY("<cr:many domain=\"y\"/>")), "sip:bob@b.y", 0, 0},
			{IF(IDENTITY("<cr:many domain=\"y\"/>")), "tel:+12", 0, 0},
			{IF(IDENTITY("<cr:many domain=\"y\"/>")),
					"tel:+12|sip:+12@y;user=phone", 0, MAY_JOIN},
			{IF(IDENTITY("<cr:many domain=\"\"/>")), "sip:bob@y", 0, 0},
			{IF(MANY_EXCEPT), "sip:bob@y", 0, MAY_JOIN},
			{IF(MANY_EXCEPT), "sip:bob@bad", 0, 0},
			{IF(MANY_EXCEPT), "sip:eve@x", 0, 0},
			/* excepted under one of two names is excepted */
			{IF(MANY_EXCEPT), "sip:bob@y|sip:eve@x", 0, 0},
			/* ... but not from what else is said */
			{IF(IDENTITY("<cr:many><cr:except id=\"sip:eve@x\"/></cr:many>" ONE(
					 "sip:eve@x"))),
					"sip:eve@x", 0, MAY_JOIN},
			/* exceptions belong to the many they stand in */
			{IF(IDENTITY("<cr:many domain=\"x\"/><cr:many domain=\"y\">"
						 "<cr:except id=\"sip:eve@x\"/></cr:many>")),
					"sip:eve@x", 0, MAY_JOIN},
			/* one nobody can read keeps all out, one of elsewhere nobody */
			{IF(IDENTITY("<cr:many><cr:except id=\"sip:e v\"/></cr:many>")),
					"sip:bob@y", 0, 0},
			{IF(IDENTITY("<cr:many><cr:except id=\"xmpp:e@v\"/></cr:many>")),
					"sip:bob@y", 0, MAY_JOIN},
			/* what narrows a name in a way we do not know */
			{IF(IDENTITY("<cr:one id=\"sip:bob@y\"><oxe:at/></cr:one>")),
					"sip:bob@y", 0, 0},
			{IF(IDENTITY("<cr:many><cr:except domain=\"z\"/><oxe:at/>"
						 "</cr:many>")),
					"sip:bob@y", 0, 0},
			{IF(IDENTITY("<oxe:anybody/>")), "sip:bob@y", 0, 0},
	};

	check(rows, COUNT(rows));
}


static void test_rfc4745_all_conditions(void **state)
{
	static const row_t rows[] = {
			{WITH("<cr:rule id=\"a\"><cr:actions>" JOIN
				  "</cr:actions></cr:rule>"),
					"", 0, MAY_JOIN},
			{IF(""), "", 0, MAY_JOIN},
			{IF("<is-list-member/>" IDENTITY(ONE("sip:alice@x"))),
					"sip:alice@x", 0, MAY_JOIN},
			{IF("<is-list-member/>" IDENTITY(ONE("sip:bob@y"))), "sip:alice@x",
					0, 0},
			{IF(IDENTITY(ONE("sip:bob@y")) "<is-list-member/>"), "sip:bob@y", 0,
					0},
			/* two identities are two conditions */
			{IF(IDENTITY(ONE("sip:a@y")) IDENTITY(ONE("sip:b@y"))), "sip:a@y",
					0, 0},
			{IF(IDENTITY(ONE("sip:a@y")) IDENTITY("<cr:many/>")), "sip:a@y", 0,
					MAY_JOIN},
			/* unknown ones do not hold */
			{IF("<cr:sphere value=\"work\"/>"), "sip:alice@x", 0, 0},
			{IF("<is-list-member/><oxe:moon phase=\"full\"/>"), "sip:alice@x",
					0, 0},
			{IF("<is-list-member xmlns=\"urn:x\"/>"), "sip:alice@x", 0, 0},
			{IF("<cr:validity><cr:from>2000-01-01T00:00:00Z</cr:from>"
				"</cr:validity>"),
					"sip:alice@x", 0, 0},
	};

	check(rows, COUNT(rows));
}


static void test_rfc4745_rules_add_up(void **state)
{
	static const row_t rows[] = {
			/* rules that contradict: permissions only add */
			{WITH(RULE("<is-list-member/>", JOIN) RULE("", NO_JOIN)),
					"sip:alice@x", 0, MAY_JOIN},
			{WITH(RULE("", NO_JOIN) RULE("<is-list-member/>", JOIN)),
					"sip:alice@x", 0, MAY_JOIN},
			{WITH(RULE("", NO_JOIN JOIN)), "sip:eve@x", 0, MAY_JOIN},
			{WITH(RULE("", WATCH) RULE("<is-list-member/>", JOIN WATCH)
							 RULE(IDENTITY(ONE("sip:alice@x")), INVITE)),
					"sip:alice@x", 0, MAY_WATCH | MAY_JOIN | MAY_INVITE},
			{WITH(RULE("", WATCH) RULE("<is-list-member/>", JOIN WATCH)
							 RULE(IDENTITY(ONE("sip:alice@x")), INVITE)),
					"sip:eve@x", 0, MAY_WATCH},
	};

	check(rows, COUNT(rows));
}


#define OTHERS "<ocp:other-identity/>"
#define OTHERWISE                        \
	RULE(IDENTITY(ONE("sip:eve@y")), "") \
	RULE("<is-list-member/>", JOIN) RULE(OTHERS, WATCH)

static void test_oma_conditions(void **state)
{
	static const row_t rows[] = {
			{WITH(OTHERWISE), "sip:bob@y", 0, MAY_WATCH},
			{WITH(OTHERWISE), "sip:alice@x", 0, MAY_JOIN},
			{WITH(OTHERWISE), "sip:eve@y", 0, 0},
			{WITH(OTHERWISE), "", 0, 0},
			{WITH(RULE(OTHERS, WATCH)), "sip:alice@x", 0, MAY_WATCH},
			{WITH(RULE(IDENTITY("<cr:many/>"), JOIN) RULE(OTHERS, WATCH)),
					"sip:bob@y", 0, MAY_JOIN},
			{IF("<ocp:anonymous-request/>"), "sip:alice@x", 0, 0},
			{IF("<ocp:anonymous-request/>"), "sip:alice@x", 1, MAY_JOIN},
			{IF("<ocp:anonymous-request/>"), "", 1, MAY_JOIN},
			{IF("<ocp:anonymous-request/><is-list-member/>"), "sip:alice@x", 1,
					MAY_JOIN},
			{IF("<ocp:anonymous-request>false</ocp:anonymous-request>"),
					"sip:alice@x", 1, 0},
			{IF("<anonymous-request/>"), "sip:alice@x", 1, 0},
	};

	check(rows, COUNT(rows));
}


static void test_external_list(void **state)
{
	const char *xml = GROUP(LIST(ENTRY("sip:alice@x")
					ENTRY("sip:bob@x") "<external anchor=\"a/index\"/>")
					RULES(RULE("<ocp:external-list><ocp:entry anc=\"b\"/>"
							   "<ocp:entry anc=\"a/index\"/>"
							   "</ocp:external-list>",
							JOIN) RULE("<ocp:external-list/>", INVITE)));
	str list = text_of(
			LISTS("<list>" ENTRY("sip:bob@X") ENTRY("sip:carol@x") "</list>"));
	static const struct
	{
		const char *who;
		unsigned before, after;
	} row[] = {
			{"sip:alice@x", 0, 0},
			{"sip:bob@x", 0, MAY_JOIN}, /* in both */
			{"sip:carol@x", 0, MAY_JOIN},
			{"sip:eve@x", 0, 0},
			{"", 0, 0},
	};
	group_document_t *group;
	int further;

	assert_int_equal(read_group(xml, &group), GROUP_OK);
	for(size_t i = 0; i < COUNT(row); i++) {
		person_t who = person_of(row[i].who);

		assert_int_equal(
				group_permissions(group, &who, 0, &defaults), row[i].before);
	}
	assert_int_equal(
			group_document_add_list(group, &list, NULL, 0, &further, NULL, 0),
			GROUP_OK);
	for(size_t i = 0; i < COUNT(row); i++) {
		person_t who = person_of(row[i].who);

		assert_int_equal(
				group_permissions(group, &who, 0, &defaults), row[i].after);
	}
	group_document_free(group);
}


static void test_actions(void **state)
{
	static const struct
	{
		const char *name, *prefix;
		unsigned bit;
	} action[] = {
			{"allow-initiate-conference", "", MAY_INITIATE},
			{"join-handling", "", MAY_JOIN},
			{"allow-invite-users-dynamically", "", MAY_INVITE},
			{"allow-conference-state", "", MAY_WATCH},
			{"allow-anonymity", "", MAY_BE_ANONYMOUS},
			{"is-key-participant", "", IS_KEY},
			{"allow-expelling", "", MAY_EXPEL},
			{"allow-expelling", "oxe:", MAY_EXPEL},
			{"allow-expelling", "pe:", MAY_EXPEL},
			{"allow-expelling", "cr:", 0},
			{"allow-everything", "", 0},
	};
	static const struct
	{
		const char *text;
		int holds;
	} value[] = {{"true", 1}, {"1", 1}, {" \ttrue\r\n", 1}, {"<!-- -->1", 1},
			{"<![CDATA[true]]>", 1}, {"false", 0}, {"0", 0}, {"", 0},
			{"yes", 0}, {"block", 0}, {"11", 0}, {"true true", 0}};
	char xml[2000];

	for(size_t i = 0; i < COUNT(action); i++) {
		for(size_t j = 0; j < COUNT(value); j++) {
			snprintf(xml, sizeof(xml), WITH(RULE("", "<%s%s>%s</%s%s>")),
					action[i].prefix, action[i].name, value[j].text,
					action[i].prefix, action[i].name);
			assert_int_equal(ask(xml, "sip:alice@x", 0),
					value[j].holds ? action[i].bit : 0);
		}
	}
	/* as drafts of 2005 have it */
	assert_int_equal(
			ask(WITH(RULE("", "<join-handling>allow</join-handling>")), "", 0),
			MAY_JOIN);
	assert_int_equal(
			ask(WITH(RULE("", "<allow-anonymity>allow</allow-anonymity>")), "",
					0),
			0);
}


/* clang-format off */
static const char anonymous_member[] = GROUP(LIST(ENTRY("sip:alice@x")
	ENTRY("sip:anonymous@anonymous.invalid") ENTRY("tel:+1-201-555-0123")));
/* clang-format on */


static void test_has_member(void **state)
{
	static const struct
	{
		const char *who;
		int member;
	} row[] = {
			{"sip:alice@x", 1},
			{"sip:eve@x|sip:alice@x", 1},
			{"mailto:eve@x|tel:+1(201)5550123", 1},
			{"sip:alice@y", 0},
			{"sip:anonymous@anonymous.invalid", 0},
			{"alice", 0},
			{"", 0},
	};
	group_document_t *group;

	assert_int_equal(read_group(anonymous_member, &group), GROUP_OK);
	for(size_t i = 0; i < COUNT(row); i++) {
		person_t who = person_of(row[i].who);

		assert_int_equal(group_has_member(group, &who), row[i].member);
	}
	group_document_free(group);
}


/* The last of many, by membership and by a rule of their own */
static void test_large(void **state)
{
	const int count = 20000, questions = 200;
	person_t who = person_of("sip:user19999@x");
	group_document_t *group;
	buffer_t xml;
	str text;
	clock_t start;

	buffer_init(&xml, 0);
	buffer_add_text(&xml, GROUP_HEAD "<list-service uri='sip:team@x'><list>");
	for(int i = 0; i < count; i++)
		buffer_printf(&xml, "<entry uri='sip:user%d@x'/>", i);
	buffer_add_text(&xml, "</list><cr:ruleset><cr:rule id='a'><cr:conditions>"
						  "<is-list-member/><cr:identity>");
	for(int i = 0; i < count; i++)
		buffer_printf(&xml, "<cr:one id='sip:user%d@x'/>", i);
	buffer_add_text(&xml, "</cr:identity></cr:conditions><cr:actions>" JOIN
						  "</cr:actions></cr:rule></cr:ruleset>"
						  "</list-service></group>");
	text = buffer_str(&xml);
	assert_int_equal(
			group_document_parse(&text, &TEXT("sip:team@x"), &group, NULL, 0),
			GROUP_OK);
	start = clock();
	for(int i = 0; i < questions; i++)
		assert_int_equal(
				group_permissions(group, &who, 0, &defaults), MAY_JOIN);
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 5);
	start = clock();
	for(int i = 0; i < 50 * questions; i++)
		assert_true(group_has_member(group, &who));
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 2);
	group_document_free(group);
	buffer_free(&xml);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_P2_no_ruleset),
			cmocka_unit_test(test_P2_members),
			cmocka_unit_test(test_rfc4745_identity),
			cmocka_unit_test(test_rfc4745_all_conditions),
			cmocka_unit_test(test_rfc4745_rules_add_up),
			cmocka_unit_test(test_oma_conditions),
			cmocka_unit_test(test_external_list),
			cmocka_unit_test(test_actions),
			cmocka_unit_test(test_has_member),
			cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
