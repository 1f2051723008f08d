/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of model/conference: each transition, one by one, from its
 * beginning to its end; who joins is in test_conference_join.c. What must hold
 * after any of them is in test_conference_history.c.
 */
#include "conference_world.h"

#include <stdlib.h>
#include <time.h>

#define MANY 10000


static void test_create_copies_what_it_is_given(void **state)
{
	char token[] = "t0", identity[] = "sip:t0@example.com", id[] = "c1";
	conference_spec_t spec = {.token = text_of(token),
			.identity = text_of(identity),
			.contribution_id = text_of(id)};
	conference_t *c = conference_create(&spec);

	(void)state;
	token[0] = identity[0] = id[0] = 'x';
	assert_string_equal(c->token.s, "t0");
	assert_string_equal(c->identity.s, "sip:t0@example.com");
	assert_string_equal(c->contribution_id.s, "c1");
	assert_int_equal(c->subject.len, 0);
	assert_int_equal(c->revision, 1);
	conference_destroy(c);
	conference_destroy(NULL);
}


static void test_A5_nobody_is_invited_before_the_creator_is_in(void **state)
{
	world_t *w = *state;

	assert_string_equal(told(&w->fx), "ANSWER 1");
	assert_true(w->alice->creator);
	assert_null(w->alice->inviter);
	assert_int_equal(w->alice->state, PARTICIPANT_JOINING);
	assert_int_equal(w->bob->state, PARTICIPANT_WAITING);
	assert_ptr_equal(w->bob->inviter, w->alice);
	assert_int_equal(w->c->present, 1);
	assert_int_equal(w->c->counted, 3);
	conference_joined(w->alice, &w->fx);
	assert_string_equal(told(&w->fx), "ENTER 1 INVITE 2 INVITE 3 NOTIFY");
	assert_int_equal(w->bob->state, PARTICIPANT_INVITED);
	conference_joined(w->alice, &w->fx);
	assert_string_equal(told(&w->fx), "");
}


static void test_A2_duplicates_and_the_creators_own_names_are_dropped(
		void **state)
{
	world_t *w = *state;
	person_t alice = {
			.name = {text_of(alice_uri), text_of("tel:+33-1")}, .names = 2};
	person_t invited[] = {person(bob_uri), person("sips:alice@EXAMPLE.com"),
			person("sip:%62ob@example.com:5060;lr"), person(carol_uri),
			person("sip:+331@other.example;user=phone"),
			{.name = {text_of("tel:+339"), text_of(carol_uri)}, .names = 2}};
	participant_t *p;

	invited[0].display = text_of("Bob");
	assert_int_equal(
			conference_found(w->c, &alice, invited, 6, &w->fx, &p), JOIN_OK);
	assert_int_equal(w->c->counted, 3);
	conference_joined(p, &w->fx);
	assert_string_equal(
			told(&w->fx), "ANSWER 1 ENTER 1 INVITE 2 INVITE 3 NOTIFY");
	p = conference_find(w->c, &invited[2]);
	assert_string_equal(p->entity.s, bob_uri);
	assert_string_equal(p->display.s, "Bob");
	assert_int_equal(conference_find(w->c, &invited[3])->number, 3);
}


static void test_A3_list_over_the_limit_is_refused_as_a_whole(void **state)
{
	world_t *w = *state;
	person_t alice = person(alice_uri);
	person_t invited[] = {person(bob_uri), person(bob_uri), person(alice_uri),
			person(carol_uri)};
	participant_t *p;

	w->c->max_participants = 2;
	assert_int_equal(
			conference_found(w->c, &alice, invited, 4, &w->fx, &p), JOIN_FULL);
	assert_null(p);
	assert_string_equal(told(&w->fx), "");
	assert_int_equal(w->c->counted, 0);
	assert_int_equal(w->c->present, 0);
	assert_true(TAILQ_EMPTY(&w->c->participants));
	assert_null(conference_find(w->c, &alice));
	/* the creator counts, and those dropped do not */
	w->c->max_participants = 3;
	assert_int_equal(
			conference_found(w->c, &alice, invited, 4, &w->fx, &p), JOIN_OK);
	assert_int_equal(p->number, 1);
	assert_int_equal(w->c->counted, 3);
}


static void test_a_conference_is_founded_once(void **state)
{
	world_t *w = *state;
	person_t dave = person("sip:dave@example.com");
	participant_t *p;

	told(&w->fx);
	assert_int_equal(
			conference_found(w->c, &dave, NULL, 0, &w->fx, &p), JOIN_FORBIDDEN);
	assert_null(p);
	assert_string_equal(told(&w->fx), "");
	assert_int_equal(w->c->counted, 3);
}


static void test_A2_a_bad_name_in_the_list_refuses_it_as_a_whole(void **state)
{
	world_t *w = *state;
	person_t alice = person(alice_uri), nobody = {.names = 0};
	person_t invited[] = {person(bob_uri), person("http://example.com")};
	participant_t *p;

	assert_int_equal(conference_found(w->c, &alice, invited, 2, &w->fx, &p),
			JOIN_BAD_NAME);
	assert_int_equal(conference_found(w->c, &nobody, invited, 1, &w->fx, &p),
			JOIN_BAD_NAME);
	assert_true(TAILQ_EMPTY(&w->c->participants));
	assert_string_equal(told(&w->fx), "");
}


static void test_A2_ten_thousand_invitees(void **state)
{
	world_t *w = *state;
	person_t alice = person(alice_uri);
	person_t *invited = calloc(MANY, sizeof(*invited));
	char(*uri)[40] = calloc(MANY, sizeof(*uri));
	clock_t start, end;
	participant_t *p;

	assert_true(invited != NULL && uri != NULL);
	for(int i = 0; i < MANY; i++) {
		/* every other one twice */
		snprintf(uri[i], sizeof(uri[i]), "sip:user%d@example.com", i | 1);
		invited[i] = person(uri[i]);
	}
	start = clock();
	assert_int_equal(
			conference_found(w->c, &alice, invited, MANY, &w->fx, &p), 0);
	conference_joined(p, &w->fx);
	end = clock();
	assert_int_equal(w->c->counted, 1 + MANY / 2);
	assert_int_equal(w->fx.count, 3 + MANY / 2);
	/* comparing each with each takes minutes under the sanitizers */
	assert_true(end - start < 2 * CLOCKS_PER_SEC);
	free(invited);
	free(uri);
}


static void test_N6_entity_is_as_written_in_the_list(void **state)
{
	world_t *w = *state;
	person_t alice = person("sip:%61lice@Example.COM;lr?Subject=x");
	person_t bob = person("sip:+33-1@example.com;user=phone");
	participant_t *p;

	assert_int_equal(
			conference_found(w->c, &alice, &bob, 1, &w->fx, &p), JOIN_OK);
	assert_string_equal(p->entity.s, "sip:%61lice@Example.COM;lr");
	p = conference_find_uri(w->c, &TEXT("tel:+331"));
	assert_non_null(p);
	assert_string_equal(p->entity.s, "sip:+33-1@example.com;user=phone");
}


static void test_N5_two_anonymous_users_differ(void **state)
{
	world_t *w = *state;
	person_t alice = {.name = {text_of("sip:anonymous@anonymous.invalid"),
							  text_of(alice_uri)},
			.names = 2};
	person_t other = person("sip:anonymous@anonymous.invalid");
	participant_t *p, *q;

	assert_int_equal(
			conference_found(w->c, &alice, &other, 1, &w->fx, &p), JOIN_OK);
	q = TAILQ_NEXT(p, link);
	assert_string_equal(p->entity.s, "sip:anonymous1@anonymous.invalid");
	assert_string_equal(q->entity.s, "sip:anonymous2@anonymous.invalid");
	assert_ptr_equal(conference_find_uri(w->c, &alice.name[1]), p);
	assert_null(conference_find(w->c, &other));
}


static void test_N5_the_anonymous_have_no_display_name(void **state)
{
	world_t *w = *state;
	person_t other = person("sip:anonymous@anonymous.invalid");
	participant_t *p;

	other.display = text_of("Olga");
	assert_int_equal(conference_found(w->c, &other, NULL, 0, &w->fx, &p), 0);
	assert_int_equal(p->display.len, 0);
	/* but a nickname, if they want one */
	conference_rename(p, &TEXT("Nobody"), &w->fx);
	assert_string_equal(p->nickname.s, "Nobody");
}


static void test_N7_an_invitee_may_turn_anonymous_before_it_is_shown(
		void **state)
{
	world_t *w = *state;
	str uri = text_of(bob_uri);

	assert_int_equal(conference_hide(w->bob), 0);
	conference_ringing(w->bob, &w->fx);
	assert_string_equal(w->bob->entity.s, "sip:anonymous2@anonymous.invalid");
	assert_ptr_equal(conference_find_uri(w->c, &uri), w->bob);
	/* what was shown once stays */
	conference_ringing(w->carol, &w->fx);
	assert_int_equal(conference_hide(w->carol), -1);
	assert_string_equal(w->carol->entity.s, carol_uri);
}


static void test_G12_an_answer_asserts_more_names(void **state)
{
	world_t *w = *state;
	person_t bob = {.name = {text_of(bob_uri), text_of("tel:+33-1"),
							text_of(carol_uri), text_of("urn:x")},
			.names = 4};
	person_t more = {.name = {text_of("sip:anonymous@anonymous.invalid"),
							 text_of("sip:b2@x"), text_of("sip:b3@x"),
							 text_of("sip:b4@x")},
			.names = 4};

	conference_learn(w->bob, &bob);
	assert_int_equal(w->bob->names, 2);
	assert_ptr_equal(conference_find_uri(w->c, &TEXT("tel:+331")), w->bob);
	assert_ptr_equal(conference_find_uri(w->c, &TEXT("sip:carol@example.com")),
			w->carol);
	assert_string_equal(w->bob->entity.s, bob_uri);
	conference_learn(w->bob, &more);
	assert_int_equal(w->bob->names, IDENTITY_NAMES_MAX);
	assert_ptr_equal(conference_find_uri(w->c, &TEXT("sip:b3@x")), w->bob);
	assert_null(conference_find_uri(w->c, &TEXT("sip:b4@x")));
}


static void test_N8_another_name_is_told_of_who_is_seen(void **state)
{
	world_t *w = *state;

	conference_rename(w->alice, &TEXT("Al"), &w->fx);
	assert_string_equal(told(&w->fx), "NOTIFY");
	assert_string_equal(w->alice->nickname.s, "Al");
	assert_string_equal(w->alice->entity.s, alice_uri);
	conference_rename(w->alice, &TEXT("Al"), &w->fx);
	assert_string_equal(told(&w->fx), "");
	conference_rename(w->bob, &TEXT("Rob"), &w->fx);
	assert_string_equal(told(&w->fx), "");
	assert_string_equal(w->bob->nickname.s, "Rob");
	conference_rename(w->alice, &TEXT(""), &w->fx);
	assert_string_equal(told(&w->fx), "NOTIFY");
	assert_int_equal(w->alice->nickname.len, 0);
}


static void test_N8_a_nickname_is_one_persons_as_long_as_it_is_in(void **state)
{
	world_t *w = *state;
	str uri = text_of(bob_uri);

	conference_answered(w->bob, &w->fx);
	conference_rename(w->bob, &TEXT("Big  Bob"), &w->fx);
	assert_int_equal(conference_name_taken(w->alice, &TEXT("big bob")), 1);
	assert_int_equal(conference_name_taken(w->bob, &TEXT("BIG BOB")), 0);
	assert_int_equal(conference_name_taken(w->alice, &TEXT("Small Bob")), 0);
	/* nor what another one is shown as */
	assert_int_equal(conference_name_taken(w->alice, &uri), 1);
	assert_int_equal(conference_name_taken(w->alice, &TEXT("")), 0);
	conference_left(w->bob, DEPARTED_LEFT, &w->fx);
	assert_int_equal(w->bob->nickname.len, 0);
	assert_int_equal(conference_name_taken(w->alice, &TEXT("big bob")), 0);
}


static void test_M1_another_subject_is_told(void **state)
{
	world_t *w = *state;
	unsigned before = w->c->revision;

	conference_describe(w->c, &TEXT("lunch"), &w->fx);
	assert_string_equal(told(&w->fx), "");
	assert_int_equal(w->c->described, 0);
	conference_describe(w->c, &TEXT("dinner"), &w->fx);
	assert_string_equal(told(&w->fx), "NOTIFY");
	assert_string_equal(w->c->subject.s, "dinner");
	assert_int_equal(w->c->described, before + 1);
	conference_end(w->c, END_ADMIN, &w->fx);
	told(&w->fx);
	conference_describe(w->c, &TEXT("breakfast"), &w->fx);
	assert_string_equal(told(&w->fx), "");
	assert_string_equal(w->c->subject.s, "dinner");
}


static void test_N9_ringing_is_told_once(void **state)
{
	world_t *w = *state;

	conference_ringing(w->bob, &w->fx);
	assert_string_equal(told(&w->fx), "NOTIFY");
	assert_int_equal(w->bob->state, PARTICIPANT_ALERTING);
	conference_ringing(w->bob, &w->fx);
	assert_string_equal(told(&w->fx), "");
	conference_answered(w->bob, &w->fx);
	conference_ringing(w->bob, &w->fx);
	assert_string_equal(told(&w->fx), "ENTER 2 NOTIFY");
	assert_int_equal(w->bob->state, PARTICIPANT_CONNECTED);
}


static void test_A5_an_answer_brings_the_invitee_in(void **state)
{
	world_t *w = *state;

	conference_answered(w->bob, &w->fx);
	assert_string_equal(told(&w->fx), "ENTER 2 NOTIFY");
	assert_int_equal(w->c->present, 2);
	assert_int_equal(w->c->counted, 3);
	conference_answered(w->bob, &w->fx);
	assert_string_equal(told(&w->fx), "");
}


static void test_A5_an_answer_that_comes_too_late_gets_a_bye(void **state)
{
	world_t *w = *state;

	conference_remove(w->bob, DEPARTED_FAILED, END_NONE, &w->fx);
	assert_string_equal(told(&w->fx), "CANCEL 2 LEAVE 2 NOTIFY");
	conference_answered(w->bob, &w->fx);
	assert_string_equal(told(&w->fx), "BYE 2");
	assert_int_equal(w->bob->state, PARTICIPANT_GONE);
	assert_int_equal(w->c->present, 1);
	/* once it came back by itself its session is another one */
	assert_int_equal(join(w, bob_uri), JOIN_OK);
	conference_joined(w->bob, &w->fx);
	told(&w->fx);
	conference_answered(w->bob, &w->fx);
	assert_string_equal(told(&w->fx), "");
	assert_int_equal(w->bob->state, PARTICIPANT_CONNECTED);
}


static void test_N11_how_an_invitation_failed_is_kept(void **state)
{
	static const struct
	{
		int code;
		departure_t how;
	} cases[] = {{486, DEPARTED_BUSY}, {600, DEPARTED_BUSY},
			{603, DEPARTED_FAILED}, {408, DEPARTED_FAILED}};
	world_t *w;

	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set_up_joined(state);
		w = *state;
		conference_refused(w->bob, cases[i].code, &w->fx);
		assert_string_equal(told(&w->fx), "LEAVE 2 NOTIFY");
		assert_int_equal(w->bob->departure, cases[i].how);
		assert_int_equal(w->bob->code, cases[i].code);
		assert_int_equal(w->c->counted, 2);
		conference_refused(w->bob, 500, &w->fx);
		assert_string_equal(told(&w->fx), "");
		assert_int_equal(w->bob->code, cases[i].code);
		if(i + 1 < sizeof(cases) / sizeof(cases[0]))
			tear_down(state);
	}
}


static void test_leaving_is_told_once(void **state)
{
	world_t *w = *state;

	conference_answered(w->bob, &w->fx);
	told(&w->fx);
	conference_left(w->bob, DEPARTED_LEFT, &w->fx);
	assert_string_equal(told(&w->fx), "LEAVE 2 NOTIFY");
	assert_int_equal(w->bob->departure, DEPARTED_LEFT);
	conference_left(w->bob, DEPARTED_LEFT, &w->fx);
	assert_string_equal(told(&w->fx), "");
	/* who was never in cannot leave */
	conference_left(w->carol, DEPARTED_LEFT, &w->fx);
	assert_string_equal(told(&w->fx), "");
	assert_int_equal(w->carol->state, PARTICIPANT_INVITED);
}


static void test_the_last_one_to_leave_ends_the_conference(void **state)
{
	world_t *w = *state;

	conference_ringing(w->carol, &w->fx);
	told(&w->fx);
	conference_left(w->alice, DEPARTED_LEFT, &w->fx);
	assert_string_equal(told(&w->fx),
			"LEAVE 1 NOTIFY CANCEL 2 LEAVE 2 CANCEL 3 LEAVE 3 END");
	assert_true(w->c->ending);
	assert_int_equal(w->c->counted, 0);
	conference_end(w->c, END_ADMIN, &w->fx);
	conference_answered(w->bob, &w->fx);
	assert_string_equal(told(&w->fx), "");
	assert_int_equal(join(w, alice_uri), JOIN_OVER);
}


static void test_a_cancelled_creation_ends_before_it_began(void **state)
{
	world_t *w = *state;
	unsigned revision = w->c->revision;

	told(&w->fx);
	conference_join_failed(w->alice, &w->fx);
	assert_string_equal(told(&w->fx), "LEAVE 1 END");
	assert_false(w->alice->was_shown);
	assert_int_equal(w->c->revision, revision);
	conference_join_failed(w->alice, &w->fx);
	assert_string_equal(told(&w->fx), "");
}


static void test_remove_ends_whatever_there_is(void **state)
{
	world_t *w = *state;

	conference_answered(w->bob, &w->fx);
	told(&w->fx);
	conference_remove(w->bob, DEPARTED_FAILED, END_NO_ACK, &w->fx);
	assert_int_equal(w->fx.item[0].reason, END_NO_ACK);
	assert_string_equal(told(&w->fx), "BYE 2 LEAVE 2 NOTIFY");
	assert_int_equal(w->bob->departure, DEPARTED_FAILED);
	conference_remove(w->bob, DEPARTED_BOOTED, END_ADMIN, &w->fx);
	assert_string_equal(told(&w->fx), "");
	assert_int_equal(w->bob->departure, DEPARTED_FAILED);
	conference_ringing(w->carol, &w->fx);
	told(&w->fx);
	conference_remove(w->carol, DEPARTED_BOOTED, END_ADMIN, &w->fx);
	assert_string_equal(told(&w->fx), "CANCEL 3 LEAVE 3 NOTIFY");
	conference_remove(w->alice, DEPARTED_BOOTED, END_ADMIN, &w->fx);
	assert_string_equal(told(&w->fx), "BYE 1 LEAVE 1 NOTIFY END");
}


static void test_who_is_removed_while_waiting_is_never_invited(void **state)
{
	world_t *w = *state;

	told(&w->fx);
	conference_remove(w->bob, DEPARTED_BOOTED, END_NONE, &w->fx);
	assert_string_equal(told(&w->fx), "");
	assert_int_equal(w->c->counted, 2);
	assert_false(w->bob->was_shown);
	conference_joined(w->alice, &w->fx);
	assert_string_equal(told(&w->fx), "ENTER 1 INVITE 3 NOTIFY");
}


static void test_U1_a_conference_that_stays_says_when_it_is_empty(void **state)
{
	world_t *w = *state;
	participant_t *alice = TAILQ_FIRST(&w->c->participants);

	w->c->stays = 1;
	conference_left(alice, DEPARTED_LEFT, &w->fx);
	assert_string_equal(told(&w->fx), "LEAVE 1 NOTIFY EMPTY");
	assert_false(w->c->ending);
	conference_end(w->c, END_NONE, &w->fx);
	assert_true(w->c->ending);
	told(&w->fx);
}


static void test_N9_a_list_that_was_seen_ringing_is_seen_to_go(void **state)
{
	world_t *w = *state;
	person_t dave = person("sip:dave@example.com");

	conference_ringing(w->bob, &w->fx);
	assert_string_equal(told(&w->fx), "NOTIFY");
	assert_int_equal(conference_expand(w->bob, &dave, 1, &w->fx), 0);
	assert_string_equal(told(&w->fx), "LEAVE 2 NOTIFY INVITE 4");
	assert_int_equal(w->bob->left, w->c->revision);
}


static void test_A2_a_list_is_replaced_by_its_members(void **state)
{
	world_t *w = *state;
	person_t members[] = {person("sip:dave@example.com"),
			person("sip:alice@example.com"), person("sip:erin@example.com")};
	int counted = w->c->counted;
	participant_t *dave;

	assert_int_equal(conference_expand(w->bob, members, 3, &w->fx), 0);
	assert_string_equal(told(&w->fx), "LEAVE 2 INVITE 4 INVITE 5");
	assert_int_equal(w->bob->state, PARTICIPANT_GONE);
	assert_int_equal(w->c->counted, counted + 1);
	dave = conference_find(w->c, &members[0]);
	assert_int_equal(dave->depth, 1);
	assert_ptr_equal(dave->inviter, TAILQ_FIRST(&w->c->participants));
	w->c->max_participants = w->c->counted;
	members[1] = person("sip:frank@example.com");
	assert_int_equal(conference_expand(dave, members, 2, &w->fx), 0);
	assert_string_equal(told(&w->fx), "LEAVE 4 INVITE 6");
	members[0] = person("sip:grace@example.com");
	members[1] = person("sip:heidi@example.com");
	dave = conference_find_uri(w->c, &(str){"sip:frank@example.com", 21});
	assert_int_equal(conference_expand(dave, members, 2, &w->fx), 1);
	assert_string_equal(told(&w->fx), "LEAVE 6 INVITE 7");
}


static void test_end_hangs_up_on_everybody(void **state)
{
	world_t *w = *state;
	unsigned revision;

	conference_answered(w->bob, &w->fx);
	told(&w->fx);
	revision = w->c->revision;
	conference_end(w->c, END_ADMIN, &w->fx);
	assert_int_equal(w->fx.item[0].reason, END_ADMIN);
	assert_string_equal(
			told(&w->fx), "BYE 1 LEAVE 1 BYE 2 LEAVE 2 CANCEL 3 LEAVE 3 END");
	assert_int_equal(w->c->revision, revision);
	assert_int_equal(w->c->present, 0);
	assert_int_equal(w->alice->state, PARTICIPANT_GONE);
	conference_end(w->c, END_ADMIN, &w->fx);
	assert_string_equal(told(&w->fx), "");
}


static void test_end_of_a_conference_nobody_founded(void **state)
{
	world_t *w = *state;
	person_t alice = person(alice_uri);
	participant_t *p;

	conference_end(w->c, END_ADMIN, &w->fx);
	assert_string_equal(told(&w->fx), "END");
	assert_int_equal(
			conference_found(w->c, &alice, NULL, 0, &w->fx, &p), JOIN_OVER);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_create_copies_what_it_is_given),
			FOUNDED(test_A5_nobody_is_invited_before_the_creator_is_in),
			EMPTY(test_A2_duplicates_and_the_creators_own_names_are_dropped),
			EMPTY(test_A3_list_over_the_limit_is_refused_as_a_whole),
			FOUNDED(test_a_conference_is_founded_once),
			EMPTY(test_A2_a_bad_name_in_the_list_refuses_it_as_a_whole),
			EMPTY(test_A2_ten_thousand_invitees),
			EMPTY(test_N6_entity_is_as_written_in_the_list),
			EMPTY(test_N5_two_anonymous_users_differ),
			EMPTY(test_N5_the_anonymous_have_no_display_name),
			JOINED(test_N7_an_invitee_may_turn_anonymous_before_it_is_shown),
			JOINED(test_G12_an_answer_asserts_more_names),
			JOINED(test_N8_another_name_is_told_of_who_is_seen),
			JOINED(test_N8_a_nickname_is_one_persons_as_long_as_it_is_in),
			JOINED(test_M1_another_subject_is_told),
			JOINED(test_N9_ringing_is_told_once),
			JOINED(test_A5_an_answer_brings_the_invitee_in),
			JOINED(test_A5_an_answer_that_comes_too_late_gets_a_bye),
			cmocka_unit_test_teardown(
					test_N11_how_an_invitation_failed_is_kept, tear_down),
			JOINED(test_leaving_is_told_once),
			JOINED(test_the_last_one_to_leave_ends_the_conference),
			FOUNDED(test_a_cancelled_creation_ends_before_it_began),
			JOINED(test_remove_ends_whatever_there_is),
			FOUNDED(test_who_is_removed_while_waiting_is_never_invited),
			JOINED(test_A2_a_list_is_replaced_by_its_members),
			JOINED(test_N9_a_list_that_was_seen_ringing_is_seen_to_go),
			JOINED(test_U1_a_conference_that_stays_says_when_it_is_empty),
			JOINED(test_end_hangs_up_on_everybody),
			EMPTY(test_end_of_a_conference_nobody_founded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
