/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session_timer: see the header. Called by the focus' refreshes; may not know
 * messages, dialogs or clocks.
 */
#include "wire/session_timer.h"

#define RFC_MIN_SE 90	 /* section 5: no Min-SE says less */
#define MIN_SE_MAX 86400 /* a day; whoever asks for more is not obeyed */
#define REPEATS_MAX 3	 /* proxies on the way may each have their own */
#define MARGIN_S 32		 /* section 10 */

static unsigned more(unsigned a, unsigned b)
{
	return a > b ? a : b;
}


static unsigned less(unsigned a, unsigned b)
{
	return a < b ? a : b;
}


/* delta-seconds; the rest of `value` is left */
static int read_seconds(str *value, unsigned *seconds)
{
	str digits;
	uint64_t number;
	int i;

	if(!text_next(value, ';', &digits) || digits.len == 0)
		return -1;
	for(i = 0; i < digits.len; i++) {
		if(digits.s[i] < '0' || digits.s[i] > '9')
			return -1;
	}
	*seconds = UINT32_MAX;
	if(text_to_uint(&digits, UINT32_MAX, &number) == 0)
		*seconds = (unsigned)number;
	return 0;
}


static void read_refresher(str param, refresher_t *refresher)
{
	str name, value;

	if(!text_next(&param, '=', &name)
			|| !text_eq_nocase(&name, &TEXT("refresher")))
		return;
	value = text_trim(&param);
	if(text_eq_nocase(&value, &TEXT("uac")))
		*refresher = REFRESHER_UAC;
	else if(text_eq_nocase(&value, &TEXT("uas")))
		*refresher = REFRESHER_UAS;
}


int session_expires_parse(
		const str *value, unsigned *seconds, refresher_t *refresher)
{
	str rest = *value, param;

	*refresher = REFRESHER_ANY;
	if(read_seconds(&rest, seconds) < 0)
		return -1;
	while(text_next(&rest, ';', &param))
		read_refresher(param, refresher);
	return 0;
}


int min_se_parse(const str *value, unsigned *seconds)
{
	str rest = *value;

	return read_seconds(&rest, seconds);
}


static unsigned least_of(const session_words_t *request)
{
	return less(request->min_se, MIN_SE_MAX);
}


/* what a request without a word about it gets: what holds, or what we want */
static unsigned unasked(const session_timer_t *t, const session_rules_t *rules,
		const session_words_t *request)
{
	unsigned interval = t->interval ? t->interval : rules->expires;

	return interval ? more(interval, least_of(request)) : 0;
}


static unsigned granted(
		const session_rules_t *rules, const session_words_t *request)
{
	unsigned most = rules->expires ? rules->expires : UINT32_MAX;

	most = more(most, least_of(request));
	/* too little, and from a proxy: its client could do nothing with a 422 */
	return more(less(request->expires, most), rules->min_se);
}


/* Table 2; without a choice in it the roles stay, or are as we like them */
static int is_ours(const session_timer_t *t, const session_rules_t *rules,
		const session_words_t *request)
{
	if(!request->supported || request->refresher == REFRESHER_UAS)
		return 1;
	if(request->refresher == REFRESHER_UAC)
		return 0;
	return t->interval ? t->we_refresh : rules->we_refresh;
}


int session_timer_answer(session_timer_t *t, const session_rules_t *rules,
		const session_words_t *request)
{
	if(request->supported && request->expires
			&& request->expires < rules->min_se)
		return -1;
	t->we_refresh = is_ours(t, rules, request);
	t->interval = request->expires ? granted(rules, request)
								   : unasked(t, rules, request);
	t->min_se = more(t->min_se, least_of(request));
	t->peer_knows = request->supported;
	return 0;
}


void session_timer_write_answer(const session_timer_t *t, buffer_t *out)
{
	if(!t->interval)
		return;
	buffer_printf(out, "Session-Expires: %u;refresher=%s\r\n", t->interval,
			t->we_refresh ? "uas" : "uac");
	if(t->peer_knows)
		buffer_add_text(out, "Require: timer\r\n");
}


void session_timer_write_request(
		session_timer_t *t, const session_rules_t *rules, buffer_t *out)
{
	unsigned floor = more(t->min_se, rules->min_se);
	int ours = t->interval ? t->we_refresh : rules->we_refresh;

	t->asked = t->interval ? t->interval : rules->expires;
	if(!t->asked)
		return;
	t->asked = more(t->asked, floor);
	buffer_printf(out, "Session-Expires: %u;refresher=%s\r\n", t->asked,
			ours ? "uac" : "uas");
	if(floor >= RFC_MIN_SE)
		buffer_printf(out, "Min-SE: %u\r\n", floor);
}


void session_timer_take(session_timer_t *t, const session_rules_t *rules,
		const session_words_t *reply)
{
	int raised = t->asked && reply->expires > t->asked;

	t->repeats = 0;
	t->peer_knows = reply->expires > 0;
	t->we_refresh = raised || reply->refresher != REFRESHER_UAS;
	if(raised || !reply->expires)
		t->interval = t->asked;
	else
		t->interval = more(reply->expires, rules->min_se);
}


int session_timer_take_422(session_timer_t *t, const session_words_t *reply)
{
	if(!t->asked || reply->min_se <= t->asked || reply->min_se > MIN_SE_MAX
			|| ++t->repeats > REPEATS_MAX)
		return -1;
	t->min_se = more(t->min_se, reply->min_se);
	return 0;
}


int64_t session_timer_refresh_ms(const session_timer_t *t)
{
	return (int64_t)t->interval * 500;
}


int64_t session_timer_expiry_ms(const session_timer_t *t)
{
	int64_t whole = (int64_t)t->interval * 1000;
	int64_t margin = whole / 3;

	if(t->we_refresh)
		return whole;
	return whole - (margin < MARGIN_S * 1000 ? margin : MARGIN_S * 1000);
}


int64_t session_timer_glare_ms(int own_call_id, unsigned dice)
{
	/* in units of 10 ms */
	if(own_call_id)
		return 2100 + dice % 191 * 10;
	return dice % 201 * 10;
}
