/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of model/release: what ends a conference when somebody goes, and
 * who may come back after it went for good.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "group_helpers.h"
#include "model/policy.h"
#include "model/release.h"
#include "model_helpers.h"

#define ALICE "sip:alice@example.com"
#define BOB "sip:bob@example.com"
#define CAROL "sip:carol@example.com"
#define DAVE "sip:dave@example.com"

/* alice founded it with bob and carol; the document is its group's, if any */
typedef struct world
{
	conference_t *c;
	group_document_t *group;
	effects_t fx;
	participant_t *alice, *bob, *carol;
} world_t;


static participant_t *who(const world_t *w, const char *uri)
{
	str name = text_of(uri);

	return conference_find_uri(w->c, &name);
}


/* alice is in, bob and carol are invited */
static void begin(world_t *w, conference_spec_t spec)
{
	person_t alice = person(ALICE);
	person_t invited[] = {person(BOB), person(CAROL)};

	memset(w, 0, sizeof(*w));
	effects_init(&w->fx);
	spec.token = TEXT("t0");
	spec.identity = TEXT("sip:t0@conf.example.com");
	spec.document = w->group;
	w->c = conference_create(&spec);
	assert_non_null(w->c);
	assert_int_equal(
			conference_found(w->c, &alice, invited, 2, &w->fx, &w->alice), 0);
	conference_joined(w->alice, &w->fx);
	w->bob = who(w, BOB);
	w->carol = who(w, CAROL);
	w->fx.count = 0;
}


static void begin_with_all_in(world_t *w, conference_spec_t spec)
{
	begin(w, spec);
	conference_answered(w->bob, &w->fx);
	conference_answered(w->carol, &w->fx);
	w->fx.count = 0;
}


static void finish(world_t *w)
{
	assert_false(w->fx.failed);
	effects_free(&w->fx);
	conference_destroy(w->c);
	group_document_free(w->group);
}


/* The END among the effects, which are forgotten: why, or END_NONE */
static end_reason_t ended(world_t *w)
{
	const effect_t *last = &w->fx.item[w->fx.count - 1];
	end_reason_t why = END_NONE;

	if(w->fx.count && last->type == EFFECT_END)
		why = last->reason;
	assert_int_equal(w->c->ending, why != END_NONE);
	w->fx.count = 0;
	return why;
}


static void test_without_rules_only_nobody_ends_it(void **state)
{
	world_t w;

	begin_with_all_in(&w, (conference_spec_t){0});
	conference_left(w.alice, DEPARTED_LEFT, &w.fx);
	assert_int_equal(ended(&w), END_NONE);
	conference_left(w.bob, DEPARTED_LEFT, &w.fx);
	assert_int_equal(ended(&w), END_NONE);
	conference_left(w.carol, DEPARTED_LEFT, &w.fx);
	assert_int_equal(ended(&w), END_EMPTY);
	finish(&w);
}


static void test_too_few_end_it_with_a_bye_to_the_rest(void **state)
{
	conference_spec_t spec = {.release.min_participants = 3};
	world_t w;

	begin_with_all_in(&w, spec);
	conference_left(w.carol, DEPARTED_LEFT, &w.fx);
	assert_int_equal(w.fx.item[2].type, EFFECT_BYE);
	assert_int_equal(w.fx.item[2].reason, END_TOO_FEW);
	assert_string_equal(
			told(&w.fx), "LEAVE 3 NOTIFY BYE 1 LEAVE 1 BYE 2 LEAVE 2 END");
	finish(&w);
}


static void test_whoever_is_still_invited_counts(void **state)
{
	conference_spec_t spec = {.release.min_participants = 2};
	world_t w;

	begin(&w, spec);
	conference_refused(w.bob, 603, &w.fx);
	assert_int_equal(ended(&w), END_NONE);
	conference_refused(w.carol, 603, &w.fx);
	assert_int_equal(ended(&w), END_TOO_FEW);
	finish(&w);
}


static void test_who_is_added_counts(void **state)
{
	conference_spec_t spec = {.release.min_participants = 3};
	person_t dave = person(DAVE);
	world_t w;

	begin_with_all_in(&w, spec);
	assert_int_equal(conference_invite(w.c, w.alice, &dave, 1, &w.fx), JOIN_OK);
	conference_left(w.bob, DEPARTED_LEFT, &w.fx);
	assert_int_equal(ended(&w), END_NONE);
	conference_refused(who(&w, DAVE), 486, &w.fx);
	assert_int_equal(ended(&w), END_TOO_FEW);
	finish(&w);
}


/* Few from the start is what its creator wanted */
static void test_a_small_conference_may_begin(void **state)
{
	conference_spec_t spec = {.release.min_participants = 4};
	world_t w;

	begin(&w, spec);
	conference_ringing(w.bob, &w.fx);
	conference_answered(w.bob, &w.fx);
	assert_int_equal(ended(&w), END_NONE);
	finish(&w);
}


static void test_one_is_no_minimum(void **state)
{
	conference_spec_t spec = {.release.min_participants = 1, .stays = 1};
	world_t w;

	begin(&w, spec);
	conference_refused(w.bob, 603, &w.fx);
	conference_refused(w.carol, 603, &w.fx);
	conference_left(w.alice, DEPARTED_LEFT, &w.fx);
	assert_string_equal(
			told(&w.fx), "LEAVE 2 NOTIFY LEAVE 3 NOTIFY LEAVE 1 NOTIFY EMPTY");
	finish(&w);
}


/* Its 200 was refused by tm: nobody saw it, nobody went */
static void test_who_fails_to_come_back_is_no_departure(void **state)
{
	conference_spec_t spec = {.release.min_participants = 2};
	person_t bob = person(BOB);
	participant_t *p;
	world_t w;

	begin(&w, spec);
	conference_answered(w.carol, &w.fx);
	conference_refused(w.bob, 603, &w.fx);
	assert_int_equal(ended(&w), END_NONE);
	w.c->release.min_participants = 3;
	assert_int_equal(conference_join(w.c, &bob, 0, &w.fx, &p), JOIN_OK);
	conference_join_failed(p, &w.fx);
	assert_int_equal(ended(&w), END_NONE);
	finish(&w);
}


static void test_the_creator_takes_it_along(void **state)
{
	conference_spec_t spec = {.release.with_creator = 1};
	world_t w;

	begin_with_all_in(&w, spec);
	conference_left(w.bob, DEPARTED_LEFT, &w.fx);
	assert_int_equal(ended(&w), END_NONE);
	conference_left(w.alice, DEPARTED_LEFT, &w.fx);
	assert_int_equal(ended(&w), END_CREATOR_LEFT);
	finish(&w);
}


static void test_a_creator_who_comes_by_another_session_has_not_left(
		void **state)
{
	conference_spec_t spec = {.release.with_creator = 1};
	person_t alice = person(ALICE);
	participant_t *p;
	world_t w;

	begin_with_all_in(&w, spec);
	assert_int_equal(conference_join(w.c, &alice, 0, &w.fx, &p), JOIN_OK);
	conference_joined(p, &w.fx);
	assert_int_equal(ended(&w), END_NONE);
	conference_remove(p, DEPARTED_FAILED, END_NO_MEDIA, &w.fx);
	assert_int_equal(ended(&w), END_CREATOR_LEFT);
	finish(&w);
}


#define KEY_GROUP                                              \
	GROUP(RULES(RULE("<cr:identity><cr:one id=\"" ALICE "\"/>" \
					 "<cr:one id=\"" BOB "\"/></cr:identity>", \
			"<is-key-participant>true</is-key-participant>")))


static void begin_with_keys(world_t *w)
{
	group_document_t *group;

	assert_int_equal(read_group(KEY_GROUP, &group), GROUP_OK);
	begin(w, (conference_spec_t){.group = TEXT("sip:team@x"), .stays = 1});
	w->group = group;
	w->c->document = group;
	/* alice entered before there was a document: by another session */
	person_t alice = person(ALICE);
	participant_t *p;
	assert_int_equal(conference_join(w->c, &alice, 1, &w->fx, &p), JOIN_OK);
	conference_joined(p, &w->fx);
	conference_answered(w->bob, &w->fx);
	conference_answered(w->carol, &w->fx);
	w->fx.count = 0;
}


static void test_the_last_key_participant_takes_it_along(void **state)
{
	world_t w;

	begin_with_keys(&w);
	assert_true(w.alice->key && w.bob->key && !w.carol->key);
	conference_left(w.alice, DEPARTED_LEFT, &w.fx);
	assert_int_equal(ended(&w), END_NONE);
	conference_left(w.bob, DEPARTED_LEFT, &w.fx);
	assert_int_equal(ended(&w), END_KEY_LEFT);
	finish(&w);
}


static void test_others_do_not(void **state)
{
	world_t w;

	begin_with_keys(&w);
	conference_left(w.carol, DEPARTED_LEFT, &w.fx);
	conference_left(w.bob, DEPARTED_LEFT, &w.fx);
	assert_int_equal(ended(&w), END_NONE);
	finish(&w);
}


static void test_who_went_for_good_may_not_come_back(void **state)
{
	person_t bob = person(BOB), carol = person(CAROL);
	participant_t *p;
	world_t w;

	begin_with_all_in(&w, (conference_spec_t){0});
	conference_resigned(w.bob, &w.fx);
	conference_left(w.carol, DEPARTED_LEFT, &w.fx);
	assert_false(policy_may_watch(w.c, &bob));
	assert_true(policy_may_watch(w.c, &carol));
	assert_int_equal(conference_join(w.c, &bob, 0, &w.fx, &p), JOIN_FORBIDDEN);
	assert_int_equal(conference_join(w.c, &carol, 0, &w.fx, &p), JOIN_OK);
	finish(&w);
}


static void test_unless_invited_again(void **state)
{
	person_t bob = person(BOB);
	participant_t *p;
	world_t w;

	begin_with_all_in(&w, (conference_spec_t){0});
	conference_resigned(w.bob, &w.fx);
	assert_int_equal(conference_invite(w.c, w.alice, &bob, 1, &w.fx), JOIN_OK);
	assert_true(policy_may_return(w.bob, 0));
	assert_int_equal(conference_join(w.c, &bob, 0, &w.fx, &p), JOIN_OK);
	finish(&w);
}


static void test_or_its_group_lets_it_in(void **state)
{
	person_t bob = person(BOB);
	participant_t *p;
	world_t w;

	begin_with_all_in(&w, (conference_spec_t){0});
	conference_resigned(w.bob, &w.fx);
	assert_int_equal(conference_join(w.c, &bob, 1, &w.fx, &p), JOIN_OK);
	conference_joined(p, &w.fx);
	assert_false(p->resigned);
	finish(&w);
}


/* A BYE that crosses: it is not in any more */
static void test_only_who_is_in_can_go_for_good(void **state)
{
	world_t w;

	begin(&w, (conference_spec_t){0});
	conference_resigned(w.bob, &w.fx);
	assert_false(w.bob->resigned);
	assert_string_equal(told(&w.fx), "");
	finish(&w);
}


/* An operator's: nobody is in when it begins */
static void test_nobodys_conference_lasts_while_somebody_is_invited(
		void **state)
{
	person_t people[] = {person(BOB), person(CAROL)};
	conference_t *c = make_conference(10);
	effects_t fx;

	c->unattended = 1;
	effects_init(&fx);
	assert_int_equal(conference_invite(c, NULL, people, 2, &fx), JOIN_OK);
	assert_string_equal(told(&fx), "INVITE 1 INVITE 2");
	conference_refused(conference_find(c, &people[0]), 486, &fx);
	assert_false(c->ending);
	conference_refused(conference_find(c, &people[1]), 486, &fx);
	assert_true(c->ending);
	effects_free(&fx);
	conference_destroy(c);
}


static void test_once_somebody_came_it_is_as_any_other(void **state)
{
	person_t people[] = {person(BOB), person(CAROL)};
	conference_t *c = make_conference(10);
	participant_t *bob;
	effects_t fx;

	c->unattended = 1;
	effects_init(&fx);
	assert_int_equal(conference_invite(c, NULL, people, 2, &fx), JOIN_OK);
	bob = conference_find(c, &people[0]);
	conference_answered(bob, &fx);
	assert_false(c->ending);
	conference_left(bob, DEPARTED_LEFT, &fx);
	assert_true(c->ending);
	effects_free(&fx);
	conference_destroy(c);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_without_rules_only_nobody_ends_it),
			cmocka_unit_test(test_too_few_end_it_with_a_bye_to_the_rest),
			cmocka_unit_test(test_whoever_is_still_invited_counts),
			cmocka_unit_test(test_who_is_added_counts),
			cmocka_unit_test(test_a_small_conference_may_begin),
			cmocka_unit_test(test_one_is_no_minimum),
			cmocka_unit_test(test_who_fails_to_come_back_is_no_departure),
			cmocka_unit_test(test_the_creator_takes_it_along),
			cmocka_unit_test(
					test_a_creator_who_comes_by_another_session_has_not_left),
			cmocka_unit_test(test_the_last_key_participant_takes_it_along),
			cmocka_unit_test(test_others_do_not),
			cmocka_unit_test(test_who_went_for_good_may_not_come_back),
			cmocka_unit_test(test_unless_invited_again),
			cmocka_unit_test(test_or_its_group_lets_it_in),
			cmocka_unit_test(test_only_who_is_in_can_go_for_good),
			cmocka_unit_test(
					test_nobodys_conference_lasts_while_somebody_is_invited),
			cmocka_unit_test(test_once_somebody_came_it_is_as_any_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
