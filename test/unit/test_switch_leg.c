/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the switch: descriptions, and how legs come, go and come
 * back.
 */
#define _GNU_SOURCE /* memmem */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <netinet/tcp.h>
#include <sys/resource.h>
#include "switch/socket.h"
#include "switch/announce.h"
#include "switch_stage.h"

#define ALICE (&cast[0])
#define BOB (&cast[1])
#define CAROL (&cast[2])

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


/* Our answer to a description; returns media.answer's code. */
static int answer_to(client_t *cl, str text, buffer_t *out)
{
	sdp_t sdp;

	buffer_clear(out);
	assert_int_equal(sdp_parse(&text, &sdp), SDP_OK);
	return media.answer(cl->p, &sdp, out);
}


static int says(const buffer_t *b, const char *text)
{
	return b->len > 0 && memmem(b->s, b->len, text, strlen(text)) != NULL;
}


static void await_call(client_t *cl)
{
	AWAIT((cl->fd = accept(cl->listening, NULL, NULL)) >= 0);
	fcntl(cl->fd, F_SETFL, O_NONBLOCK);
}


static void test_offer_carries_the_real_address(void **state)
{
	char want[128];
	buffer_t out;

	buffer_init(&out, 0);
	assert_int_equal(media.offer(BOB->p, &out), 0);
	assert_true(says(&out, "a=setup:actpass\r\n"));
	assert_true(says(&out, "c=IN IP4 127.0.0.1\r\n"));
	snprintf(want, sizeof(want), "m=message %d TCP/MSRP *\r\n",
			settings.msrp_port);
	assert_true(says(&out, want));
	snprintf(want, sizeof(want), "a=path:msrp://127.0.0.1:%d/%s;tcp\r\n",
			settings.msrp_port, ((leg_t *)BOB->p->leg)->session);
	assert_true(says(&out, want));
	buffer_free(&out);
}


static void test_session_ids_have_128_bits_and_differ(void **state)
{
	buffer_t out;
	leg_t *a, *b;

	buffer_init(&out, 0);
	media.offer(BOB->p, &out);
	media.offer(CAROL->p, &out);
	a = BOB->p->leg;
	b = CAROL->p->leg;
	assert_int_equal(strlen(a->session), 32);
	assert_string_not_equal(a->session, b->session);
	buffer_free(&out);
}


static void test_answers_say_passive_or_active(void **state)
{
	buffer_t out;

	buffer_init(&out, 0);
	assert_int_equal(
			answer_to(ALICE, description_of(ALICE, "actpass", "message/cpim"),
					&out),
			0);
	assert_true(says(&out, "a=setup:passive\r\n"));
	assert_int_equal(
			answer_to(BOB, description_of(BOB, NULL, "* text/plain"), &out), 0);
	assert_true(says(&out, "a=setup:passive\r\n"));
	assert_int_equal(
			answer_to(CAROL, description_of(CAROL, "passive", "message/CPIM"),
					&out),
			0);
	assert_true(says(&out, "a=setup:active\r\n"));
	buffer_free(&out);
}


static void test_repeated_descriptions_keep_the_leg(void **state)
{
	buffer_t first, again;
	str offer = description_of(ALICE, "actpass", "message/cpim");
	leg_t *leg;

	buffer_init(&first, 0);
	buffer_init(&again, 0);
	assert_int_equal(answer_to(ALICE, offer, &first), 0);
	leg = ALICE->p->leg;
	assert_int_equal(answer_to(ALICE, offer, &again), 0);
	assert_ptr_equal(ALICE->p->leg, leg);
	assert_int_equal(first.len, again.len);
	assert_memory_equal(first.s, again.s, first.len);
	assert_int_equal(leg->own.version, 1);
	buffer_clear(&again);
	assert_int_equal(media.offer(ALICE->p, &again), 0);
	assert_int_equal(leg->own.version, 2);
	assert_true(says(&again, leg->session));
	buffer_free(&first);
	buffer_free(&again);
}


static void test_no_cpim_488(void **state)
{
	buffer_t out;

	buffer_init(&out, 0);
	assert_int_equal(
			answer_to(
					ALICE, description_of(ALICE, "active", "text/plain"), &out),
			488);
	assert_string_equal(media.state(ALICE->p), "none");
	buffer_free(&out);
}


static void test_tls_488(void **state)
{
	str text = description_of(ALICE, "active", "message/cpim");
	buffer_t tls, out;
	char *at = strstr(text.s, "TCP/MSRP");

	buffer_init(&tls, 0);
	buffer_init(&out, 0);
	buffer_add(&tls, text.s, at - text.s);
	buffer_add_text(&tls, "TCP/TLS/MSRP");
	buffer_add_text(&tls, at + 8);
	assert_int_equal(answer_to(ALICE, buffer_str(&tls), &out), 488);
	buffer_free(&tls);
	buffer_free(&out);
}


static int option_of(const client_t *cl, int level, int option)
{
	const leg_t *leg = cl->p->leg;
	int value = 0;
	socklen_t len = sizeof(value);

	assert_int_equal(
			getsockopt(leg->connection->fd, level, option, &value, &len), 0);
	return value;
}


/* Whoever connected: a peer that vanished is found without its help. */
static void test_sockets_look_after_their_peers(void **state)
{
	listen_as(BOB);
	assert_int_equal(come_in(ALICE, 1, "active"), 0);
	assert_int_equal(come_in(BOB, 0, "passive"), 0);
	open_leg(ALICE);
	await_call(BOB);
	for(client_t *cl = ALICE;; cl = BOB) {
		assert_int_equal(option_of(cl, SOL_SOCKET, SO_KEEPALIVE), 1);
		assert_in_range(option_of(cl, IPPROTO_TCP, TCP_KEEPIDLE), 1, 120);
		assert_true(option_of(cl, IPPROTO_TCP, TCP_USER_TIMEOUT) > 0);
		if(cl == BOB)
			break;
	}
}


/* The first of several that is served here; the others get port 0. */
static void test_the_first_line_of_use_counts(void **state)
{
	str text = description_of(ALICE, "active", "message/cpim");
	char *line = strstr(text.s, "m=message");
	buffer_t both, out;

	buffer_init(&both, 0);
	buffer_init(&out, 0);
	buffer_add(&both, text.s, line - text.s);
	buffer_add_text(&both, "m=audio 4000 RTP/AVP 0\r\n"
						   "m=message 9 TCP/TLS/MSRP *\r\n"
						   "a=accept-types:message/cpim\r\na=setup:active\r\n"
						   "a=path:msrps://127.0.0.1:9/x;tcp\r\n"
						   "m=message 9 TCP/MSRP *\r\na=setup:active\r\n"
						   "a=accept-types:text/plain\r\n"
						   "a=path:msrp://127.0.0.1:9/y;tcp\r\n");
	buffer_add_text(&both, line);
	buffer_add_text(&both, "m=video 4002 RTP/AVP 99\r\n");
	assert_int_equal(answer_to(ALICE, buffer_str(&both), &out), 0);
	assert_true(says(&out, "m=audio 0 RTP/AVP 0\r\n"
						   "m=message 0 TCP/TLS/MSRP *\r\n"
						   "m=message 0 TCP/MSRP *\r\n"));
	assert_true(says(&out, "m=video 0 RTP/AVP 99\r\n"));
	assert_string_equal(media.state(ALICE->p), "waiting");
	buffer_free(&both);
	buffer_free(&out);
}


static void test_passive_peer_with_a_name_488(void **state)
{
	static char text[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
						 "c=IN IP4 127.0.0.1\r\nt=0 0\r\n"
						 "m=message 2855 TCP/MSRP *\r\n"
						 "a=accept-types:message/cpim\r\na=setup:passive\r\n"
						 "a=path:msrp://phone.example.com:2855/x;tcp\r\n";
	buffer_t out;

	buffer_init(&out, 0);
	assert_int_equal(answer_to(ALICE, TEXT(text), &out), 488);
	buffer_free(&out);
}


static void test_answer_without_msrp_is_in_and_hears_nothing(void **state)
{
	assert_int_equal(come_in(ALICE, 1, "active"), 0);
	assert_int_equal(come_in(BOB, 0, NULL), 0);
	assert_int_equal(come_in(CAROL, 0, "active"), 0);
	assert_string_equal(media.state(BOB->p), "none");
	assert_int_equal(BOB->p->state, PARTICIPANT_CONNECTED);
	open_leg(ALICE);
	open_leg(CAROL);
	say(ALICE, "t001", cpim(ALICE, "hello"));
	await(ALICE, "MSRP t001 200");
	await(CAROL, "hello");
	assert_int_equal(statistics[STAT_DELIVERIES], 1);
}


static void test_passive_peer_is_called_and_greeted(void **state)
{
	listen_as(BOB);
	assert_int_equal(come_in(ALICE, 1, "active"), 0);
	assert_int_equal(come_in(BOB, 0, "passive"), 0);
	open_leg(ALICE);
	await_call(BOB);
	await(BOB, "$\r\n");
	assert_true(has(BOB, " SEND\r\nTo-Path: msrp://127.0.0.1:"));
	assert_true(has(BOB, "/bobsession;tcp\r\nFrom-Path: msrp://127.0.0.1:"));
	assert_false(has(BOB, "Content-Type"));
	assert_string_equal(media.state(BOB->p), "bound");
	send_frame(BOB, path_of(BOB), "x001", "200 OK", "", '$');
	say(BOB, "t001", cpim(BOB, "from the passive"));
	await(ALICE, "from the passive");
	say(ALICE, "t002", cpim(ALICE, "to the passive"));
	await(BOB, "to the passive");
}


static int clocks_and_sockets(void)
{
	return event_base_get_num_events(worker.base, EVENT_BASE_COUNT_ADDED);
}


/* What we send says Failure-Report: no, so that nobody has to answer it and
 * no transaction timer runs (RFC 4975 sections 7.1.1 and 7.1.3). */
static void test_what_we_say_needs_no_answer(void **state)
{
	int before;

	listen_as(BOB);
	assert_int_equal(come_in(ALICE, 1, "active"), 0);
	assert_int_equal(come_in(BOB, 0, "passive"), 0);
	open_leg(ALICE);
	before = clocks_and_sockets();
	await_call(BOB);
	await(BOB, "$\r\n");
	assert_true(has(BOB, "Failure-Report: no\r\n"));
	assert_int_equal(clocks_and_sockets(), before);
	assert_int_equal(
			announce_say(BOB->p->conference, &TEXT("Dinner"), NULL), 2);
	await(BOB, "Dinner");
	await(ALICE, "Dinner");
	assert_int_equal(times(BOB, "Failure-Report: no\r\n"), 2);
	assert_int_equal(clocks_and_sockets(), before);
	assert_string_equal(media.state(BOB->p), "bound");
	/* nor does an answer, be it a refusal, do anything */
	send_frame(BOB, path_of(BOB), "x001", "408 Timeout", "", '$');
	say(BOB, "t001", cpim(BOB, "still there"));
	await(ALICE, "still there");
}


static void test_passive_offer_is_called_after_enter(void **state)
{
	listen_as(ALICE);
	assert_int_equal(come_in(ALICE, 1, "passive"), 0);
	await_call(ALICE);
	await(ALICE, "/alicesession;tcp\r\n");
}


static void test_passive_peer_that_is_not_there_is_lost(void **state)
{
	listen_as(BOB);
	assert_int_equal(come_in(ALICE, 1, "active"), 0);
	/* the port stays known to its description, nobody listens */
	shutdown(BOB->listening, SHUT_RDWR);
	assert_int_equal(come_in(BOB, 0, "passive"), 0);
	AWAIT(strcmp(media.state(BOB->p), "lost") == 0);
	assert_int_equal(BOB->p->state, PARTICIPANT_CONNECTED);
}


static void test_lost_leg_is_bound_again(void **state)
{
	all_come_in();
	open_all();
	hang_up(BOB);
	AWAIT(strcmp(media.state(BOB->p), "lost") == 0);
	assert_int_equal(statistics[STAT_LEGS], 2);
	assert_int_equal(BOB->p->state, PARTICIPANT_CONNECTED);
	open_leg(BOB);
	assert_string_equal(media.state(BOB->p), "bound");
	say(ALICE, "t001", cpim(ALICE, "welcome back"));
	await(BOB, "welcome back");
}


static void test_lost_for_too_long_ends_the_session(void **state)
{
	settings.leg_lost_timeout = 1;
	all_come_in();
	open_all();
	hang_up(BOB);
	AWAIT(BOB->p->state == PARTICIPANT_GONE);
	assert_int_equal(BOB->p->departure, DEPARTED_FAILED);
	assert_string_equal(media.state(BOB->p), "none");
	assert_int_equal(byes, 1);
	say(ALICE, "t001", cpim(ALICE, "without bob"));
	await(CAROL, "without bob");
}


static void test_never_opened_ends_the_session(void **state)
{
	settings.media_timeout = 1;
	all_come_in();
	open_leg(ALICE);
	open_leg(CAROL);
	AWAIT(BOB->p->state == PARTICIPANT_GONE);
	assert_int_equal(ALICE->p->state, PARTICIPANT_CONNECTED);
	assert_int_equal(CAROL->p->state, PARTICIPANT_CONNECTED);
}


static void test_conference_ends_when_the_last_leg_stays_lost(void **state)
{
	settings.leg_lost_timeout = 1;
	all_come_in();
	open_all();
	for(int i = 0; i < 3; i++)
		hang_up(&cast[i]);
	AWAIT(stage == NULL);
	assert_int_equal(byes, 3);
}


static void leave(client_t *cl)
{
	effects_t fx;

	effects_init(&fx);
	conference_left(cl->p, DEPARTED_LEFT, &fx);
	effects_run(stage, &fx);
}


static void test_leaving_closes_the_connection(void **state)
{
	char path[256];

	all_come_in();
	open_all();
	snprintf(path, sizeof(path), "%s", path_of(BOB));
	leave(BOB);
	await_close(BOB);
	say(ALICE, "t001", cpim(ALICE, "bob left"));
	await(CAROL, "bob left");
	hang_up(BOB);
	BOB->fd = dial();
	send_frame(BOB, path, "t002", "SEND", "Message-ID: b\r\n", '$');
	await(BOB, "MSRP t002 481");
}


static void test_what_was_said_before_leaving_still_arrives(void **state)
{
	char *body = malloc(60000);

	snprintf(body, 60000, "%s", cpim(ALICE, ""));
	memset(body + strlen(body), 'x', 60000 - strlen(body) - 1);
	body[59999] = 0;
	settings.leg_queue_max = 64 << 20;
	all_come_in();
	open_all();
	/* more than the sockets in between hold */
	for(int i = 0; i < 120; i++)
		say(ALICE, "t001", body);
	AWAIT((take(ALICE), times(ALICE, " 200 OK\r\n") == 120));
	leave(BOB);
	await_times(BOB, " SEND\r\n", 120);
	await_close(BOB);
	free(body);
}


static void test_two_legs_over_one_connection(void **state)
{
	all_come_in();
	open_leg(ALICE);
	CAROL->fd = dial();
	send_frame(CAROL, path_of(CAROL), "t001", "SEND", "Message-ID: a\r\n", '$');
	pass_frame(
			CAROL, BOB, path_of(BOB), "t002", "SEND", "Message-ID: b\r\n", '$');
	await(CAROL, "MSRP t002 200");
	say(ALICE, "t003", cpim(ALICE, "twice"));
	await_times(CAROL, "twice", 2);
	leave(BOB);
	say(ALICE, "t004", cpim(ALICE, "once"));
	await(CAROL, "once");
	assert_string_equal(media.state(CAROL->p), "bound");
}


static void test_new_endpoint_in_a_re_invite_may_bind(void **state)
{
	buffer_t out;

	all_come_in();
	open_all();
	snprintf(ALICE->session, sizeof(ALICE->session), "another");
	buffer_init(&out, 0);
	assert_int_equal(
			answer_to(ALICE, description_of(ALICE, "active", "message/cpim"),
					&out),
			0);
	await_close(ALICE);
	hang_up(ALICE);
	open_leg(ALICE);
	say(BOB, "t001", cpim(BOB, "moved"));
	await(ALICE, "/another;tcp\r\n");
	await(ALICE, "moved");
	buffer_free(&out);
}


static void test_sender_heard_before_its_answer(void **state)
{
	buffer_t out;

	/* bob's connection is faster than his 200 */
	assert_int_equal(come_in(ALICE, 1, "active"), 0);
	open_leg(ALICE);
	buffer_init(&out, 0);
	assert_int_equal(media.offer(BOB->p, &out), 0);
	open_leg(BOB);
	say(BOB, "t001", cpim(BOB, "early"));
	await(BOB, "MSRP t001 200");
	await(ALICE, "early");
	assert_int_equal(come_in(BOB, 0, "active"), 0);
	say(ALICE, "t002", cpim(ALICE, "and back"));
	await(BOB, "/bobsession;tcp\r\nFrom-Path");
	await(BOB, "and back");
	buffer_free(&out);
}


/* Two phones of bob know the session id: whoever was not taken may not have
 * the leg, however fast it is */
static void test_A5_another_phone_may_not_bind_the_leg(void **state)
{
	assert_int_equal(come_in(ALICE, 1, "active"), 0);
	assert_int_equal(come_in(BOB, 0, "active"), 0);
	CAROL->fd = dial();
	send_frame(CAROL, path_of(BOB), "f001", "SEND", "Message-ID: f\r\n", '$');
	await(CAROL, "MSRP f001 481");
	open_leg(ALICE);
	open_leg(BOB);
	say(ALICE, "t001", cpim(ALICE, "is it you?"));
	await(BOB, "is it you?");
	assert_false(has(CAROL, "is it you?"));
}


static void test_refresh_without_an_answer_keeps_the_leg(void **state)
{
	buffer_t out;

	all_come_in();
	open_all();
	buffer_init(&out, 0);
	assert_int_equal(media.offer(ALICE->p, &out), 0);
	assert_int_equal(media.answered(ALICE->p, NULL), 0);
	say(BOB, "t001", cpim(BOB, "still in"));
	await(ALICE, "still in");
	buffer_free(&out);
}


static void test_out_of_descriptors_recovers(void **state)
{
	struct rlimit before, tight;

	all_come_in();
	ALICE->fd = dial();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	tight = before;
	tight.rlim_cur = ALICE->fd + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	send_frame(ALICE, path_of(ALICE), "t001", "SEND", "Message-ID: b\r\n", '$');
	for(int i = 0; i < 20; i++)
		turn(1);
	take(ALICE);
	assert_int_equal(ALICE->in.len, 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	await(ALICE, "MSRP t001 200");
}


static void test_only_numeric_addresses(void **state)
{
	struct sockaddr_storage a;
	char name[CONNECTION_PEER_MAX];

	assert_int_equal(socket_address(&TEXT("::1"), 2855, &a),
			sizeof(struct sockaddr_in6));
	socket_name((struct sockaddr *)&a, name, sizeof(name));
	assert_string_equal(name, "[::1]:2855");
	assert_int_equal(socket_address(&TEXT("127.0.0.9"), 1, &a),
			sizeof(struct sockaddr_in));
	socket_name((struct sockaddr *)&a, name, sizeof(name));
	assert_string_equal(name, "127.0.0.9:1");
	assert_int_equal(socket_address(&TEXT("localhost"), 1, &a), 0);
	assert_int_equal(socket_address(&TEXT("127.1"), 1, &a), 0);
	assert_int_equal(socket_address(&TEXT("127.0.0.1"), 70000, &a), 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
			TEST(test_A5_another_phone_may_not_bind_the_leg),
			TEST(test_offer_carries_the_real_address),
			TEST(test_session_ids_have_128_bits_and_differ),
			TEST(test_answers_say_passive_or_active),
			TEST(test_repeated_descriptions_keep_the_leg),
			TEST(test_no_cpim_488),
			TEST(test_tls_488),
			TEST(test_sockets_look_after_their_peers),
			TEST(test_the_first_line_of_use_counts),
			TEST(test_passive_peer_with_a_name_488),
			TEST(test_answer_without_msrp_is_in_and_hears_nothing),
			TEST(test_passive_peer_is_called_and_greeted),
			TEST(test_what_we_say_needs_no_answer),
			TEST(test_passive_offer_is_called_after_enter),
			TEST(test_passive_peer_that_is_not_there_is_lost),
			TEST(test_lost_leg_is_bound_again),
			TEST(test_lost_for_too_long_ends_the_session),
			TEST(test_never_opened_ends_the_session),
			TEST(test_conference_ends_when_the_last_leg_stays_lost),
			TEST(test_leaving_closes_the_connection),
			TEST(test_what_was_said_before_leaving_still_arrives),
			TEST(test_two_legs_over_one_connection),
			TEST(test_new_endpoint_in_a_re_invite_may_bind),
			TEST(test_sender_heard_before_its_answer),
			TEST(test_refresh_without_an_answer_keeps_the_leg),
			TEST(test_out_of_descriptors_recovers),
			TEST(test_only_numeric_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
