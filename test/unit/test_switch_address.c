/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of addresses: what we say of ourselves, where we connect to, and
 * which of what a peer says of itself counts (RFC 6714).
 */
#define _GNU_SOURCE /* memmem */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "switch/advertise.h"
#include "switch/network.h"
#include "switch/outbound.h"
#include "switch/socket.h"
/* the stage has more than this program needs */
#pragma GCC diagnostic ignored "-Wunused-function"
#include "switch_stage.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ALICE (&cast[0])
#define BOB (&cast[1])

static const char *const two[] = {"alice", "bob"};


static int setup(void **state)
{
	set_defaults();
	stage_open(two, 2);
	return 0;
}


static int teardown(void **state)
{
	stage_close();
	return 0;
}


static void test_networks(void **state)
{
	static const struct
	{
		const char *network, *address;
		int has;
	} row[] = {
			{"10.0.0.0/8", "10.255.0.1", 1},
			{"10.0.0.0/8", "11.0.0.1", 0},
			{"10.1.2.3", "10.1.2.3", 1},
			{"10.1.2.3", "10.1.2.2", 0},
			{"10.1.2.128/25", "10.1.2.200", 1},
			{"10.1.2.128/25", "10.1.2.100", 0},
			{"0.0.0.0/0", "192.0.2.1", 1},
			{"0.0.0.0/0", "2001:db8::1", 0},
			{"10.0.0.0/8", "::ffff:10.0.0.1", 1},
			{"2001:db8::/32", "2001:db8:1::1", 1},
			{"2001:db8::/32", "2001:db9::1", 0},
			{"2001:db8::/33", "2001:db8:8000::1", 0},
			{"[::1]", "::1", 1},
			{"::/0", "::1", 1},
			{"::/0", "10.0.0.1", 0},
	};
	struct sockaddr_storage space;
	network_t network;

	for(size_t i = 0; i < COUNT(row); i++) {
		str text = {(char *)row[i].network, (int)strlen(row[i].network)};
		str host = {(char *)row[i].address, (int)strlen(row[i].address)};

		assert_int_equal(network_parse(&text, &network), 0);
		assert_true(socket_address(&host, 1, &space) > 0);
		if(network_has(&network, (struct sockaddr *)&space) != row[i].has)
			fail_msg("%s in %s", row[i].address, row[i].network);
	}
}


static void test_no_networks(void **state)
{
	static const char *const row[] = {"", "/", "10.0.0.0/33", "10.0.0.0/",
			"10.0.0.0/-1", "10.0.0/8", "::/129", "example.com", "[::1", "[]"};
	network_t network;

	for(size_t i = 0; i < COUNT(row); i++) {
		str text = {(char *)row[i], (int)strlen(row[i])};

		if(network_parse(&text, &network) == 0)
			fail_msg("taken: '%s'", row[i]);
	}
}


/* Our answer to an offer with these; the code of media.answer. */
static int answer_to(client_t *cl, const char *host, int port, const char *path,
		const char *more, buffer_t *out)
{
	char text[1024];
	str s = {text, 0};
	sdp_t sdp;

	s.len = snprintf(text, sizeof(text),
			"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP%c %s\r\n"
			"t=0 0\r\nm=message %d TCP/MSRP *\r\na=accept-types:*\r\n"
			"a=path:%s\r\n%s",
			strchr(host, ':') ? '6' : '4', host, port, path, more);
	buffer_clear(out);
	assert_int_equal(sdp_parse(&s, &sdp), SDP_OK);
	return media.answer(cl->p, &sdp, out);
}


static int says(const buffer_t *b, const char *text)
{
	return b->len > 0 && memmem(b->s, b->len, text, strlen(text)) != NULL;
}


static const struct
{
	const char *name, *host;
	int port;
	const char *path, *more;
	int code;
	const char *dial; /* NULL: we do not connect */
	unsigned dial_port;
	int cema; /* in our answer */
} middleboxes[] = {
		{"both the same", "127.0.0.2", 40, "msrp://127.0.0.2:40/a;tcp",
				"a=setup:passive\r\n", 0, "127.0.0.2", 40, 0},
		{"a middlebox that we know how to take", "127.0.0.3", 50,
				"msrp://127.0.0.2:40/a;tcp",
				"a=setup:passive\r\na=msrp-cema\r\n", 0, "127.0.0.3", 50, 1},
		{"a middlebox, and a name in the path", "127.0.0.3", 50,
				"msrp://a.example:40/a;tcp",
				"a=setup:passive\r\na=msrp-cema\r\n", 0, "127.0.0.3", 50, 1},
		{"a contradiction", "127.0.0.3", 50, "msrp://127.0.0.2:40/a;tcp",
				"a=setup:passive\r\n", 488, NULL, 0, 0},
		{"another port only", "127.0.0.2", 50, "msrp://127.0.0.2:40/a;tcp",
				"a=setup:passive\r\n", 488, NULL, 0, 0},
		{"a name in the path", "127.0.0.2", 40, "msrp://a.example:40/a;tcp",
				"a=setup:passive\r\n", 488, NULL, 0, 0},
		{"an active peer behind NAT", "127.0.0.3", 9,
				"msrp://127.0.0.2:40/a;tcp", "a=setup:active\r\n", 0, NULL, 0,
				0},
		{"an active one that knows", "127.0.0.3", 9,
				"msrp://127.0.0.2:40/a;tcp",
				"a=setup:active\r\na=msrp-cema\r\n", 0, NULL, 0, 1},
		{"an active one behind a relay", "127.0.0.3", 9,
				"msrp://127.0.0.2:40/r;tcp msrp://127.0.0.4:9/a;tcp",
				"a=setup:active\r\na=msrp-cema\r\n", 0, NULL, 0, 0},
		{"behind a relay, all alike", "127.0.0.4", 60,
				"msrp://127.0.0.2:40/r;tcp msrp://127.0.0.4:60/a;tcp",
				"a=setup:passive\r\n", 0, "127.0.0.2", 40, 0},
};


static void test_cema(void **state)
{
	buffer_t out;

	buffer_init(&out, 0);
	for(size_t i = 0; i < COUNT(middleboxes); i++) {
		leg_t *leg;
		int code = answer_to(ALICE, middleboxes[i].host, middleboxes[i].port,
				middleboxes[i].path, middleboxes[i].more, &out);

		if(code != middleboxes[i].code)
			fail_msg("%s: %d", middleboxes[i].name, code);
		if(code)
			continue;
		leg = ALICE->p->leg;
		if(leg->active != (middleboxes[i].dial != NULL))
			fail_msg("%s: active %d", middleboxes[i].name, leg->active);
		if(says(&out, "a=msrp-cema\r\n") != middleboxes[i].cema)
			fail_msg("%s: msrp-cema", middleboxes[i].name);
		if(middleboxes[i].dial
				&& (!text_eq(&leg->dial_host,
							&(str){(char *)middleboxes[i].dial,
									(int)strlen(middleboxes[i].dial)})
						|| leg->dial_port != middleboxes[i].dial_port))
			fail_msg("%s: %.*s:%u", middleboxes[i].name,
					TEXT_ARG(&leg->dial_host), leg->dial_port);
		leg_destroy(leg);
	}
	buffer_free(&out);
}


static void test_our_offers_know_middleboxes(void **state)
{
	buffer_t out;

	buffer_init(&out, 0);
	assert_int_equal(media.offer(BOB->p, &out), 0);
	assert_true(says(&out, "a=msrp-cema\r\n"));
	assert_true(says(&out, "a=setup:actpass\r\n"));
	buffer_free(&out);
}


static void test_only_allowed_networks_are_called(void **state)
{
	assert_null(outbound_objection(&TEXT("203.0.113.1"), 2855));
	assert_int_equal(outbound_allow("nonsense"), -1);
	assert_int_equal(outbound_allow("127.0.0.0/8"), 0);
	assert_int_equal(outbound_allow("::1"), 0);
	assert_null(outbound_objection(&TEXT("127.0.0.9"), 2855));
	assert_null(outbound_objection(&TEXT("::1"), 2855));
	assert_non_null(outbound_objection(&TEXT("203.0.113.1"), 2855));
	assert_non_null(outbound_objection(&TEXT("::2"), 2855));
	assert_non_null(outbound_objection(&TEXT("a.example"), 2855));
}


static void test_no_advertisements(void **state)
{
	static const char *const row[] = {"", "a.example",
			"192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:x",
			"[::1", "[::1]x", "[::1]:", "=192.0.2.1", "a.example=192.0.2.1",
			"10.0.0.1=", "10.0.0.1:=192.0.2.1"};

	for(size_t i = 0; i < COUNT(row); i++) {
		if(advertise_add(row[i]) == 0)
			fail_msg("taken: '%s'", row[i]);
	}
}


static void assert_advertised(
		const char *reached_at, int family, const char *want, int want_shift)
{
	str at = {(char *)reached_at, (int)strlen(reached_at)}, got;
	int shift;

	got = advertise_address(&at, family, &shift);
	if(got.len != (int)strlen(want) || memcmp(got.s, want, got.len) != 0
			|| shift != want_shift)
		fail_msg("%s, %d: %.*s %+d", reached_at, family, TEXT_ARG(&got), shift);
}


/* Last in the program: what is advertised stays. */
static void test_advertised_addresses(void **state)
{
	buffer_t out;
	settings.msrp_port = 3000;
	assert_advertised("", AF_INET, "127.0.0.1", 0);
	settings.msrp_address = "::";
	settings.workers = 2;
	assert_int_equal(advertise_check(), -1);
	assert_int_equal(advertise_add("10.0.0.1:5060=192.0.2.7"), 0);
	assert_int_equal(advertise_check(), -1);
	assert_int_equal(advertise_add("192.0.2.1:3100"), 0);
	assert_int_equal(advertise_add("[2001:db8::1]"), 0);
	assert_int_equal(advertise_add("[::1]=2001:db8::2"), 0);
	assert_int_equal(advertise_check(), 0);
	assert_advertised("", 0, "192.0.2.1", 100);
	assert_advertised("", AF_INET, "192.0.2.1", 100);
	assert_advertised("", AF_INET6, "2001:db8::1", 0);
	assert_advertised("10.0.0.1:5060", AF_INET, "192.0.2.7", 0);
	assert_advertised("10.0.0.1:5060", AF_INET6, "192.0.2.7", 0);
	assert_advertised("10.0.0.1:5062", AF_INET, "192.0.2.1", 100);
	assert_advertised("[::1]:5060", AF_INET6, "2001:db8::2", 0);
	settings.msrp_ws_port = 65500;
	assert_int_equal(advertise_check(), -1);
	settings.msrp_ws_port = 0;
	buffer_init(&out, 0);
	assert_int_equal(
			answer_to(ALICE, "2001:db8::9", 9, "msrp://[2001:db8::9]:1/a;tcp",
					"a=setup:active\r\n", &out),
			0);
	assert_true(says(&out, "c=IN IP6 2001:db8::1\r\n"));
	assert_true(says(&out, "a=path:msrp://[2001:db8::1]:3000/"));
	BOB->p->reached_at = TEXT("10.0.0.1:5060");
	assert_int_equal(answer_to(BOB, "192.0.2.9", 9, "msrp://192.0.2.9:1/a;tcp",
							 "a=setup:active\r\n", &out),
			0);
	assert_true(says(&out, "a=path:msrp://192.0.2.7:3000/"));
	buffer_free(&out);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
			cmocka_unit_test(test_networks),
			cmocka_unit_test(test_no_networks),
			TEST(test_cema),
			TEST(test_our_offers_know_middleboxes),
			cmocka_unit_test(test_only_allowed_networks_are_called),
			cmocka_unit_test(test_no_advertisements),
			TEST(test_advertised_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
