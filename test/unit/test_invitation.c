/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of model/invitation: adding people to a running conference
 * (R1-R8). Founding and expanding are in test_conference.c.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "model/policy.h"
#include "model_helpers.h"

typedef struct world
{
	conference_t *c;
	effects_t fx;
	participant_t *alice, *bob;
} world_t;

static const char *const alice_uri = "sip:alice@example.com";
static const char *const bob_uri = "sip:bob@example.com";


/* alice is in, bob is INVITED; there is room for four */
static int set_up(void **state)
{
	person_t alice = person(alice_uri), bob = person(bob_uri);
	static world_t w;

	memset(&w, 0, sizeof(w));
	effects_init(&w.fx);
	w.c = make_conference(4);
	assert_non_null(w.c);
	assert_int_equal(
			conference_found(w.c, &alice, &bob, 1, &w.fx, &w.alice), 0);
	conference_joined(w.alice, &w.fx);
	w.bob = conference_find(w.c, &bob);
	w.fx.count = 0;
	*state = &w;
	return 0;
}


static int tear_down(void **state)
{
	world_t *w = *state;

	assert_false(w->fx.failed);
	conference_destroy(w->c);
	effects_free(&w->fx);
	return 0;
}


static join_result_t invite(world_t *w, participant_t *inviter, const char *a,
		const char *b, const char *c)
{
	const char *const uris[] = {a, b, c};
	person_t people[3];
	int count = 0;

	for(int i = 0; i < 3; i++) {
		if(uris[i])
			people[count++] = person(uris[i]);
	}
	return conference_invite(w->c, inviter, people, count, &w->fx);
}


static participant_t *find(world_t *w, const char *uri)
{
	str text = text_of(uri);

	return conference_find_uri(w->c, &text);
}


static void test_R1_who_is_added_is_invited_at_once(void **state)
{
	world_t *w = *state;
	participant_t *carol;
	unsigned revision = w->c->revision;

	assert_int_equal(
			invite(w, w->alice, "sip:carol@example.com", "tel:+33-1", NULL),
			JOIN_OK);
	assert_string_equal(told(&w->fx), "INVITE 3 INVITE 4");
	carol = find(w, "sip:carol@example.com");
	assert_int_equal(carol->state, PARTICIPANT_INVITED);
	assert_ptr_equal(carol->inviter, w->alice);
	assert_int_equal(w->c->counted, 4);
	/* N9: nobody sees them before they ring */
	assert_int_equal(w->c->revision, revision);
	conference_answered(carol, &w->fx);
	assert_string_equal(told(&w->fx), "ENTER 3 NOTIFY");
}


static void test_R1_an_operator_is_no_inviter(void **state)
{
	world_t *w = *state;

	assert_int_equal(
			invite(w, NULL, "sip:carol@example.com", NULL, NULL), JOIN_OK);
	assert_string_equal(told(&w->fx), "INVITE 3");
	assert_null(find(w, "sip:carol@example.com")->inviter);
}


static void test_R3_who_is_in_or_invited_or_listed_twice_is_left_out(
		void **state)
{
	world_t *w = *state;

	/* in, invited, under another spelling */
	assert_int_equal(
			invite(w, w->alice, alice_uri, bob_uri, "sip:bob@EXAMPLE.com:5060"),
			JOIN_OK);
	assert_string_equal(told(&w->fx), "");
	conference_ringing(w->bob, &w->fx);
	told(&w->fx);
	/* alerting; twice */
	assert_int_equal(
			invite(w, w->alice, bob_uri, "tel:+33-1", "tel:+331"), JOIN_OK);
	assert_string_equal(told(&w->fx), "INVITE 3");
	assert_int_equal(w->c->counted, 3);
	conference_refused(w->bob, 486, &w->fx);
	told(&w->fx);
	/* gone, twice: once */
	assert_int_equal(invite(w, w->alice, bob_uri, bob_uri, NULL), JOIN_OK);
	assert_string_equal(told(&w->fx), "INVITE 2");
	assert_int_equal(w->c->counted, 3);
	assert_int_equal(invite(w, w->alice, NULL, NULL, NULL), JOIN_OK);
	assert_string_equal(told(&w->fx), "");
}


static void test_R3_who_is_just_coming_in_is_not_invited(void **state)
{
	world_t *w = *state;
	person_t bob = person(bob_uri);
	participant_t *p;

	assert_int_equal(conference_join(w->c, &bob, 0, &w->fx, &p), JOIN_OK);
	told(&w->fx);
	assert_int_equal(invite(w, w->alice, bob_uri, NULL, NULL), JOIN_OK);
	assert_string_equal(told(&w->fx), "");
	assert_int_equal(w->bob->state, PARTICIPANT_JOINING);
}


/* R5: as a whole, present and invited together */
static void test_R5_over_the_limit_nobody_is_invited(void **state)
{
	world_t *w = *state;

	conference_refused(w->bob, 486, &w->fx);
	assert_int_equal(
			invite(w, w->alice, "tel:+1", "tel:+2", "tel:+3"), JOIN_OK);
	told(&w->fx);
	assert_int_equal(w->c->counted, 4);
	/* who went needs room like anybody */
	assert_int_equal(invite(w, w->alice, bob_uri, NULL, NULL), JOIN_FULL);
	conference_refused(find(w, "tel:+1"), 486, &w->fx);
	told(&w->fx);
	/* two went, room is for one */
	assert_int_equal(invite(w, w->alice, bob_uri, "tel:+1", NULL), JOIN_FULL);
	assert_int_equal(invite(w, w->alice, bob_uri, "sip:new@example.com", NULL),
			JOIN_FULL);
	assert_int_equal(invite(w, w->alice, "sip:new@example.com", bob_uri, NULL),
			JOIN_FULL);
	assert_string_equal(told(&w->fx), "");
	assert_int_equal(w->c->counted, 3);
	assert_int_equal(w->bob->state, PARTICIPANT_GONE);
	assert_null(find(w, "sip:new@example.com"));
	/* who is in does not count twice */
	assert_int_equal(invite(w, w->alice, bob_uri, alice_uri, NULL), JOIN_OK);
	assert_string_equal(told(&w->fx), "INVITE 2");
	assert_int_equal(w->c->last_number, 5);
}


static void test_R5_a_bad_name_refuses_all(void **state)
{
	world_t *w = *state;

	assert_int_equal(invite(w, w->alice, "tel:+1", "http://example.com", NULL),
			JOIN_BAD_NAME);
	assert_int_equal(
			invite(w, w->alice, "tel:+1", "mailto:x@example.com", NULL),
			JOIN_BAD_NAME);
	assert_string_equal(told(&w->fx), "");
	assert_null(find(w, "tel:+1"));
	assert_int_equal(w->c->counted, 2);
}


static void test_R8_the_expelled_may_come_when_invited_again(void **state)
{
	world_t *w = *state;
	person_t bob = person(bob_uri);
	str data = TEXT("Replaces: 1\r\n");
	participant_t *p;

	assert_int_equal(text_copy(&w->bob->invitation, &data), 0);
	conference_answered(w->bob, &w->fx);
	conference_remove(w->bob, DEPARTED_BOOTED, END_ADMIN, &w->fx);
	told(&w->fx);
	assert_int_equal(
			conference_join(w->c, &bob, 0, &w->fx, &p), JOIN_FORBIDDEN);
	assert_int_equal(invite(w, NULL, bob_uri, NULL, NULL), JOIN_OK);
	assert_string_equal(told(&w->fx), "INVITE 2");
	/* what belonged to the older invitation does not come along */
	assert_int_equal(w->bob->invitation.len, 0);
	assert_int_equal(conference_join(w->c, &bob, 0, &w->fx, &p), JOIN_OK);
	assert_ptr_equal(p, w->bob);
}


/* R8: by what everybody sees of it, and by nothing else */
static void test_R8_the_anonymous_are_found_by_their_made_up_name(void **state)
{
	world_t *w = *state;
	str shown = TEXT("sip:anonymous2@anonymous.invalid");
	str alice = text_of(alice_uri), bob = text_of(bob_uri);

	assert_ptr_equal(conference_find_shown(w->c, &alice), w->alice);
	assert_ptr_equal(conference_find_shown(w->c, &bob), w->bob);
	assert_null(conference_find_shown(w->c, &shown));
	assert_int_equal(conference_hide(w->bob), 0);
	assert_null(conference_find_shown(w->c, &bob));
	assert_ptr_equal(conference_find_shown(w->c, &shown), w->bob);
	conference_remove(w->bob, DEPARTED_BOOTED, END_EXPELLED, &w->fx);
	assert_string_equal(told(&w->fx), "CANCEL 2 LEAVE 2 NOTIFY");
	assert_true(w->bob->expelled);
	assert_null(conference_find_shown(w->c, &shown));
}


static void test_a_participant_is_the_person_it_came_as(void **state)
{
	world_t *w = *state;
	person_t who = {
			.name = {text_of("tel:+1"), text_of("sip:one@x")}, .names = 2};
	person_t again;

	assert_int_equal(
			conference_invite(w->c, w->alice, &who, 1, &w->fx), JOIN_OK);
	again = conference_person(find(w, "sip:one@x"));
	assert_int_equal(again.names, 2);
	assert_true(text_eq(&again.name[0], &who.name[0]));
	assert_true(text_eq(&again.name[1], &who.name[1]));
	assert_false(again.anonymous);
	told(&w->fx);
}


/* the roster tells of the last departure, not of one before it */
static void test_N11_a_second_refusal_is_told_as_it_was(void **state)
{
	world_t *w = *state;

	conference_answered(w->bob, &w->fx);
	conference_left(w->bob, DEPARTED_LEFT, &w->fx);
	assert_int_equal(invite(w, w->alice, bob_uri, NULL, NULL), JOIN_OK);
	/* as long as it was not told, it is told as what it was */
	assert_int_equal(w->bob->departure, DEPARTED_LEFT);
	conference_refused(w->bob, 486, &w->fx);
	assert_int_equal(w->bob->departure, DEPARTED_BUSY);
	assert_int_equal(w->bob->code, 486);
	told(&w->fx);
}


static void test_R1_nobody_is_added_to_what_is_over(void **state)
{
	world_t *w = *state;

	conference_end(w->c, END_NONE, &w->fx);
	told(&w->fx);
	assert_int_equal(invite(w, NULL, "tel:+1", NULL, NULL), JOIN_OVER);
	assert_string_equal(told(&w->fx), "");
}


#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

static join_result_t restart(world_t *w, const char *who,
		const char *const *uris, int count, participant_t **p)
{
	person_t back = person(who), people[4];

	for(int i = 0; i < count; i++)
		people[i] = person(uris[i]);
	return conference_restart(w->c, &back, people, count, &w->fx, p);
}


static void test_J1_who_founds_again_comes_back_and_adds(void **state)
{
	static const char *const uris[] = {"sip:alice@example.com",
			"sip:bob@example.com", "sip:carol@example.com"};
	world_t *w = *state;
	participant_t *p;

	conference_answered(w->bob, &w->fx);
	conference_left(w->bob, DEPARTED_LEFT, &w->fx);
	w->fx.count = 0;
	/* it may stand on its own list */
	assert_int_equal(restart(w, bob_uri, uris, 3, &p), JOIN_OK);
	assert_ptr_equal(p, w->bob);
	assert_string_equal(told(&w->fx), "ANSWER 2 INVITE 3");
	assert_int_equal(w->c->counted, 3);
	assert_ptr_equal(find(w, uris[2])->inviter, w->bob);
	conference_joined(p, &w->fx);
	assert_string_equal(told(&w->fx), "ENTER 2 NOTIFY");
}


static void test_J1_who_rings_founds_again(void **state)
{
	world_t *w = *state;
	participant_t *p;

	assert_int_equal(restart(w, bob_uri, &alice_uri, 1, &p), JOIN_OK);
	assert_string_equal(told(&w->fx), "CANCEL 2 LEAVE 2 ANSWER 2");
}


static void test_J1_a_restart_is_made_as_a_whole(void **state)
{
	static const char *const uris[] = {
			"sip:carol@example.com", "sip:dave@example.com", "tel:+1"};
	world_t *w = *state;
	participant_t *p;

	/* R5: no room for all */
	assert_int_equal(restart(w, bob_uri, uris, 3, &p), JOIN_FULL);
	/* who may not come adds nobody */
	conference_remove(w->bob, DEPARTED_BOOTED, END_ADMIN, &w->fx);
	w->fx.count = 0;
	assert_int_equal(restart(w, bob_uri, uris, 2, &p), JOIN_FORBIDDEN);
	assert_int_equal(
			restart(w, "sip:mallory@example.com", uris, 2, &p), JOIN_FORBIDDEN);
	assert_null(p);
	assert_string_equal(told(&w->fx), "");
	assert_int_equal(w->c->counted, 1);
	assert_null(find(w, uris[0]));
	assert_int_equal(w->bob->state, PARTICIPANT_GONE);
}


static void test_E2_an_invitation_keeps_its_own_lines(void **state)
{
	person_t people[] = {person("sip:carol@example.com"), person(bob_uri)};
	world_t *w = *state;

	people[0].invitation = TEXT("Replaces: a;to-tag=1;from-tag=2\r\n");
	conference_refused(w->bob, 603, &w->fx);
	for(int i = 0; i < 2; i++) {
		assert_int_equal(
				conference_invite(w->c, w->alice, people, 2, &w->fx), JOIN_OK);
		assert_true(text_eq(&find(w, "sip:carol@example.com")->invitation,
				&people[0].invitation));
		assert_true(text_eq(&w->bob->invitation, &people[1].invitation));
		/* invited again: with what belongs to that invitation */
		conference_refused(find(w, "sip:carol@example.com"), 603, &w->fx);
		conference_refused(w->bob, 603, &w->fx);
		people[0].invitation = TEXT("Session-Replaces: 1\r\n");
		people[1].invitation = TEXT("Session-Replaces: 2\r\n");
	}
	w->fx.count = 0;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			TEST(test_R1_who_is_added_is_invited_at_once),
			TEST(test_R1_an_operator_is_no_inviter),
			TEST(test_R3_who_is_in_or_invited_or_listed_twice_is_left_out),
			TEST(test_R3_who_is_just_coming_in_is_not_invited),
			TEST(test_R5_over_the_limit_nobody_is_invited),
			TEST(test_R5_a_bad_name_refuses_all),
			TEST(test_R8_the_expelled_may_come_when_invited_again),
			TEST(test_R8_the_anonymous_are_found_by_their_made_up_name),
			TEST(test_a_participant_is_the_person_it_came_as),
			TEST(test_N11_a_second_refusal_is_told_as_it_was),
			TEST(test_R1_nobody_is_added_to_what_is_over),
			cmocka_unit_test_setup_teardown(
					test_J1_who_founds_again_comes_back_and_adds, set_up,
					tear_down),
			TEST(test_J1_who_rings_founds_again),
			TEST(test_J1_a_restart_is_made_as_a_whole),
			cmocka_unit_test_setup_teardown(
					test_E2_an_invitation_keeps_its_own_lines, set_up,
					tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
