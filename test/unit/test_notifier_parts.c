/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of notify/: documents that no datagram holds go by a stream, or
 * in parts.
 */
#include "notifier_tests.h"


static void test_a_document_too_large_goes_by_a_stream(void **state)
{
	client_t *w;

	settings.notify_max_body = 600;
	takes_streams = 1;
	for(int i = 1; i < PEOPLE; i++)
		answered(i);
	w = watching(0);
	assert_true(w->by_stream);
	assert_int_equal(w->sent.user[5], SEEN_CONNECTED);
	answer(w, 200, 1);
	left(5);
	turn();
	assert_false(w->by_stream);
	assert_int_equal(w->sent.user[5], SEEN_DISCONNECTED);
}


/* All of its parts, one after the other. */
static void take_parts(client_t *w)
{
	while(w->id) {
		assert_true(strlen(w->sent.text) <= (size_t)settings.notify_max_body);
		answer(w, 200, 1);
		turn();
	}
}


static void test_a_document_too_large_for_a_datagram_comes_in_parts(
		void **state)
{
	client_t *w;

	settings.notify_max_body = 800;
	settings.notify_min_interval = 3600000;
	for(int i = 1; i < PEOPLE; i++)
		answered(i);
	w = watching(0);
	assert_false(w->sent.partial);
	assert_int_equal(w->sent.user[5], SEEN_NOTHING);
	take_parts(w);
	assert_true(w->sent.partial);
	assert_true(w->notifies >= 2);
	for(int i = 0; i < PEOPLE; i++)
		assert_int_equal(w->got.user[i], SEEN_CONNECTED);
}


/* Else a conference where more changes than one part holds is told without
 * end and without a pause. */
static void test_N1_what_changes_while_parts_go_out_waits_for_a_tick(
		void **state)
{
	client_t *w;

	settings.notify_max_body = 800;
	settings.notify_min_interval = 3600000;
	for(int i = 1; i < PEOPLE; i++)
		answered(i);
	w = watching(0);
	assert_int_equal(w->sent.user[1], SEEN_CONNECTED);
	assert_int_equal(w->sent.user[5], SEEN_NOTHING);
	left(1);
	take_parts(w);
	assert_int_equal(w->got.user[5], SEEN_CONNECTED);
	assert_int_equal(w->got.user[1], SEEN_CONNECTED);
}


static void test_a_stream_that_does_not_open_means_parts(void **state)
{
	client_t *w;

	settings.notify_max_body = 800;
	takes_streams = 1;
	for(int i = 1; i < PEOPLE; i++)
		answered(i);
	w = subscribe(0, "a");
	unsendable = 1;
	notifier_tell(w->subscription);
	turn();
	assert_int_equal(unsendable, 0);
	assert_false(w->by_stream);
	take_parts(w);
	for(int i = 0; i < PEOPLE; i++)
		assert_int_equal(w->got.user[i], SEEN_CONNECTED);
}


static void test_a_lost_part_begins_anew(void **state)
{
	client_t *w;

	settings.notify_max_body = 800;
	for(int i = 1; i < PEOPLE; i++)
		answered(i);
	w = watching(0);
	answer(w, 200, 1);
	turn();
	assert_true(w->sent.partial);
	answer(w, 500, 0);
	notifier_tell(w->subscription);
	turn();
	assert_false(w->sent.partial);
	take_parts(w);
	for(int i = 0; i < PEOPLE; i++)
		assert_int_equal(w->got.user[i], SEEN_CONNECTED);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			world_test(test_a_document_too_large_goes_by_a_stream),
			world_test(test_a_document_too_large_for_a_datagram_comes_in_parts),
			world_test(
					test_N1_what_changes_while_parts_go_out_waits_for_a_tick),
			world_test(test_a_stream_that_does_not_open_means_parts),
			world_test(test_a_lost_part_begins_anew),
	};

	return cmocka_run_group_tests(tests, start_world, stop_world);
}
