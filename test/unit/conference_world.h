/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tests of model/conference share: a conference that is empty,
 * founded or joined.
 */
#ifndef IMCONF_TEST_CONFERENCE_WORLD_H
#define IMCONF_TEST_CONFERENCE_WORLD_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "model_helpers.h"

#define EMPTY(fn) cmocka_unit_test_setup_teardown(fn, set_up_empty, tear_down)
#define FOUNDED(fn) \
	cmocka_unit_test_setup_teardown(fn, set_up_founded, tear_down)
#define JOINED(fn) cmocka_unit_test_setup_teardown(fn, set_up_joined, tear_down)

typedef struct world
{
	conference_t *c;
	effects_t fx;
	participant_t *alice, *bob, *carol;
} world_t;

static const char *const alice_uri = "sip:alice@example.com";
static const char *const bob_uri = "sip:bob@example.com";
static const char *const carol_uri = "sip:carol@example.com";


__attribute__((unused)) static int set_up_empty(void **state)
{
	static world_t w;

	memset(&w, 0, sizeof(w));
	effects_init(&w.fx);
	w.c = make_conference(0);
	assert_non_null(w.c);
	*state = &w;
	return 0;
}


/* alice is JOINING, bob and carol are WAITING */
__attribute__((unused)) static int set_up_founded(void **state)
{
	person_t alice = person(alice_uri);
	person_t invited[] = {person(bob_uri), person(carol_uri)};
	world_t *w;

	set_up_empty(state);
	w = *state;
	assert_int_equal(
			conference_found(w->c, &alice, invited, 2, &w->fx, &w->alice), 0);
	w->bob = conference_find(w->c, &invited[0]);
	w->carol = conference_find(w->c, &invited[1]);
	assert_non_null(w->bob);
	assert_non_null(w->carol);
	return 0;
}


/* alice is in, bob and carol are INVITED */
__attribute__((unused)) static int set_up_joined(void **state)
{
	world_t *w;

	set_up_founded(state);
	w = *state;
	conference_joined(w->alice, &w->fx);
	w->fx.count = 0;
	return 0;
}


__attribute__((unused)) static int tear_down(void **state)
{
	world_t *w = *state;

	assert_false(w->fx.failed);
	conference_destroy(w->c);
	effects_free(&w->fx);
	return 0;
}


__attribute__((unused)) static join_result_t join(world_t *w, const char *uri)
{
	person_t who = person(uri);
	participant_t *p;

	return conference_join(w->c, &who, 0, &w->fx, &p);
}

#endif
