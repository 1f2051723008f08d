/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of model/policy: an ad-hoc conference of alice, who is in, and of
 * one participant in each state.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "group_helpers.h"
#include "model/policy.h"
#include "model_helpers.h"

static const char *const names[] = {"sip:invited@example.com",
		"sip:alerting@example.com", "sip:connected@example.com",
		"sip:left@example.com", "sip:refused@example.com",
		"sip:dropped@example.com", "sip:kicked@example.com",
		"sip:joining@example.com"};

#define COUNT ((int)(sizeof(names) / sizeof(names[0])))


static participant_t *who(conference_t *c, const char *uri)
{
	str name = text_of(uri);

	return conference_find_uri(c, &name);
}


static void bring_into_states(conference_t *c, effects_t *fx)
{
	person_t back = person("sip:joining@example.com");
	participant_t *p;

	conference_ringing(who(c, "sip:alerting@example.com"), fx);
	for(int i = 2; i < COUNT; i++) {
		if(i != 4)
			conference_answered(who(c, names[i]), fx);
	}
	conference_left(who(c, "sip:left@example.com"), DEPARTED_LEFT, fx);
	conference_refused(who(c, "sip:refused@example.com"), 603, fx);
	conference_remove(who(c, "sip:dropped@example.com"), DEPARTED_FAILED,
			END_NO_MEDIA, fx);
	conference_remove(
			who(c, "sip:kicked@example.com"), DEPARTED_BOOTED, END_ADMIN, fx);
	assert_int_equal(conference_join(c, &back, 0, fx, &p), JOIN_OK);
}


static int set_up(void **state)
{
	conference_t *c = make_conference(0);
	person_t alice = person("sip:alice@example.com"), invited[COUNT];
	participant_t *creator;
	effects_t fx;

	effects_init(&fx);
	for(int i = 0; i < COUNT; i++)
		invited[i] = person(names[i]);
	assert_int_equal(
			conference_found(c, &alice, invited, COUNT, &fx, &creator), 0);
	conference_joined(creator, &fx);
	bring_into_states(c, &fx);
	assert_false(fx.failed);
	effects_free(&fx);
	*state = c;
	return 0;
}


static int tear_down(void **state)
{
	conference_destroy(*state);
	return 0;
}


typedef struct rule
{
	const char *uri;
	int watch;
	int join;
	int invite; /* R7 */
	int expel;	/* R8 */
} rule_t;

static const rule_t rules[] = {
		{"sip:alice@example.com", 1, 1, 1, 1},
		{"sip:invited@example.com", 1, 1, 0, 0},
		{"sip:alerting@example.com", 1, 1, 0, 0},
		{"sip:connected@example.com", 1, 1, 1, 0},
		{"sip:left@example.com", 1, 1, 0, 0},
		{"sip:refused@example.com", 1, 1, 0, 0},
		{"sip:dropped@example.com", 1, 1, 0, 0},
		{"sip:kicked@example.com", 0, 0, 0, 0},
		{"sip:joining@example.com", 1, 0, 1, 0},
		{"sip:stranger@example.com", 0, 0, 0, 0},
		{"sip:anonymous@anonymous.invalid", 0, 0, 0, 0},
		{"no name", 0, 0, 0, 0},
};

#define ROWS ((int)(sizeof(rules) / sizeof(rules[0])))


static void test_S9_who_may_watch(void **state)
{
	for(int i = 0; i < ROWS; i++) {
		person_t p = person(rules[i].uri);

		if(policy_may_watch(*state, &p) != rules[i].watch)
			fail_msg("watch: %s", rules[i].uri);
	}
}


static int may_join(const conference_t *c, const person_t *who)
{
	const participant_t *p = conference_find(c, who);

	return p != NULL && policy_may_return(p, 0);
}


static void test_J1_who_may_join(void **state)
{
	for(int i = 0; i < ROWS; i++) {
		person_t p = person(rules[i].uri);

		if(may_join(*state, &p) != rules[i].join)
			fail_msg("join: %s", rules[i].uri);
	}
}


static void test_J1_a_join_obeys_the_rule(void **state)
{
	participant_t *p;
	effects_t fx;

	effects_init(&fx);
	for(int i = 0; i < ROWS - 1; i++) {
		person_t one = person(rules[i].uri);
		join_result_t rc = conference_join(*state, &one, 0, &fx, &p);

		if(rc != (rules[i].join ? JOIN_OK : JOIN_FORBIDDEN))
			fail_msg("joined or not: %s", rules[i].uri);
		assert_int_equal(p != NULL, rules[i].join);
	}
	effects_free(&fx);
}


static void test_a_second_name_counts_too(void **state)
{
	person_t p = {.name = {text_of("tel:+331"), text_of(names[2])}, .names = 2};

	assert_true(policy_may_watch(*state, &p));
	assert_true(may_join(*state, &p));
}


/* only who is in, and to expel the creator alone */
static void test_R7_R8_who_may_add_and_expel(void **state)
{
	conference_t *c = *state;

	for(int i = 0; i < ROWS; i++) {
		const participant_t *p = who(c, rules[i].uri);

		if(!p)
			continue;
		c->creator_invites = 0;
		if(policy_may_invite(p, 0) != rules[i].invite)
			fail_msg("invite: %s", rules[i].uri);
		if(policy_may_expel(p, 1) != rules[i].expel)
			fail_msg("expel: %s", rules[i].uri);
		c->creator_invites = 1;
		if(policy_may_invite(p, 0) != p->creator)
			fail_msg("invite, left to the creator: %s", rules[i].uri);
		assert_true(policy_may_hide(p));
	}
}


static void test_M1_the_creator_may_change_the_subject(void **state)
{
	for(int i = 0; i < ROWS; i++) {
		person_t who = person(rules[i].uri);
		const participant_t *p = conference_find(*state, &who);

		if(p && policy_may_describe(p, &who) != (i == 0))
			fail_msg("subject: %s", rules[i].uri);
	}
}


#define ALLOW(what) "<allow-" what ">true</allow-" what ">"
#define ONE(id, actions) \
	RULE("<cr:identity><cr:one id=\"" id "\"/></cr:identity>", actions)

static const char *const group_rules = GROUP(RULES(ONE(
		"sip:adder@x", ALLOW("invite-users-dynamically")) ONE("sip:expeller@x",
		ALLOW("expelling")) ONE("sip:hidden@x", ALLOW("anonymity"))
				RULE("<ocp:anonymous-request/>", ALLOW("expelling"))));

static const struct
{
	const char *uri;
	int invite, expel, expel_hidden, hide;
} in_group[] = {
		{"sip:founder@x", 0, 1, 1, 0},
		{"sip:adder@x", 1, 0, 1, 0},
		{"sip:expeller@x", 0, 1, 1, 0},
		{"sip:hidden@x", 0, 0, 1, 1},
		{"sip:nobody@x", 0, 0, 1, 0},
};

#define IN_GROUP ((int)(sizeof(in_group) / sizeof(in_group[0])))


static conference_t *make_group_conference(const group_document_t *group)
{
	conference_spec_t spec = {.token = TEXT("t0"),
			.identity = TEXT("sip:t0@x"),
			.group = TEXT("sip:team@x"),
			.document = group};
	conference_t *c = conference_create(&spec);
	person_t people[IN_GROUP];
	participant_t *p;
	effects_t fx = {0};

	for(int i = 0; i < IN_GROUP; i++)
		people[i] = person(in_group[i].uri);
	assert_int_equal(
			conference_found(c, people, people + 1, IN_GROUP - 1, &fx, &p), 0);
	conference_joined(p, &fx);
	effects_free(&fx);
	return c;
}


static void check_in_group(conference_t *c, int i, int is_in)
{
	const participant_t *p = who(c, in_group[i].uri);

	if(policy_may_invite(p, 0) != (is_in && in_group[i].invite))
		fail_msg("invite: %s, %d", in_group[i].uri, is_in);
	if(policy_may_expel(p, 0) != (is_in && in_group[i].expel))
		fail_msg("expel: %s, %d", in_group[i].uri, is_in);
	if(policy_may_expel(p, 1) != (is_in && in_group[i].expel_hidden))
		fail_msg("expel unnamed: %s, %d", in_group[i].uri, is_in);
	if(policy_may_hide(p) != in_group[i].hide)
		fail_msg("hide: %s", in_group[i].uri);
}


/* the rules decide, and of an ad-hoc conference's nothing but that the founder
 * may expel */
static void test_R7_R8_in_a_group_its_rules_decide(void **state)
{
	group_document_t *group;
	conference_t *c;
	effects_t fx = {0};

	(void)state;
	assert_int_equal(read_group(group_rules, &group), GROUP_OK);
	c = make_group_conference(group);
	for(int i = 1; i < IN_GROUP; i++) {
		check_in_group(c, i, 0);
		conference_answered(who(c, in_group[i].uri), &fx);
		check_in_group(c, i, 1);
	}
	check_in_group(c, 0, 1);
	effects_free(&fx);
	conference_destroy(c);
	group_document_free(group);
}


#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
			TEST(test_S9_who_may_watch),
			TEST(test_J1_who_may_join),
			TEST(test_J1_a_join_obeys_the_rule),
			TEST(test_a_second_name_counts_too),
			TEST(test_R7_R8_who_may_add_and_expel),
			cmocka_unit_test(test_R7_R8_in_a_group_its_rules_decide),
			TEST(test_M1_the_creator_may_change_the_subject),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
