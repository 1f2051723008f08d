/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of switch/: legs whose descriptions change while they are in the
 * room: another path, hold, an answer that is no use. Clause M1.
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


static int setup(void **state)
{
	static const char *const name[] = {"alice", "bob", "carol"};

	set_defaults();
	stage_open(name, 3);
	return 0;
}


static int setup_open(void **state)
{
	setup(state);
	all_come_in();
	open_all();
	return 0;
}


static int teardown(void **state)
{
	stage_close();
	return 0;
}


static int parse(const client_t *cl, const char *setup, const char *more,
		const char *types, sdp_t *sdp)
{
	static char text[1200];
	str s = description_of((client_t *)cl, setup, types);

	s.len = snprintf(text, sizeof(text), "%.*s%s", TEXT_ARG(&s), more);
	s.s = text;
	return sdp_parse(&s, sdp);
}


/* A re-INVITE with this direction; what we answer. */
static const char *turn_to(client_t *cl, const char *direction)
{
	static char said[1024];
	buffer_t out;
	char line[32];
	sdp_t sdp;

	snprintf(line, sizeof(line), "a=%s\r\n", direction);
	assert_int_equal(parse(cl, "active", line, "message/cpim", &sdp), SDP_OK);
	buffer_init(&out, 0);
	assert_int_equal(media.answer(cl->p, &sdp, &out), 0);
	snprintf(said, sizeof(said), "%.*s", (int)out.len, out.s);
	buffer_free(&out);
	return said;
}


static void test_M1_hold_keeps_what_is_said(void **state)
{
	assert_non_null(strstr(turn_to(BOB, "sendonly"), "a=recvonly\r\n"));
	say(ALICE, "t001", cpim(ALICE, "held"));
	await(CAROL, "held");
	assert_true(media.held(BOB->p) > 0);
	/* it may go on speaking */
	say(BOB, "t002", cpim(BOB, "from the hold"));
	await(ALICE, "from the hold");
	await(BOB, "MSRP t002 200");
	assert_false(has(BOB, "held\r\n"));
	assert_non_null(strstr(turn_to(BOB, "sendrecv"), "a=sendrecv\r\n"));
	await(BOB, "held\r\n");
	say(ALICE, "t003", cpim(ALICE, "at once"));
	await(BOB, "at once");
	assert_int_equal(media.held(BOB->p), 0);
	assert_int_equal(statistics[STAT_DROPS], 0);
}


static void test_M1_recvonly_hears_and_is_not_heard(void **state)
{
	assert_non_null(strstr(turn_to(BOB, "recvonly"), "a=sendonly\r\n"));
	say(BOB, "t001", cpim(BOB, "psst"));
	await(BOB, "MSRP t001 403");
	/* it keeps its connection alive all the same */
	send_frame(BOB, path_of(BOB), "t002", "SEND", "Message-ID: k\r\n", '$');
	await(BOB, "MSRP t002 200");
	say(ALICE, "t003", cpim(ALICE, "hello"));
	await(BOB, "hello");
	assert_false(has(ALICE, "psst"));
	turn_to(BOB, "sendrecv");
	say(BOB, "t004", cpim(BOB, "loud"));
	await(ALICE, "loud");
}


static void test_M1_inactive_is_both(void **state)
{
	assert_non_null(strstr(turn_to(BOB, "inactive"), "a=inactive\r\n"));
	say(BOB, "t001", cpim(BOB, "psst"));
	await(BOB, "MSRP t001 403");
	say(ALICE, "t002", cpim(ALICE, "later"));
	await(CAROL, "later");
	turn_to(BOB, "recvonly");
	await(BOB, "later");
}


/* Hold outlives the connection. */
static void test_M1_hold_holds_on_a_new_connection(void **state)
{
	turn_to(BOB, "sendonly");
	hang_up(BOB);
	AWAIT(strcmp(media.state(BOB->p), "lost") == 0);
	buffer_clear(&BOB->in);
	say(ALICE, "t001", cpim(ALICE, "held"));
	await(CAROL, "held");
	open_leg(BOB);
	assert_true(media.held(BOB->p) > 0);
	turn_to(BOB, "sendrecv");
	await(BOB, "held\r\n");
}


/* Who never wanted to hear has nothing kept, be it for hours. */
static void test_M1_who_only_speaks_from_the_start(void **state)
{
	effects_t fx;

	effects_init(&fx);
	turn_to(ALICE, "sendonly");
	conference_joined(ALICE->p, &fx);
	effects_run(stage, &fx);
	assert_int_equal(come_in(BOB, 0, "active"), 0);
	open_leg(ALICE);
	open_leg(BOB);
	say(BOB, "t001", cpim(BOB, "to nobody"));
	await(BOB, "MSRP t001 200");
	assert_int_equal(media.held(ALICE->p), 0);
	assert_int_equal(statistics[STAT_DROPS], 0);
	say(ALICE, "t002", cpim(ALICE, "news"));
	await(BOB, "news");
	/* from now on it is as anybody */
	turn_to(ALICE, "sendrecv");
	say(BOB, "t003", cpim(BOB, "welcome"));
	await(ALICE, "welcome");
	turn_to(ALICE, "inactive");
	say(BOB, "t004", cpim(BOB, "kept"));
	AWAIT(media.held(ALICE->p) > 0);
	turn_to(ALICE, "sendrecv");
	await(ALICE, "kept");
	assert_false(has(ALICE, "to nobody"));
}


/* Another port under the same session id: another endpoint. */
static void test_M1_another_port_moves_the_leg(void **state)
{
	buffer_t out;
	sdp_t sdp;

	listen_as(BOB);
	assert_int_equal(parse(BOB, "passive", "", "message/cpim", &sdp), SDP_OK);
	buffer_init(&out, 0);
	assert_int_equal(media.answer(BOB->p, &sdp, &out), 0);
	await_close(BOB);
	say(ALICE, "t001", cpim(ALICE, "follow me"));
	AWAIT((BOB->fd = accept(BOB->listening, NULL, NULL)) >= 0);
	fcntl(BOB->fd, F_SETFL, O_NONBLOCK);
	await(BOB, "follow me");
	/* and again the same is no move */
	assert_int_equal(media.answer(BOB->p, &sdp, &out), 0);
	assert_string_equal(media.state(BOB->p), "bound");
	buffer_free(&out);
}


static void test_M1_who_moved_may_connect_by_itself(void **state)
{
	buffer_t out;
	sdp_t sdp;

	snprintf(BOB->session, sizeof(BOB->session), "another");
	assert_int_equal(parse(BOB, "active", "", "message/cpim", &sdp), SDP_OK);
	buffer_init(&out, 0);
	assert_int_equal(media.answer(BOB->p, &sdp, &out), 0);
	assert_string_equal(media.state(BOB->p), "lost");
	await_close(BOB);
	say(ALICE, "t001", cpim(ALICE, "where are you?"));
	await(ALICE, "MSRP t001 200");
	bind_leg(BOB);
	await(BOB, "where are you?");
	buffer_free(&out);
}


/* Bob's new connection is faster than the ACK with his answer to the offer in
 * our 200, whether or not his old one is closed by then. */
static void move_ahead(int closes)
{
	buffer_t out;
	sdp_t sdp;

	buffer_init(&out, 0);
	assert_int_equal(media.offer(BOB->p, &out), 0);
	if(closes)
		hang_up(BOB);
	snprintf(BOB->session, sizeof(BOB->session), "another");
	bind_leg(BOB);
	assert_int_equal(parse(BOB, "active", "", "message/cpim", &sdp), SDP_OK);
	assert_int_equal(media.answered(BOB->p, &sdp), 0);
	assert_string_equal(media.state(BOB->p), "bound");
	say(ALICE, "t001", cpim(ALICE, "so soon?"));
	await(BOB, "/another;tcp\r\n");
	await(BOB, "so soon?");
	say(BOB, "t002", cpim(BOB, "sooner"));
	await(ALICE, "sooner");
	buffer_free(&out);
}


static void test_M1_a_connection_ahead_of_its_answer(void **state)
{
	move_ahead(1);
}


static void test_M1_a_connection_ahead_of_its_answer_beside_the_old_one(
		void **state)
{
	move_ahead(0);
}


/* The offer was answered: nobody else is let in by it any more. */
static void test_M1_an_answered_offer_lets_nobody_in(void **state)
{
	buffer_t out;

	buffer_init(&out, 0);
	assert_int_equal(media.offer(BOB->p, &out), 0);
	assert_int_equal(media.answered(BOB->p, NULL), 0);
	hang_up(CAROL);
	CAROL->fd = dial();
	send_frame(CAROL, path_of(BOB), "f001", "SEND", "Message-ID: f\r\n", '$');
	await(CAROL, "MSRP f001 481");
	say(ALICE, "t001", cpim(ALICE, "still you?"));
	await(BOB, "still you?");
	buffer_free(&out);
}


/* What we cannot use changes nothing for who has MSRP already. */
static void test_M1_a_useless_answer_keeps_the_leg(void **state)
{
	buffer_t out;
	sdp_t sdp;

	buffer_init(&out, 0);
	assert_int_equal(media.offer(BOB->p, &out), 0);
	assert_int_equal(parse(BOB, "active", "", "text/plain", &sdp), SDP_OK);
	assert_int_equal(media.answered(BOB->p, &sdp), 488);
	assert_string_equal(media.state(BOB->p), "bound");
	say(ALICE, "t001", cpim(ALICE, "still here"));
	await(BOB, "still here");
	buffer_free(&out);
}


static void test_M3_what_was_said_last_is_repeated(void **state)
{
	buffer_t out, again;

	buffer_init(&out, 0);
	buffer_init(&again, 0);
	assert_int_equal(media.offer(BOB->p, &out), 0);
	assert_int_equal(media.repeat(BOB->p, &again), 0);
	assert_int_equal(out.len, again.len);
	assert_memory_equal(out.s, again.s, out.len);
	buffer_free(&out);
	buffer_free(&again);
}


static int says(const buffer_t *description, const char *line)
{
	return memmem(description->s, description->len, line, strlen(line)) != NULL;
}


/* A refresh changes nothing (RFC 4028 7.4); a new offer of ours leaves the
 * roles open (RFC 6135 4.2.2), and what was refused in its place (RFC 3264 8). */
static void test_M3_a_new_offer_keeps_the_lines(void **state)
{
	buffer_t first, second, third;
	sdp_t sdp;
	str text;

	buffer_init(&first, 0);
	buffer_init(&second, 0);
	buffer_init(&third, 0);
	ALICE->says = "a=sendonly\r\n";
	buffer_add_text(&first, "v=0\r\nc=IN IP4 127.0.0.1\r\n"
							"m=audio 4 RTP/AVP 0\r\n");
	text = description_of(ALICE, "active", "message/cpim");
	buffer_add_text(&first, strstr(text.s, "m=message"));
	text = buffer_str(&first);
	assert_int_equal(sdp_parse(&text, &sdp), SDP_OK);
	assert_int_equal(media.answer(ALICE->p, &sdp, &second), 0);
	assert_true(says(&second, "a=setup:passive\r\n"));
	assert_int_equal(media.repeat(ALICE->p, &third), 0);
	assert_int_equal(second.len, third.len);
	assert_memory_equal(second.s, third.s, second.len);
	buffer_clear(&third);
	assert_int_equal(media.offer(ALICE->p, &third), 0);
	assert_true(says(&third, "m=audio 0 RTP/AVP 0\r\nm=message "));
	assert_true(says(&third, "a=setup:actpass\r\n"));
	assert_true(says(&third, "a=sendrecv\r\n"));
	assert_string_equal(media.state(ALICE->p), "bound");
	buffer_free(&first);
	buffer_free(&second);
	buffer_free(&third);
}


static void test_M3_without_msrp_there_is_nothing_to_repeat(void **state)
{
	buffer_t out;

	buffer_init(&out, 0);
	assert_int_equal(come_in(ALICE, 1, "active"), 0);
	assert_int_equal(come_in(BOB, 0, NULL), 0);
	assert_int_equal(media.repeat(BOB->p, &out), -1);
	assert_int_equal(out.len, 0);
	buffer_free(&out);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_open, teardown)
#define EMPTY(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
			TEST(test_M1_hold_keeps_what_is_said),
			TEST(test_M1_recvonly_hears_and_is_not_heard),
			TEST(test_M1_inactive_is_both),
			TEST(test_M1_hold_holds_on_a_new_connection),
			EMPTY(test_M1_who_only_speaks_from_the_start),
			TEST(test_M1_another_port_moves_the_leg),
			TEST(test_M1_who_moved_may_connect_by_itself),
			TEST(test_M1_a_connection_ahead_of_its_answer),
			TEST(test_M1_a_connection_ahead_of_its_answer_beside_the_old_one),
			TEST(test_M1_an_answered_offer_lets_nobody_in),
			TEST(test_M1_a_useless_answer_keeps_the_leg),
			TEST(test_M3_what_was_said_last_is_repeated),
			TEST(test_M3_a_new_offer_keeps_the_lines),
			EMPTY(test_M3_without_msrp_there_is_nothing_to_repeat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
