/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the switch: chunks, large messages, limits, and receivers
 * that do not read.
 */
#define _GNU_SOURCE /* memmem */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "switch/spans.h"
#include "switch_stage.h"

#define ALICE (&cast[0])
#define BOB (&cast[1])
#define CAROL (&cast[2])

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


/* A CPIM of `size` octets from `cl`; on the heap. */
static char *large(const client_t *cl, int size)
{
	const char *head = cpim(cl, "");
	char *s = malloc(size + 1);
	int len = (int)strlen(head);

	memcpy(s, head, len);
	for(int i = len; i < size; i++)
		s[i] = 'a' + i % 23;
	s[size] = 0;
	return s;
}


/* The bodies of all complete frames `cl` has got of one message, joined; the
 * ranges must be exact. Returns the flag of the last frame, 0 without one. */
static char reassemble(client_t *cl, const char *message, buffer_t *out)
{
	msrp_parser_t *p = malloc(sizeof(*p));
	str in = buffer_str(&cl->in);
	msrp_event_t e;
	char last = 0;
	size_t before = 0;
	uint64_t total = MSRP_UNKNOWN;
	int ours = 0;

	msrp_parser_init(p);
	while((e = msrp_parse(p, &in)) != MSRP_NEED_MORE) {
		assert_int_not_equal(e, MSRP_BAD);
		if(e == MSRP_HEAD) {
			ours = p->head.method == MSRP_SEND
				   && p->head.message_id.len == (int)strlen(message)
				   && !memcmp(p->head.message_id.s, message, strlen(message));
			before = out->len;
		} else if(e == MSRP_BODY && ours) {
			buffer_add(out, p->piece.s, p->piece.len);
		} else if(e == MSRP_END && ours) {
			assert_int_equal(p->head.range_start, before + 1);
			assert_int_equal(p->head.range_end, out->len);
			if(total != MSRP_UNKNOWN)
				assert_int_equal(p->head.range_total, total);
			total = p->head.range_total;
			last = p->flag;
		}
	}
	if(last == '$')
		assert_int_equal(total, out->len);
	free(p);
	return last;
}


/* Waits until `cl` has all of a message, and compares. */
static void await_whole(
		client_t *cl, const char *message, const char *body, size_t len)
{
	int64_t deadline = schedule_now() + WAIT_MS;
	buffer_t got;
	char flag;

	buffer_init(&got, 0);
	do {
		turn(2);
		take(cl);
		buffer_clear(&got);
		flag = reassemble(cl, message, &got);
	} while(flag != '$' && schedule_now() < deadline);
	assert_int_equal(flag, '$');
	assert_int_equal(got.len, len);
	assert_memory_equal(got.s, body, len);
	buffer_free(&got);
}


static void test_small_chunks_are_passed_on_whole(void **state)
{
	char *body = large(ALICE, 3000);

	send_chunk(ALICE, "c001", "m1", 1, 3000, body, 100, '+');
	await(ALICE, "MSRP c001 200");
	send_chunk(ALICE, "c002", "m1", 101, 3000, body + 100, 1900, '+');
	await(ALICE, "MSRP c002 200");
	assert_int_equal(statistics[STAT_DELIVERIES], 0);
	send_chunk(ALICE, "c003", "m1", 2001, 3000, body + 2000, 1000, '$');
	await(ALICE, "MSRP c003 200");
	await_whole(BOB, "m1", body, 3000);
	assert_int_equal(times(BOB, " SEND\r\n"), 1);
	assert_int_equal(statistics[STAT_MESSAGES], 1);
	free(body);
}


static void test_repeated_octets_replace_the_earlier(void **state)
{
	const char *body = cpim(ALICE, "abcdefgh");
	int len = (int)strlen(body);

	send_chunk(ALICE, "c001", "m1", 1, len, body, 20, '+');
	send_chunk(ALICE, "c002", "m1", 11, len, body + 10, 30, '+');
	send_chunk(ALICE, "c003", "m1", 41, len, body + 40, len - 40, '$');
	await_whole(CAROL, "m1", body, len);
}


static void test_headers_that_were_judged_cannot_be_replaced(void **state)
{
	const char *body = cpim(ALICE, "x");
	int len = (int)strlen(body);
	char *forged = strdup(body);

	memcpy(strstr(forged, "alice"), "carol", 5);
	send_chunk(ALICE, "c001", "m1", 1, len, body, len - 1, '+');
	send_chunk(ALICE, "c002", "m1", 2, len, forged + 1, len - 2, '+');
	await(ALICE, "MSRP c002 400");
	send_chunk(ALICE, "c003", "m1", 1, len, forged, len, '$');
	await(ALICE, "MSRP c003 400");
	assert_int_equal(statistics[STAT_DELIVERIES], 0);
	free(forged);
}


static void test_small_chunks_may_come_in_any_order(void **state)
{
	char *body = large(ALICE, 3000);

	send_chunk(ALICE, "c001", "m1", 2001, 3000, body + 2000, 1000, '$');
	await(ALICE, "MSRP c001 200");
	send_chunk(ALICE, "c002", "m1", 1, 3000, body, 1000, '+');
	await(ALICE, "MSRP c002 200");
	assert_int_equal(statistics[STAT_DELIVERIES], 0);
	send_chunk(ALICE, "c003", "m1", 901, 3000, body + 900, 1100, '+');
	await(ALICE, "MSRP c003 200");
	await_whole(BOB, "m1", body, 3000);
	assert_int_equal(times(BOB, " SEND\r\n"), 1);
	assert_int_equal(statistics[STAT_MESSAGES], 1);
	free(body);
}


static void test_verdict_waits_for_the_headers_gap(void **state)
{
	const char *body = cpim(BOB, "not by alice");
	int len = (int)strlen(body);

	send_chunk(ALICE, "c001", "m1", 21, len, body + 20, len - 20, '$');
	await(ALICE, "MSRP c001 200");
	send_chunk(ALICE, "c002", "m1", 1, len, body, 20, '+');
	await(ALICE, "MSRP c002 403");
	assert_int_equal(statistics[STAT_DELIVERIES], 0);
}


static void test_what_goes_on_behind_the_end_400(void **state)
{
	const char *body = cpim(ALICE, "the end");
	int len = (int)strlen(body);

	send_chunk(ALICE, "c001", "m1", 41, len, body + 40, 10, '$');
	send_chunk(ALICE, "c002", "m1", 51, len, body + 50, 1, '+');
	await(ALICE, "MSRP c002 400");
}


static void test_too_many_gaps_400(void **state)
{
	char *body = large(ALICE, 3000), id[16], answer[32];

	for(int i = 0; i <= SPANS_MAX; i++) {
		snprintf(id, sizeof(id), "c%03d", i);
		send_chunk(ALICE, id, "m1", 3 + 20 * i, 3000, body, 2, '+');
	}
	snprintf(answer, sizeof(answer), "MSRP c%03d 400", SPANS_MAX);
	await(ALICE, answer);
	assert_true(has(ALICE, "MSRP c001 200"));
	free(body);
}


static void test_gap_in_a_stream_400(void **state)
{
	char *body = large(ALICE, 300000);

	send_chunk(ALICE, "c001", "m1", 1, 300000, body, 2000, '+');
	send_chunk(ALICE, "c002", "m1", 3001, 300000, body + 3000, 20, '+');
	await(ALICE, "MSRP c002 400");
	await(BOB, "#\r\n");
	send_chunk(ALICE, "c003", "m2", 3001, 300000, body + 3000, 20, '+');
	await(ALICE, "MSRP c003 400");
	free(body);
}


static void test_verdict_comes_with_the_first_chunk_that_shows_it(void **state)
{
	const char *body = cpim(BOB, "not by alice");
	int len = (int)strlen(body);

	send_chunk(ALICE, "c001", "m1", 1, len, body, len - 5, '+');
	await(ALICE, "MSRP c001 403");
	send_chunk(ALICE, "c002", "m1", len - 4, len, body + len - 5, 5, '$');
	await(ALICE, "MSRP c002 403");
	say(ALICE, "t001", cpim(ALICE, "fine"));
	await(BOB, "fine");
}


static void test_interleaved_messages_come_out_one_by_one(void **state)
{
	char *one = large(ALICE, 2000);
	char *two = large(ALICE, 1500);

	send_chunk(ALICE, "c001", "m1", 1, 2000, one, 1000, '+');
	send_chunk(ALICE, "c002", "m2", 1, 1500, two, 700, '+');
	send_chunk(ALICE, "c003", "m1", 1001, 2000, one + 1000, 1000, '$');
	send_chunk(ALICE, "c004", "m2", 701, 1500, two + 700, 800, '$');
	await_whole(BOB, "m1", one, 2000);
	await_whole(BOB, "m2", two, 1500);
	assert_int_equal(times(BOB, " SEND\r\n"), 2);
	free(one);
	free(two);
}


static void test_too_many_unfinished_413(void **state)
{
	char id[16], message[16];
	const char *body = cpim(ALICE, "unfinished");

	for(int i = 0; i < 9; i++) {
		snprintf(id, sizeof(id), "c%03d", i);
		snprintf(message, sizeof(message), "m%d", i);
		send_chunk(ALICE, id, message, 1, 500, body, 20, '+');
	}
	await(ALICE, "MSRP c007 200");
	await(ALICE, "MSRP c008 413");
}


static void test_large_message_streams(void **state)
{
	int size = 300000;
	char *body = large(ALICE, size);
	char id[16];

	send_chunk(ALICE, "c000", "m1", 1, size, body, 10000, '+');
	await(BOB, "+\r\n");
	assert_true(has(BOB, "Byte-Range: 1-10000/300000\r\n"));
	for(int at = 10000, n = 1; at < size; at += 10000, n++) {
		snprintf(id, sizeof(id), "c%03d", n);
		send_chunk(ALICE, id, "m1", at + 1, size, body + at, 10000,
				at + 10000 < size ? '+' : '$');
	}
	await(ALICE, "MSRP c029 200");
	await_whole(BOB, "m1", body, size);
	await_whole(CAROL, "m1", body, size);
	assert_int_equal(times(BOB, " SEND\r\n"), 30);
	free(body);
}


static void test_large_chunk_is_passed_on_in_pieces(void **state)
{
	int size = 1000000;
	char *body = large(ALICE, size);

	send_chunk(ALICE, "c001", "m1", 1, size, body, size, '$');
	await(ALICE, "MSRP c001 200");
	await_whole(BOB, "m1", body, size);
	assert_true(times(BOB, " SEND\r\n") > 10);
	free(body);
}


static void test_unknown_total_streams(void **state)
{
	char *body = large(ALICE, 200000);
	buffer_t b;

	buffer_init(&b, 0);
	buffer_add_text(&b, "Message-ID: m1\r\nByte-Range: 1-*/*\r\n"
						"Content-Type: message/cpim\r\n\r\n");
	buffer_add(&b, body, 200000);
	buffer_add(&b, "\r\n", 3);
	send_frame(ALICE, path_of(ALICE), "c001", "SEND", b.s, '$');
	buffer_free(&b);
	await_whole(CAROL, "m1", body, 200000);
	assert_true(has(CAROL, "/*\r\n"));
	assert_true(has(CAROL, "/200000\r\n"));
	free(body);
}


static void test_stream_with_completed_headers_shifts_ranges(void **state)
{
	int size = 200000;
	char *body = malloc(size + 1);
	const char *head = "\r\nContent-type: text/plain\r\n\r\n";
	buffer_t got;

	memset(body, 'z', size);
	body[size] = 0;
	memcpy(body, head, strlen(head));
	send_chunk(ALICE, "c001", "m1", 1, size, body, 100000, '+');
	send_chunk(ALICE, "c002", "m1", 100001, size, body + 100000, 100000, '$');
	await(ALICE, "MSRP c002 200");
	await(BOB, "$\r\n");
	buffer_init(&got, 0);
	assert_int_equal(reassemble(BOB, "m1", &got), '$');
	assert_true(got.len > (size_t)size);
	assert_memory_equal(got.s, "From: <sip:alice@example.com>\r\n", 31);
	assert_memory_equal(got.s + got.len - size + 2, body + 2, size - 2);
	buffer_free(&got);
	free(body);
}


static void test_private_stream_reaches_one(void **state)
{
	int size = 100000;
	char *body = large(ALICE, size);
	const char *to =
			"To: <sip:bob@example.com>\r\n\r\nContent-type: a/b\r\n\r\n";

	memcpy(strstr(body, "To: "), to, strlen(to));
	send_chunk(ALICE, "c001", "m1", 1, size, body, size, '$');
	await_whole(BOB, "m1", body, size);
	say(ALICE, "t001", cpim(ALICE, "public"));
	await(CAROL, "public");
	assert_int_equal(times(CAROL, " SEND\r\n"), 1);
	free(body);
}


static void test_abort_by_the_sender(void **state)
{
	char *body = large(ALICE, 100000);

	send_chunk(ALICE, "c001", "m1", 1, 100000, body, 20000, '+');
	await(BOB, "+\r\n");
	send_chunk(ALICE, "c002", "m1", 20001, 100000, body + 20000, 10, '#');
	await(ALICE, "MSRP c002 200");
	await(BOB, "#\r\n");
	await(CAROL, "#\r\n");
	free(body);
}


static void test_abort_when_the_sender_goes(void **state)
{
	char *body = large(ALICE, 100000);

	send_chunk(ALICE, "c001", "m1", 1, 100000, body, 20000, '+');
	await(BOB, "+\r\n");
	hang_up(ALICE);
	await(BOB, "#\r\n");
	await(CAROL, "#\r\n");
	free(body);
}


static void test_abort_in_the_middle_of_a_chunk(void **state)
{
	char *body = large(ALICE, 300000);
	buffer_t b;

	buffer_init(&b, 0);
	buffer_printf(&b,
			"MSRP c001 SEND\r\nTo-Path: %s\r\nFrom-Path: msrp://a:1/x;tcp\r\n"
			"Message-ID: m1\r\nByte-Range: 1-*/*\r\n"
			"Content-Type: message/cpim\r\n\r\n",
			path_of(ALICE));
	buffer_add(&b, body, 300000);
	send_raw(ALICE, b.s, b.len);
	await(BOB, "+\r\n");
	hang_up(ALICE);
	await(BOB, "#\r\n");
	buffer_free(&b);
	free(body);
}


static void test_late_comers_get_a_stream_whole_or_not_at_all(void **state)
{
	int size = 200000;
	char *body = large(ALICE, size);

	settings.leg_queue_max = 150000;
	hang_up(CAROL);
	AWAIT(strcmp(media.state(CAROL->p), "lost") == 0);
	send_chunk(ALICE, "c001", "m1", 1, size, body, size / 2, '+');
	send_chunk(ALICE, "c002", "m2", 1, size, body, size / 2, '+');
	await(ALICE, "MSRP c002 200");
	/* the second found no room beside the first */
	assert_int_equal(statistics[STAT_DROPS], 1);
	bind_leg(CAROL);
	for(int i = 1; i <= 2; i++)
		send_chunk(ALICE, "c003", i == 1 ? "m1" : "m2", size / 2 + 1, size,
				body + size / 2, size / 2, '$');
	await_whole(BOB, "m1", body, size);
	await_whole(BOB, "m2", body, size);
	await_whole(CAROL, "m1", body, size);
	say(ALICE, "t001", cpim(ALICE, "for all again"));
	await(CAROL, "for all again");
	assert_false(has(CAROL, "Message-ID: m2\r\n"));
	free(body);
}


static void test_stream_does_not_go_on_over_another_connection(void **state)
{
	int size = 200000;
	char *body = large(ALICE, size);

	send_chunk(ALICE, "c001", "m1", 1, size, body, size / 2, '+');
	await(CAROL, "+\r\n");
	hang_up(CAROL);
	AWAIT(strcmp(media.state(CAROL->p), "lost") == 0);
	buffer_clear(&CAROL->in);
	open_leg(CAROL);
	send_chunk(ALICE, "c002", "m1", size / 2 + 1, size, body + size / 2,
			size / 2, '$');
	await_whole(BOB, "m1", body, size);
	say(ALICE, "t001", cpim(ALICE, "for all again"));
	await(CAROL, "for all again");
	assert_int_equal(times(CAROL, " SEND\r\n"), 1);
	assert_true(statistics[STAT_DROPS] >= 1);
	free(body);
}


static void test_over_message_max_413(void **state)
{
	char *body = large(ALICE, 300000);

	settings.message_max = 200000;
	send_chunk(ALICE, "c001", "m1", 1, 300000, body, 1000, '+');
	await(ALICE, "MSRP c001 413");
	send_chunk(ALICE, "c002", "m1", 1001, 300000, body + 1000, 1000, '#');
	await(ALICE, "MSRP c002 413");
	assert_int_equal(statistics[STAT_DELIVERIES], 0);
	say(ALICE, "t001", cpim(ALICE, "small"));
	await(BOB, "small");
	free(body);
}


static void test_over_message_max_unannounced_413(void **state)
{
	char *body = large(ALICE, 300000);
	buffer_t b;

	settings.message_max = 200000;
	buffer_init(&b, 0);
	buffer_printf(&b,
			"MSRP c001 SEND\r\nTo-Path: %s\r\nFrom-Path: msrp://a:1/x;tcp\r\n"
			"Message-ID: m1\r\nByte-Range: 1-*/*\r\n"
			"Content-Type: message/cpim\r\n\r\n",
			path_of(ALICE));
	buffer_add(&b, body, 300000);
	send_raw(ALICE, b.s, b.len);
	/* before the chunk's end has come */
	await(ALICE, "MSRP c001 413");
	await(BOB, "#\r\n");
	send_raw(ALICE, "\r\n-------c001#\r\n", 16);
	say(ALICE, "t001", cpim(ALICE, "small"));
	await(BOB, "small");
	assert_int_equal(times(ALICE, "MSRP c001"), 1);
	buffer_free(&b);
	free(body);
}


static void test_end_line_inside_a_body_is_no_end(void **state)
{
	const char *body = cpim(ALICE, "\r\n-------t999$\r\n-------t001x\r\nrest");

	say(ALICE, "t001", body);
	await_whole(BOB, "t001", body, strlen(body));
}


static void test_one_who_does_not_read_is_dropped_alone(void **state)
{
	char *body = large(ALICE, 50000);
	char id[16];
	int n = 0;

	settings.leg_queue_max = 300000;
	/* carol is never read from; bob is, all the time */
	while(statistics[STAT_LEGS_DROPPED] == 0 && n < 600) {
		snprintf(id, sizeof(id), "t%03d", n++);
		send_chunk(ALICE, id, id, 1, 50000, body, 50000, '$');
		await_times(BOB, " SEND\r\n", n);
		take(ALICE);
	}
	assert_int_equal(statistics[STAT_LEGS_DROPPED], 1);
	AWAIT(strcmp(media.state(CAROL->p), "lost") == 0);
	assert_true(statistics[STAT_DROPS] > 0);
	assert_int_equal(statistics[STAT_LEGS], 2);
	await_close(CAROL);
	say(ALICE, "z001", cpim(ALICE, "goes on"));
	await(BOB, "goes on");
	open_leg(CAROL);
	say(ALICE, "z002", cpim(ALICE, "back again"));
	await(CAROL, "back again");
	free(body);
}


static void test_slow_reader_gets_everything_in_order(void **state)
{
	char *body = large(ALICE, 50000);
	char id[16];

	settings.leg_queue_max = 64 << 20;
	for(int i = 0; i < 200; i++) {
		snprintf(id, sizeof(id), "m%03d", i);
		send_chunk(ALICE, id, id, 1, 50000, body, 50000, '$');
		take(ALICE);
	}
	await(ALICE, "MSRP m199 200");
	await_times(CAROL, " SEND\r\n", 200);
	await_whole(CAROL, "m199", body, 50000);
	await_whole(CAROL, "m000", body, 50000);
	assert_int_equal(statistics[STAT_LEGS_DROPPED], 0);
	free(body);
}


static void test_many_messages_in_one_read(void **state)
{
	buffer_t b;
	const char *body = cpim(ALICE, "burst");
	int len = (int)strlen(body);

	buffer_init(&b, 0);
	for(int i = 0; i < 100; i++)
		buffer_printf(&b,
				"MSRP b%03d SEND\r\nTo-Path: %s\r\n"
				"From-Path: msrp://a:1/x;tcp\r\nMessage-ID: b%03d\r\n"
				"Byte-Range: 1-%d/%d\r\nContent-Type: message/cpim\r\n\r\n"
				"%s\r\n-------b%03d$\r\n",
				i, path_of(ALICE), i, len, len, body, i);
	send_raw(ALICE, b.s, b.len);
	buffer_free(&b);
	await(ALICE, "MSRP b099 200");
	await_times(BOB, " SEND\r\n", 100);
	await_times(CAROL, "burst\r\n", 100);
	await_whole(CAROL, "b099", body, len);
	assert_int_equal(times(ALICE, " 200 OK\r\n"), 100);
	assert_int_equal(statistics[STAT_DELIVERIES], 200);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
			TEST(test_small_chunks_are_passed_on_whole),
			TEST(test_repeated_octets_replace_the_earlier),
			TEST(test_headers_that_were_judged_cannot_be_replaced),
			TEST(test_small_chunks_may_come_in_any_order),
			TEST(test_verdict_waits_for_the_headers_gap),
			TEST(test_what_goes_on_behind_the_end_400),
			TEST(test_too_many_gaps_400),
			TEST(test_gap_in_a_stream_400),
			TEST(test_verdict_comes_with_the_first_chunk_that_shows_it),
			TEST(test_interleaved_messages_come_out_one_by_one),
			TEST(test_too_many_unfinished_413),
			TEST(test_large_message_streams),
			TEST(test_large_chunk_is_passed_on_in_pieces),
			TEST(test_unknown_total_streams),
			TEST(test_stream_with_completed_headers_shifts_ranges),
			TEST(test_private_stream_reaches_one),
			TEST(test_abort_by_the_sender),
			TEST(test_abort_when_the_sender_goes),
			TEST(test_abort_in_the_middle_of_a_chunk),
			TEST(test_late_comers_get_a_stream_whole_or_not_at_all),
			TEST(test_stream_does_not_go_on_over_another_connection),
			TEST(test_over_message_max_413),
			TEST(test_over_message_max_unannounced_413),
			TEST(test_end_line_inside_a_body_is_no_end),
			TEST(test_one_who_does_not_read_is_dropped_alone),
			TEST(test_slow_reader_gets_everything_in_order),
			TEST(test_many_messages_in_one_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
