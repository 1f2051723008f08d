/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the switch: whichever allocation fails while a message passes,
 * nobody is told 200 of what somebody misses and nobody counted.
 */
#define _GNU_SOURCE /* memmem */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

/* the stage has more than this program needs */
#pragma GCC diagnostic ignored "-Wunused-function"
#include "alloc_fault.h"
#include "switch_stage.h"

#define ALICE (&cast[0])
#define BOB (&cast[1])
#define CAROL (&cast[2])
#define LARGE 200000
#define CHUNKS 4
#define TURNS 4
/* far above what any of the stories allocates */
#define FAULTS_MAX 500

static const char *const three[] = {"alice", "bob", "carol"};


/* alice and bob are bound, carol is in and has not connected */
static void set_stage(void)
{
	set_defaults();
	stage_open(three, 3);
	all_come_in();
	open_leg(ALICE);
	open_leg(BOB);
}


/* The loop goes on while the `n`-th allocation fails. Returns how many are
 * left until it. */
static long suffer(long n)
{
	fail_after = n;
	for(int i = 0; i < TURNS; i++)
		turn(1);
	n = fail_after;
	fail_after = 0;
	return n;
}


/* Everything that came and comes, be it over a new connection. */
static void hear(client_t *cl)
{
	for(int i = 0; i < TURNS; i++) {
		turn(1);
		if(cl->fd >= 0 && !take(cl))
			hang_up(cl);
	}
	if(!cl->p->leg || cl->fd >= 0)
		return;
	cl->fd = dial();
	send_frame(cl, path_of(cl), "late", "SEND", "Message-ID: b\r\n", '$');
	await(cl, "MSRP late 200");
	turn(1);
	take(cl);
}


static int octets(const client_t *cl)
{
	int n = 0;

	for(size_t i = 0; i < cl->in.len; i++)
		n += cl->in.s[i] == '~';
	return n;
}


/* Who has not all of `size` octets is counted. */
static void assert_accounted(int size)
{
	int missing = 0;

	hear(BOB);
	hear(CAROL);
	for(int i = 1; i < 3; i++) {
		missing += octets(&cast[i]) < size;
		assert_true(octets(&cast[i]) <= size);
	}
	if(missing > statistics[STAT_DROPS])
		fail_msg(
				"%d miss it, %ld are counted", missing, statistics[STAT_DROPS]);
}


/* Returns how many allocations were left until the one that fails. */
static long whole(long n)
{
	long left;

	set_stage();
	say(ALICE, "t001", cpim(ALICE, "~~~~"));
	left = suffer(n);
	take(ALICE);
	if(has(ALICE, "MSRP t001 200"))
		assert_accounted(4);
	stage_close();
	return left;
}


static void test_a_message_without_memory(void **state)
{
	long n = 1;

	while(n < FAULTS_MAX && whole(n) == 0)
		n++;
	assert_in_range(n, 5, FAULTS_MAX - 1);
}


/* The same for one that streams. */
static long stream(long n)
{
	char *body = malloc(LARGE + 1), id[16], want[32];
	int head = (int)strlen(cpim(ALICE, "")), size = LARGE / CHUNKS;
	int taken = 0;

	set_stage();
	memset(body, '~', LARGE);
	memcpy(body, cpim(ALICE, ""), head);
	body[LARGE] = 0;
	for(int i = 0; i < CHUNKS && take(ALICE); i++) {
		snprintf(id, sizeof(id), "t%03d", i);
		send_chunk(ALICE, id, "m1", i * size + 1, LARGE, body + i * size, size,
				i < CHUNKS - 1 ? '+' : '$');
		n = suffer(n);
		take(ALICE);
		snprintf(want, sizeof(want), "MSRP %s 200", id);
		taken += has(ALICE, want);
	}
	if(taken == CHUNKS)
		assert_accounted(LARGE - head);
	free(body);
	stage_close();
	return n;
}


static void test_a_stream_without_memory(void **state)
{
	long n = 1;

	while(n < FAULTS_MAX && stream(n) == 0)
		n++;
	assert_in_range(n, 10, FAULTS_MAX - 1);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_a_message_without_memory),
			cmocka_unit_test(test_a_stream_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
