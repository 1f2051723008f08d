/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of model/conference: joins, by strangers and by who was in
 * before, under the same name or another.
 */
#include "conference_world.h"


static join_result_t join_anonymously(world_t *w, participant_t **p)
{
	person_t bob = person(bob_uri);

	bob.anonymous = 1;
	return conference_join(w->c, &bob, 0, &w->fx, p);
}


static void test_J1_a_rejoin_keeps_number_and_entity(void **state)
{
	world_t *w = *state;
	unsigned revision;

	conference_answered(w->bob, &w->fx);
	conference_left(w->bob, DEPARTED_LEFT, &w->fx);
	told(&w->fx);
	revision = w->c->revision;
	assert_int_equal(join(w, "sips:BOB@example.com"), JOIN_FORBIDDEN);
	assert_int_equal(join(w, "sips:bob@EXAMPLE.com;lr"), JOIN_OK);
	assert_string_equal(told(&w->fx), "ANSWER 2");
	assert_int_equal(w->c->revision, revision);
	assert_int_equal(w->c->present, 2);
	conference_joined(w->bob, &w->fx);
	assert_string_equal(told(&w->fx), "ENTER 2 NOTIFY");
	assert_int_equal(w->bob->departure, DEPARTED_NOT);
	assert_string_equal(w->bob->entity.s, bob_uri);
}


static void test_N5_who_becomes_anonymous_is_somebody_new(void **state)
{
	world_t *w = *state;
	participant_t *hidden, *again;

	conference_answered(w->bob, &w->fx);
	told(&w->fx);
	assert_int_equal(join_anonymously(w, &hidden), JOIN_OK);
	assert_string_equal(told(&w->fx), "BYE 2 LEAVE 2 NOTIFY ANSWER 4");
	assert_int_equal(w->bob->departure, DEPARTED_LEFT);
	assert_string_equal(hidden->entity.s, "sip:anonymous4@anonymous.invalid");
	assert_ptr_equal(conference_find_uri(w->c, &hidden->name[0].uri), hidden);
	assert_int_equal(w->c->counted, 3);
	assert_int_equal(w->c->present, 2);
	conference_joined(hidden, &w->fx);
	/* that name stays */
	assert_int_equal(join_anonymously(w, &again), JOIN_OK);
	assert_ptr_equal(again, hidden);
}


static void test_N5_who_was_gone_comes_back_anonymous(void **state)
{
	world_t *w = *state;
	participant_t *hidden;

	conference_refused(w->bob, 486, &w->fx);
	told(&w->fx);
	assert_int_equal(join_anonymously(w, &hidden), JOIN_OK);
	assert_string_equal(told(&w->fx), "ANSWER 4");
	assert_int_equal(w->bob->departure, DEPARTED_BUSY);
	assert_int_equal(w->c->counted, 3);
}


static void test_N5_two_who_are_one_cannot_both_vanish(void **state)
{
	world_t *w = *state;
	person_t both = person(bob_uri);
	participant_t *p;

	both.name[1] = w->carol->name[0].uri;
	both.names = 2;
	both.anonymous = 1;
	assert_int_equal(
			conference_join(w->c, &both, 1, &w->fx, &p), JOIN_FORBIDDEN);
	assert_null(p);
	assert_int_equal(w->c->counted, 3);
	assert_ptr_equal(conference_find_uri(w->c, &w->bob->name[0].uri), w->bob);
}


static void test_J1_who_refused_may_still_come(void **state)
{
	world_t *w = *state;

	conference_refused(w->bob, 486, &w->fx);
	told(&w->fx);
	assert_int_equal(join(w, bob_uri), JOIN_OK);
	assert_string_equal(told(&w->fx), "ANSWER 2");
	conference_join_failed(w->bob, &w->fx);
	assert_string_equal(told(&w->fx), "LEAVE 2");
	assert_int_equal(w->bob->departure, DEPARTED_BUSY);
	assert_int_equal(w->bob->code, 486);
}


static void test_J1_who_is_rung_may_dial_in_himself(void **state)
{
	world_t *w = *state;

	assert_int_equal(join(w, bob_uri), JOIN_OK);
	assert_string_equal(told(&w->fx), "CANCEL 2 LEAVE 2 ANSWER 2");
	assert_int_equal(join(w, bob_uri), JOIN_FORBIDDEN); /* just coming */
	conference_joined(w->bob, &w->fx);
	assert_string_equal(told(&w->fx), "ENTER 2 NOTIFY");
	assert_int_equal(w->c->present, 2);
}


static void test_U1_a_group_admits_strangers(void **state)
{
	world_t *w = *state;
	person_t dave = person("sip:dave@example.com");
	int counted = w->c->counted;
	participant_t *p;

	assert_int_equal(conference_join(w->c, &dave, 1, &w->fx, &p), JOIN_OK);
	assert_string_equal(told(&w->fx), "ANSWER 4");
	assert_int_equal(w->c->counted, counted + 1);
	conference_join_failed(p, &w->fx);
	assert_string_equal(told(&w->fx), "LEAVE 4");
	assert_int_equal(w->c->counted, counted);
}


static void test_J1_strangers_and_the_expelled_stay_out(void **state)
{
	world_t *w = *state;

	assert_int_equal(join(w, "sip:dave@example.com"), JOIN_FORBIDDEN);
	assert_int_equal(
			join(w, "sip:anonymous@anonymous.invalid"), JOIN_FORBIDDEN);
	assert_int_equal(join(w, "mailto:bob@example.com"), JOIN_BAD_NAME);
	conference_remove(w->bob, DEPARTED_BOOTED, END_ADMIN, &w->fx);
	told(&w->fx);
	assert_int_equal(join(w, bob_uri), JOIN_FORBIDDEN);
	assert_string_equal(told(&w->fx), "");
}


static void test_J2_the_older_session_of_a_connected_user_ends(void **state)
{
	world_t *w = *state;
	unsigned revision;

	conference_answered(w->bob, &w->fx);
	told(&w->fx);
	revision = w->c->revision;
	assert_int_equal(join(w, bob_uri), JOIN_OK);
	assert_int_equal(w->fx.item[0].reason, END_REPLACED);
	assert_string_equal(told(&w->fx), "BYE 2 LEAVE 2 ANSWER 2");
	assert_int_equal(w->c->revision, revision);
	assert_int_equal(w->c->present, 2);
	assert_int_equal(w->c->counted, 3);
	conference_joined(w->bob, &w->fx);
	assert_string_equal(told(&w->fx), "ENTER 2 NOTIFY");
}


static void test_J2_a_replacement_that_fails_is_told(void **state)
{
	world_t *w = *state;

	conference_answered(w->bob, &w->fx);
	assert_int_equal(join(w, bob_uri), JOIN_OK);
	told(&w->fx);
	conference_join_failed(w->bob, &w->fx);
	assert_string_equal(told(&w->fx), "LEAVE 2 NOTIFY");
	assert_int_equal(w->bob->departure, DEPARTED_LEFT);
}


static void test_R5_a_rejoin_obeys_the_limit(void **state)
{
	world_t *w = *state;

	conference_refused(w->bob, 603, &w->fx);
	w->c->max_participants = 2;
	told(&w->fx);
	assert_int_equal(join(w, bob_uri), JOIN_FULL);
	assert_string_equal(told(&w->fx), "");
	assert_int_equal(w->bob->state, PARTICIPANT_GONE);
	/* one that is in takes no second seat */
	assert_int_equal(join(w, alice_uri), JOIN_OK);
	conference_refused(w->carol, 603, &w->fx);
	assert_int_equal(join(w, bob_uri), JOIN_OK);
	assert_int_equal(w->c->counted, 2);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			JOINED(test_J1_a_rejoin_keeps_number_and_entity),
			JOINED(test_N5_who_becomes_anonymous_is_somebody_new),
			JOINED(test_N5_who_was_gone_comes_back_anonymous),
			JOINED(test_N5_two_who_are_one_cannot_both_vanish),
			JOINED(test_J1_who_refused_may_still_come),
			JOINED(test_J1_who_is_rung_may_dial_in_himself),
			JOINED(test_U1_a_group_admits_strangers),
			JOINED(test_J1_strangers_and_the_expelled_stay_out),
			JOINED(test_J2_the_older_session_of_a_connected_user_ends),
			JOINED(test_J2_a_replacement_that_fails_is_told),
			JOINED(test_R5_a_rejoin_obeys_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
