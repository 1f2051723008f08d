/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the switch: a large message goes no faster than its slowest
 * recipient reads, as long as that one reads at all.
 */
#define _GNU_SOURCE /* memmem */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

/* the stage has more than this program needs */
#pragma GCC diagnostic ignored "-Wunused-function"
#include "switch_stage.h"

#define ALICE (&cast[0])
#define BOB (&cast[1])
#define CAROL (&cast[2])
#define LARGE (4 << 20)
#define CHUNK 50000
#define SIP 20000 /* octets that a slow one reads at a time */

static const char *const three[] = {"alice", "bob", "carol"};

/* what alice has to send, and how much of it she has sent */
static buffer_t script;
static size_t said;


static void add_chunk(int number, const char *body, int from)
{
	int len = LARGE - from < CHUNK ? LARGE - from : CHUNK;

	buffer_printf(&script,
			"MSRP c%05d SEND\r\nTo-Path: %s\r\n"
			"From-Path: msrp://127.0.0.1:9999/%s;tcp\r\nMessage-ID: big\r\n"
			"Byte-Range: %d-%d/%d\r\nContent-Type: message/cpim\r\n\r\n",
			number, path_of(ALICE), ALICE->session, from + 1, from + len,
			LARGE);
	buffer_add(&script, body + from, len);
	buffer_printf(&script, "\r\n-------c%05d%c\r\n", number,
			from + len < LARGE ? '+' : '$');
}


static connection_t *connection_of(const client_t *cl)
{
	return ((leg_t *)cl->p->leg)->connection;
}


/* Little room on the way from one to another. */
static void narrow(int from, int to)
{
	int size = 16384;

	setsockopt(from, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(to, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}


static int setup(void **state)
{
	char *body = malloc(LARGE);

	set_defaults();
	stage_open(three, 3);
	all_come_in();
	open_all();
	narrow(connection_of(BOB)->fd, BOB->fd);
	narrow(ALICE->fd, connection_of(ALICE)->fd);
	memset(body, '~', LARGE);
	memcpy(body, cpim(ALICE, ""), strlen(cpim(ALICE, "")));
	buffer_init(&script, 0);
	for(int i = 0; i * CHUNK < LARGE; i++)
		add_chunk(i, body, i * CHUNK);
	free(body);
	said = 0;
	return 0;
}


static int teardown(void **state)
{
	buffer_free(&script);
	stage_close();
	return 0;
}


/* As much as her socket takes. */
static void go_on(void)
{
	ssize_t sent;

	do {
		sent = send(
				ALICE->fd, script.s + said, script.len - said, MSG_NOSIGNAL);
		said += sent > 0 ? sent : 0;
	} while(sent > 0 && said < script.len);
	take(ALICE);
}


static void sip(client_t *cl)
{
	char space[SIP];
	ssize_t got = recv(cl->fd, space, sizeof(space), 0);

	if(got > 0)
		buffer_add(&cl->in, space, got);
}


static int is_ended(const client_t *cl)
{
	return cl->in.len > 3 && !memcmp(cl->in.s + cl->in.len - 3, "$\r\n", 3);
}


static int octets(const client_t *cl)
{
	int n = 0;

	for(size_t i = 0; i < cl->in.len; i++)
		n += cl->in.s[i] == '~';
	return n;
}


static int all_octets(void)
{
	return LARGE - (int)strlen(cpim(ALICE, ""));
}


/* She has it all taken at once, were it for the switch; he reads as much in a
 * turn. */
static void test_a_stream_waits_for_who_reads_slowly(void **state)
{
	int64_t deadline = schedule_now() + 3 * WAIT_MS;

	while(!is_ended(BOB)) {
		if(schedule_now() > deadline)
			fail_msg("he has %zu octets", BOB->in.len);
		go_on();
		sip(BOB);
		take(CAROL);
		turn(1);
	}
	await(CAROL, "$\r\n");
	assert_int_equal(octets(BOB), all_octets());
	assert_int_equal(octets(CAROL), all_octets());
	assert_int_equal(statistics[STAT_LEGS_DROPPED], 0);
	await(ALICE, "MSRP c00083 200");
}


/* Nobody has to wait for long for who does not read at all. */
static void test_a_stream_does_not_wait_for_ever(void **state)
{
	int64_t deadline = schedule_now() + 3 * WAIT_MS;

	while(!is_ended(CAROL)) {
		if(schedule_now() > deadline)
			fail_msg("she has %zu octets", CAROL->in.len);
		go_on();
		take(CAROL);
		turn(1);
	}
	assert_int_equal(octets(CAROL), all_octets());
	assert_int_equal(statistics[STAT_LEGS_DROPPED], 1);
	assert_true(statistics[STAT_DROPS] > 0);
}


/* What waits with its sender goes with it. */
static void test_who_speaks_goes_while_it_is_waited_for(void **state)
{
	int64_t deadline = schedule_now() + 3 * WAIT_MS;

	while(connection_of(ALICE)->paused == 0) {
		assert_true(schedule_now() < deadline);
		go_on();
		turn(1);
	}
	assert_true(said < script.len);
	hang_up(ALICE);
	while(!has(BOB, "#\r\n")) {
		assert_true(schedule_now() < deadline);
		sip(BOB);
		turn(1);
	}
	await(CAROL, "#\r\n");
	assert_int_equal(statistics[STAT_LEGS_DROPPED], 0);
	say(BOB, "t001", cpim(BOB, "pity"));
	await(CAROL, "pity");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
			TEST(test_a_stream_waits_for_who_reads_slowly),
			TEST(test_a_stream_does_not_wait_for_ever),
			TEST(test_who_speaks_goes_while_it_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
