/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of worker/allotment: never more than there may be, whoever asks
 * at the same time.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kamailio_shm.h"
#include "worker/allotment.h"

#define MAX 7
#define PROCESSES 6
#define ROUNDS 20000

static int set_up(void **state)
{
	shm_start();
	return allotment_create();
}


static int tear_down(void **state)
{
	allotment_destroy();
	return shm_blocks;
}


static void test_so_many_and_no_more(void **state)
{
	for(int i = 0; i < 3; i++)
		assert_int_equal(allotment_take(ALLOTMENT_CONFERENCES, 3), 0);
	assert_int_equal(allotment_take(ALLOTMENT_CONFERENCES, 3), -1);
	assert_int_equal(allotment_take(ALLOTMENT_SUBSCRIPTIONS, 3), 0);
	/* another bound counts from now on; without one they go on being counted */
	assert_int_equal(allotment_take(ALLOTMENT_CONFERENCES, 4), 0);
	assert_int_equal(allotment_take(ALLOTMENT_CONFERENCES, 0), 0);
	assert_int_equal(allotment_take(ALLOTMENT_CONFERENCES, 5), -1);
	allotment_return(ALLOTMENT_CONFERENCES);
	assert_int_equal(allotment_take(ALLOTMENT_CONFERENCES, 5), 0);
}


/* What one process does; `inside` and `most` are shared. */
static void crowd(atomic_int *inside, atomic_int *most)
{
	int seen, high;

	for(int i = 0; i < ROUNDS; i++) {
		if(allotment_take(ALLOTMENT_CONFERENCES, MAX) < 0)
			continue;
		seen = atomic_fetch_add(inside, 1) + 1;
		for(high = atomic_load(most);
				seen > high
				&& !atomic_compare_exchange_weak(most, &high, seen);)
			;
		if(i % 64 == 0)
			sched_yield();
		atomic_fetch_sub(inside, 1);
		allotment_return(ALLOTMENT_CONFERENCES);
	}
	_exit(0);
}


static void test_processes_that_ask_at_once(void **state)
{
	atomic_int *shared = shm_malloc(2 * sizeof(*shared));
	int status;

	atomic_init(&shared[0], 0);
	atomic_init(&shared[1], 0);
	/* all but one are taken: it is always the last one that they want */
	for(int i = 0; i < MAX - 1; i++)
		assert_int_equal(allotment_take(ALLOTMENT_CONFERENCES, MAX), 0);
	for(int i = 0; i < PROCESSES; i++) {
		if(fork() == 0)
			crowd(&shared[0], &shared[1]);
	}
	for(int i = 0; i < PROCESSES; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(atomic_load(&shared[1]), 1);
	assert_int_equal(allotment_take(ALLOTMENT_CONFERENCES, MAX), 0);
	assert_int_equal(allotment_take(ALLOTMENT_CONFERENCES, MAX), -1);
	shm_free(shared);
}


static void test_without_counters_all_may(void **state)
{
	allotment_return(ALLOTMENT_CONFERENCES);
	assert_int_equal(allotment_take(ALLOTMENT_CONFERENCES, 1), 0);
	assert_int_equal(allotment_take(ALLOTMENT_CONFERENCES, 1), 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test_setup_teardown(
					test_so_many_and_no_more, set_up, tear_down),
			cmocka_unit_test_setup_teardown(
					test_processes_that_ask_at_once, set_up, tear_down),
			cmocka_unit_test(test_without_counters_all_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
