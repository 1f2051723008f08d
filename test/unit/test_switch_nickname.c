/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the switch: NICKNAME requests, and what descriptions say of
 * the room. RFC 7701 sections 7 and 8.
 */
#define _GNU_SOURCE /* memmem */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "switch_stage.h"

#define ALICE (&cast[0])
#define BOB (&cast[1])

static const char *const two[] = {"alice", "bob"};


static int setup(void **state)
{
	set_defaults();
	settings.nicknames = 1;
	stage_open(two, 2);
	all_come_in();
	open_all();
	return 0;
}


static int teardown(void **state)
{
	stage_close();
	return 0;
}


static void ask(client_t *cl, const char *id, const char *headers, int code)
{
	char answer[32];

	send_frame(cl, path_of(cl), id, "NICKNAME", headers, '$');
	snprintf(answer, sizeof(answer), "MSRP %s %d", id, code);
	await(cl, answer);
}


static void expect_name(const client_t *cl, const char *name)
{
	str want = {(char *)name, (int)strlen(name)};

	assert_true(text_eq(&cl->p->nickname, &want));
}


/* RFC 7701 section 9.2 */
static void test_a_nickname_is_reserved(void **state)
{
	ask(BOB, "t001", "Use-Nickname: \"Alice the great\"\r\n", 200);
	ask(ALICE, "d93kswow", "Use-Nickname: \"alice  The Great\"\r\n", 425);
	assert_true(has(ALICE, "425 Nickname reserved or already in use\r\n"));
	expect_name(ALICE, "");
	ask(ALICE, "09swk2d", "Use-Nickname: \"Alice in Wonderland\"\r\n", 200);
	expect_name(ALICE, "Alice in Wonderland");
	/* one's own is one's own */
	ask(ALICE, "t002", "Use-Nickname: \"ALICE in Wonderland\"\r\n", 200);
	/* the old one stays when another is refused, and is free afterwards */
	ask(ALICE, "t003", "Use-Nickname: \"Alice the great\"\r\n", 425);
	expect_name(ALICE, "ALICE in Wonderland");
	ask(BOB, "t004", "Use-Nickname: \"Bob\"\r\n", 200);
	ask(ALICE, "t005", "Use-Nickname: \"Alice the great\"\r\n", 200);
	ask(ALICE, "t006", "Use-Nickname: \"\"\r\n", 200);
	expect_name(ALICE, "");
}


static void test_malformed_424(void **state)
{
	ask(ALICE, "t001", "", 424);
	ask(ALICE, "t002", "Use-Nickname: Alice\r\n", 424);
	ask(ALICE, "t003", "Use-Nickname: \"\xff\"\r\n", 424);
	ask(ALICE, "t004", "Use-Nickname: \"  \"\r\n", 424);
	ask(ALICE, "t005", "Use-Nickname: \"a\"\r\nUse-Nickname: \"b\"\r\n", 400);
	send_frame(ALICE, path_of(ALICE), "t006", "NICKNAME",
			"Use-Nickname: \"a\"\r\n", '#');
	await(ALICE, "MSRP t006 400");
	expect_name(ALICE, "");
}


static void test_switched_off_403(void **state)
{
	settings.nicknames = 0;
	ask(ALICE, "t001", "Use-Nickname: \"Al\"\r\n", 403);
	expect_name(ALICE, "");
}


static void test_too_many_403(void **state)
{
	settings.message_rate = 1;
	settings.message_burst = 2;
	ask(ALICE, "t001", "Use-Nickname: \"a\"\r\n", 200);
	ask(ALICE, "t002", "Use-Nickname: \"b\"\r\n", 200);
	ask(ALICE, "t003", "Use-Nickname: \"c\"\r\n", 403);
	expect_name(ALICE, "b");
}


static void test_unknown_session_481(void **state)
{
	send_frame(ALICE, "msrp://127.0.0.1:2855/nobody;tcp", "t001", "NICKNAME",
			"Use-Nickname: \"Al\"\r\n", '$');
	await(ALICE, "MSRP t001 481");
}


static void test_the_answer_goes_the_whole_way_back(void **state)
{
	char text[512];

	snprintf(text, sizeof(text),
			"MSRP t001 NICKNAME\r\nTo-Path: %s\r\n"
			"From-Path: msrp://relay:1/r;tcp msrp://a:1/x;tcp\r\n"
			"Use-Nickname: \"Al\"\r\n-------t001$\r\n",
			path_of(ALICE));
	send_raw(ALICE, text, strlen(text));
	await(ALICE, "MSRP t001 200 OK\r\n"
				 "To-Path: msrp://relay:1/r;tcp msrp://a:1/x;tcp\r\n");
}


static void test_it_is_free_when_its_owner_goes(void **state)
{
	effects_t fx;

	ask(BOB, "t001", "Use-Nickname: \"Sir\"\r\n", 200);
	ask(ALICE, "t002", "Use-Nickname: \"Sir\"\r\n", 425);
	effects_init(&fx);
	conference_left(BOB->p, DEPARTED_LEFT, &fx);
	effects_run(stage, &fx);
	await_close(BOB);
	ask(ALICE, "t003", "Use-Nickname: \"Sir\"\r\n", 200);
}


/* RFC 7701 section 6.1: the switch does not touch what is said. */
static void test_messages_do_not_carry_it(void **state)
{
	const char *body = cpim(ALICE, "hello");

	ask(ALICE, "t001", "Use-Nickname: \"Al\"\r\n", 200);
	say(ALICE, "t002", body);
	await(BOB, body);
}


static void test_descriptions_say_what_the_room_has(void **state)
{
	static const char line[] = "\r\na=chatroom:nickname private-messages\r\n";
	buffer_t out;

	buffer_init(&out, 0);
	assert_int_equal(media.offer(BOB->p, &out), 0);
	assert_non_null(memmem(out.s, out.len, line, strlen(line)));
	buffer_free(&out);
	settings.private_policy = PRIVATE_NO;
	assert_string_equal(abilities_of_rooms(), "nickname");
	settings.nicknames = 0;
	assert_string_equal(abilities_of_rooms(), "");
	settings.private_policy = PRIVATE_ANY;
	assert_string_equal(abilities_of_rooms(), "private-messages");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
			TEST(test_a_nickname_is_reserved),
			TEST(test_malformed_424),
			TEST(test_switched_off_403),
			TEST(test_too_many_403),
			TEST(test_unknown_session_481),
			TEST(test_the_answer_goes_the_whole_way_back),
			TEST(test_it_is_free_when_its_owner_goes),
			TEST(test_messages_do_not_carry_it),
			TEST(test_descriptions_say_what_the_room_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
