/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of worker/schedule, in a real loop.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "worker/schedule.h"

#define MANY 100

static struct event_base *base;
static int calls;

static int setup(void **state)
{
	base = event_base_new();
	calls = 0;
	return base ? schedule_init(base) : -1;
}


static int teardown(void **state)
{
	event_base_free(base);
	return 0;
}


/* until nothing is planned any more */
static void run(void)
{
	assert_true(event_base_dispatch(base) >= 0);
}


static void count_call(void *arg)
{
	calls += *(int *)arg;
}


static void test_alarm_fires_once(void **state)
{
	alarm_clock_t t = {0};
	int one = 1;
	int64_t before = schedule_now();

	alarm_start(&t, 20, count_call, &one);
	run();
	assert_int_equal(calls, 1);
	assert_true(schedule_now() - before >= 20);
}


static void test_alarm_started_again_forgets_the_first(void **state)
{
	alarm_clock_t t = {0};
	int one = 1, ten = 10;

	alarm_start(&t, 0, count_call, &one);
	alarm_start(&t, 5, count_call, &ten);
	run();
	assert_int_equal(calls, 10);
}


static void test_alarm_stopped(void **state)
{
	alarm_clock_t t = {0}, never = {0};
	int one = 1;

	alarm_start(&t, 0, count_call, &one);
	alarm_stop(&t);
	alarm_stop(&t);
	alarm_stop(&never);
	run();
	assert_int_equal(calls, 0);
}


static alarm_clock_t chain;

static void start_next(void *arg)
{
	if(++calls < 3)
		alarm_start(&chain, 1, start_next, NULL);
}


static void test_alarm_restarted_by_itself(void **state)
{
	chain = (alarm_clock_t){0};
	alarm_start(&chain, 1, start_next, NULL);
	run();
	assert_int_equal(calls, 3);
}


static int order[MANY];

static void note_call(void *arg)
{
	order[calls++] = *(int *)arg;
}


static void test_work_is_done_in_order_and_once(void **state)
{
	work_t work[MANY] = {0};
	int number[MANY];

	for(int i = 0; i < MANY; i++) {
		number[i] = i;
		work_add(&work[i], note_call, &number[i]);
		work_add(&work[0], note_call, &number[0]);
	}
	run();
	assert_int_equal(calls, MANY);
	for(int i = 0; i < MANY; i++)
		assert_int_equal(order[i], i);
}


static work_t first, second;

static void cancel_second(void *arg)
{
	calls++;
	work_cancel(&second);
	work_cancel(&first);
}


static void test_work_cancelled(void **state)
{
	int ten = 10;

	first = second = (work_t){0};
	work_add(&first, cancel_second, NULL);
	work_add(&second, count_call, &ten);
	run();
	assert_int_equal(calls, 1);
}


static void add_itself(void *arg)
{
	if(++calls < MANY)
		work_add(&first, add_itself, NULL);
}


static void test_work_that_adds_itself(void **state)
{
	first = (work_t){0};
	work_add(&first, add_itself, NULL);
	run();
	assert_int_equal(calls, MANY);
}


static int wire[2], calls_at_read;

static void write_once(void *arg)
{
	if(calls++ == 0)
		assert_int_equal(write(wire[1], "x", 1), 1);
}


static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	calls_at_read = calls;
}


/* a backlog of 100 pieces, the first of which makes a socket readable */
static void test_sockets_have_their_turn(void **state)
{
	work_t work[MANY] = {0};
	struct event *reading;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, wire), 0);
	reading = event_new(base, wire[0], EV_READ, on_readable, NULL);
	event_add(reading, NULL);
	for(int i = 0; i < MANY; i++)
		work_add(&work[i], write_once, NULL);
	run();
	assert_int_equal(calls, MANY);
	assert_in_range(calls_at_read, 1, 32);
	event_free(reading);
	close(wire[0]);
	close(wire[1]);
}


static void write_and_take_long(void *arg)
{
	write_once(arg);
	usleep(2000);
}


/* large documents are few to a turn */
static void test_sockets_do_not_wait_for_long_work(void **state)
{
	work_t work[MANY] = {0};
	struct event *reading;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, wire), 0);
	reading = event_new(base, wire[0], EV_READ, on_readable, NULL);
	event_add(reading, NULL);
	for(int i = 0; i < MANY; i++)
		work_add(&work[i], write_and_take_long, NULL);
	run();
	assert_int_equal(calls, MANY);
	assert_int_equal(calls_at_read, 1);
	event_free(reading);
	close(wire[0]);
	close(wire[1]);
}


#define loop_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
			loop_test(test_alarm_fires_once),
			loop_test(test_alarm_started_again_forgets_the_first),
			loop_test(test_alarm_stopped),
			loop_test(test_alarm_restarted_by_itself),
			loop_test(test_work_is_done_in_order_and_once),
			loop_test(test_work_cancelled),
			loop_test(test_work_that_adds_itself),
			loop_test(test_sockets_have_their_turn),
			loop_test(test_sockets_do_not_wait_for_long_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
