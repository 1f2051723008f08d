/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Random histories of a conference with watchers who come and go, and whose
 * NOTIFYs are lost, answered late or refused: everybody ends up with the
 * roster the model holds, nobody vanishes from one without a word, and no
 * departure is told twice. A failure prints the seed and the step.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "notify_world.h"

#define HISTORIES 1500
#define STEPS 80
#define DATAGRAM 60000
#define SMALL_DATAGRAM 800

#define MUST(condition)                                                 \
	do {                                                                \
		if(!(condition))                                                \
			fail_msg("history %u step %d: %s", seed, step, #condition); \
	} while(0)

static unsigned seed;
static int step;
static uint64_t random_state;
static text_t acknowledged[CLIENTS]; /* the last one answered 200 */
static long answers, losses, refusals, farewells, partials;


static unsigned pick(unsigned below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)(random_state >> 33) % below;
}


/* Comes back, and in. */
static void rejoined(int i)
{
	effects_t fx = {0};
	person_t who = person(people[i]);
	participant_t *p;

	if(conference_join(conference, &who, 0, &fx, &p) == JOIN_OK)
		conference_joined(p, &fx);
	run(&fx);
}


static int is_in(seen_t seen)
{
	return seen == SEEN_CONNECTED || seen == SEEN_ALERTING;
}


/* What a watcher may say about the document it is about to take. */
static void check_document(int i)
{
	const client_t *w = &clients[i];
	const text_t *old = &w->got, *now = &w->sent, *ok = &acknowledged[i];

	MUST(now->version > old->version);
	MUST(now->version == (unsigned)w->notifies);
	partials += now->partial;
	if(w->final)
		return;
	for(int u = 0; u < PEOPLE; u++) {
		/* what is left out of one that was cut comes with the next */
		MUST(now->partial || settings.notify_max_body < DATAGRAM
				|| !is_in(old->user[u]) || now->user[u] != SEEN_NOTHING);
		MUST(now->user[u] != SEEN_DELETED || now->partial);
		MUST(now->user[u] != SEEN_DISCONNECTED
				|| ok->user[u] != SEEN_DISCONNECTED
				|| ok->changed[u] != now->changed[u]);
	}
}


static void take(int i, int code, int takes)
{
	if(takes)
		check_document(i);
	if(code == 200)
		acknowledged[i] = clients[i].sent;
	farewells += clients[i].final && takes;
	answer(&clients[i], code, takes);
}


static void answer_somebody(void)
{
	int i = pick(CLIENTS), first = i;

	while(!clients[i].id) {
		i = (i + 1) % CLIENTS;
		if(i == first)
			return;
	}
	switch(pick(10)) {
		case 0: /* lost on the way, or its answer */
			losses++;
			take(i, 503, pick(2));
			break;
		case 1:
			refusals++;
			take(i, pick(2) ? 481 : 408, 0);
			break;
		default:
			answers++;
			take(i, 200, 1);
	}
}


static void watch(void)
{
	char device[16];
	client_t *w;

	if(clients[CLIENTS - 1].notifies)
		return;
	snprintf(device, sizeof(device), "%u", pick(3));
	w = subscribe(pick(PEOPLE), device);
	if(pick(8) == 0)
		notifier_end(w->subscription, "timeout");
	notifier_tell(w->subscription);
}


static void refresh_or_leave(void)
{
	subscription_t *s = clients[pick(CLIENTS)].subscription;

	if(!s || s->reason)
		return;
	if(pick(3) == 0)
		notifier_end(s, "timeout");
	notifier_tell(s);
}


static void act(void)
{
	int i = pick(PEOPLE);

	switch(pick(16)) {
		case 0:
			/* the last one seldom, else most histories are short */
			if(conference->present > 1 || pick(8) == 0)
				left(i);
			break;
		case 1:
			refused(i, pick(2) ? 486 : 603);
			break;
		case 2:
			ringing(i);
			break;
		case 3:
		case 4:
			answered(i);
			break;
		case 5:
			rejoined(i);
			break;
		case 6:
		case 7:
			watch();
			break;
		case 8:
			refresh_or_leave();
			break;
		case 9:
		case 10:
			turn();
			break;
		default:
			answer_somebody();
	}
}


/* What the model holds, said without roster.c. */
static seen_t truth(int i)
{
	switch(known[i]->state) {
		case PARTICIPANT_CONNECTED:
			return SEEN_CONNECTED;
		case PARTICIPANT_ALERTING:
			return SEEN_ALERTING;
		default:
			return SEEN_NOTHING;
	}
}


/* Nobody is lost any more: everybody is told the truth. */
static void check_rosters(void)
{
	for(int i = 0; i < CLIENTS; i++) {
		client_t *w = &clients[i];

		if(!w->subscription)
			continue;
		MUST(!w->final);
		for(int u = 0; u < PEOPLE; u++) {
			seen_t seen = w->got.user[u];

			MUST((is_in(seen) ? seen : SEEN_NOTHING) == truth(u));
		}
	}
}


static void settle_all(void)
{
	int busy = 1;

	while(busy) {
		turn();
		busy = 0;
		for(int i = 0; i < CLIENTS; i++) {
			if(clients[i].id) {
				take(i, 200, 1);
				busy = 1;
			}
		}
	}
}


static void run_history(void)
{
	random_state = seed * 0x9e3779b97f4a7c15ULL + 1;
	memset(acknowledged, 0, sizeof(acknowledged));
	found_conference();
	settings.notify_max_body = seed % 3 ? DATAGRAM : SMALL_DATAGRAM;
	for(step = 1; step <= STEPS && conference; step++)
		act();
	if(conference) {
		/* what was lost is repaired by the next change */
		rejoined(pick(PEOPLE));
		answered(pick(PEOPLE));
		for(int i = 0; i < CLIENTS; i++) {
			if(clients[i].subscription && !clients[i].subscription->reason)
				notifier_tell(clients[i].subscription);
		}
		settle_all();
		check_rosters();
		ended();
	}
	settle_all();
	for(int i = 0; i < CLIENTS; i++)
		MUST(!clients[i].subscription);
	MUST(counted[STAT_SUBSCRIPTIONS] == 0);
}


static void test_N9_any_history_ends_with_the_truth(void **state)
{
	for(seed = 1; seed <= HISTORIES; seed++)
		run_history();
	/* else the histories are too dull to prove anything */
	assert_true(answers > 5 * HISTORIES);
	assert_true(losses > HISTORIES / 2);
	assert_true(refusals > HISTORIES / 2);
	assert_true(farewells > HISTORIES);
	assert_true(partials > 5 * HISTORIES);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_N9_any_history_ends_with_the_truth),
	};

	return cmocka_run_group_tests(tests, start_world, stop_world);
}
