/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of notify/: who is told what, and when no longer. When it is
 * told is in test_notifier_ticks.c, what does not fit into a datagram in
 * test_notifier_parts.c. Named after clauses.
 */
#include "notifier_tests.h"


static void test_S4_full_state_at_once(void **state)
{
	client_t *w;

	answered(1);
	ringing(2);
	left(1);
	w = watching(0);
	assert_int_equal(w->sent.version, 1);
	assert_non_null(strstr(w->sent.text, "state=\"full\""));
	assert_int_equal(w->sent.user[0], SEEN_CONNECTED);
	assert_int_equal(w->sent.user[1], SEEN_NOTHING);
	assert_int_equal(w->sent.user[2], SEEN_ALERTING);
	assert_int_equal(w->sent.user[3], SEEN_NOTHING);
	expect_header(w, "Event: conference\r\n");
	expect_header(w, "Subscription-State: active;expires=3600\r\n");
	expect_header(w, "Content-Type: application/conference-info+xml\r\n");
}


static void test_N3_entity_is_the_session_identity(void **state)
{
	client_t *w = watching(0);

	assert_non_null(strstr(w->sent.text, "entity=\"sip:t0@conf.example.com\""));
}


static void test_N10_only_the_watcher_is_its_own(void **state)
{
	answered(1);
	assert_int_equal(watching(0)->sent.own, 0);
	assert_int_equal(watching(1)->sent.own, 1);
	/* who is still being invited may watch, and is not shown */
	assert_int_equal(watching(2)->sent.own, -1);
}


static void test_N9_every_change_is_told_once(void **state)
{
	client_t *w = told_once(0);

	ringing(1);
	turn();
	assert_int_equal(w->sent.user[1], SEEN_ALERTING);
	answer(w, 200, 1);
	refused(1, 486);
	turn();
	assert_int_equal(w->sent.version, 3);
	assert_int_equal(w->sent.user[1], SEEN_DISCONNECTED);
	assert_non_null(strstr(w->sent.text, ">busy<"));
	answer(w, 200, 1);
	answered(2);
	turn();
	assert_int_equal(w->sent.version, 4);
	assert_int_equal(w->sent.user[1], SEEN_DELETED);
	assert_int_equal(w->sent.user[2], SEEN_CONNECTED);
}


static void test_one_in_flight_and_one_behind_it(void **state)
{
	client_t *w = watching(0);

	answered(1);
	answered(2);
	left(1);
	turn();
	assert_int_equal(w->notifies, 1);
	answer(w, 200, 1);
	turn();
	assert_int_equal(w->notifies, 2);
	assert_int_equal(w->sent.user[1], SEEN_DISCONNECTED);
	assert_int_equal(w->sent.user[2], SEEN_CONNECTED);
	answer(w, 200, 1);
	turn();
	assert_int_equal(w->notifies, 2);
}


static void test_a_failure_that_keeps_it_loses_nothing(void **state)
{
	client_t *w = told_once(0);

	answered(1);
	turn();
	answer(w, 200, 1);
	left(1);
	turn();
	assert_int_equal(w->sent.user[1], SEEN_DISCONNECTED);
	assert_true(w->sent.partial);
	answer(w, 503, 0);
	turn();
	assert_int_equal(w->id, 0);
	assert_int_equal(counted[STAT_NOTIFIES_FAILED], 1);
	/* changes do not hurry what comes by itself a second later, full */
	answered(2);
	turn();
	assert_int_equal(w->id, 0);
	event_base_loop(loop, EVLOOP_ONCE);
	turn();
	assert_int_equal(w->sent.version, 4);
	assert_false(w->sent.partial);
	assert_int_equal(w->sent.user[0], SEEN_CONNECTED);
	assert_int_equal(w->sent.user[1], SEEN_DISCONNECTED);
	assert_int_equal(w->sent.user[2], SEEN_CONNECTED);
}


static void test_failures_that_end_it(void **state)
{
	static const int fatal[] = {404, 405, 408, 410, 416, 480, 481, 482, 483,
			484, 485, 489, 501, 604};
	static const int not_fatal[] = {400, 403, 407, 415, 479, 486, 500, 503};

	for(size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++) {
		client_t *w = watching(0);

		answer(w, fatal[i], 0);
		assert_null(w->subscription);
	}
	for(size_t i = 0; i < sizeof(not_fatal) / sizeof(not_fatal[0]); i++) {
		client_t *w = watching(0);

		answer(w, not_fatal[i], 0);
		assert_non_null(w->subscription);
	}
}


static void test_S8_unsubscribing(void **state)
{
	client_t *w = told_once(0);

	answered(1);
	w->subscription->full = 1;
	notifier_end(w->subscription, "timeout");
	notifier_tell(w->subscription);
	turn();
	expect_header(w, "Subscription-State: terminated;reason=timeout\r\n");
	assert_int_equal(w->sent.user[1], SEEN_CONNECTED);
	assert_int_equal(counted[STAT_SUBSCRIPTIONS], 0);
	answered(2);
	turn();
	assert_int_equal(w->notifies, 2);
	/* clients that have forgotten the dialog answer this */
	answer(w, 481, 0);
	assert_null(w->subscription);
	assert_int_equal(counted[STAT_NOTIFIES_FAILED], 0);
}


static void test_S8_unsubscribing_while_one_is_in_flight(void **state)
{
	client_t *w = watching(0);

	notifier_end(w->subscription, "timeout");
	notifier_tell(w->subscription);
	assert_int_equal(w->notifies, 1);
	answer(w, 200, 1);
	turn();
	assert_int_equal(w->sent.version, 2);
	expect_header(w, "Subscription-State: terminated;reason=timeout\r\n");
}


static void test_expiry(void **state)
{
	client_t *w = told_once(0);

	subscription_prolong(w->subscription, 0);
	turn();
	turn();
	expect_header(w, "Subscription-State: terminated;reason=timeout\r\n");
	assert_int_equal(w->notifies, 2);
}


static void test_end_of_the_conference(void **state)
{
	client_t *quiet = told_once(0), *busy = watching(1);

	ended();
	assert_null(conference);
	turn();
	expect_header(
			quiet, "Subscription-State: terminated;reason=noresource\r\n");
	assert_int_equal(quiet->sent.version, 2);
	for(int i = 0; i < PEOPLE; i++)
		assert_int_equal(quiet->sent.user[i], SEEN_NOTHING);
	assert_int_equal(busy->notifies, 1);
	answer(busy, 500, 0);
	turn();
	expect_header(busy, "Subscription-State: terminated;reason=noresource\r\n");
	assert_int_equal(busy->sent.version, 2);
}


static void test_end_after_the_watcher_has_gone(void **state)
{
	client_t *w = watching(0);

	ended();
	answer(w, 481, 0);
	assert_null(w->subscription);
	turn();
	assert_int_equal(w->notifies, 1);
}


static void test_a_notify_that_could_not_be_sent_is_sent_later(void **state)
{
	client_t *w = subscribe(0, "a");

	unsendable = 1;
	notifier_tell(w->subscription);
	turn();
	assert_int_equal(w->notifies, 0);
	/* changes do not hurry it */
	answered(1);
	turn();
	assert_int_equal(w->notifies, 0);
	event_base_loop(loop, EVLOOP_ONCE);
	turn();
	assert_int_equal(w->notifies, 1);
	assert_int_equal(w->sent.version, 1);
	assert_int_equal(w->sent.user[1], SEEN_CONNECTED);
}


static void test_a_notify_that_can_never_be_sent_ends_it(void **state)
{
	client_t *w = subscribe(0, "a");

	unsendable = 1000;
	for(int i = 0; i < 10; i++) {
		notifier_tell(w->subscription);
		turn();
	}
	assert_null(w->subscription);
	assert_int_equal(unsendable, 990);
	unsendable = 0;
}


static void test_same_watcher_same_device_replaces(void **state)
{
	client_t *first = subscribe(0, "a"), *other = subscribe(0, "b");
	client_t *bob = subscribe(1, "a");

	notifier_tell(first->subscription);
	subscribe(0, "a");
	assert_null(first->subscription);
	assert_int_equal(first->id, 0);
	assert_non_null(other->subscription);
	assert_non_null(bob->subscription);
	assert_int_equal(counted[STAT_SUBSCRIPTIONS], 3);
}


static void test_subscriptions_of_one_watcher_are_bounded(void **state)
{
	char device[24];

	subscribe(1, "x");
	for(int i = 0; i < 30; i++) {
		snprintf(device, sizeof(device), "device%d", i);
		subscribe(0, device)->notifies = 1; /* its place is not taken again */
	}
	assert_int_equal(
			counted[STAT_SUBSCRIPTIONS], SUBSCRIPTIONS_PER_WATCHER + 1);
	assert_non_null(clients[0].subscription);
	assert_null(clients[30 - SUBSCRIPTIONS_PER_WATCHER].subscription);
	assert_non_null(clients[31 - SUBSCRIPTIONS_PER_WATCHER].subscription);
}


static void note_watcher(const notify_watcher_t *w, void *arg)
{
	notify_watcher_t *out = arg;

	*out = *w;
}


static void test_looking_in(void **state)
{
	notify_watcher_t w = {0};

	notify_each(conference, note_watcher, &w);
	assert_int_equal(w.version, 0);
	watching(1);
	notify_each(conference, note_watcher, &w);
	assert_int_equal(w.version, 1);
	assert_int_equal(w.expires, 3600);
	assert_int_equal(w.waiting, 1);
	assert_int_equal(w.told, 0);
	answer(&clients[0], 200, 1);
	notify_each(conference, note_watcher, &w);
	assert_int_equal(w.waiting, 0);
	assert_int_equal(w.told, conference->revision);
	assert_string_equal(w.name.s, people[1]);
}


static void test_N2_a_difference_says_what_changed(void **state)
{
	client_t *w = told_once(0);

	answered(1);
	turn();
	assert_true(w->sent.partial);
	assert_int_equal(w->sent.version, 2);
	assert_int_equal(w->sent.user[0], SEEN_NOTHING);
	assert_int_equal(w->sent.user[1], SEEN_CONNECTED);
	assert_non_null(strstr(w->sent.text, "<users state=\"partial\">"));
	assert_null(strstr(w->sent.text, "<conference-description"));
}


static void test_N2_a_refresh_is_answered_with_full_state(void **state)
{
	client_t *w = told_once(0);

	notifier_tell(w->subscription);
	turn();
	assert_false(w->sent.partial);
	assert_int_equal(w->sent.version, 2);
}


static void test_a_refresh_while_one_is_in_flight(void **state)
{
	client_t *w = watching(0);

	notifier_tell(w->subscription);
	turn();
	assert_int_equal(w->notifies, 1);
	answer(w, 200, 1);
	turn();
	assert_int_equal(w->notifies, 2);
	assert_false(w->sent.partial);
}


static void test_N9_deletion_by_itself_is_no_news(void **state)
{
	client_t *w = told_once(0);

	answered(1);
	turn();
	answer(w, 200, 1);
	left(1);
	turn();
	answer(w, 200, 1);
	turn();
	assert_int_equal(w->id, 0);
	assert_int_equal(w->notifies, 3);
}


static void test_full_documents_only(void **state)
{
	client_t *w;

	settings.notify_full_for = "^(Blink|SIPSIMPLE)[- ]";
	assert_int_equal(profile_prepare(), 0);
	reply_header = "User-Agent";
	reply_value = "Blink Pro 5";
	w = told_once(0);
	reply_value = "Blinker";
	told_once(1);
	reply_header = NULL;
	answered(1);
	turn();
	assert_false(w->sent.partial);
	assert_int_equal(w->sent.user[0], SEEN_CONNECTED);
	assert_true(clients[1].sent.partial);
	settings.notify_full_for = NULL;
	assert_int_equal(profile_prepare(), 0);
}


static void test_who_watches_before_it_comes_finds_itself(void **state)
{
	static sip_request_t rq;
	str none = {NULL, 0}, device = TEXT("x");
	client_t *w = clients;

	/* as policy of a group may allow */
	rq.requester = person("sip:frank@example.com");
	w->subscription = subscription_create(conference, &rq, &none, &device);
	assert_non_null(w->subscription);
	assert_null(w->subscription->watcher);
	subscription_prolong(w->subscription, 3600);
	notifier_tell(w->subscription);
	turn();
	assert_int_equal(w->sent.own, -1);
	assert_int_equal(w->sent.user[0], SEEN_CONNECTED);
}


static void described(const char *subject)
{
	effects_t fx = {0};
	str text = text_of(subject);

	conference_describe(conference, &text, &fx);
	run(&fx);
}


/* A difference could not say it; who has one in flight is told behind it. */
static void test_M1_another_subject_is_told_in_full(void **state)
{
	client_t *w = told_once(0), *behind;

	answered(1);
	turn();
	answer(w, 200, 1);
	assert_true(w->sent.partial);
	behind = watching(1);
	described("dinner");
	turn();
	assert_false(w->sent.partial);
	assert_non_null(strstr(w->sent.text, "<subject>dinner</subject>"));
	assert_non_null(strstr(behind->sent.text, "<subject>lunch</subject>"));
	settle();
	assert_non_null(strstr(behind->sent.text, "<subject>dinner</subject>"));
	/* once */
	answered(2);
	turn();
	assert_true(w->sent.partial);
	assert_true(behind->sent.partial);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			world_test(test_M1_another_subject_is_told_in_full),
			world_test(test_S4_full_state_at_once),
			world_test(test_N3_entity_is_the_session_identity),
			world_test(test_N10_only_the_watcher_is_its_own),
			world_test(test_N9_every_change_is_told_once),
			world_test(test_one_in_flight_and_one_behind_it),
			world_test(test_a_failure_that_keeps_it_loses_nothing),
			world_test(test_failures_that_end_it),
			world_test(test_S8_unsubscribing),
			world_test(test_S8_unsubscribing_while_one_is_in_flight),
			world_test(test_expiry),
			world_test(test_end_of_the_conference),
			world_test(test_end_after_the_watcher_has_gone),
			world_test(test_a_notify_that_could_not_be_sent_is_sent_later),
			world_test(test_a_notify_that_can_never_be_sent_ends_it),
			world_test(test_same_watcher_same_device_replaces),
			world_test(test_subscriptions_of_one_watcher_are_bounded),
			world_test(test_looking_in),
			world_test(test_N2_a_difference_says_what_changed),
			world_test(test_N2_a_refresh_is_answered_with_full_state),
			world_test(test_a_refresh_while_one_is_in_flight),
			world_test(test_N9_deletion_by_itself_is_no_news),
			world_test(test_full_documents_only),
			world_test(test_who_watches_before_it_comes_finds_itself),
	};

	return cmocka_run_group_tests(tests, start_world, stop_world);
}
