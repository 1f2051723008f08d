/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the switch: sessions, verdicts and who hears what, over real
 * sockets.
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


static void test_empty_send_binds(void **state)
{
	assert_string_equal(media.state(ALICE->p), "waiting");
	open_leg(ALICE);
	assert_string_equal(media.state(ALICE->p), "bound");
	assert_int_equal(statistics[STAT_LEGS], 1);
}


static void test_keep_alives_get_200_and_go_nowhere(void **state)
{
	open_all();
	send_frame(ALICE, path_of(ALICE), "k001", "SEND",
			"Message-ID: k\r\nByte-Range: 1-0/0\r\n", '$');
	await(ALICE, "MSRP k001 200");
	send_frame(ALICE, path_of(ALICE), "k002", "SEND",
			"Message-ID: k\r\nByte-Range: 1-0/0\r\n"
			"Content-Type: message/cpim\r\n\r\n\r\n",
			'$');
	await(ALICE, "MSRP k002 200");
	say(ALICE, "t001", cpim(ALICE, "first"));
	await(BOB, "first");
	assert_int_equal(times(BOB, " SEND\r\n"), 1);
}


static void test_message_reaches_all_others_as_it_was(void **state)
{
	const char *body = cpim(ALICE, "hello all");
	char range[64];

	open_all();
	say(ALICE, "t001", body);
	await(ALICE, "MSRP t001 200 OK\r\nTo-Path: msrp://127.0.0.1:9999/"
				 "alicesession;tcp\r\n");
	for(int i = 1; i < 3; i++) {
		snprintf(range, sizeof(range), "Byte-Range: 1-%d/%d\r\n",
				(int)strlen(body), (int)strlen(body));
		await(&cast[i], "$\r\n");
		assert_true(has(&cast[i], body));
		assert_true(has(&cast[i], range));
		assert_true(has(&cast[i], "Failure-Report: no\r\n"));
		assert_true(has(&cast[i], "Message-ID: t001\r\n"));
		assert_true(has(&cast[i], "Content-Type: message/cpim\r\n\r\nFrom"));
		assert_true(has(&cast[i], cast[i].session));
	}
	assert_false(has(ALICE, "hello all"));
	assert_int_equal(statistics[STAT_MESSAGES], 1);
	assert_int_equal(statistics[STAT_DELIVERIES], 2);
	assert_int_equal(statistics[STAT_BYTES], BOB->in.len + CAROL->in.len);
}


static void test_first_send_may_carry_a_message(void **state)
{
	open_leg(BOB);
	ALICE->fd = dial();
	say(ALICE, "t001", cpim(ALICE, "at once"));
	await(ALICE, "MSRP t001 200");
	await(BOB, "at once");
}


static void test_same_order_for_everyone(void **state)
{
	char text[16], id[16];

	open_all();
	for(int i = 0; i < 50; i++) {
		snprintf(text, sizeof(text), "<%d>", i);
		snprintf(id, sizeof(id), "t%03d", i);
		say(i % 2 ? ALICE : BOB, id, cpim(i % 2 ? ALICE : BOB, text));
	}
	await_times(CAROL, " SEND\r\n", 50);
	for(int i = 0; i < 50; i += 2) {
		snprintf(text, sizeof(text), "<%d>", i);
		await(CAROL, text);
	}
	for(int from = 0; from < 2; from++) {
		const char *last = CAROL->in.s;

		buffer_add(&CAROL->in, "", 1);
		last = CAROL->in.s;
		for(int i = from; i < 50; i += 2) {
			snprintf(text, sizeof(text), "<%d>", i);
			last = strstr(last, text);
			assert_non_null(last);
		}
	}
}


static void test_unknown_session_481(void **state)
{
	ALICE->fd = dial();
	send_frame(ALICE, "msrp://127.0.0.1:2855/nobody;tcp", "t001", "SEND",
			"Message-ID: b\r\n", '$');
	await(ALICE, "MSRP t001 481");
	send_frame(ALICE, path_of(ALICE), "t002", "SEND", "Message-ID: b\r\n", '$');
	await(ALICE, "MSRP t002 200");
}


static void test_second_connection_506_and_first_stays(void **state)
{
	client_t *thief = new_client("thief", "session");

	open_leg(ALICE);
	open_leg(BOB);
	thief->p = ALICE->p;
	thief->fd = dial();
	send_frame(thief, path_of(ALICE), "t001", "SEND", "Message-ID: b\r\n", '$');
	await(thief, "MSRP t001 506");
	say(BOB, "t002", cpim(BOB, "for alice"));
	await(ALICE, "for alice");
	assert_false(has(thief, "for alice"));
	say(ALICE, "t003", cpim(ALICE, "still here"));
	await(BOB, "still here");
}


static void test_other_types_415(void **state)
{
	open_all();
	send_frame(ALICE, path_of(ALICE), "t001", "SEND",
			"Message-ID: m\r\nByte-Range: 1-2/2\r\n"
			"Content-Type: text/plain\r\n\r\nhi\r\n",
			'$');
	await(ALICE, "MSRP t001 415");
	say(ALICE, "t002", cpim(ALICE, "next"));
	await(BOB, "next");
	assert_int_equal(times(BOB, " SEND\r\n"), 1);
}


static void test_unknown_methods_501_and_connection_stays(void **state)
{
	open_all();
	send_frame(ALICE, path_of(ALICE), "t001", "FILE_OFFSET", "X: y\r\n", '$');
	await(ALICE, "MSRP t001 501");
	say(ALICE, "t003", cpim(ALICE, "next"));
	await(BOB, "next");
}


static void test_report_and_response_are_taken_in_silence(void **state)
{
	open_all();
	send_frame(ALICE, path_of(ALICE), "t001", "REPORT",
			"Message-ID: x\r\nByte-Range: 1-2/2\r\nStatus: 000 200 OK\r\n",
			'$');
	send_frame(ALICE, path_of(ALICE), "t002", "200 OK", "", '$');
	say(ALICE, "t003", cpim(ALICE, "next"));
	await(ALICE, "MSRP t003 200");
	assert_false(has(ALICE, "t001"));
	assert_false(has(ALICE, "t002"));
}


static void test_failure_report_no_and_partial(void **state)
{
	open_all();
	send_frame(ALICE, path_of(ALICE), "t001", "SEND",
			"Message-ID: a\r\nFailure-Report: no\r\n"
			"Content-Type: text/plain\r\n\r\nhi\r\n",
			'$');
	send_frame(ALICE, path_of(ALICE), "t002", "SEND",
			"Message-ID: b\r\nFailure-Report: partial\r\n", '$');
	send_frame(ALICE, path_of(ALICE), "t003", "SEND",
			"Message-ID: c\r\nFailure-Report: partial\r\n"
			"Content-Type: text/plain\r\n\r\nhi\r\n",
			'$');
	await(ALICE, "MSRP t003 415");
	assert_false(has(ALICE, "t001"));
	assert_false(has(ALICE, "t002"));
}


static void test_success_report_only_when_asked_for(void **state)
{
	open_all();
	say(ALICE, "t001", cpim(ALICE, "one"));
	send_frame(ALICE, path_of(ALICE), "t002", "SEND",
			"Message-ID: asked\r\nSuccess-Report: yes\r\n"
			"Byte-Range: 1-28/28\r\n"
			"Content-Type: message/cpim\r\n\r\n"
			"\r\nContent-type: a/b\r\n\r\nhello\r\n",
			'$');
	await(ALICE, " REPORT\r\n");
	await(ALICE, "Message-ID: asked\r\nByte-Range: 1-28/28\r\n"
				 "Status: 000 200 OK\r\n");
	assert_int_equal(times(ALICE, " REPORT\r\n"), 1);
	hang_up(CAROL);
	AWAIT(strcmp(media.state(CAROL->p), "lost") == 0);
	send_frame(ALICE, path_of(ALICE), "t003", "SEND",
			"Message-ID: again\r\nSuccess-Report: yes\r\n"
			"Content-Type: message/cpim\r\n\r\n"
			"\r\nContent-type: a/b\r\n\r\nhello\r\n",
			'$');
	await(ALICE, "MSRP t003 200");
	say(ALICE, "t004", cpim(ALICE, "one"));
	await(ALICE, "MSRP t004 200");
	assert_int_equal(times(ALICE, " REPORT\r\n"), 1);
}


static void test_cpim_from_of_somebody_else_403(void **state)
{
	open_all();
	say(ALICE, "t001", cpim(BOB, "I am bob"));
	await(ALICE, "MSRP t001 403");
	say(ALICE, "t002", cpim(ALICE, "I am alice"));
	await(CAROL, "I am alice");
	assert_false(has(CAROL, "I am bob"));
	assert_false(has(BOB, "I am bob"));
}


static void test_cpim_from_equal_name_passes_byte_for_byte(void **state)
{
	const char *body = "From: A <sip:alice@EXAMPLE.com:5060;x=y>\r\n"
					   "To: <sip:room0abc@conf.example.com:5080;a=b>\r\n\r\n"
					   "Content-type: text/plain\r\n\r\nhi";

	open_all();
	say(ALICE, "t001", body);
	await(BOB, body);
}


static void test_cpim_without_headers_is_completed(void **state)
{
	const char *body = "Subject: test\r\n\r\n"
					   "Content-Type: text/plain\r\n\r\nhi there";
	char want[64];
	const char *from, *end;
	int len;

	open_all();
	say(ALICE, "t001", body);
	await(ALICE, "MSRP t001 200");
	await(BOB, "hi there\r\n-------");
	assert_true(has(BOB, "From: <sip:alice@example.com>\r\n"));
	assert_true(has(BOB, "To: <sip:room0abc@conf.example.com>\r\n"));
	assert_true(has(BOB, "DateTime: 20"));
	assert_true(has(BOB, "Subject: test\r\n"));
	from = memmem(BOB->in.s, BOB->in.len, "From: <", 7);
	end = memmem(BOB->in.s, BOB->in.len, "\r\n-------", 9);
	len = (int)(end - from);
	snprintf(want, sizeof(want), "Byte-Range: 1-%d/%d\r\n", len, len);
	assert_true(has(BOB, want));
}


static void test_anonymous_from_becomes_the_senders(void **state)
{
	open_all();
	say(ALICE, "t001",
			"From: <sip:anonymous@anonymous.invalid>\r\nTo: <" ROOM_URI
			">\r\n\r\nContent-type: text/plain\r\n\r\nwho");
	await(BOB, "who\r\n");
	assert_true(has(BOB, "From: <sip:alice@example.com>\r\n"));
	assert_false(has(BOB, "From: <sip:anonymous@"));
}


static void test_broken_cpim_400_and_room_lives(void **state)
{
	open_all();
	say(ALICE, "t001", "this is no cpim\r\n\r\nat all");
	await(ALICE, "MSRP t001 400");
	say(BOB, "t002", cpim(BOB, "alive"));
	await(ALICE, "alive");
	await(CAROL, "alive");
	assert_int_equal(times(CAROL, " SEND\r\n"), 1);
}


static void send_to(client_t *cl, const char *id, const char *to)
{
	char body[512];

	snprintf(body, sizeof(body),
			"From: <%s>\r\n%s\r\nContent-type: text/plain\r\n\r\nsecret",
			cl->uri, to);
	say(cl, id, body);
}


static void test_private_message_reaches_one(void **state)
{
	open_all();
	send_to(ALICE, "t001", "To: <sip:bob@example.com>\r\n");
	await(ALICE, "MSRP t001 200");
	await(BOB, "secret");
	say(ALICE, "t002", cpim(ALICE, "public"));
	await(CAROL, "public");
	assert_false(has(CAROL, "secret"));
}


static void test_private_message_to_nobody_404_several_403(void **state)
{
	open_leg(ALICE);
	open_leg(CAROL);
	send_to(ALICE, "t001", "To: <sip:dave@example.com>\r\n");
	await(ALICE, "MSRP t001 404");
	send_to(ALICE, "t002",
			"To: <sip:bob@example.com>\r\nTo: <sip:carol@example.com>\r\n");
	await(ALICE, "MSRP t002 403");
	send_to(ALICE, "t003",
			"To: <sip:anonymous@anonymous.invalid>, <sip:bob@example.com>\r\n");
	await(ALICE, "MSRP t003 403");
	send_to(ALICE, "t004", "cc: <sip:bob@example.com>\r\n");
	await(ALICE, "MSRP t004 403");
	say(ALICE, "t005", cpim(ALICE, "public"));
	await(CAROL, "public");
	assert_false(has(CAROL, "secret"));
}


static void test_no_msrp_closes(void **state)
{
	ALICE->fd = dial();
	send_raw(ALICE, "GET / HTTP/1.1\r\n\r\n", 18);
	await_close(ALICE);
}


/* A log is no place to flood. */
static void test_who_does_wrong_again_and_again_fills_no_log(void **state)
{
	leg_t *leg = BOB->p->leg;

	open_leg(BOB);
	for(int n = 0; n < 5 * LEG_LINES; n++)
		say(BOB, "t001", cpim(ALICE, "I am Alice"));
	await_times(BOB, "MSRP t001 403", 5 * LEG_LINES);
	assert_in_range(leg->unsaid, 1, 4 * LEG_LINES);
	assert_true(leg_may_say(ALICE->p->leg));
}


static void test_broken_head_400_and_stream_goes_on(void **state)
{
	static const char broken[] = "MSRP t001 SEND\r\nno header\r\n"
								 "From-Path: msrp://a:1/x;tcp\r\n"
								 "-------t001$\r\n";

	open_all();
	send_raw(ALICE, broken, sizeof(broken) - 1);
	await(ALICE, "MSRP t001 400");
	say(ALICE, "t002", cpim(ALICE, "next"));
	await(BOB, "next");
}


static void test_every_cut_of_the_stream(void **state)
{
	buffer_t b;
	const char *body = cpim(ALICE, "cut me");
	int n = (int)strlen(body);

	open_all();
	buffer_init(&b, 0);
	buffer_printf(&b,
			"MSRP t001 SEND\r\nTo-Path: %s\r\n"
			"From-Path: msrp://127.0.0.1:9999/alicesession;tcp\r\n"
			"Message-ID: m\r\nByte-Range: 1-%d/%d\r\n"
			"Content-Type: message/cpim\r\n\r\n%s\r\n-------t001$\r\n",
			path_of(ALICE), n, n, body);
	for(size_t i = 0; i < b.len; i++) {
		send_raw(ALICE, b.s + i, 1);
		turn(1);
	}
	buffer_free(&b);
	await(BOB, body);
	await(ALICE, "MSRP t001 200");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
			TEST(test_empty_send_binds),
			TEST(test_keep_alives_get_200_and_go_nowhere),
			TEST(test_message_reaches_all_others_as_it_was),
			TEST(test_first_send_may_carry_a_message),
			TEST(test_same_order_for_everyone),
			TEST(test_unknown_session_481),
			TEST(test_second_connection_506_and_first_stays),
			TEST(test_other_types_415),
			TEST(test_unknown_methods_501_and_connection_stays),
			TEST(test_report_and_response_are_taken_in_silence),
			TEST(test_failure_report_no_and_partial),
			TEST(test_success_report_only_when_asked_for),
			TEST(test_cpim_from_of_somebody_else_403),
			TEST(test_cpim_from_equal_name_passes_byte_for_byte),
			TEST(test_cpim_without_headers_is_completed),
			TEST(test_anonymous_from_becomes_the_senders),
			TEST(test_broken_cpim_400_and_room_lives),
			TEST(test_private_message_reaches_one),
			TEST(test_private_message_to_nobody_404_several_403),
			TEST(test_no_msrp_closes),
			TEST(test_who_does_wrong_again_and_again_fills_no_log),
			TEST(test_broken_head_400_and_stream_goes_on),
			TEST(test_every_cut_of_the_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
