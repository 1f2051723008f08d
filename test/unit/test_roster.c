/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of model/roster.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "model/roster.h"
#include "model_helpers.h"

typedef struct world
{
	conference_t *c;
	effects_t fx;
	participant_t *alice, *bob, *carol;
} world_t;


static int set_up(void **state)
{
	static world_t w;
	person_t alice = person("sip:alice@example.com");
	person_t invited[] = {person("sip:bob@example.com"), person("tel:+33-1")};

	effects_init(&w.fx);
	w.c = make_conference(0);
	assert_non_null(w.c);
	invited[1].display = text_of("Carol");
	assert_int_equal(
			conference_found(w.c, &alice, invited, 2, &w.fx, &w.alice), 0);
	w.bob = conference_find(w.c, &invited[0]);
	w.carol = conference_find(w.c, &invited[1]);
	assert_non_null(w.bob);
	assert_non_null(w.carol);
	*state = &w;
	return 0;
}


static int tear_down(void **state)
{
	world_t *w = *state;

	conference_destroy(w->c);
	effects_free(&w->fx);
	return 0;
}


static void add_line(const roster_line_t *line, void *arg)
{
	static const char *const word[] = {
			"alerting", "connected", "disconnected", "deleted"};
	static const char *const how[] = {
			"", " left", " booted", " failed", " busy"};
	char *text = arg, code[16] = "";

	if(line->code)
		snprintf(code, sizeof(code), " %d", line->code);
	sprintf(text + strlen(text), "%u %s%s%s, ", line->participant->number,
			word[line->status], how[line->departure], code);
}


static const roster_view_t two_step = {ROSTER_TWO_STEP, 1};
static const roster_view_t at_once = {ROSTER_DELETE, 1};
static const roster_view_t never_deleted = {ROSTER_DISCONNECT, 1};
static const roster_view_t no_alerting = {ROSTER_TWO_STEP, 0};

/* The whole roster as "1 connected, 2 alerting, " */
static const char *whole(
		const world_t *w, const roster_view_t *view, const roster_told_t *told)
{
	static char text[512];

	text[0] = '\0';
	roster_full(w->c, view, told, add_line, text);
	return text;
}


/* As for somebody who subscribes now. */
static const char *now(const world_t *w)
{
	roster_told_t told = roster_told_nothing(w->c);

	return whole(w, &two_step, &told);
}


static const char *difference(
		const world_t *w, const roster_view_t *view, const roster_told_t *told)
{
	static char text[512];

	text[0] = '\0';
	roster_difference(w->c, view, told, add_line, text);
	return text;
}


/* A watcher takes its next document, which is a difference. */
static const char *next(
		const world_t *w, const roster_view_t *view, roster_told_t *told)
{
	const char *text = difference(w, view, told);

	*told = roster_told_until(told, 0, w->c->revision);
	return text;
}


/* What a watcher knows who has just been told everything. */
static roster_told_t up_to_date(const world_t *w)
{
	roster_told_t told = roster_told_nothing(w->c);

	return roster_told_until(&told, 1, w->c->revision);
}


static int has_news(const world_t *w, const roster_told_t *told)
{
	return roster_has_news(w->c, &two_step, told);
}


static void leave(world_t *w, participant_t *p)
{
	conference_left(p, DEPARTED_LEFT, &w->fx);
}


static void come_back(world_t *w, participant_t *p)
{
	person_t who = {.name = {p->name[0].uri}, .names = 1};
	participant_t *again;

	assert_int_equal(conference_join(w->c, &who, 0, &w->fx, &again), JOIN_OK);
	assert_ptr_equal(again, p);
	conference_joined(p, &w->fx);
}


static void test_N9_invitees_are_shown_from_their_180_on(void **state)
{
	world_t *w = *state;

	assert_string_equal(now(w), "");
	conference_joined(w->alice, &w->fx);
	assert_string_equal(now(w), "1 connected, ");
	conference_ringing(w->carol, &w->fx);
	assert_string_equal(now(w), "1 connected, 3 alerting, ");
	conference_answered(w->carol, &w->fx);
	conference_answered(w->bob, &w->fx);
	assert_string_equal(now(w), "1 connected, 3 connected, 2 connected, ");
}


static void test_N9_who_went_is_disconnected_once_and_then_deleted(void **state)
{
	world_t *w = *state;
	roster_told_t told;

	conference_joined(w->alice, &w->fx);
	conference_answered(w->bob, &w->fx);
	told = up_to_date(w);
	assert_string_equal(difference(w, &two_step, &told), "");
	assert_false(has_news(w, &told));
	leave(w, w->bob);
	assert_true(has_news(w, &told));
	assert_string_equal(
			whole(w, &two_step, &told), "1 connected, 2 disconnected left, ");
	assert_string_equal(next(w, &two_step, &told), "2 disconnected left, ");
	assert_string_equal(now(w), "1 connected, ");
	/* what is owed is no reason to send */
	assert_false(has_news(w, &told));
	conference_ringing(w->carol, &w->fx);
	assert_true(has_news(w, &told));
	assert_string_equal(next(w, &two_step, &told), "2 deleted, 3 alerting, ");
	assert_string_equal(next(w, &two_step, &told), "");
}


static void test_N9_departures_otherwise(void **state)
{
	world_t *w = *state;
	roster_told_t told, same;

	conference_joined(w->alice, &w->fx);
	conference_answered(w->bob, &w->fx);
	told = same = up_to_date(w);
	leave(w, w->bob);
	assert_string_equal(whole(w, &at_once, &told), "1 connected, ");
	assert_string_equal(next(w, &at_once, &told), "2 deleted, ");
	assert_string_equal(next(w, &at_once, &told), "");
	assert_string_equal(
			next(w, &never_deleted, &same), "2 disconnected left, ");
	assert_string_equal(next(w, &never_deleted, &same), "");
}


static void test_N9_a_refusal_without_180_is_shown_once(void **state)
{
	world_t *w = *state;
	roster_told_t told, same;

	conference_joined(w->alice, &w->fx);
	told = same = up_to_date(w);
	conference_refused(w->bob, 486, &w->fx);
	conference_refused(w->carol, 603, &w->fx);
	assert_string_equal(whole(w, &two_step, &told),
			"1 connected, 2 disconnected busy 486, "
			"3 disconnected failed 603, ");
	assert_string_equal(next(w, &two_step, &told),
			"2 disconnected busy 486, 3 disconnected failed 603, ");
	assert_string_equal(next(w, &two_step, &told), "2 deleted, 3 deleted, ");
	/* nobody it knows */
	assert_string_equal(next(w, &at_once, &same), "");
	assert_string_equal(now(w), "1 connected, ");
}


static void test_N9_without_alerting_who_rings_is_nobody(void **state)
{
	world_t *w = *state;
	roster_told_t told;

	conference_joined(w->alice, &w->fx);
	told = up_to_date(w);
	conference_ringing(w->bob, &w->fx);
	assert_false(roster_has_news(w->c, &no_alerting, &told));
	assert_string_equal(whole(w, &no_alerting, &told), "1 connected, ");
	assert_string_equal(next(w, &no_alerting, &told), "");
	conference_answered(w->bob, &w->fx);
	assert_string_equal(next(w, &no_alerting, &told), "2 connected, ");
}


static void test_N1_who_came_and_went_meanwhile(void **state)
{
	world_t *w = *state;
	roster_told_t told, same;

	conference_joined(w->alice, &w->fx);
	told = same = up_to_date(w);
	conference_ringing(w->bob, &w->fx);
	conference_answered(w->bob, &w->fx);
	leave(w, w->bob);
	assert_string_equal(next(w, &two_step, &told), "2 disconnected left, ");
	assert_string_equal(next(w, &two_step, &told), "2 deleted, ");
	assert_string_equal(next(w, &at_once, &same), "");
}


static void test_N1_who_went_and_came_back_meanwhile(void **state)
{
	world_t *w = *state;
	roster_told_t told, late;

	conference_joined(w->alice, &w->fx);
	conference_answered(w->bob, &w->fx);
	told = late = up_to_date(w);
	leave(w, w->bob);
	assert_string_equal(next(w, &two_step, &told), "2 disconnected left, ");
	come_back(w, w->bob);
	assert_string_equal(next(w, &two_step, &told), "2 connected, ");
	assert_string_equal(difference(w, &two_step, &late), "2 connected, ");
	leave(w, w->bob);
	assert_string_equal(next(w, &two_step, &told), "2 disconnected left, ");
	/* known, though what it knew is two sessions ago */
	assert_string_equal(next(w, &at_once, &late), "2 deleted, ");
}


static void test_N8_another_name_twice_is_one_line(void **state)
{
	world_t *w = *state;
	roster_told_t told;

	conference_joined(w->alice, &w->fx);
	conference_answered(w->bob, &w->fx);
	told = up_to_date(w);
	conference_rename(w->alice, &TEXT("Al"), &w->fx);
	conference_rename(w->alice, &TEXT("Alice"), &w->fx);
	assert_string_equal(next(w, &two_step, &told), "1 connected, ");
	assert_string_equal(now(w), "2 connected, 1 connected, ");
}


static void test_J1_who_is_coming_back_is_gone_until_it_is_in(void **state)
{
	world_t *w = *state;
	person_t bob = person("sip:bob@example.com");
	roster_told_t told;
	participant_t *again;

	conference_joined(w->alice, &w->fx);
	conference_answered(w->bob, &w->fx);
	told = up_to_date(w);
	leave(w, w->bob);
	assert_int_equal(conference_join(w->c, &bob, 0, &w->fx, &again), JOIN_OK);
	assert_string_equal(
			difference(w, &two_step, &told), "2 disconnected left, ");
	assert_string_equal(now(w), "1 connected, ");
	conference_joined(again, &w->fx);
	assert_string_equal(difference(w, &two_step, &told), "2 connected, ");
}


static void test_J2_a_replaced_session_stays_connected(void **state)
{
	world_t *w = *state;
	person_t bob = person("sip:bob@example.com");
	roster_told_t told;
	participant_t *again;

	conference_joined(w->alice, &w->fx);
	conference_answered(w->bob, &w->fx);
	told = up_to_date(w);
	assert_int_equal(conference_join(w->c, &bob, 0, &w->fx, &again), JOIN_OK);
	assert_string_equal(now(w), "1 connected, 2 connected, ");
	conference_join_failed(again, &w->fx);
	assert_string_equal(
			difference(w, &two_step, &told), "2 disconnected left, ");
}


/* A document that had to be cut goes on as a difference. */
static void test_N1_what_was_cut_off_comes_next(void **state)
{
	world_t *w = *state;
	roster_told_t told;

	conference_joined(w->alice, &w->fx);
	conference_answered(w->bob, &w->fx);
	conference_answered(w->carol, &w->fx);
	told = roster_told_nothing(w->c);
	told = roster_told_until(&told, 1, w->alice->changed);
	assert_true(has_news(w, &told));
	assert_string_equal(
			difference(w, &two_step, &told), "2 connected, 3 connected, ");
	/* one of those not told yet goes, another one changes */
	leave(w, w->bob);
	conference_rename(w->carol, &TEXT("Caro"), &w->fx);
	assert_string_equal(difference(w, &two_step, &told),
			"2 disconnected left, 3 connected, ");
	told = roster_told_until(&told, 0, w->bob->changed);
	assert_string_equal(next(w, &two_step, &told), "2 deleted, 3 connected, ");
	assert_string_equal(next(w, &two_step, &told), "");
}


/* Neither is told of what was before it came. */
static void test_S4_departures_before_are_no_news(void **state)
{
	world_t *w = *state;
	roster_told_t told;

	conference_joined(w->alice, &w->fx);
	conference_answered(w->bob, &w->fx);
	leave(w, w->bob);
	conference_rename(w->alice, &TEXT("Al"), &w->fx);
	told = roster_told_nothing(w->c);
	assert_string_equal(whole(w, &two_step, &told), "1 connected, ");
	told = roster_told_until(&told, 1, w->alice->changed - 1);
	assert_string_equal(difference(w, &two_step, &told), "1 connected, ");
}


static void test_N1_equal_needs_are_found_equal(void **state)
{
	world_t *w = *state;
	roster_told_t early, late;

	conference_joined(w->alice, &w->fx);
	early = up_to_date(w);
	conference_rename(w->alice, &TEXT("Al"), &w->fx);
	late = up_to_date(w);
	conference_rename(w->alice, &TEXT("Alice"), &w->fx);
	conference_answered(w->bob, &w->fx);
	/* both are owed alice and bob */
	roster_told_trim(w->c, 0, &early);
	roster_told_trim(w->c, 0, &late);
	assert_memory_equal(&early, &late, sizeof(early));
	/* one is owed bob's departure besides */
	leave(w, w->bob);
	early = late = up_to_date(w);
	come_back(w, w->bob);
	leave(w, w->bob);
	late = up_to_date(w);
	roster_told_trim(w->c, 0, &early);
	roster_told_trim(w->c, 0, &late);
	assert_memory_not_equal(&early, &late, sizeof(early));
}


static void test_tombstones_are_given_up(void **state)
{
	world_t *w = *state;
	roster_told_t told;

	conference_joined(w->alice, &w->fx);
	conference_answered(w->bob, &w->fx);
	told = up_to_date(w);
	leave(w, w->bob);
	assert_int_equal(w->c->tombstones, 1);
	conference_forget(w->c, told.deletions);
	assert_int_equal(w->c->tombstones, 1);
	next(w, &two_step, &told);
	conference_forget(w->c, told.deletions);
	assert_string_equal(difference(w, &two_step, &told), "2 deleted, ");
	next(w, &two_step, &told);
	conference_forget(w->c, told.deletions);
	assert_int_equal(w->c->tombstones, 0);
	assert_false(w->bob->noted);
	/* and it can come back none the less */
	come_back(w, w->bob);
	assert_string_equal(next(w, &two_step, &told), "2 connected, ");
	assert_int_equal(w->c->tombstones, 0);
}


static void keep_line(const roster_line_t *line, void *arg)
{
	*(roster_line_t *)arg = *line;
}


static void test_lines_carry_entity_and_display_name(void **state)
{
	world_t *w = *state;
	roster_line_t line = {0};
	roster_told_t told;

	conference_joined(w->alice, &w->fx);
	conference_answered(w->carol, &w->fx);
	leave(w, w->alice);
	told = roster_told_nothing(w->c);
	roster_full(w->c, &two_step, &told, keep_line, &line);
	assert_ptr_equal(line.participant, w->carol);
	assert_string_equal(line.entity.s, "tel:+33-1");
	assert_string_equal(line.display.s, "Carol");
	assert_int_equal(line.departure, DEPARTED_NOT);
	assert_int_equal(line.changed, w->carol->changed);
}


static void test_the_end_leaves_nobody(void **state)
{
	world_t *w = *state;
	roster_told_t told;

	conference_joined(w->alice, &w->fx);
	conference_ringing(w->bob, &w->fx);
	told = up_to_date(w);
	leave(w, w->alice);
	assert_true(w->c->ending);
	assert_string_equal(difference(w, &two_step, &told),
			"1 disconnected left, 2 disconnected booted, ");
	assert_string_equal(now(w), "");
}


#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
			TEST(test_N9_invitees_are_shown_from_their_180_on),
			TEST(test_N9_who_went_is_disconnected_once_and_then_deleted),
			TEST(test_N9_departures_otherwise),
			TEST(test_N9_a_refusal_without_180_is_shown_once),
			TEST(test_N9_without_alerting_who_rings_is_nobody),
			TEST(test_N1_who_came_and_went_meanwhile),
			TEST(test_N1_who_went_and_came_back_meanwhile),
			TEST(test_N8_another_name_twice_is_one_line),
			TEST(test_J1_who_is_coming_back_is_gone_until_it_is_in),
			TEST(test_J2_a_replaced_session_stays_connected),
			TEST(test_N1_what_was_cut_off_comes_next),
			TEST(test_S4_departures_before_are_no_news),
			TEST(test_N1_equal_needs_are_found_equal),
			TEST(test_tombstones_are_given_up),
			TEST(test_lines_carry_entity_and_display_name),
			TEST(test_the_end_leaves_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
