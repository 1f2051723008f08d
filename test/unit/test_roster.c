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
	static const char *const word[] = {"alerting", "connected", "disconnected"};
	static const char *const how[] = {
			"", " left", " booted", " failed", " busy"};
	char *text = arg, code[16] = "";

	if(line->code)
		snprintf(code, sizeof(code), " %d", line->code);
	sprintf(text + strlen(text), "%u%s %s%s%s, ", line->participant->number,
			line->own ? " own" : "", word[line->status], how[line->departure],
			code);
}


/* The roster as "1 own connected, 2 alerting, " */
static const char *shown(
		const world_t *w, const participant_t *watcher, unsigned since)
{
	static char text[512];

	text[0] = '\0';
	roster_each(w->c, watcher, since, add_line, text);
	return text;
}


static const char *now(const world_t *w)
{
	return shown(w, NULL, w->c->revision);
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
	assert_string_equal(now(w), "1 connected, 2 connected, 3 connected, ");
}


static void test_N9_disconnected_is_shown_once(void **state)
{
	world_t *w = *state;
	unsigned before;

	conference_joined(w->alice, &w->fx);
	conference_answered(w->bob, &w->fx);
	before = w->c->revision;
	conference_left(w->bob, DEPARTED_LEFT, &w->fx);
	assert_string_equal(
			shown(w, NULL, before), "1 connected, 2 disconnected left, ");
	assert_string_equal(now(w), "1 connected, ");
	before = w->c->revision;
	conference_ringing(w->carol, &w->fx);
	assert_string_equal(shown(w, NULL, before), "1 connected, 3 alerting, ");
}


static void test_N9_a_refusal_without_180_is_shown_once(void **state)
{
	world_t *w = *state;
	unsigned before;

	conference_joined(w->alice, &w->fx);
	before = w->c->revision;
	conference_refused(w->bob, 486, &w->fx);
	conference_refused(w->carol, 603, &w->fx);
	assert_string_equal(shown(w, NULL, before),
			"1 connected, 2 disconnected busy 486, "
			"3 disconnected failed 603, ");
	assert_string_equal(now(w), "1 connected, ");
}


static void test_N10_own_is_the_watcher_alone(void **state)
{
	world_t *w = *state;

	conference_joined(w->alice, &w->fx);
	conference_answered(w->bob, &w->fx);
	assert_string_equal(
			shown(w, w->bob, w->c->revision), "1 connected, 2 own connected, ");
	assert_string_equal(
			shown(w, w->carol, w->c->revision), "1 connected, 2 connected, ");
}


static void test_J1_who_comes_back_is_shown_again(void **state)
{
	world_t *w = *state;
	person_t bob = person("sip:bob@example.com");
	participant_t *again;
	unsigned before;

	conference_joined(w->alice, &w->fx);
	conference_answered(w->bob, &w->fx);
	before = w->c->revision;
	conference_left(w->bob, DEPARTED_LEFT, &w->fx);
	assert_int_equal(conference_join(w->c, &bob, 0, &w->fx, &again), JOIN_OK);
	/* not told yet that it had gone, and not in yet */
	assert_string_equal(
			shown(w, NULL, before), "1 connected, 2 disconnected left, ");
	assert_string_equal(now(w), "1 connected, ");
	conference_joined(again, &w->fx);
	assert_string_equal(shown(w, NULL, before), "1 connected, 2 connected, ");
}


static void test_J2_a_replaced_session_stays_connected(void **state)
{
	world_t *w = *state;
	person_t bob = person("sip:bob@example.com");
	participant_t *again;
	unsigned before;

	conference_joined(w->alice, &w->fx);
	conference_answered(w->bob, &w->fx);
	before = w->c->revision;
	assert_int_equal(conference_join(w->c, &bob, 0, &w->fx, &again), JOIN_OK);
	assert_string_equal(now(w), "1 connected, 2 connected, ");
	conference_join_failed(again, &w->fx);
	assert_string_equal(
			shown(w, NULL, before), "1 connected, 2 disconnected left, ");
}


static void keep_line(const roster_line_t *line, void *arg)
{
	*(roster_line_t *)arg = *line;
}


static void test_lines_carry_entity_and_display_name(void **state)
{
	world_t *w = *state;
	roster_line_t line = {0};

	conference_joined(w->alice, &w->fx);
	conference_answered(w->carol, &w->fx);
	conference_left(w->alice, DEPARTED_LEFT, &w->fx);
	roster_each(w->c, NULL, w->c->revision, keep_line, &line);
	assert_ptr_equal(line.participant, w->carol);
	assert_string_equal(line.entity.s, "tel:+33-1");
	assert_string_equal(line.display.s, "Carol");
	assert_int_equal(line.departure, DEPARTED_NOT);
}


static void test_the_end_leaves_nobody(void **state)
{
	world_t *w = *state;
	unsigned before;

	conference_joined(w->alice, &w->fx);
	conference_ringing(w->bob, &w->fx);
	before = w->c->revision;
	conference_left(w->alice, DEPARTED_LEFT, &w->fx);
	assert_true(w->c->ending);
	assert_string_equal(shown(w, NULL, before),
			"1 disconnected left, 2 disconnected booted, ");
	assert_string_equal(now(w), "");
}


#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
			TEST(test_N9_invitees_are_shown_from_their_180_on),
			TEST(test_N9_disconnected_is_shown_once),
			TEST(test_N9_a_refusal_without_180_is_shown_once),
			TEST(test_N10_own_is_the_watcher_alone),
			TEST(test_J1_who_comes_back_is_shown_again),
			TEST(test_J2_a_replaced_session_stays_connected),
			TEST(test_lines_carry_entity_and_display_name),
			TEST(test_the_end_leaves_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
