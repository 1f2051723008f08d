/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tests of the notifier share beside its world: watchers that
 * have been told once, and time that passes. Include once per program.
 */
#ifndef IMCONF_TEST_NOTIFIER_TESTS_H
#define IMCONF_TEST_NOTIFIER_TESTS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <unistd.h>
#include <cmocka.h>

#include "notify_world.h"

#define world_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* All 200 until nobody has anything to say. */
__attribute__((unused)) static void settle(void)
{
	int busy = 1;

	while(busy) {
		turn();
		busy = 0;
		for(int i = 0; i < CLIENTS; i++) {
			if(clients[i].id) {
				answer(&clients[i], 200, 1);
				busy = 1;
			}
		}
	}
}


__attribute__((unused)) static int setup(void **state)
{
	found_conference();
	return 0;
}


/* whatever happened: nothing is left once the conference is over */
__attribute__((unused)) static int teardown(void **state)
{
	if(conference)
		ended();
	settle();
	for(int i = 0; i < CLIENTS; i++)
		assert_null(clients[i].subscription);
	assert_int_equal(counted[STAT_SUBSCRIPTIONS], 0);
	return 0;
}


__attribute__((unused)) static client_t *watching(int i)
{
	client_t *w = subscribe(i, people[i]);

	notifier_tell(w->subscription);
	turn();
	return w;
}


__attribute__((unused)) static client_t *told_once(int i)
{
	client_t *w = watching(i);

	answer(w, 200, 1);
	turn();
	assert_int_equal(w->id, 0);
	return w;
}


__attribute__((unused)) static void expect_header(
		const client_t *w, const char *line)
{
	if(!strstr(w->sent.headers, line))
		fail_msg("no %s in %s", line, w->sent.headers);
}


__attribute__((unused)) static int64_t now_ms(void)
{
	return schedule_now();
}


/* Lets time pass until `w` is told. */
__attribute__((unused)) static void wait_for_notify(client_t *w)
{
	int before = w->notifies;
	int64_t end = now_ms() + 5000;

	while(w->notifies == before && now_ms() < end) {
		usleep(1000);
		turn();
	}
	assert_int_equal(w->notifies, before + 1);
}


/* Ticks come so far apart, and the last one was long ago. */
__attribute__((unused)) static void after_quiet_time(int interval)
{
	settings.notify_min_interval = interval;
	watchers_of(conference)->last_tick = now_ms() - interval;
}

#endif
