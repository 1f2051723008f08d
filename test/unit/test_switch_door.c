/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the bounds on connections, and of port ranges.
 */
#define _GNU_SOURCE /* memmem */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "switch/door.h"
#include "switch/ports.h"
#include "switch_stage.h"

#define ALICE (&cast[0])
#define BOB (&cast[1])

static const char *const two[] = {"alice", "bob"};


static int setup(void **state)
{
	set_defaults();
	stage_open(two, 2);
	return 0;
}


static int teardown(void **state)
{
	stage_close();
	set_defaults();
	return 0;
}


/* A stranger's connection: 1 when it stays, 0 when it is closed at once. */
static int stays(int fd)
{
	char c;
	ssize_t got;

	for(int i = 0; i < 20; i++)
		turn(1);
	got = recv(fd, &c, 1, MSG_DONTWAIT);
	return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}


static void test_full_worker_refuses_and_recovers(void **state)
{
	int fd;

	all_come_in();
	open_all();
	settings.msrp_connections_max = 2;
	fd = dial();
	assert_false(stays(fd));
	close(fd);
	assert_int_equal(statistics[STAT_CONNECTIONS_REFUSED], 1);
	say(ALICE, "a1", cpim(ALICE, "still there"));
	await(BOB, "still there");
	assert_false(has(ALICE, "still there"));
	hang_up(BOB);
	AWAIT(statistics[STAT_LEGS] == 1);
	BOB->fd = dial();
	assert_true(stays(BOB->fd));
}


static void test_strangers_of_one_source_are_bounded(void **state)
{
	int a, b;

	all_come_in();
	settings.msrp_unbound_max = 2;
	a = dial();
	b = dial();
	assert_true(stays(a));
	assert_true(stays(b));
	BOB->fd = dial();
	await_close(BOB);
	hang_up(BOB);
	/* who opens a session is no stranger any more */
	ALICE->fd = a;
	send_frame(ALICE, path_of(ALICE), "bind", "SEND", "Message-ID: b\r\n", '$');
	await(ALICE, "MSRP bind 200");
	BOB->fd = dial();
	assert_true(stays(BOB->fd));
	close(b);
}


static struct sockaddr_in6 address_of(const char *text)
{
	struct sockaddr_in6 a = {.sin6_family = AF_INET6};

	inet_pton(AF_INET6, text, &a.sin6_addr);
	return a;
}


static void test_sources_are_prefixes_of_ipv6(void **state)
{
	static const char *const from[] = {"2001:db8::1", "2001:db8::2:1",
			"2001:db8:0:1::1", "::ffff:10.0.0.1", "::ffff:10.0.0.2"};
	static const int refused[] = {0, 1, 0, 0, 0};
	door_place_t place[5] = {0};

	settings.msrp_unbound_max = 1;
	for(int i = 0; i < 5; i++) {
		struct sockaddr_in6 a = address_of(from[i]);

		assert_int_equal(
				door_enter((struct sockaddr *)&a, &place[i]), -refused[i]);
	}
	for(int i = 0; i < 5; i++)
		door_leave(&place[i]);
}


static void test_a_place_is_given_back_once(void **state)
{
	struct sockaddr_in6 a = address_of("2001:db8::1");
	door_place_t place = {0}, own = {0};

	settings.msrp_connections_max = 2;
	assert_int_equal(door_enter((struct sockaddr *)&a, &place), 0);
	assert_int_equal(door_enter_own(&own), 0);
	assert_int_equal(door_enter_own(&(door_place_t){0}), -1);
	door_settle(&place);
	door_settle(&place);
	door_leave(&place);
	door_leave(&place);
	assert_int_equal(door_enter((struct sockaddr *)&a, &place), 0);
	door_leave(&place);
	door_leave(&own);
}


static void test_port_ranges(void **state)
{
	static const struct
	{
		int tcp, tls, ws, wss, workers, result;
	} row[] = {
			{2855, 0, 0, 0, 64, 0},
			{2855, 2857, 2859, 2861, 2, 0},
			{2855, 2856, 0, 0, 2, -1},
			{2855, 0, 0, 2855, 1, -1},
			{2855, 2854, 0, 0, 2, -1},
			{2855, 2853, 0, 0, 2, 0},
			{65535, 0, 0, 0, 2, -1},
			{2855, 0, 65535, 0, 2, -1},
			{2855, 0, 65534, 0, 2, 0},
	};

	for(size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		settings.msrp_port = row[i].tcp;
		settings.msrps_port = row[i].tls;
		settings.msrp_ws_port = row[i].ws;
		settings.msrp_wss_port = row[i].wss;
		settings.workers = row[i].workers;
		assert_int_equal(ports_check(), row[i].result);
		assert_int_equal(ports_of(MSRP_WS, 1), row[i].ws ? row[i].ws + 1 : 0);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
			TEST(test_full_worker_refuses_and_recovers),
			TEST(test_strangers_of_one_source_are_bounded),
			TEST(test_sources_are_prefixes_of_ipv6),
			TEST(test_a_place_is_given_back_once),
			cmocka_unit_test(test_port_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
