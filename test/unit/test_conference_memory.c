/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the model when memory is out: every allocation of every
 * transition fails once, and nothing has changed then.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "alloc_fault.h"
#include "model_helpers.h"

#define INVITED 20

typedef struct world
{
	conference_t *c;
	effects_t fx;
	participant_t *creator;
	person_t people[INVITED + 1];
} world_t;

static char uris[INVITED + 1][40];


static void set_up(world_t *w, int found)
{
	memset(w, 0, sizeof(*w));
	effects_init(&w->fx);
	w->c = make_conference(0);
	assert_non_null(w->c);
	for(int i = 0; i <= INVITED; i++) {
		snprintf(uris[i], sizeof(uris[i]), "sip:user%d@example.com", i);
		w->people[i] = person(uris[i]);
	}
	/* one with several names, and one without a name of its own */
	w->people[1].name[1] = text_of("tel:+331");
	w->people[1].names = 2;
	w->people[2] = person("sip:anonymous@anonymous.invalid");
	if(found)
		assert_int_equal(conference_found(w->c, w->people, w->people + 1,
								 INVITED, &w->fx, &w->creator),
				JOIN_OK);
}


/* Leaves no room for effects, so that the next one needs memory. */
static void drop_effects(world_t *w)
{
	effects_free(&w->fx);
}


static void tear_down(world_t *w)
{
	fail_after = 0;
	conference_destroy(w->c);
	effects_free(&w->fx);
}


static void test_no_conference_without_memory(void **state)
{
	conference_t *c = NULL;
	long failed = 0;

	(void)state;
	while(c == NULL) {
		fail_after = ++failed;
		c = make_conference(0);
		assert_true(c == NULL || fail_after > 0);
	}
	fail_after = 0;
	assert_true(failed > 4);
	conference_destroy(c);
}


static void check_unfounded(const world_t *w)
{
	assert_null(w->creator);
	assert_true(TAILQ_EMPTY(&w->c->participants));
	assert_int_equal(w->c->by_name.count, 0);
	assert_int_equal(w->c->counted, 0);
	assert_int_equal(w->c->present, 0);
	assert_int_equal(w->c->last_number, 0);
	assert_int_equal(w->fx.count, 0);
}


static void test_no_founding_without_memory(void **state)
{
	long failed = 0, harmless = 0, last;
	join_result_t rc;
	world_t w;

	(void)state;
	do {
		set_up(&w, 0);
		fail_after = ++failed;
		rc = conference_found(
				w.c, w.people, w.people + 1, INVITED, &w.fx, &w.creator);
		last = fail_after;
		fail_after = 0;
		if(rc == JOIN_MEMORY)
			check_unfounded(&w);
		else
			assert_int_equal(rc, JOIN_OK);
		harmless += rc == JOIN_OK && last == 0;
		tear_down(&w);
	} while(last == 0);
	assert_int_equal(rc, JOIN_OK);
	/* a map that cannot grow gets slower, nothing else */
	assert_int_equal(harmless, 1);
	assert_true(failed > 5 * INVITED);
}


static void test_no_rejoin_without_memory(void **state)
{
	join_result_t rc = JOIN_MEMORY;
	participant_t *p, *again;
	long failed = 0;
	world_t w;

	(void)state;
	while(rc == JOIN_MEMORY) {
		set_up(&w, 1);
		conference_joined(w.creator, &w.fx);
		p = conference_find(w.c, &w.people[1]);
		conference_refused(p, 486, &w.fx);
		drop_effects(&w);
		fail_after = ++failed;
		rc = conference_join(w.c, &w.people[1], 0, &w.fx, &again);
		if(rc == JOIN_MEMORY) {
			assert_null(again);
			assert_int_equal(p->state, PARTICIPANT_GONE);
			assert_int_equal(w.c->present, 1);
			assert_int_equal(w.fx.count, 0);
		}
		tear_down(&w);
	}
	assert_int_equal(rc, JOIN_OK);
	assert_true(failed > 1);
}


/* the first and the last of the invited went, and one is new */
static void test_R5_nobody_is_invited_without_memory(void **state)
{
	join_result_t rc = JOIN_MEMORY;
	participant_t *p;
	long failed = 0, out = 0;
	world_t w;

	(void)state;
	while(rc == JOIN_MEMORY || out) {
		set_up(&w, 1);
		conference_joined(w.creator, &w.fx);
		p = conference_find(w.c, &w.people[INVITED]);
		conference_refused(p, 486, &w.fx);
		drop_effects(&w);
		w.people[2] = person("tel:+12");
		fail_after = ++failed;
		rc = conference_invite(w.c, w.creator, w.people, INVITED + 1, &w.fx);
		out = fail_after == 0;
		fail_after = 0;
		assert_int_equal(p->state,
				rc == JOIN_OK ? PARTICIPANT_INVITED : PARTICIPANT_GONE);
		assert_int_equal(w.c->counted, INVITED + (rc == JOIN_OK ? 2 : 0));
		assert_int_equal(w.fx.count, rc == JOIN_OK ? 2 : 0);
		tear_down(&w);
	}
	assert_int_equal(rc, JOIN_OK);
	assert_true(failed > INVITED);
}


typedef enum act
{
	JOINED,
	JOIN_FAILED,
	RINGING,
	ANSWERED,
	REFUSED,
	LEFT,
	REMOVE,
	END,
	ACTS
} act_t;


static void do_act(act_t act, world_t *w, participant_t *p)
{
	switch(act) {
		case JOINED:
			conference_joined(w->creator, &w->fx);
			break;
		case JOIN_FAILED:
			conference_join_failed(w->creator, &w->fx);
			break;
		case RINGING:
			conference_ringing(p, &w->fx);
			break;
		case ANSWERED:
			conference_answered(p, &w->fx);
			break;
		case REFUSED:
			conference_refused(p, 486, &w->fx);
			break;
		case LEFT:
			conference_left(w->creator, DEPARTED_LEFT, &w->fx);
			break;
		case REMOVE:
			conference_remove(p, DEPARTED_BOOTED, END_ADMIN, &w->fx);
			break;
		default:
			conference_end(w->c, END_ADMIN, &w->fx);
	}
}


static void test_no_transition_without_memory_for_its_effects(void **state)
{
	participant_t *p, creator, invited;
	conference_t before;
	world_t w;

	(void)state;
	for(act_t act = 0; act < ACTS; act++) {
		set_up(&w, 1);
		if(act != JOINED && act != JOIN_FAILED)
			conference_joined(w.creator, &w.fx);
		drop_effects(&w);
		p = TAILQ_NEXT(w.creator, link);
		before = *w.c;
		creator = *w.creator;
		invited = *p;
		fail_after = 1;
		do_act(act, &w, p);
		assert_int_equal(fail_after, 0);
		assert_true(w.fx.failed);
		assert_int_equal(w.fx.count, 0);
		assert_memory_equal(&before, w.c, sizeof(before));
		assert_memory_equal(&creator, w.creator, sizeof(creator));
		assert_memory_equal(&invited, p, sizeof(invited));
		/* and with memory it does something */
		do_act(act, &w, p);
		assert_true(w.fx.count > 0);
		tear_down(&w);
	}
}


/* a transition that needs memory for more than its effects */
static void test_N8_no_other_name_without_memory(void **state)
{
	world_t w;

	(void)state;
	for(int fails = 1; fails <= 2; fails++) {
		set_up(&w, 1);
		conference_joined(w.creator, &w.fx);
		drop_effects(&w);
		fail_after = fails;
		conference_rename(w.creator, &TEXT("Al"), &w.fx);
		assert_int_equal(fail_after, 0);
		assert_true(w.fx.failed);
		assert_int_equal(w.fx.count, 0);
		assert_int_equal(w.creator->display.len, 0);
		assert_int_equal(w.creator->changed, w.c->revision);
		tear_down(&w);
	}
}


static void test_N7_nobody_half_hidden_without_memory(void **state)
{
	participant_t *p;
	world_t w;

	(void)state;
	set_up(&w, 1);
	p = TAILQ_NEXT(w.creator, link);
	fail_after = 1;
	assert_int_equal(conference_hide(p), -1);
	assert_string_equal(p->entity.s, uris[1]);
	assert_int_equal(conference_hide(p), 0);
	assert_string_equal(p->entity.s, "sip:anonymous2@anonymous.invalid");
	tear_down(&w);
}


static void test_reserved_room_is_enough(void **state)
{
	world_t w;

	(void)state;
	for(act_t act = 0; act < ACTS; act++) {
		set_up(&w, 1);
		if(act != JOINED && act != JOIN_FAILED)
			conference_joined(w.creator, &w.fx);
		drop_effects(&w);
		/* the first allocation is the reservation, a second one fails */
		fail_after = 2;
		do_act(act, &w, TAILQ_NEXT(w.creator, link));
		assert_int_equal(fail_after, 1);
		assert_false(w.fx.failed);
		tear_down(&w);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_no_conference_without_memory),
			cmocka_unit_test(test_no_founding_without_memory),
			cmocka_unit_test(test_no_rejoin_without_memory),
			cmocka_unit_test(test_R5_nobody_is_invited_without_memory),
			cmocka_unit_test(test_no_transition_without_memory_for_its_effects),
			cmocka_unit_test(test_N8_no_other_name_without_memory),
			cmocka_unit_test(test_N7_nobody_half_hidden_without_memory),
			cmocka_unit_test(test_reserved_room_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
