/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of worker/effect_runner. Conferences die with END as in a worker,
 * so the address sanitizer sees whoever touches a dead one.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "worker/effect_runner.h"
#include "worker/worker.h"

static char diary[512];
static effects_t more; /* what the next handler of ENTER hands in */
static conference_t *more_for;

static void note(const char *what, const conference_t *c)
{
	size_t len = strlen(diary);

	snprintf(diary + len, sizeof(diary) - len, "%s:%.*s ", what,
			TEXT_ARG(&c->token));
}


void worker_remove_conference(conference_t *c)
{
	note("gone", c);
	free(c);
}


static void on_notify(conference_t *c, participant_t *p, end_reason_t reason)
{
	assert_null(p);
	note("notify", c);
}


static void on_enter(conference_t *c, participant_t *p, end_reason_t reason)
{
	note("enter", c);
	if(more.count)
		effects_run(more_for, &more);
	note("entered", c);
}


static void on_bye(conference_t *c, participant_t *p, end_reason_t reason)
{
	assert_non_null(p);
	assert_int_equal(reason, END_ADMIN);
	note("bye", c);
}


static void on_end(conference_t *c, participant_t *p, end_reason_t reason)
{
	note("end", c);
}


static void on_end_too(conference_t *c, participant_t *p, end_reason_t reason)
{
	note("end-too", c);
}


static int register_handlers(void **state)
{
	effects_on(EFFECT_NOTIFY, on_notify);
	effects_on(EFFECT_ENTER, on_enter);
	effects_on(EFFECT_BYE, on_bye);
	effects_on(EFFECT_END, on_end);
	effects_on(EFFECT_END, on_end_too);
	return 0;
}


static int setup(void **state)
{
	diary[0] = 0;
	effects_init(&more);
	return 0;
}


static conference_t *make(const char *token)
{
	conference_t *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	c->token = (str){(char *)token, (int)strlen(token)};
	return c;
}


static void test_in_order(void **state)
{
	conference_t *c = make("a");
	participant_t p = {0};
	effects_t fx;

	effects_init(&fx);
	effects_add(&fx, EFFECT_BYE, &p, END_ADMIN);
	effects_add(&fx, EFFECT_ENTER, &p, END_NONE);
	effects_add(&fx, EFFECT_LEAVE, &p, END_NONE);
	effects_add(&fx, EFFECT_NOTIFY, NULL, END_NONE);
	effects_run(c, &fx);
	assert_string_equal(diary, "bye:a enter:a entered:a notify:a ");
	assert_int_equal(fx.count, 0);
	assert_null(fx.item);
	free(c);
}


static void test_what_handlers_ask_for_comes_behind(void **state)
{
	conference_t *c = make("a");
	participant_t p = {0};
	effects_t fx;

	effects_init(&fx);
	effects_add(&fx, EFFECT_ENTER, &p, END_NONE);
	effects_add(&fx, EFFECT_NOTIFY, NULL, END_NONE);
	effects_add(&more, EFFECT_BYE, &p, END_ADMIN);
	more_for = c;
	effects_run(c, &fx);
	assert_string_equal(diary, "enter:a entered:a notify:a bye:a ");
	free(c);
}


static void test_nothing_after_end(void **state)
{
	conference_t *c = make("a");
	participant_t p = {0};
	effects_t fx;

	effects_init(&fx);
	effects_add(&fx, EFFECT_ENTER, &p, END_NONE);
	effects_add(&fx, EFFECT_END, NULL, END_NONE);
	effects_add(&more, EFFECT_NOTIFY, NULL, END_NONE);
	more_for = c;
	effects_run(c, &fx);
	assert_string_equal(diary, "enter:a entered:a end:a end-too:a gone:a ");
}


static void test_other_conferences_go_on(void **state)
{
	conference_t *a = make("a"), *b = make("b");
	participant_t p = {0};
	effects_t fx;

	effects_init(&fx);
	effects_add(&fx, EFFECT_ENTER, &p, END_NONE);
	effects_add(&fx, EFFECT_END, NULL, END_NONE);
	effects_add(&more, EFFECT_NOTIFY, NULL, END_NONE);
	more_for = b;
	effects_run(a, &fx);
	assert_string_equal(
			diary, "enter:a entered:a end:a end-too:a gone:a notify:b ");
	free(b);
}


/* more than the queue's first size, handed in while it is being worked off */
static void test_many(void **state)
{
	conference_t *c = make("a");
	participant_t p = {0};
	effects_t fx;

	effects_init(&fx);
	effects_add(&fx, EFFECT_ENTER, &p, END_NONE);
	for(int i = 0; i < 1000; i++)
		effects_add(&more, EFFECT_LEAVE, &p, END_NONE);
	effects_add(&more, EFFECT_END, NULL, END_NONE);
	more_for = c;
	effects_run(c, &fx);
	assert_string_equal(diary, "enter:a entered:a end:a end-too:a gone:a ");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test_setup(test_in_order, setup),
			cmocka_unit_test_setup(
					test_what_handlers_ask_for_comes_behind, setup),
			cmocka_unit_test_setup(test_nothing_after_end, setup),
			cmocka_unit_test_setup(test_other_conferences_go_on, setup),
			cmocka_unit_test_setup(test_many, setup),
	};

	return cmocka_run_group_tests(tests, register_handlers, NULL);
}
