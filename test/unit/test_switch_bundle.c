/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the switch: what comes with one read and goes out with one
 * write, and what must not wait for that.
 */
#define _GNU_SOURCE /* memmem */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "switch_stage.h"

#define ALICE (&cast[0])
#define BOB (&cast[1])
#define CAROL (&cast[2])
#define BURST 40

static const char *const three[] = {"alice", "bob", "carol"};


static int setup(void **state)
{
	set_defaults();
	stage_open(three, 3);
	all_come_in();
	return 0;
}


static int teardown(void **state)
{
	stage_close();
	return 0;
}


/* Adds Alice's message `number` to `b`; `header` lines are added to it. */
static void add_message(
		buffer_t *b, int number, const char *to, const char *header)
{
	char body[512];
	int len = snprintf(body, sizeof(body),
			"From: <%s>\r\nTo: <%s>\r\n\r\n"
			"Content-type: text/plain\r\n\r\n<number %d>",
			ALICE->uri, to, number);

	buffer_printf(
			b, "MSRP t%03d SEND\r\nTo-Path: %s\r\n", number, path_of(ALICE));
	buffer_printf(b,
			"From-Path: msrp://127.0.0.1:9999/%s;tcp\r\nMessage-ID: m%d\r\n",
			ALICE->session, number);
	buffer_printf(b,
			"Byte-Range: 1-%d/%d\r\n%sContent-Type: message/cpim\r\n\r\n", len,
			len, header);
	buffer_printf(b, "%s\r\n-------t%03d$\r\n", body, number);
}


/* All at once, so that one read of the switch brings them. */
static void burst(int count)
{
	buffer_t b;

	buffer_init(&b, 0);
	for(int i = 0; i < count; i++)
		add_message(&b, i, ROOM_URI, "");
	send_raw(ALICE, b.s, b.len);
	buffer_free(&b);
}


static void assert_order(client_t *cl, int count)
{
	char *at, text[32];

	buffer_add(&cl->in, "", 1);
	at = cl->in.s;
	for(int i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "<number %d>", i);
		at = strstr(at, text);
		assert_non_null(at);
	}
	cl->in.len--;
}


static void test_a_burst_reaches_everybody_in_order(void **state)
{
	open_all();
	burst(BURST);
	for(int i = 1; i < 3; i++) {
		await_times(&cast[i], "$\r\n", BURST);
		assert_int_equal(times(&cast[i], cast[i].session), BURST);
		assert_order(&cast[i], BURST);
	}
	await_times(ALICE, " 200 OK", BURST);
	assert_false(has(ALICE, "<number"));
	assert_int_equal(statistics[STAT_MESSAGES], BURST);
	assert_int_equal(statistics[STAT_DELIVERIES], 2 * BURST);
	assert_int_equal(statistics[STAT_BYTES], BOB->in.len + CAROL->in.len);
}


static void test_who_is_not_connected_has_the_burst_later(void **state)
{
	open_leg(ALICE);
	open_leg(BOB);
	burst(BURST);
	await_times(BOB, "$\r\n", BURST);
	assert_int_equal(statistics[STAT_DELIVERIES], BURST);
	bind_leg(CAROL);
	await_times(CAROL, " SEND\r\n", BURST);
	assert_order(CAROL, BURST);
	assert_int_equal(statistics[STAT_DROPS], 0);
}


/* Little room between the switch and Bob. */
static connection_t *narrow(void)
{
	connection_t *c = ((leg_t *)BOB->p->leg)->connection;
	int size = 32768;

	setsockopt(BOB->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(c->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return c;
}


/* One burst, which Carol hears. */
static void burst_for_carol(void)
{
	buffer_clear(&CAROL->in);
	burst(BURST);
	await_times(CAROL, "$\r\n", BURST);
}


static void test_a_full_socket_has_the_rest_later(void **state)
{
	connection_t *c;
	int bursts = 0;

	open_all();
	for(c = narrow(); c->out.count == 0 && bursts < 100; bursts++)
		burst_for_carol();
	assert_true(c->out.count > 0);
	await_times(BOB, "$\r\n", bursts * BURST);
	assert_order(BOB, BURST);
	assert_int_equal(c->out.count, 0);
	assert_int_equal(statistics[STAT_DELIVERIES], 2 * bursts * BURST);
	assert_int_equal(times(BOB, "<number 39>"), bursts);
}


static void test_who_does_not_read_is_dropped_and_no_other(void **state)
{
	leg_t *bob = BOB->p->leg;

	settings.leg_queue_max = 50000;
	open_all();
	narrow();
	for(int i = 0; bob->state == LEG_BOUND && i < 100; i++)
		burst_for_carol();
	assert_int_equal(bob->state, LEG_LOST);
	assert_int_equal(statistics[STAT_LEGS_DROPPED], 1);
	assert_true(statistics[STAT_DROPS] > 0);
	await_close(BOB);
	say(ALICE, "t999", cpim(ALICE, "afterwards"));
	await(CAROL, "afterwards");
}


static void test_a_private_message_keeps_its_place(void **state)
{
	buffer_t b;

	open_all();
	buffer_init(&b, 0);
	add_message(&b, 0, ROOM_URI, "");
	add_message(&b, 1, ROOM_URI, "");
	add_message(&b, 2, BOB->uri, "");
	add_message(&b, 3, ROOM_URI, "");
	send_raw(ALICE, b.s, b.len);
	buffer_free(&b);
	await_times(BOB, "$\r\n", 4);
	assert_order(BOB, 4);
	await_times(CAROL, "$\r\n", 3);
	assert_false(has(CAROL, "<number 2>"));
}


/* Alice asks what becomes of message 2 of 4. */
static void burst_with_a_question(void)
{
	buffer_t b;

	buffer_init(&b, 0);
	for(int i = 0; i < 4; i++)
		add_message(&b, i, ROOM_URI, i == 2 ? "Success-Report: yes\r\n" : "");
	send_raw(ALICE, b.s, b.len);
	buffer_free(&b);
}


static void test_a_report_is_of_what_was_handed_over(void **state)
{
	open_all();
	burst_with_a_question();
	await_times(ALICE, " 200 OK", 5); /* one of them is the Status */
	assert_int_equal(times(ALICE, " REPORT\r\n"), 1);
	assert_true(has(ALICE, "Message-ID: m2\r\n"));
	await_times(BOB, "$\r\n", 4);
	assert_order(BOB, 4);
}


static void test_no_report_of_what_is_only_kept(void **state)
{
	open_leg(ALICE);
	open_leg(BOB);
	burst_with_a_question();
	await_times(ALICE, " 200 OK", 4);
	await_times(BOB, "$\r\n", 4);
	bind_leg(CAROL);
	await_times(CAROL, " SEND\r\n", 4);
	assert_false(has(ALICE, "REPORT"));
}


/* A relay in between: both are on one connection. */
static void test_two_legs_of_one_connection(void **state)
{
	open_leg(ALICE);
	BOB->fd = ALICE->fd;
	send_frame(BOB, path_of(BOB), "bind2", "SEND", "Message-ID: b\r\n", '$');
	await(ALICE, "MSRP bind2 200");
	buffer_clear(&ALICE->in);
	burst(BURST);
	await_times(ALICE, "$\r\n", 2 * BURST);
	assert_int_equal(times(ALICE, " 200 OK"), BURST);
	assert_order(ALICE, BURST);
	BOB->fd = -1;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
			TEST(test_a_burst_reaches_everybody_in_order),
			TEST(test_who_is_not_connected_has_the_burst_later),
			TEST(test_a_full_socket_has_the_rest_later),
			TEST(test_who_does_not_read_is_dropped_and_no_other),
			TEST(test_a_private_message_keeps_its_place),
			TEST(test_a_report_is_of_what_was_handed_over),
			TEST(test_no_report_of_what_is_only_kept),
			TEST(test_two_legs_of_one_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
