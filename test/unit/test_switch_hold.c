/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the switch: what is said while a leg has no connection is
 * kept for it, in order, or counted as lost.
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

static const char *const three[] = {"alice", "bob", "carol"};


/* alice and carol are bound, bob is in and has not connected */
static int setup(void **state)
{
	set_defaults();
	stage_open(three, 3);
	all_come_in();
	open_leg(ALICE);
	open_leg(CAROL);
	return 0;
}


static int teardown(void **state)
{
	stage_close();
	return 0;
}


/* "<n>" for each n from `first` to before `end`, each answered 200. */
static void say_numbers(client_t *cl, int first, int end)
{
	char id[24], text[24];

	for(int n = first; n < end; n++) {
		snprintf(id, sizeof(id), "t%03d", n);
		snprintf(text, sizeof(text), "<%d>", n);
		say(cl, id, cpim(cl, text));
		snprintf(text, sizeof(text), "MSRP t%03d 200", n);
		await(cl, text);
	}
}


/* Where "<n>" stands in what `cl` has got, or NULL. */
static const char *number(const client_t *cl, int n)
{
	char text[24];

	snprintf(text, sizeof(text), "\r\n\r\n<%d>\r\n", n);
	return cl->in.len ? memmem(cl->in.s, cl->in.len, text, strlen(text)) : NULL;
}


static void await_number(client_t *cl, int n)
{
	char text[24];

	snprintf(text, sizeof(text), "\r\n\r\n<%d>\r\n", n);
	await(cl, text);
}


/* Once `end` - 1 is there, all from `first` on are, one behind the other. */
static void await_numbers(client_t *cl, int first, int end)
{
	await_number(cl, end - 1);
	for(int n = first; n < end; n++) {
		assert_non_null(number(cl, n));
		if(n > first)
			assert_true(number(cl, n - 1) < number(cl, n));
	}
}


static void lose(client_t *cl)
{
	hang_up(cl);
	AWAIT(strcmp(media.state(cl->p), "lost") == 0);
	buffer_clear(&cl->in);
}


static void leave(client_t *cl)
{
	effects_t fx;

	effects_init(&fx);
	conference_left(cl->p, DEPARTED_LEFT, &fx);
	effects_run(stage, &fx);
}


/* A CPIM of `size` octets from alice; on the heap. */
static char *large(int size)
{
	const char *head = cpim(ALICE, "");
	char *s = malloc(size + 1);

	memset(s, '~', size);
	s[size] = 0;
	memcpy(s, head, strlen(head));
	return s;
}


/* The octets of `body` from `from` to before `end`. */
static void send_part(
		const char *id, const char *body, int from, int end, int size)
{
	char answer[32];

	send_chunk(ALICE, id, "large", from + 1, size, body + from, end - from,
			end < size ? '+' : '$');
	snprintf(answer, sizeof(answer), "MSRP %s 200", id);
	await(ALICE, answer);
}


/* How many octets of a large() message `cl` has got. */
static int octets(const client_t *cl)
{
	int n = 0;

	for(size_t i = 0; i < cl->in.len; i++)
		n += cl->in.s[i] == '~';
	return n;
}


static int letters(const char *body)
{
	return (int)strlen(strchr(body, '~'));
}


static void test_said_before_the_connection_comes_first(void **state)
{
	say_numbers(ALICE, 0, 10);
	assert_int_equal(statistics[STAT_DELIVERIES], 10);
	assert_true(media.held(BOB->p) > 0);
	bind_leg(BOB);
	say_numbers(ALICE, 10, 12);
	await_numbers(BOB, 0, 12);
	assert_int_equal(times(BOB, " SEND\r\n"), 12);
	assert_int_equal(media.held(BOB->p), 0);
	assert_int_equal(statistics[STAT_DELIVERIES], 24);
	assert_int_equal(statistics[STAT_DROPS], 0);
}


/* Clients that wait for the response to their first SEND take nothing else. */
static void test_first_send_is_answered_first(void **state)
{
	say_numbers(ALICE, 0, 1);
	bind_leg(BOB);
	await_number(BOB, 0);
	assert_memory_equal(BOB->in.s, "MSRP bind 200", 13);
}


static void test_first_send_under_way_holds_the_room(void **state)
{
	char *body = strdup(cpim(BOB, "at last"));
	buffer_t b;

	BOB->fd = dial();
	buffer_init(&b, 0);
	buffer_printf(&b,
			"MSRP c001 SEND\r\nTo-Path: %s\r\nFrom-Path: msrp://a:1/%s;tcp\r\n"
			"Message-ID: m1\r\nByte-Range: 1-%d/%d\r\n"
			"Content-Type: message/cpim\r\n\r\n",
			path_of(BOB), BOB->session, (int)strlen(body), (int)strlen(body));
	send_raw(BOB, b.s, b.len);
	AWAIT(strcmp(media.state(BOB->p), "bound") == 0);
	say_numbers(ALICE, 0, 3);
	send_raw(BOB, body, strlen(body));
	send_raw(BOB, "\r\n-------c001$\r\n", 16);
	await_numbers(BOB, 0, 3);
	assert_memory_equal(BOB->in.s, "MSRP c001 200", 13);
	await(ALICE, "at last");
	buffer_free(&b);
	free(body);
}


static void test_said_while_a_leg_is_lost_arrives(void **state)
{
	bind_leg(BOB);
	say_numbers(ALICE, 0, 2);
	await_number(BOB, 1);
	lose(BOB);
	say_numbers(ALICE, 2, 4);
	say_numbers(CAROL, 4, 6);
	bind_leg(BOB);
	say_numbers(ALICE, 6, 7);
	await_numbers(BOB, 2, 7);
	assert_int_equal(times(BOB, " SEND\r\n"), 5);
	assert_int_equal(statistics[STAT_DROPS], 0);
}


static void test_lost_again_and_again(void **state)
{
	for(int i = 0; i < 5; i++) {
		say_numbers(ALICE, 2 * i, 2 * i + 2);
		bind_leg(BOB);
		await_numbers(BOB, 2 * i, 2 * i + 2);
		assert_int_equal(times(BOB, " SEND\r\n"), 2);
		lose(BOB);
	}
	assert_int_equal(statistics[STAT_DELIVERIES], 20);
}


/* A re-INVITE: the participant goes on at another endpoint. */
static void move(client_t *cl, const char *setup)
{
	buffer_t out;
	sdp_t sdp;
	str text;

	snprintf(cl->session, sizeof(cl->session), "another");
	text = description_of(cl, setup, "message/cpim");
	buffer_init(&out, 0);
	assert_int_equal(sdp_parse(&text, &sdp), SDP_OK);
	assert_int_equal(media.answer(cl->p, &sdp, &out), 0);
	buffer_free(&out);
}


static void test_passive_peer_is_greeted_first(void **state)
{
	const char *greeting;

	say_numbers(ALICE, 0, 3);
	listen_as(BOB);
	move(BOB, "passive");
	AWAIT((BOB->fd = accept(BOB->listening, NULL, NULL)) >= 0);
	fcntl(BOB->fd, F_SETFL, O_NONBLOCK);
	await_numbers(BOB, 0, 3);
	greeting = memmem(BOB->in.s, BOB->in.len, "$\r\n", 3);
	assert_true(greeting < number(BOB, 0));
	assert_null(memmem(BOB->in.s, greeting - BOB->in.s, "Content-Type", 12));
	/* what was kept goes to where the participant is now */
	assert_int_equal(times(BOB, "/another;tcp\r\n"), 4);
}


static void test_who_moved_and_does_not_connect_is_released(void **state)
{
	settings.leg_lost_timeout = 1;
	move(CAROL, "active");
	say_numbers(ALICE, 0, 2);
	AWAIT(CAROL->p->state == PARTICIPANT_GONE);
	assert_int_equal(statistics[STAT_DROPS], 2);
}


static void test_no_success_report_before_all_have_it(void **state)
{
	const char *body = cpim(ALICE, "to all");
	buffer_t b;

	buffer_init(&b, 0);
	buffer_printf(&b,
			"Message-ID: r1\r\nSuccess-Report: yes\r\n"
			"Byte-Range: 1-%d/%d\r\nContent-Type: message/cpim\r\n\r\n%s\r\n",
			(int)strlen(body), (int)strlen(body), body);
	buffer_add(&b, "", 1);
	send_frame(ALICE, path_of(ALICE), "t001", "SEND", b.s, '$');
	await(ALICE, "MSRP t001 200");
	await(CAROL, "to all");
	say_numbers(ALICE, 0, 1);
	assert_int_equal(times(ALICE, " REPORT\r\n"), 0);
	bind_leg(BOB);
	await(BOB, "to all");
	await(ALICE, " REPORT\r\n");
	say_numbers(ALICE, 1, 2);
	assert_int_equal(times(ALICE, " REPORT\r\n"), 1);
	buffer_free(&b);
}


static void test_over_the_limit_is_counted(void **state)
{
	int kept;

	settings.leg_queue_max = 4096;
	say_numbers(ALICE, 0, 50);
	assert_true(media.held(BOB->p) > 2048);
	assert_true(media.held(BOB->p) <= 4096);
	kept = 50 - (int)statistics[STAT_DROPS];
	assert_in_range(kept, 4, 30);
	bind_leg(BOB);
	say_numbers(ALICE, 50, 51);
	await_number(BOB, 50);
	await_numbers(BOB, 0, kept);
	assert_int_equal(times(BOB, " SEND\r\n"), kept + 1);
	assert_int_equal(statistics[STAT_LEGS_DROPPED], 0);
	/* there is room again when it is lost once more */
	lose(BOB);
	say_numbers(ALICE, 51, 53);
	bind_leg(BOB);
	await_numbers(BOB, 51, 53);
	assert_int_equal(statistics[STAT_DROPS], 50 - kept);
}


/* Nothing of what fits is dropped by what is added on the way out. */
static void test_a_full_hold_goes_out_at_once(void **state)
{
	char *body = large(60000);
	char id[24];

	for(int i = 0; i < 17; i++) {
		snprintf(id, sizeof(id), "t%03d", i);
		say(ALICE, id, body);
	}
	await(ALICE, "MSRP t016 200");
	assert_int_equal(statistics[STAT_DROPS], 0);
	assert_true(media.held(BOB->p) > 17 * 60000);
	bind_leg(BOB);
	AWAIT((take(BOB), octets(BOB) == 17 * letters(body)));
	assert_int_equal(statistics[STAT_LEGS_DROPPED], 0);
	free(body);
}


static void test_leaving_counts_what_was_kept(void **state)
{
	say_numbers(ALICE, 0, 3);
	leave(BOB);
	assert_int_equal(statistics[STAT_DROPS], 3);
	say_numbers(ALICE, 3, 4);
	assert_int_equal(statistics[STAT_DROPS], 3);
}


static void test_giving_up_counts_what_was_kept(void **state)
{
	settings.leg_lost_timeout = 1;
	bind_leg(BOB);
	lose(BOB);
	say_numbers(ALICE, 0, 3);
	AWAIT(BOB->p->state == PARTICIPANT_GONE);
	assert_int_equal(statistics[STAT_DROPS], 3);
}


static void test_end_counts_what_was_kept(void **state)
{
	effects_t fx;

	say_numbers(ALICE, 0, 3);
	effects_init(&fx);
	conference_end(stage, END_NONE, &fx);
	effects_run(stage, &fx);
	assert_int_equal(statistics[STAT_DROPS], 3);
}


static int setup_empty(void **state)
{
	set_defaults();
	stage_open(three, 3);
	return 0;
}


static void test_nothing_is_kept_for_who_hears(void **state)
{
	all_come_in();
	open_all();
	say_numbers(BOB, 0, 3);
	assert_int_equal(statistics[STAT_DELIVERIES], 6);
	for(int i = 0; i < 3; i++)
		assert_int_equal(media.held(cast[i].p), 0);
	await_numbers(ALICE, 0, 3);
	await_numbers(CAROL, 0, 3);
}


static void test_who_has_no_msrp_loses_nothing(void **state)
{
	assert_int_equal(come_in(ALICE, 1, "active"), 0);
	assert_int_equal(come_in(BOB, 0, NULL), 0);
	open_leg(ALICE);
	say_numbers(ALICE, 0, 3);
	assert_int_equal(BOB->p->state, PARTICIPANT_CONNECTED);
	assert_int_equal(media.held(BOB->p), 0);
	leave(BOB);
	assert_int_equal(statistics[STAT_DROPS], 0);
}


static void test_stream_is_kept_whole(void **state)
{
	int size = 200000;
	char *body = large(size);

	say_numbers(ALICE, 0, 1);
	send_part("c001", body, 0, 100000, size);
	say_numbers(ALICE, 1, 2);
	send_part("c002", body, 100000, size, size);
	say_numbers(ALICE, 2, 3);
	bind_leg(BOB);
	await_numbers(BOB, 0, 3);
	assert_int_equal(octets(BOB), letters(body));
	assert_int_equal(statistics[STAT_DROPS], 0);
	free(body);
}


static void test_bound_in_mid_stream_gets_it_whole(void **state)
{
	int size = 300000;
	char *body = large(size);

	send_part("c001", body, 0, 100000, size);
	bind_leg(BOB);
	send_part("c002", body, 100000, 200000, size);
	send_part("c003", body, 200000, size, size);
	say_numbers(ALICE, 0, 1);
	await_number(BOB, 0);
	assert_int_equal(octets(BOB), letters(body));
	AWAIT((take(CAROL), octets(CAROL) == letters(body)));
	free(body);
}


static void test_stream_that_does_not_fit_leaves_no_trace(void **state)
{
	int size = 200000;
	char *body = large(size);

	settings.leg_queue_max = 150000;
	say_numbers(ALICE, 0, 2);
	send_part("c001", body, 0, 100000, size);
	assert_true(media.held(BOB->p) > 90000);
	say_numbers(ALICE, 2, 3);
	send_part("c002", body, 100000, size, size);
	assert_true(media.held(BOB->p) < 5000);
	say_numbers(ALICE, 3, 4);
	bind_leg(BOB);
	await_numbers(BOB, 0, 4);
	assert_false(has(BOB, "Message-ID: large\r\n"));
	assert_int_equal(statistics[STAT_DROPS], 1);
	free(body);
}


static void test_stream_cut_by_a_loss_is_left_out(void **state)
{
	int size = 300000;
	char *body = large(size);

	bind_leg(BOB);
	send_part("c001", body, 0, 100000, size);
	AWAIT((take(BOB), octets(BOB) > 50000));
	lose(BOB);
	say_numbers(ALICE, 0, 1);
	send_part("c002", body, 100000, 200000, size);
	bind_leg(BOB);
	send_part("c003", body, 200000, size, size);
	say_numbers(ALICE, 1, 2);
	await_numbers(BOB, 0, 2);
	assert_int_equal(octets(BOB), 0);
	/* the message, and what of it the socket had not taken yet */
	assert_true(statistics[STAT_DROPS] >= 1);
	free(body);
}


/* Kept from its start, begun on a connection, cut with that one. */
static void test_stream_cut_after_it_was_kept(void **state)
{
	int size = 300000;
	char *body = large(size);

	send_part("c001", body, 0, 100000, size);
	bind_leg(BOB);
	AWAIT((take(BOB), octets(BOB) > 50000));
	lose(BOB);
	send_part("c002", body, 100000, size, size);
	say_numbers(ALICE, 0, 1);
	bind_leg(BOB);
	await_number(BOB, 0);
	assert_int_equal(octets(BOB), 0);
	assert_true(statistics[STAT_DROPS] >= 1);
	free(body);
}


static void test_leaving_in_mid_stream_forgets_it(void **state)
{
	int size = 200000;
	char *body = large(size);

	send_part("c001", body, 0, 100000, size);
	leave(BOB);
	send_part("c002", body, 100000, size, size);
	assert_int_equal(statistics[STAT_DROPS], 1);
	free(body);
}


static void test_who_did_not_read_gets_what_came_after(void **state)
{
	char *body = large(50000);
	char id[24];
	int n = 0;

	settings.leg_queue_max = 300000;
	bind_leg(BOB);
	while(statistics[STAT_LEGS_DROPPED] == 0 && n < 600) {
		snprintf(id, sizeof(id), "l%03d", n++);
		say(ALICE, id, body);
		await_times(CAROL, " SEND\r\n", n);
		take(ALICE);
	}
	assert_int_equal(statistics[STAT_LEGS_DROPPED], 1);
	await_close(BOB);
	AWAIT(strcmp(media.state(BOB->p), "lost") == 0);
	lose(BOB);
	say_numbers(ALICE, 0, 3);
	bind_leg(BOB);
	await_numbers(BOB, 0, 3);
	free(body);
}


/* Legs behind one relay have one queue; what was kept for the second does not
 * cost the first its connection. */
static void test_relay_that_takes_no_more_keeps_its_first_leg(void **state)
{
	char *body = large(60000);
	char id[24];

	settings.leg_queue_max = 100000;
	for(int i = 0; i < 4; i++) {
		snprintf(id, sizeof(id), "l%03d", i);
		say(ALICE, id, body);
	}
	await(ALICE, "MSRP l003 200");
	assert_int_equal(statistics[STAT_DROPS], 3);
	pass_frame(
			CAROL, BOB, path_of(BOB), "t002", "SEND", "Message-ID: b\r\n", '$');
	await(CAROL, "MSRP t002 200");
	AWAIT((take(CAROL), octets(CAROL) == 5 * letters(body)));
	assert_string_equal(media.state(CAROL->p), "bound");
	assert_int_equal(statistics[STAT_LEGS_DROPPED], 0);
	free(body);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
			TEST(test_said_before_the_connection_comes_first),
			TEST(test_first_send_is_answered_first),
			TEST(test_first_send_under_way_holds_the_room),
			TEST(test_said_while_a_leg_is_lost_arrives),
			TEST(test_lost_again_and_again),
			TEST(test_passive_peer_is_greeted_first),
			TEST(test_who_moved_and_does_not_connect_is_released),
			TEST(test_no_success_report_before_all_have_it),
			TEST(test_over_the_limit_is_counted),
			TEST(test_a_full_hold_goes_out_at_once),
			TEST(test_leaving_counts_what_was_kept),
			TEST(test_giving_up_counts_what_was_kept),
			TEST(test_end_counts_what_was_kept),
			cmocka_unit_test_setup_teardown(
					test_nothing_is_kept_for_who_hears, setup_empty, teardown),
			cmocka_unit_test_setup_teardown(
					test_who_has_no_msrp_loses_nothing, setup_empty, teardown),
			TEST(test_stream_is_kept_whole),
			TEST(test_bound_in_mid_stream_gets_it_whole),
			TEST(test_stream_that_does_not_fit_leaves_no_trace),
			TEST(test_stream_cut_by_a_loss_is_left_out),
			TEST(test_stream_cut_after_it_was_kept),
			TEST(test_leaving_in_mid_stream_forgets_it),
			TEST(test_who_did_not_read_gets_what_came_after),
			TEST(test_relay_that_takes_no_more_keeps_its_first_leg),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
