/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of notify/: when watchers are told. Ticks that all share, rates
 * of their own (RFC 6446), Retry-After. Named after clauses.
 */
#include "notifier_tests.h"


static void test_N1_one_tick_for_all(void **state)
{
	client_t *a = told_once(0), *b = told_once(1);
	int64_t begin;

	after_quiet_time(200);
	answered(1);
	turn(); /* after a quiet time: at once */
	assert_int_equal(a->notifies, 2);
	assert_int_equal(b->notifies, 2);
	begin = now_ms();
	answer(a, 200, 1);
	answered(2);
	left(1);
	turn();
	assert_int_equal(a->notifies, 2);
	answer(b, 200, 1);
	turn();
	assert_int_equal(b->notifies, 2);
	wait_for_notify(a);
	turn();
	assert_true(now_ms() - begin >= 190);
	assert_int_equal(b->notifies, 3);
	assert_int_equal(b->sent.user[1], SEEN_DISCONNECTED);
	assert_int_equal(b->sent.user[2], SEEN_CONNECTED);
}


static void test_N1_a_straggler_skips_a_tick(void **state)
{
	client_t *quick = told_once(0), *slow = told_once(1);

	after_quiet_time(50);
	answered(1);
	turn();
	answer(quick, 200, 1);
	answered(2);
	wait_for_notify(quick);
	answer(quick, 200, 1);
	assert_int_equal(slow->notifies, 2);
	answered(3);
	answer(slow, 200, 1);
	wait_for_notify(slow);
	assert_true(slow->sent.partial);
	assert_int_equal(slow->sent.user[1], SEEN_NOTHING);
	assert_int_equal(slow->sent.user[2], SEEN_CONNECTED);
	assert_int_equal(slow->sent.user[3], SEEN_CONNECTED);
}


static void test_N1_who_was_skipped_is_told_without_a_further_change(
		void **state)
{
	client_t *w = told_once(0);

	after_quiet_time(50);
	answered(1);
	turn();
	answered(2);
	/* the tick finds it waiting for its answer */
	usleep(60000);
	turn();
	assert_int_equal(w->notifies, 2);
	answer(w, 200, 1);
	wait_for_notify(w);
	assert_int_equal(w->sent.user[2], SEEN_CONNECTED);
}


static void test_answers_to_subscribe_wait_for_no_tick(void **state)
{
	settings.notify_min_interval = 3600000;
	answered(1);
	watching(0);
	assert_int_equal(watching(1)->notifies, 1);
	answered(2);
	turn();
	assert_int_equal(clients[0].notifies, 1);
	assert_int_equal(watching(2)->sent.user[2], SEEN_CONNECTED);
}


static void test_retry_after_waits(void **state)
{
	client_t *w = told_once(0);
	int64_t begin = now_ms();

	answered(1);
	turn();
	reply_header = "Retry-After";
	reply_value = "2 (busy);duration=60";
	answer(w, 503, 0);
	reply_header = NULL;
	answered(2);
	turn();
	assert_int_equal(w->notifies, 2);
	wait_for_notify(w);
	assert_true(now_ms() - begin >= 1990);
	assert_false(w->sent.partial);
	assert_int_equal(w->sent.user[2], SEEN_CONNECTED);
}


static void test_a_refresh_ends_the_waiting(void **state)
{
	client_t *w = told_once(0);

	answered(1);
	turn();
	answer(w, 503, 0);
	notifier_tell(w->subscription);
	turn();
	assert_int_equal(w->notifies, 3);
	assert_false(w->sent.partial);
}


static void ask_for_rates(client_t *w, const char *params)
{
	str text = text_of(params);

	rate_read(&text, 3600000, &w->subscription->rate);
	notifier_tell(w->subscription);
	turn();
}


static void test_max_rate(void **state)
{
	client_t *w = told_once(0), *other = told_once(1);
	int64_t begin = now_ms();

	ask_for_rates(w, "max-rate=5");
	expect_header(w, ";max-rate=5\r\n");
	answer(w, 200, 1);
	answered(1);
	turn();
	assert_int_equal(w->notifies, 2);
	assert_int_equal(other->notifies, 2);
	wait_for_notify(w);
	assert_true(now_ms() - begin >= 190);
	assert_true(w->sent.partial);
	assert_int_equal(w->sent.user[1], SEEN_CONNECTED);
}


static void test_min_rate(void **state)
{
	client_t *w = told_once(0);
	int64_t begin = now_ms();

	settings.notify_min_rate_interval = 100;
	ask_for_rates(w, "min-rate=99");
	expect_header(w, ";min-rate=10\r\n");
	answer(w, 200, 1);
	wait_for_notify(w);
	assert_true(now_ms() - begin >= 90);
	assert_true(w->sent.partial);
	for(int i = 0; i < PEOPLE; i++)
		assert_int_equal(w->sent.user[i], SEEN_NOTHING);
	answer(w, 200, 1);
	wait_for_notify(w);
	assert_int_equal(w->sent.version, 4);
}


static void test_rates_in_an_answer(void **state)
{
	client_t *w = watching(0);

	reply_header = "Event";
	reply_value = "conference;max-rate=0.001";
	answer(w, 200, 1);
	reply_header = NULL;
	answered(1);
	turn();
	expect_header(w, ";max-rate=0.001\r\n");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			world_test(test_N1_one_tick_for_all),
			world_test(test_N1_a_straggler_skips_a_tick),
			world_test(
					test_N1_who_was_skipped_is_told_without_a_further_change),
			world_test(test_answers_to_subscribe_wait_for_no_tick),
			world_test(test_retry_after_waits),
			world_test(test_a_refresh_ends_the_waiting),
			world_test(test_max_rate),
			world_test(test_min_rate),
			world_test(test_rates_in_an_answer),
	};

	return cmocka_run_group_tests(tests, start_world, stop_world);
}
