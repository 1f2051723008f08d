/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Random histories of a conference: any transition at any time, for anybody,
 * and after each of them what must always hold. A failure prints the seed and
 * the step, which are enough to see it again.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include "model/participant.h"
#include "model_helpers.h"

#define PEOPLE 8 /* the first is the creator, the last was never invited */
#define HISTORIES 2000
#define STEPS 150

#define MUST(condition)                                                       \
	do {                                                                      \
		if(!(condition))                                                      \
			fail_msg("history %u step %d: %s", h->seed, h->step, #condition); \
	} while(0)

/* what the test itself believes of a participant, from the effects alone */
typedef enum leg
{
	LEG_NONE,
	LEG_MADE,
	LEG_ENTERED
} leg_t;

typedef struct history
{
	unsigned seed;
	int step;
	uint64_t random;
	conference_t *c;
	effects_t fx;
	participant_t *known[PEOPLE]; /* by number - 1 */
	participant_state_t before[PEOPLE];
	leg_t leg[PEOPLE];
	unsigned revision;
	int ended;
	long seen[EFFECT_TYPES];
} history_t;

static const char *const uris[PEOPLE] = {"sip:alice@example.com",
		"sip:bob@example.com", "tel:+33-1", "sip:dave@example.com",
		"sip:erin@example.com:5070", "sips:frank@example.com",
		"sip:gina@example.com;lr", "sip:stranger@example.com"};


static unsigned pick(history_t *h, unsigned below)
{
	/* xorshift: the same history for the same seed everywhere */
	h->random ^= h->random << 13;
	h->random ^= h->random >> 7;
	h->random ^= h->random << 17;
	return (unsigned)(h->random >> 33) % below;
}


static void begin(history_t *h, unsigned seed)
{
	person_t people[PEOPLE];
	participant_t *p;
	int invited = PEOPLE - 2;

	memset(h, 0, sizeof(*h));
	h->seed = seed;
	h->random = seed * 0x9e3779b97f4a7c15ULL + 1;
	h->c = make_conference(pick(h, 2) ? 0 : PEOPLE - 1);
	assert_non_null(h->c);
	h->c->release.min_participants = pick(h, 4);
	h->c->release.with_creator = pick(h, 4) == 0;
	effects_init(&h->fx);
	for(int i = 0; i < PEOPLE; i++)
		people[i] = person(uris[i]);
	MUST(conference_found(h->c, people, people + 1, invited, &h->fx, &p) == 0);
	TAILQ_FOREACH(p, &h->c->participants, link)
	{
		h->known[p->number - 1] = p;
		/* what it was before the founding, as far as effects can tell */
		h->before[p->number - 1] = PARTICIPANT_WAITING;
	}
	h->revision = h->c->revision;
}


static int was(const history_t *h, int i, unsigned states)
{
	return (states >> h->before[i]) & 1;
}


static int is(const history_t *h, int i, unsigned states)
{
	return (states >> h->known[i]->state) & 1;
}

#define WAITING (1u << PARTICIPANT_WAITING)
#define INVITED (1u << PARTICIPANT_INVITED)
#define ALERTING (1u << PARTICIPANT_ALERTING)
#define JOINING (1u << PARTICIPANT_JOINING)
#define CONNECTED (1u << PARTICIPANT_CONNECTED)
#define GONE (1u << PARTICIPANT_GONE)


static void check_dialog_effect(history_t *h, const effect_t *e, int i)
{
	switch(e->type) {
		case EFFECT_ANSWER:
			MUST(is(h, i, JOINING));
			MUST(!was(h, i, JOINING));
			MUST(h->leg[i] == LEG_NONE);
			h->leg[i] = LEG_MADE;
			break;
		case EFFECT_INVITE:
			MUST(was(h, i, WAITING | GONE) && is(h, i, INVITED));
			MUST(h->leg[i] == LEG_NONE);
			h->leg[i] = LEG_MADE;
			break;
		case EFFECT_CANCEL:
			MUST(was(h, i, INVITED | ALERTING) && is(h, i, GONE | JOINING));
			break;
		default: /* BYE */
			MUST(is(h, i, e->reason == END_REPLACED ? JOINING : GONE));
			MUST(was(h, i, JOINING | CONNECTED)
					|| (was(h, i, GONE) && h->fx.count == 1));
	}
}


static void check_leg_effect(history_t *h, const effect_t *e, int i)
{
	if(e->type == EFFECT_ENTER) {
		MUST(was(h, i, INVITED | ALERTING | JOINING));
		MUST(is(h, i, CONNECTED));
		MUST(h->leg[i] == LEG_MADE);
		h->leg[i] = LEG_ENTERED;
	} else {
		MUST(is(h, i, GONE | JOINING));
		MUST(h->leg[i] != LEG_NONE);
		h->leg[i] = LEG_NONE;
	}
}


static void check_effect(history_t *h, const effect_t *e, int *notified)
{
	MUST(!h->ended);
	h->seen[e->type]++;
	if(e->type == EFFECT_NOTIFY) {
		(*notified)++;
		return;
	}
	if(e->type == EFFECT_END) {
		h->ended = 1;
		return;
	}
	MUST(e->participant != NULL);
	if(e->type == EFFECT_ENTER || e->type == EFFECT_LEAVE)
		check_leg_effect(h, e, e->participant->number - 1);
	else
		check_dialog_effect(h, e, e->participant->number - 1);
}


static void check_effects(history_t *h)
{
	int notified = 0;

	MUST(!h->fx.failed);
	for(int i = 0; i < h->fx.count; i++)
		check_effect(h, &h->fx.item[i], &notified);
	MUST(notified <= 1);
	MUST(h->c->revision == h->revision + notified);
	MUST(h->ended == h->c->ending);
	h->revision = h->c->revision;
	h->fx.count = 0;
}


/* N4: a participant stays what it was called at first, and is found so */
static void check_participant(history_t *h, participant_t *p)
{
	int i = p->number - 1;
	str uri = text_of(uris[i]);

	MUST(i >= 0 && i < PEOPLE - 1);
	MUST(h->known[i] == p);
	MUST(text_eq(&p->entity, &uri));
	MUST(conference_find_uri(h->c, &uri) == p);
	MUST(p->changed <= h->c->revision);
	MUST((h->leg[i] == LEG_NONE) == (is(h, i, WAITING | GONE) != 0));
	MUST((h->leg[i] == LEG_ENTERED) == (is(h, i, CONNECTED) != 0));
	MUST(!is(h, i, ALERTING | CONNECTED) || p->was_shown);
	MUST(!is(h, i, CONNECTED) || p->departure == DEPARTED_NOT);
	MUST(!is(h, i, GONE) || p->departure != DEPARTED_NOT);
	h->before[i] = p->state;
}


/* Who is shown is in the list of changes, and who went until it is given up */
static void check_changes(history_t *h)
{
	unsigned last = 0;
	int noted = 0, tombstones = 0;
	participant_t *p;

	TAILQ_FOREACH(p, &h->c->changes, change)
	{
		/* or comes back, which is not shown yet */
		int gone =
				is(h, p->number - 1, GONE)
				|| (p->departure != DEPARTED_NOT && !participant_is_visible(p));

		MUST(p->noted && p->was_shown);
		/* everybody who is there at the end goes at once */
		MUST(h->ended ? p->changed >= last : p->changed > last);
		MUST(gone == (p->left == p->changed));
		MUST(gone || (p->appeared && p->appeared <= p->changed));
		last = p->changed;
		tombstones += gone;
		noted++;
	}
	MUST(h->c->tombstones == tombstones);
	TAILQ_FOREACH(p, &h->c->participants, link)
	{
		MUST(!is(h, p->number - 1, ALERTING | CONNECTED) || p->noted);
		noted -= p->noted;
	}
	MUST(noted == 0);
}


static void check(history_t *h)
{
	int present = 0, counted = 0, people = 0;
	participant_t *p;

	check_effects(h);
	TAILQ_FOREACH(p, &h->c->participants, link)
	{
		check_participant(h, p);
		people++;
		counted += p->state != PARTICIPANT_GONE;
		present += p->state == PARTICIPANT_JOINING
				   || p->state == PARTICIPANT_CONNECTED;
	}
	check_changes(h);
	MUST(people == PEOPLE - 1);
	MUST(h->c->present == present);
	MUST(h->c->counted == counted);
	MUST(h->c->max_participants == 0 || counted <= h->c->max_participants);
	MUST(h->c->ending == (present == 0));
}


static void come(history_t *h)
{
	int i = pick(h, PEOPLE);
	person_t who = person(uris[i]);
	participant_t *p;
	join_result_t rc = conference_join(h->c, &who, 0, &h->fx, &p);

	MUST((rc == JOIN_OK) == (p != NULL));
	MUST(rc == JOIN_OK || h->fx.count == 0);
	MUST(i < PEOPLE - 1 || rc == (h->ended ? JOIN_OVER : JOIN_FORBIDDEN));
}


/* R5: all of them or nobody */
static void add(history_t *h)
{
	int first = pick(h, PEOPLE - 1), count = 1 + pick(h, 3);
	person_t people[3];
	int counted = h->c->counted;

	for(int i = 0; i < count; i++)
		people[i] = person(uris[(first + i) % (PEOPLE - 1)]);
	if(conference_invite(h->c, h->known[0], people, count, &h->fx) == JOIN_OK) {
		MUST(h->c->counted == counted + h->fx.count);
		return;
	}
	MUST(h->ended || counted + count > h->c->max_participants);
	MUST(h->c->counted == counted && h->fx.count == 0);
}


static void give_name(history_t *h, participant_t *p)
{
	static const char *const names[] = {"", "one", "another"};
	str name = text_of(names[pick(h, 3)]);
	int same = text_eq(&p->nickname, &name);

	conference_rename(p, &name, &h->fx);
	MUST(h->ended || text_eq(&p->nickname, &name));
	MUST(!same || h->fx.count == 0);
}


static void act(history_t *h, participant_t *p)
{
	static const int codes[] = {486, 600, 603, 408, 487};

	/* more coming than going, else most conferences are over soon */
	switch(pick(h, 29)) {
		case 24:
		case 25:
			give_name(h, p);
			break;
		case 26:
			conference_forget(h->c, pick(h, h->c->revision + 1));
			break;
		case 27:
		case 28:
			add(h);
			break;
		case 0:
			conference_join_failed(p, &h->fx);
			break;
		case 1:
			conference_refused(p, codes[pick(h, 5)], &h->fx);
			break;
		case 2:
			conference_left(p, DEPARTED_LEFT, &h->fx);
			break;
		case 3:
			conference_remove(p, DEPARTED_BOOTED,
					pick(h, 8) ? END_NO_MEDIA : END_ADMIN, &h->fx);
			break;
		case 4:
		case 5:
		case 6:
			conference_ringing(p, &h->fx);
			break;
		case 7:
		case 8:
		case 9:
			conference_answered(p, &h->fx);
			break;
		case 10:
		case 11:
		case 12:
		case 13:
			come(h);
			break;
		default:
			conference_joined(p, &h->fx);
	}
}


static void run(history_t *h)
{
	check(h);
	for(h->step = 1; h->step <= STEPS; h->step++) {
		/* most conferences begin, else most histories are short */
		if(h->step == 1 && pick(h, 8))
			conference_joined(h->known[0], &h->fx);
		else if(pick(h, 200) == 0)
			conference_end(h->c, END_ADMIN, &h->fx);
		else
			act(h, h->known[pick(h, PEOPLE - 1)]);
		check(h);
	}
	conference_end(h->c, END_NONE, &h->fx);
	check(h);
}


static void test_N4_any_history_keeps_the_rules(void **state)
{
	history_t h;
	long seen[EFFECT_TYPES] = {0};
	int lively = 0;

	(void)state;
	for(unsigned seed = 1; seed <= HISTORIES; seed++) {
		begin(&h, seed);
		run(&h);
		for(int i = 0; i < EFFECT_TYPES; i++)
			seen[i] += h.seen[i];
		lively += h.revision > 20;
		conference_destroy(h.c);
		effects_free(&h.fx);
	}
	/* else the histories are too dull to prove anything */
	for(int i = 0; i < EFFECT_TYPES; i++)
		assert_true(i == EFFECT_EMPTY || seen[i] >= HISTORIES);
	assert_true(lively > HISTORIES / 4);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_N4_any_history_keeps_the_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
