/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/session_timer: RFC 4028 in tables.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include "wire/session_timer.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ANY REFRESHER_ANY
#define UAC REFRESHER_UAC
#define UAS REFRESHER_UAS

static const session_rules_t rules = {.expires = 1800, .min_se = 90};
static const session_rules_t off = {.expires = 0, .min_se = 90};


/* A copy of exactly the text's size, so that reading on is noticed. */
static str copy_of(const char *text)
{
	str s = {NULL, (int)strlen(text)};

	s.s = malloc(s.len ? s.len : 1);
	memcpy(s.s, text, s.len);
	return s;
}


static void test_session_expires(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text;
		int rc;
		unsigned seconds;
		refresher_t refresher;
	} row[] = {
		{"1800", 0, 1800, ANY},
		{"1800;refresher=uac", 0, 1800, UAC},
		{"90;refresher=uas", 0, 90, UAS},
		{" 90 ; Refresher = UAS ", 0, 90, UAS},
		{"3600;x;y=z;refresher=uac;q", 0, 3600, UAC},
		{"3600;refresher=nobody", 0, 3600, ANY},
		{"3600;refresher", 0, 3600, ANY},
		{"3600;refresher=", 0, 3600, ANY},
		{"3600;refresher=uacs", 0, 3600, ANY},
		{"0", 0, 0, ANY},
		{"4294967295", 0, UINT32_MAX, ANY},
		{"4294967296", 0, UINT32_MAX, ANY},
		{"99999999999999999999999999", 0, UINT32_MAX, ANY},
		{"", -1, 0, ANY},
		{";refresher=uac", -1, 0, ANY},
		{"refresher=uac", -1, 0, ANY},
		{"-1", -1, 0, ANY},
		{"1800 s", -1, 0, ANY},
		{"18 00", -1, 0, ANY},
		{"1e3", -1, 0, ANY},
		{"0x10", -1, 0, ANY},
	};
	/* clang-format on */
	refresher_t refresher;
	unsigned seconds;
	size_t i;

	for(i = 0; i < COUNT(row); i++) {
		str value = copy_of(row[i].text);
		int rc = session_expires_parse(&value, &seconds, &refresher);

		if(rc != row[i].rc)
			fail_msg("%s: %d", row[i].text, rc);
		if(rc == 0
				&& (seconds != row[i].seconds || refresher != row[i].refresher))
			fail_msg("%s: %u, %d", row[i].text, seconds, refresher);
		free(value.s);
	}
}


static void test_min_se(void **state)
{
	static const struct
	{
		const char *text;
		int rc;
		unsigned seconds;
	} row[] = {{"90", 0, 90}, {"120 ;x=y", 0, 120},
			{"5000000000", 0, UINT32_MAX}, {"", -1, 0}, {"x", -1, 0},
			{";", -1, 0}};
	unsigned seconds;
	size_t i;

	for(i = 0; i < COUNT(row); i++) {
		str value = copy_of(row[i].text);
		int rc = min_se_parse(&value, &seconds);

		if(rc != row[i].rc || (rc == 0 && seconds != row[i].seconds))
			fail_msg("%s: %d", row[i].text, rc);
		free(value.s);
	}
}


static void assert_lines(buffer_t *out, const char *expected)
{
	str got = buffer_str(out);

	if(got.len != (int)strlen(expected)
			|| memcmp(got.s ? got.s : "", expected, got.len) != 0)
		fail_msg("'%.*s' instead of '%s'", TEXT_ARG(&got), expected);
	buffer_free(out);
}


/* clang-format off */
static const struct {
	session_words_t request;
	const session_rules_t *rules;
	const char *lines; /* NULL: 422 */
} answers[] = {
	/* Table 2 */
	{{0, 1800, ANY, 0}, &rules, "Session-Expires: 1800;refresher=uas\r\n"},
	{{1, 1800, ANY, 0}, &rules,
		"Session-Expires: 1800;refresher=uac\r\nRequire: timer\r\n"},
	{{1, 1800, UAC, 0}, &rules,
		"Session-Expires: 1800;refresher=uac\r\nRequire: timer\r\n"},
	{{1, 1800, UAS, 0}, &rules,
		"Session-Expires: 1800;refresher=uas\r\nRequire: timer\r\n"},
	/* it asks for none: we do */
	{{0, 0, ANY, 0}, &rules, "Session-Expires: 1800;refresher=uas\r\n"},
	{{1, 0, ANY, 0}, &rules,
		"Session-Expires: 1800;refresher=uac\r\nRequire: timer\r\n"},
	{{1, 0, ANY, 4000}, &rules,
		"Session-Expires: 4000;refresher=uac\r\nRequire: timer\r\n"},
	/* lowered, never raised, never below its Min-SE */
	{{1, 3600, ANY, 0}, &rules,
		"Session-Expires: 1800;refresher=uac\r\nRequire: timer\r\n"},
	{{1, 3600, ANY, 2000}, &rules,
		"Session-Expires: 2000;refresher=uac\r\nRequire: timer\r\n"},
	{{1, 3600, ANY, 9000}, &rules,
		"Session-Expires: 3600;refresher=uac\r\nRequire: timer\r\n"},
	{{1, 100, UAC, 90}, &rules,
		"Session-Expires: 100;refresher=uac\r\nRequire: timer\r\n"},
	{{1, 1800000, UAC, 0}, &rules,
		"Session-Expires: 1800;refresher=uac\r\nRequire: timer\r\n"},
	{{1, UINT32_MAX, UAC, UINT32_MAX}, &rules,
		"Session-Expires: 86400;refresher=uac\r\nRequire: timer\r\n"},
	/* too brief */
	{{1, 89, UAC, 0}, &rules, NULL},
	{{1, 90, UAC, 0}, &rules,
		"Session-Expires: 90;refresher=uac\r\nRequire: timer\r\n"},
	{{1, 1, ANY, 0}, &off, NULL},
	{{0, 10, ANY, 0}, &rules, "Session-Expires: 90;refresher=uas\r\n"},
	/* we ask for none, and grant any */
	{{0, 0, ANY, 0}, &off, ""},
	{{1, 0, ANY, 0}, &off, ""},
	{{1, 7200, UAC, 0}, &off,
		"Session-Expires: 7200;refresher=uac\r\nRequire: timer\r\n"},
};
/* clang-format on */


/* As UAS: what is asked, and what our 2xx says. */
static void test_answers(void **state)
{
	session_timer_t t;
	buffer_t out;
	size_t i;
	int rc;

	for(i = 0; i < COUNT(answers); i++) {
		memset(&t, 0, sizeof(t));
		buffer_init(&out, 0);
		rc = session_timer_answer(&t, answers[i].rules, &answers[i].request);
		if((rc < 0) != (answers[i].lines == NULL))
			fail_msg("row %zu: %d", i, rc);
		session_timer_write_answer(&t, &out);
		assert_lines(&out, answers[i].lines ? answers[i].lines : "");
	}
}


static void test_we_refresh_if_we_like_to(void **state)
{
	session_rules_t ours = rules;
	session_words_t request = {.supported = 1, .expires = 1800};
	session_timer_t t = {0};

	ours.we_refresh = 1;
	assert_int_equal(session_timer_answer(&t, &ours, &request), 0);
	assert_true(t.we_refresh);
	request.refresher = REFRESHER_UAC;
	assert_int_equal(session_timer_answer(&t, &ours, &request), 0);
	assert_false(t.we_refresh);
}


/* A request in the dialog that says nothing changes nothing. */
static void test_silence_changes_nothing(void **state)
{
	session_words_t first = {.supported = 1, .expires = 600, UAS, 0};
	session_words_t silent = {.supported = 1};
	session_timer_t t = {0};

	assert_int_equal(session_timer_answer(&t, &rules, &first), 0);
	assert_int_equal(session_timer_answer(&t, &rules, &silent), 0);
	assert_int_equal(t.interval, 600);
	assert_true(t.we_refresh);
	first.refresher = UAC;
	assert_int_equal(session_timer_answer(&t, &rules, &first), 0);
	assert_int_equal(session_timer_answer(&t, &rules, &silent), 0);
	assert_false(t.we_refresh);
	/* it has forgotten how: it is up to us */
	silent.supported = 0;
	assert_int_equal(session_timer_answer(&t, &rules, &silent), 0);
	assert_true(t.we_refresh);
}


static void test_422_changes_nothing(void **state)
{
	session_words_t first = {.supported = 1, .expires = 600, UAC, 0};
	session_words_t brief = {.supported = 1, .expires = 60, UAS, 0};
	session_timer_t t = {0}, before;

	assert_int_equal(session_timer_answer(&t, &rules, &first), 0);
	before = t;
	assert_int_equal(session_timer_answer(&t, &rules, &brief), -1);
	assert_memory_equal(&t, &before, sizeof(t));
}


/* As UAC: our INVITE and what its 2xx makes of it. */
static void test_requests(void **state)
{
	/* clang-format off */
	static const struct {
		session_words_t reply;
		unsigned interval;
		int we_refresh, peer_knows;
	} row[] = {
		{{1, 1800, UAC, 0}, 1800, 1, 1},
		{{1, 1800, UAS, 0}, 1800, 0, 1},
		{{1, 1800, ANY, 0}, 1800, 1, 1},
		{{1, 600, UAS, 0}, 600, 0, 1},
		/* it knows no timers, or turns ours off: we refresh all the same */
		{{0, 0, ANY, 0}, 1800, 1, 0},
		{{1, 0, ANY, 0}, 1800, 1, 0},
		/* absurdly short, absurdly long */
		{{1, 1, UAC, 0}, 90, 1, 1},
		{{1, UINT32_MAX, UAS, 0}, 1800, 1, 1},
	};
	/* clang-format on */
	session_timer_t t;
	buffer_t out;
	size_t i;

	for(i = 0; i < COUNT(row); i++) {
		memset(&t, 0, sizeof(t));
		buffer_init(&out, 0);
		session_timer_write_request(&t, &rules, &out);
		assert_lines(
				&out, "Session-Expires: 1800;refresher=uas\r\nMin-SE: 90\r\n");
		session_timer_take(&t, &rules, &row[i].reply);
		if(t.interval != row[i].interval || t.we_refresh != row[i].we_refresh
				|| t.peer_knows != row[i].peer_knows)
			fail_msg("row %zu: %u %d %d", i, t.interval, t.we_refresh,
					t.peer_knows);
	}
}


static void test_requests_without_a_timer_of_ours(void **state)
{
	session_words_t none = {.supported = 1}, some = {1, 600, UAS, 0};
	session_timer_t t = {0};
	buffer_t out;

	buffer_init(&out, 0);
	session_timer_write_request(&t, &off, &out);
	assert_lines(&out, "");
	session_timer_take(&t, &off, &none);
	assert_int_equal(t.interval, 0);
	session_timer_take(&t, &off, &some);
	assert_int_equal(t.interval, 600);
	assert_false(t.we_refresh);
}


/* 7.4: the roles stay, the interval stays, the largest Min-SE is repeated. */
static void test_later_requests_say_what_holds(void **state)
{
	session_words_t request = {1, 600, UAS, 120};
	session_rules_t lab = {.expires = 4, .min_se = 1};
	session_timer_t t = {0};
	buffer_t out;

	buffer_init(&out, 0);
	assert_int_equal(session_timer_answer(&t, &rules, &request), 0);
	session_timer_write_request(&t, &rules, &out);
	assert_lines(&out, "Session-Expires: 600;refresher=uac\r\nMin-SE: 120\r\n");
	request.refresher = UAC;
	assert_int_equal(session_timer_answer(&t, &rules, &request), 0);
	session_timer_write_request(&t, &rules, &out);
	assert_lines(&out, "Session-Expires: 600;refresher=uas\r\nMin-SE: 120\r\n");
	/* what the RFC allows nobody to say is not said */
	memset(&t, 0, sizeof(t));
	session_timer_write_request(&t, &lab, &out);
	assert_lines(&out, "Session-Expires: 4;refresher=uas\r\n");
}


static void test_422_is_obeyed_within_reason(void **state)
{
	session_timer_t t = {0};
	session_words_t reply = {.min_se = 2000};
	buffer_t out;

	buffer_init(&out, 0);
	session_timer_write_request(&t, &rules, &out);
	buffer_clear(&out);
	assert_int_equal(session_timer_take_422(&t, &reply), 0);
	session_timer_write_request(&t, &rules, &out);
	assert_lines(
			&out, "Session-Expires: 2000;refresher=uas\r\nMin-SE: 2000\r\n");
	/* again the same, nothing, and an absurd one */
	assert_int_equal(session_timer_take_422(&t, &reply), -1);
	reply.min_se = 0;
	assert_int_equal(session_timer_take_422(&t, &reply), -1);
	reply.min_se = 90000000;
	assert_int_equal(session_timer_take_422(&t, &reply), -1);
}


static void test_422_without_end_is_not_obeyed(void **state)
{
	session_timer_t t = {0};
	session_words_t reply = {.min_se = 2000};
	buffer_t out;
	int times = 0;

	buffer_init(&out, 0);
	do {
		session_timer_write_request(&t, &rules, &out);
		reply.min_se += 100;
	} while(session_timer_take_422(&t, &reply) == 0 && ++times < 100);
	assert_int_equal(times, 3);
	buffer_free(&out);
	/* it was not asked for a timer at all */
	memset(&t, 0, sizeof(t));
	assert_int_equal(session_timer_take_422(&t, &reply), -1);
}


static void test_times(void **state)
{
	/* clang-format off */
	static const struct {
		unsigned interval;
		int64_t refresh, ours, theirs;
	} row[] = {
		{1800, 900000, 1800000, 1768000},
		{96, 48000, 96000, 64000},
		{90, 45000, 90000, 60000},
		{3, 1500, 3000, 2000},
		{1, 500, 1000, 667},
		{UINT32_MAX, 2147483647500, 4294967295000, 4294967263000},
	};
	/* clang-format on */
	session_timer_t t = {0};
	size_t i;

	for(i = 0; i < COUNT(row); i++) {
		t.interval = row[i].interval;
		t.we_refresh = 1;
		assert_int_equal(session_timer_refresh_ms(&t), row[i].refresh);
		assert_int_equal(session_timer_expiry_ms(&t), row[i].ours);
		t.we_refresh = 0;
		assert_int_equal(session_timer_expiry_ms(&t), row[i].theirs);
	}
}


static void test_glare(void **state)
{
	int64_t own, other;
	unsigned dice;

	for(dice = 0; dice < 1000; dice++) {
		own = session_timer_glare_ms(1, dice);
		other = session_timer_glare_ms(0, dice);
		assert_in_range(own, 2100, 4000);
		assert_in_range(other, 0, 2000);
		assert_true(own % 10 == 0 && other % 10 == 0);
	}
	assert_int_equal(session_timer_glare_ms(1, 190), 4000);
	assert_int_equal(session_timer_glare_ms(0, 200), 2000);
	assert_in_range(session_timer_glare_ms(1, UINT32_MAX), 2100, 4000);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_session_expires),
			cmocka_unit_test(test_min_se),
			cmocka_unit_test(test_answers),
			cmocka_unit_test(test_we_refresh_if_we_like_to),
			cmocka_unit_test(test_silence_changes_nothing),
			cmocka_unit_test(test_422_changes_nothing),
			cmocka_unit_test(test_requests),
			cmocka_unit_test(test_requests_without_a_timer_of_ours),
			cmocka_unit_test(test_later_requests_say_what_holds),
			cmocka_unit_test(test_422_is_obeyed_within_reason),
			cmocka_unit_test(test_422_without_end_is_not_obeyed),
			cmocka_unit_test(test_times),
			cmocka_unit_test(test_glare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
