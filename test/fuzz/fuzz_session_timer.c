/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: wire/session_timer. The first line of the input is a
 * Session-Expires, the second a Min-SE. Whatever they say, what is agreed
 * upon keeps within the rules and its times are finite.
 */
#include <stdlib.h>
#include "wire/session_timer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const session_rules_t rules = {.expires = 1800, .min_se = 90};


static void expect_sane(const session_timer_t *t)
{
	if(t->interval < rules.min_se || t->interval > 86400)
		abort();
	if(session_timer_refresh_ms(t) <= 0
			|| session_timer_expiry_ms(t) < session_timer_refresh_ms(t))
		abort();
}


static void expect_answer(const session_words_t *words)
{
	session_timer_t t = {0};
	int rc = session_timer_answer(&t, &rules, words);
	int brief =
			words->supported && words->expires && words->expires < rules.min_se;

	if((rc < 0) != brief)
		abort();
	if(rc < 0)
		return;
	expect_sane(&t);
	if(words->supported && words->expires && t.interval > words->expires)
		abort();
	if(!words->supported && !t.we_refresh)
		abort();
}


static void expect_reply(const session_words_t *words)
{
	session_timer_t t = {0};
	buffer_t out;
	int times = 0;

	buffer_init(&out, 0);
	session_timer_write_request(&t, &rules, &out);
	while(session_timer_take_422(&t, words) == 0) {
		session_timer_write_request(&t, &rules, &out);
		if(++times > 10)
			abort();
	}
	session_timer_take(&t, &rules, words);
	expect_sane(&t);
	if(t.interval > t.asked && t.interval > rules.min_se)
		abort();
	buffer_free(&out);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str rest = {(char *)data, (int)size};
	session_words_t words = {0};
	str line;

	if(!text_next(&rest, '\n', &line)
			|| session_expires_parse(&line, &words.expires, &words.refresher)
					   < 0)
		return 0;
	if(min_se_parse(&rest, &words.min_se) < 0)
		words.min_se = 0;
	for(words.supported = 0; words.supported < 2; words.supported++) {
		expect_answer(&words);
		expect_reply(&words);
	}
	return 0;
}
