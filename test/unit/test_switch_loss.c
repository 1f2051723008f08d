/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the switch: on whatever path a message that was answered 200
 * could get lost, it arrives, or the loss is counted and reported.
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
#define LARGE 200000

static const char *const three[] = {"alice", "bob", "carol"};


static int setup(void **state)
{
	set_defaults();
	stage_open(three, 3);
	all_come_in();
	open_all();
	return 0;
}


static int teardown(void **state)
{
	stage_close();
	return 0;
}


static void leave(client_t *cl)
{
	effects_t fx;

	effects_init(&fx);
	conference_left(cl->p, DEPARTED_LEFT, &fx);
	effects_run(stage, &fx);
}


static void end(void)
{
	effects_t fx;

	effects_init(&fx);
	conference_end(stage, END_NONE, &fx);
	effects_run(stage, &fx);
}


/* A CPIM of LARGE octets from `cl`; on the heap. */
static char *large(const client_t *cl)
{
	char *body = malloc(LARGE + 1);

	memset(body, 's', LARGE);
	memcpy(body, cpim(cl, ""), strlen(cpim(cl, "")));
	body[LARGE] = 0;
	return body;
}


/* `cl` begins a large message, which has the room to itself, and `hears` has
 * heard the begin of it. */
static void begin_stream(client_t *cl, client_t *hears)
{
	char *body = large(cl);

	settings.interleave = 0;
	send_chunk(cl, "c001", "m1", 1, LARGE, body, 100000, '+');
	await(cl, "MSRP c001 200");
	await(hears, "+\r\n");
	free(body);
}


/* A private message to `to`, whose failure is to be reported. */
static void whisper(client_t *cl, const client_t *to, const char *text)
{
	char rest[1024];

	snprintf(rest, sizeof(rest),
			"Message-ID: w\r\nFailure-Report: yes\r\n"
			"Content-Type: message/cpim\r\n\r\n"
			"From: <%s>\r\nTo: <%s>\r\n\r\n"
			"Content-type: text/plain\r\n\r\n%s\r\n",
			cl->uri, to->uri, text);
	send_frame(cl, path_of(cl), "w001", "SEND", rest, '$');
	await(cl, "MSRP w001 200");
}


/* ---- what waits for its turn ---- */

static void test_who_leaves_hears_what_waited(void **state)
{
	begin_stream(ALICE, BOB);
	say(CAROL, "t001", cpim(CAROL, "meanwhile"));
	await(CAROL, "MSRP t001 200");
	leave(BOB);
	await(BOB, "meanwhile");
	await_close(BOB);
	assert_false(has(ALICE, "meanwhile"));
	hang_up(ALICE);
	AWAIT(statistics[STAT_LEGS] == 1);
	assert_int_equal(times(BOB, "meanwhile"), 1);
}


static void test_the_end_lets_everybody_hear_what_waited(void **state)
{
	begin_stream(BOB, ALICE);
	say(CAROL, "t001", cpim(CAROL, "meanwhile"));
	await(CAROL, "MSRP t001 200");
	whisper(CAROL, ALICE, "psst");
	end();
	await(ALICE, "meanwhile");
	await(ALICE, "psst");
	await(BOB, "meanwhile");
	assert_false(has(BOB, "psst"));
	assert_int_equal(times(ALICE, "meanwhile"), 1);
	assert_int_equal(statistics[STAT_DROPS], 0);
}


static void test_what_waited_for_who_is_gone_is_counted(void **state)
{
	begin_stream(ALICE, BOB);
	hang_up(BOB);
	AWAIT(strcmp(media.state(BOB->p), "lost") == 0);
	whisper(CAROL, BOB, "psst");
	leave(BOB);
	await(CAROL, " REPORT\r\n");
	assert_true(has(CAROL, "Status: 000 408"));
	/* nor will he hear the rest of the large one */
	assert_int_equal(statistics[STAT_DROPS], 1);
}


/* ---- connections that end ---- */

static void test_the_old_connection_does_not_stand_in_the_way(void **state)
{
	hang_up(BOB);
	BOB->fd = dial();
	send_frame(BOB, path_of(BOB), "again", "SEND", "Message-ID: b\r\n", '$');
	await(BOB, "MSRP again ");
	assert_true(has(BOB, "MSRP again 200"));
	say(ALICE, "t001", cpim(ALICE, "still there?"));
	await(BOB, "still there?");
}


/* Little room between the switch and `cl`. */
static connection_t *narrow(client_t *cl)
{
	connection_t *c = ((leg_t *)cl->p->leg)->connection;
	int size = 16384;

	setsockopt(cl->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	size = 4 << 20;
	setsockopt(c->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return c;
}


/* What the kernel has taken is not for it to throw away, though there be
 * something that nobody will read any more. */
static void test_what_the_socket_took_arrives_after_the_end(void **state)
{
	char *body = large(ALICE), id[16], want[32];
	connection_t *c = narrow(BOB);
	int n;

	for(n = 0; n < 20 && c->out.count == 0; n++) {
		snprintf(id, sizeof(id), "t%03d", n);
		snprintf(want, sizeof(want), "MSRP %s 200", id);
		send_chunk(ALICE, id, id, 1, 50000, body, 50000, '$');
		await(ALICE, want);
	}
	free(body);
	send_frame(BOB, path_of(BOB), "late", "SEND", "Message-ID: l\r\n", '$');
	end();
	await_close(BOB);
	assert_int_equal(times(BOB, "Message-ID: t"), n);
	assert_int_equal(times(BOB, "$\r\n"), n);
	assert_int_equal(statistics[STAT_DROPS], 0);
}


static void test_what_came_before_garbage_is_answered(void **state)
{
	buffer_t b;

	buffer_init(&b, 0);
	buffer_printf(&b,
			"MSRP good SEND\r\nTo-Path: %s\r\n"
			"From-Path: msrp://127.0.0.1:9999/%s;tcp\r\nMessage-ID: g\r\n"
			"Content-Type: message/cpim\r\n\r\n%s\r\n-------good$\r\n"
			"GET / HTTP/1.1\r\n\r\n",
			path_of(BOB), BOB->session, cpim(BOB, "my last"));
	send_raw(BOB, b.s, b.len);
	await(ALICE, "my last");
	await(BOB, "MSRP good 200");
	await_close(BOB);
	buffer_free(&b);
}


/* RFC 4975 section 7.1: it knows nothing of the session (any more) */
static void test_a_481_to_what_we_sent_ends_the_leg(void **state)
{
	send_frame(BOB, path_of(CAROL), "some", "481 No such session", "", '$');
	send_frame(BOB, path_of(BOB), "some", "400 Bad request", "", '$');
	say(ALICE, "t001", cpim(ALICE, "first"));
	await(BOB, "first");
	await(CAROL, "first");
	send_frame(BOB, path_of(BOB), "some", "481 No such session", "", '$');
	await_close(BOB);
	assert_string_equal(media.state(BOB->p), "lost");
	assert_string_equal(media.state(CAROL->p), "bound");
	say(ALICE, "t002", cpim(ALICE, "second"));
	await(ALICE, "MSRP t002 200");
	bind_leg(BOB);
	await(BOB, "second");
}


/* ---- what is not what it says ---- */

/* Who takes less must not get more by a lie. */
static void test_longer_than_it_said_400(void **state)
{
	char *body = large(ALICE);

	send_chunk(ALICE, "c001", "m1", 1, 100000, body, 90000, '+');
	await(ALICE, "MSRP c001 200");
	send_chunk(ALICE, "c002", "m1", 90001, LARGE, body + 90000, 20000, '+');
	await(ALICE, "MSRP c002 400");
	await(BOB, "#\r\n");
	assert_true(times(BOB, "/100000\r\n") > 0);
	assert_int_equal(times(BOB, "/200000\r\n"), 0);
	free(body);
}


static void test_much_longer_than_it_said_400(void **state)
{
	char *body = large(ALICE), *rest = malloc(LARGE + 256);

	sprintf(rest,
			"Message-ID: m2\r\nByte-Range: 1-*/100\r\n"
			"Content-Type: message/cpim\r\n\r\n%s\r\n",
			body);
	send_frame(ALICE, path_of(ALICE), "c003", "SEND", rest, '$');
	await(ALICE, "MSRP c003 400");
	assert_int_equal(statistics[STAT_DELIVERIES], 0);
	free(rest);
	free(body);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
			TEST(test_who_leaves_hears_what_waited),
			TEST(test_the_end_lets_everybody_hear_what_waited),
			TEST(test_what_waited_for_who_is_gone_is_counted),
			TEST(test_the_old_connection_does_not_stand_in_the_way),
			TEST(test_what_the_socket_took_arrives_after_the_end),
			TEST(test_what_came_before_garbage_is_answered),
			TEST(test_a_481_to_what_we_sent_ends_the_leg),
			TEST(test_longer_than_it_said_400),
			TEST(test_much_longer_than_it_said_400),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
