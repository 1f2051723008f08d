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
} rule_t;

static const rule_t rules[] = {
		{"sip:alice@example.com", 1, 1},
		{"sip:invited@example.com", 1, 1},
		{"sip:alerting@example.com", 1, 1},
		{"sip:connected@example.com", 1, 1},
		{"sip:left@example.com", 1, 1},
		{"sip:refused@example.com", 1, 1},
		{"sip:dropped@example.com", 1, 1},
		{"sip:kicked@example.com", 0, 0},
		{"sip:joining@example.com", 1, 0},
		{"sip:stranger@example.com", 0, 0},
		{"sip:anonymous@anonymous.invalid", 0, 0},
		{"no name", 0, 0},
};

#define RULES ((int)(sizeof(rules) / sizeof(rules[0])))


static void test_S9_who_may_watch(void **state)
{
	for(int i = 0; i < RULES; i++) {
		person_t p = person(rules[i].uri);

		if(policy_may_watch(*state, &p) != rules[i].watch)
			fail_msg("watch: %s", rules[i].uri);
	}
}


static void test_J1_who_may_join(void **state)
{
	for(int i = 0; i < RULES; i++) {
		person_t p = person(rules[i].uri);

		if(policy_may_join(*state, &p) != rules[i].join)
			fail_msg("join: %s", rules[i].uri);
	}
}


static void test_J1_a_join_obeys_the_rule(void **state)
{
	participant_t *p;
	effects_t fx;

	effects_init(&fx);
	for(int i = 0; i < RULES - 1; i++) {
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
	assert_true(policy_may_join(*state, &p));
}


#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
			TEST(test_S9_who_may_watch),
			TEST(test_J1_who_may_join),
			TEST(test_J1_a_join_obeys_the_rule),
			TEST(test_a_second_name_counts_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
