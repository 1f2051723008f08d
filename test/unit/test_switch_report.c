/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the switch: what recipients can take, private messages, what
 * senders are told, limits for senders, and large messages that have the room
 * to themselves.
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

#define BOTH "Success-Report: yes\r\nFailure-Report: yes\r\n"
#define FAILURES "Failure-Report: yes\r\n"
#define RCS_TYPES                                     \
	"a=accept-wrapped-types:text/plain "              \
	"application/im-iscomposing+xml message/imdn+xml" \
	"\r\n"

static const char *const three[] = {"alice", "bob", "carol"};


static int setup(void **state)
{
	set_defaults();
	stage_open(three, 3);
	return 0;
}


static int teardown(void **state)
{
	stage_close();
	return 0;
}


/* Carol's description is what a test wants it to be. */
static void everybody(const char *carol_is)
{
	if(carol_is)
		CAROL->says = carol_is;
	all_come_in();
	open_all();
}


/* A whole message with further MSRP headers. */
static void tell(
		client_t *cl, const char *id, const char *headers, const char *body)
{
	buffer_t b;
	int len = (int)strlen(body);

	buffer_init(&b, 0);
	buffer_printf(&b,
			"Message-ID: %s\r\nByte-Range: 1-%d/%d\r\n%s"
			"Content-Type: message/cpim\r\n\r\n%s\r\n",
			id, len, len, headers, body);
	buffer_add(&b, "", 1);
	send_frame(cl, path_of(cl), id, "SEND", b.s, '$');
	buffer_free(&b);
}


static const char *typed(
		const client_t *cl, const char *to, const char *type, const char *text)
{
	static char space[2048];

	snprintf(space, sizeof(space),
			"From: <%s>\r\nTo: <%s>\r\n\r\nContent-type: %s\r\n\r\n%s", cl->uri,
			to, type, text);
	return space;
}


static void goes_on(client_t *from, client_t *to)
{
	static int n;
	char id[16], text[32];

	snprintf(id, sizeof(id), "go%03d", ++n);
	snprintf(text, sizeof(text), "goes on %d", n);
	say(from, id, cpim(from, text));
	await(to, text);
}


static void test_types_are_respected_for_each(void **state)
{
	everybody(RCS_TYPES);
	tell(ALICE, "t001", "", typed(ALICE, ROOM_URI, "image/png", "PNG"));
	await(ALICE, "MSRP t001 200");
	await(BOB, "PNG");
	tell(ALICE, "t002", "",
			typed(ALICE, ROOM_URI, "TEXT/Plain;charset=utf-8", "fine"));
	await(CAROL, "fine");
	assert_false(has(CAROL, "PNG"));
	assert_int_equal(statistics[STAT_WITHHELD], 1);
	assert_int_equal(statistics[STAT_DROPS], 0);
	assert_int_equal(statistics[STAT_REPORTS], 0);
}


static void test_types_that_may_stand_alone_may_be_wrapped(void **state)
{
	everybody("a=accept-wrapped-types:text/html\r\n"
			  "a=accept-types:message/cpim image/*\r\n");
	tell(ALICE, "t001", "", typed(ALICE, ROOM_URI, "image/png", "PNG"));
	await(CAROL, "PNG");
	tell(ALICE, "t002", "", typed(ALICE, ROOM_URI, "text/plain", "plain"));
	tell(ALICE, "t003", "", typed(ALICE, ROOM_URI, "text/html", "html"));
	await(CAROL, "html");
	assert_false(has(CAROL, "plain\r\n-"));
}


static void test_sizes_are_respected_for_each(void **state)
{
	char text[600];

	memset(text, 'x', sizeof(text));
	text[599] = 0;
	everybody("a=max-size:500\r\n");
	tell(ALICE, "t001", FAILURES, cpim(ALICE, text));
	await(ALICE, "MSRP t001 200");
	await(ALICE, "Status: 000 413");
	await(BOB, text);
	goes_on(ALICE, CAROL);
	assert_int_equal(times(CAROL, " SEND\r\n"), 1);
	assert_int_equal(statistics[STAT_WITHHELD], 1);
}


/* Several messages in one read. */
static void test_each_of_a_bundle_is_judged_by_itself(void **state)
{
	static const char *const type[] = {
			"text/plain", "image/png", "text/plain", "text/plain"};
	char text[700];
	buffer_t b;

	everybody(RCS_TYPES "a=max-size:500\r\n");
	buffer_init(&b, 0);
	for(int i = 0; i < 4; i++) {
		memset(text, '.', sizeof(text));
		snprintf(text + (i == 2 ? 600 : 0), 90, "<part %d>", i);
		const char *body = typed(ALICE, ROOM_URI, type[i], text);

		buffer_printf(&b,
				"MSRP b%03d SEND\r\nTo-Path: %s\r\n"
				"From-Path: msrp://a:1/x;tcp\r\nMessage-ID: b%03d\r\n"
				"Byte-Range: 1-%zu/%zu\r\nContent-Type: message/cpim\r\n\r\n"
				"%s\r\n-------b%03d$\r\n",
				i, path_of(ALICE), i, strlen(body), strlen(body), body, i);
	}
	send_raw(ALICE, b.s, b.len);
	buffer_free(&b);
	await(CAROL, "<part 3>");
	await(BOB, "<part 3>");
	assert_true(has(CAROL, "<part 0>"));
	assert_int_equal(times(CAROL, " SEND\r\n"), 2);
	assert_int_equal(times(BOB, " SEND\r\n"), 4);
	assert_int_equal(statistics[STAT_WITHHELD], 2);
	assert_int_equal(statistics[STAT_DELIVERIES], 6);
}


static void test_streams_of_unknown_size_spare_those_with_a_limit(void **state)
{
	int size = 100000;
	char *body = malloc(size + 1);
	buffer_t b;

	everybody("a=max-size:200000\r\n");
	memset(body, 'y', size);
	memcpy(body, cpim(ALICE, ""), strlen(cpim(ALICE, "")));
	body[size] = 0;
	buffer_init(&b, 0);
	buffer_printf(&b,
			"Message-ID: m1\r\nByte-Range: 1-*/*\r\n"
			"Content-Type: message/cpim\r\n\r\n%s\r\n",
			body);
	buffer_add(&b, "", 1);
	send_frame(ALICE, path_of(ALICE), "t001", "SEND", b.s, '$');
	await(BOB, "$\r\n");
	send_chunk(ALICE, "t002", "m2", 1, size, body, size, '$');
	await(CAROL, "$\r\n");
	assert_false(has(CAROL, "Message-ID: m1"));
	assert_true(has(CAROL, "Message-ID: m2"));
	buffer_free(&b);
	free(body);
}


static void test_who_asked_is_told_who_cannot_take_it(void **state)
{
	everybody(RCS_TYPES);
	tell(ALICE, "t001", BOTH, typed(ALICE, ROOM_URI, "a/b", "AB"));
	await(ALICE, "MSRP t001 200");
	await(ALICE, "Status: 000 415");
	assert_true(has(ALICE, "Message-ID: t001\r\nByte-Range: 1-"));
	await(BOB, "AB");
	goes_on(BOB, ALICE);
	assert_int_equal(times(ALICE, " REPORT\r\n"), 1);
	assert_int_equal(statistics[STAT_REPORTS], 1);
}


static void test_private_to_who_cannot_tell_428(void **state)
{
	everybody("a=chatroom:nickname\r\n");
	tell(ALICE, "t001", "", typed(ALICE, CAROL->uri, "text/plain", "psst"));
	await(ALICE, "MSRP t001 428 ");
	tell(ALICE, "t002", "", typed(ALICE, BOB->uri, "text/plain", "psst"));
	await(BOB, "psst");
	goes_on(ALICE, CAROL);
	assert_false(has(CAROL, "psst"));
}


static void test_notices_pass_whatever_is_said_of_privacy(void **state)
{
	settings.private_policy = PRIVATE_NO;
	everybody(RCS_TYPES);
	tell(ALICE, "t001", "", typed(ALICE, BOB->uri, "text/plain", "psst"));
	await(ALICE, "MSRP t001 428");
	tell(ALICE, "t002", "",
			typed(ALICE, CAROL->uri, "message/imdn+xml", "<imdn/>"));
	await(CAROL, "<imdn/>");
	tell(ALICE, "t003", "",
			typed(ALICE, CAROL->uri, "application/im-iscomposing+xml", "<i/>"));
	await(CAROL, "<i/>");
	goes_on(ALICE, BOB);
	assert_false(has(BOB, "<i"));
	assert_false(has(BOB, "psst"));
}


static void test_private_to_anybody_by_parameter(void **state)
{
	settings.private_policy = PRIVATE_ANY;
	everybody("a=x\r\n");
	tell(ALICE, "t001", "", typed(ALICE, CAROL->uri, "text/plain", "psst"));
	await(CAROL, "psst");
	goes_on(ALICE, BOB);
	assert_false(has(BOB, "psst"));
}


static void test_private_is_kept_for_who_has_no_connection(void **state)
{
	all_come_in();
	open_leg(ALICE);
	open_leg(CAROL);
	tell(ALICE, "t001", "Success-Report: yes\r\n",
			typed(ALICE, BOB->uri, "text/plain", "psst"));
	await(ALICE, "MSRP t001 200");
	goes_on(ALICE, CAROL);
	assert_false(has(ALICE, " REPORT"));
	bind_leg(BOB);
	await(BOB, "psst");
	/* with the names of both, RFC 7701 section 6.2 */
	await(ALICE, "Status: 000 200 OK\r\nContent-Type: message/cpim\r\n\r\n"
				 "From: <sip:alice@example.com>\r\n"
				 "To: <sip:bob@example.com>\r\n\r\nContent-Type: text/plain"
				 "\r\n\r\n\r\n-------");
	assert_false(has(CAROL, "psst"));
}


static void test_private_of_a_type_that_is_not_taken_415(void **state)
{
	everybody(RCS_TYPES "a=chatroom:private-messages\r\n");
	tell(ALICE, "t001", "", typed(ALICE, CAROL->uri, "image/png", "PNG"));
	await(ALICE, "MSRP t001 415");
	goes_on(ALICE, BOB);
	assert_false(has(BOB, "PNG"));
}


static void test_who_has_no_msrp_takes_no_private_message_428(void **state)
{
	assert_int_equal(come_in(ALICE, 1, "active"), 0);
	assert_int_equal(come_in(BOB, 0, NULL), 0);
	open_leg(ALICE);
	tell(ALICE, "t001", "", typed(ALICE, BOB->uri, "text/plain", "psst"));
	await(ALICE, "MSRP t001 428");
	tell(ALICE, "t002", "", typed(ALICE, CAROL->uri, "text/plain", "psst"));
	await(ALICE, "MSRP t002 404");
}


static void test_every_spelling_of_the_room(void **state)
{
	static const char *const names[] = {"sip:anonymous@anonymous.invalid",
			"sip:%61nonymous@ANONYMOUS.invalid:5060",
			"sip:room0abc@conf.example.com",
			"sips:room0abc@CONF.example.com:5061;transport=tls;x",
			"sip:room0%61bc@conf.example.com"};
	char id[16], text[32];

	everybody(NULL);
	for(size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(id, sizeof(id), "t%03zu", i);
		snprintf(text, sizeof(text), "name %zu", i);
		tell(ALICE, id, "", typed(ALICE, names[i], "text/plain", text));
		await(BOB, text);
		await(CAROL, text);
	}
	tell(ALICE, "t901", "",
			typed(ALICE, "sip:ROOM0abc@conf.example.com", "a/b", "x"));
	await(ALICE, "MSRP t901 404");
}


/* What it takes until carol, who is not read from, is dropped; each of alice's
 * messages asks for failures. Returns how many she sent. */
static int fill_until_dropped(char *body, int size)
{
	char id[16];
	buffer_t b;
	int n = 0;

	buffer_init(&b, 0);
	while(statistics[STAT_LEGS_DROPPED] == 0 && n < 600) {
		snprintf(id, sizeof(id), "f%03d", n++);
		buffer_clear(&b);
		buffer_printf(&b,
				"Message-ID: %s\r\nByte-Range: 1-%d/%d\r\n" BOTH
				"Content-Type: message/cpim\r\n\r\n%s\r\n",
				id, size, size, body);
		buffer_add(&b, "", 1);
		send_frame(ALICE, path_of(ALICE), id, "SEND", b.s, '$');
		await_times(BOB, " SEND\r\n", n);
		take(ALICE);
	}
	buffer_free(&b);
	return n;
}


static void test_what_a_dropped_leg_did_not_take_is_reported(void **state)
{
	int size = 50000, sent, failed;
	char *body = malloc(size + 1);

	settings.leg_queue_max = 300000;
	everybody(NULL);
	memset(body, 'z', size);
	memcpy(body, cpim(ALICE, ""), strlen(cpim(ALICE, "")));
	body[size] = 0;
	sent = fill_until_dropped(body, size);
	AWAIT(strcmp(media.state(CAROL->p), "lost") == 0);
	await(ALICE, "Status: 000 408");
	goes_on(BOB, ALICE);
	failed = times(ALICE, "Status: 000 408");
	/* those in her queue; the last one is kept for her */
	assert_in_range(failed, 1, 7);
	assert_int_equal(times(ALICE, "Status: 000 200"), sent - failed - 1);
	assert_int_equal(statistics[STAT_DROPS], failed);
	await_close(CAROL);
	free(body);
}


static void test_nothing_is_reported_of_a_spoofed_message(void **state)
{
	everybody(NULL);
	tell(ALICE, "t001", BOTH, cpim(BOB, "I am bob"));
	await(ALICE, "MSRP t001 403");
	goes_on(BOB, ALICE);
	goes_on(ALICE, BOB);
	assert_false(has(ALICE, " REPORT"));
	assert_int_equal(statistics[STAT_MESSAGES_REFUSED], 1);
}


static void test_unfinished_ends_after_message_timeout(void **state)
{
	char *body = malloc(100001);

	settings.message_timeout = 1;
	everybody(NULL);
	memset(body, 'z', 100000);
	memcpy(body, cpim(ALICE, ""), strlen(cpim(ALICE, "")));
	send_chunk(ALICE, "c001", "m1", 1, 100000, body, 20000, '+');
	await(BOB, "+\r\n");
	await(BOB, "#\r\n");
	await(CAROL, "#\r\n");
	send_chunk(ALICE, "c002", "m1", 20001, 100000, body, 10, '+');
	await(ALICE, "MSRP c002 408");
	goes_on(ALICE, BOB);
	free(body);
}


/* Its sender stops in the middle of a chunk. */
static void test_stalled_chunk_ends_after_message_timeout(void **state)
{
	char head[4096];

	settings.message_timeout = 1;
	settings.collect_max = 1024;
	everybody(NULL);
	snprintf(head, sizeof(head),
			"MSRP c001 SEND\r\nTo-Path: %s\r\nFrom-Path: msrp://a:1/x;tcp\r\n"
			"Message-ID: m1\r\nByte-Range: 1-*/70000\r\n"
			"Content-Type: message/cpim\r\n\r\n%s",
			path_of(ALICE), cpim(ALICE, ""));
	send_raw(ALICE, head, strlen(head));
	for(int i = 0; i < 40; i++)
		send_raw(ALICE, cpim(ALICE, "0123456789"), 100);
	AWAIT(statistics[STAT_MESSAGES_REFUSED] == 1);
	send_raw(ALICE, "\r\n-------c001+\r\n", 16);
	await(ALICE, "MSRP c001 408");
	goes_on(ALICE, BOB);
}


static void test_too_many_a_second_413(void **state)
{
	settings.message_rate = 1;
	settings.message_burst = 2;
	everybody(NULL);
	say(ALICE, "t001", cpim(ALICE, "one"));
	say(ALICE, "t002", cpim(ALICE, "two"));
	say(ALICE, "t003", cpim(ALICE, "three"));
	await(ALICE, "MSRP t003 413");
	tell(ALICE, "t004", "",
			typed(ALICE, BOB->uri, "message/imdn+xml", "<imdn/>"));
	await(BOB, "<imdn/>");
	say(BOB, "t005", cpim(BOB, "of his own"));
	await(CAROL, "of his own");
	assert_true(has(CAROL, "two"));
	assert_false(has(CAROL, "three"));
}


static char *stream_of(int size)
{
	char *body = malloc(size + 1);

	memset(body, 's', size);
	memcpy(body, cpim(ALICE, ""), strlen(cpim(ALICE, "")));
	body[size] = 0;
	return body;
}


static void test_a_stream_may_have_the_room_to_itself(void **state)
{
	char *body = stream_of(100000);

	settings.interleave = 0;
	everybody(NULL);
	send_chunk(ALICE, "c001", "m1", 1, 100000, body, 20000, '+');
	await(CAROL, "+\r\n");
	say(BOB, "t001", cpim(BOB, "meanwhile"));
	await(BOB, "MSRP t001 200");
	tell(BOB, "t002", "Success-Report: yes\r\n",
			typed(BOB, CAROL->uri, "text/plain", "psst"));
	await(BOB, "MSRP t002 200");
	send_chunk(ALICE, "c002", "m1", 20001, 100000, body + 20000, 20000, '+');
	await_times(CAROL, "+\r\n", 2);
	assert_false(has(CAROL, "meanwhile"));
	send_chunk(ALICE, "c003", "m1", 40001, 100000, body + 40000, 60000, '$');
	await(CAROL, "meanwhile");
	await(CAROL, "psst");
	await(ALICE, "meanwhile");
	await(BOB, " REPORT\r\n");
	assert_false(has(ALICE, "psst"));
	free(body);
}


static void test_two_streams_follow_each_other(void **state)
{
	char *body = stream_of(100000), *bobs = stream_of(100000);

	settings.interleave = 0;
	everybody(NULL);
	memcpy(bobs, cpim(BOB, ""), strlen(cpim(BOB, "")));
	send_chunk(ALICE, "c001", "m1", 1, 100000, body, 20000, '+');
	await(CAROL, "+\r\n");
	send_chunk(BOB, "b001", "m2", 1, 100000, bobs, 90000, '+');
	await(BOB, "MSRP b001 200");
	assert_false(has(CAROL, "Message-ID: m2"));
	hang_up(ALICE);
	await(CAROL, "#\r\n");
	send_chunk(BOB, "b002", "m2", 90001, 100000, bobs + 90000, 10000, '$');
	await(CAROL, "Message-ID: m2");
	await(CAROL, "$\r\n");
	free(body);
	free(bobs);
}


static void test_the_room_does_not_wait_for_ever(void **state)
{
	char *body = stream_of(100000);
	int n = 0;

	settings.interleave = 0;
	settings.leg_queue_max = 200000;
	everybody(NULL);
	send_chunk(ALICE, "c001", "m1", 1, 100000, body, 20000, '+');
	await(CAROL, "+\r\n");
	/* until more waits than may */
	while(!has(CAROL, "waits") && n++ < 400) {
		char id[16], text[1500];

		memset(text, 'w', sizeof(text));
		snprintf(text + 1400, 100, "waits");
		snprintf(id, sizeof(id), "t%03d", n);
		say(BOB, id, cpim(BOB, text));
		snprintf(text, sizeof(text), "MSRP %s 200", id);
		await(BOB, text);
		take(CAROL);
	}
	assert_in_range(n, 50, 200);
	await_times(CAROL, "waits", n);
	send_chunk(ALICE, "c002", "m1", 20001, 100000, body + 20000, 80000, '$');
	await(CAROL, "$\r\n");
	free(body);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
			TEST(test_types_are_respected_for_each),
			TEST(test_types_that_may_stand_alone_may_be_wrapped),
			TEST(test_sizes_are_respected_for_each),
			TEST(test_each_of_a_bundle_is_judged_by_itself),
			TEST(test_streams_of_unknown_size_spare_those_with_a_limit),
			TEST(test_who_asked_is_told_who_cannot_take_it),
			TEST(test_private_to_who_cannot_tell_428),
			TEST(test_notices_pass_whatever_is_said_of_privacy),
			TEST(test_private_to_anybody_by_parameter),
			TEST(test_private_is_kept_for_who_has_no_connection),
			TEST(test_private_of_a_type_that_is_not_taken_415),
			TEST(test_who_has_no_msrp_takes_no_private_message_428),
			TEST(test_every_spelling_of_the_room),
			TEST(test_what_a_dropped_leg_did_not_take_is_reported),
			TEST(test_nothing_is_reported_of_a_spoofed_message),
			TEST(test_unfinished_ends_after_message_timeout),
			TEST(test_stalled_chunk_ends_after_message_timeout),
			TEST(test_too_many_a_second_413),
			TEST(test_a_stream_may_have_the_room_to_itself),
			TEST(test_two_streams_follow_each_other),
			TEST(test_the_room_does_not_wait_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
