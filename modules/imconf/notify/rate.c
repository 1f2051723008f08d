/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * rate: see rate.h. Called by subscribe.c and notifier.c; knows no
 * subscription.
 */
#include "notify/rate.h"
#include "settings.h"
#include "wire/sip_uri.h"

/* a rate is counted in its least unit: 10 decimals, RFC 6446 9.2 */
#define DECIMALS 10
#define UNITS 10000000000ULL
#define WHOLE_DIGITS 2


/* "0.25" in units; 0 for what is no rate. */
static uint64_t read_units(const str *text)
{
	str whole, decimals = *text;
	uint64_t value = 0, part = 0;

	if(!text_next(&decimals, '.', &whole) || whole.len > WHOLE_DIGITS
			|| text_to_uint(&whole, 99, &value) < 0)
		return 0;
	value *= UNITS;
	if(whole.len == text->len)
		return value;
	if(decimals.len > DECIMALS || text_to_uint(&decimals, UNITS, &part) < 0)
		return 0;
	for(int i = decimals.len; i < DECIMALS; i++)
		part *= 10;
	return value + part;
}


/* The reciprocal value, rounded up; 0 when `name` was not asked for. */
static int64_t read_interval(const str *params, const str *name)
{
	str text;
	uint64_t units;

	if(!sip_uri_param(params, name, &text))
		return 0;
	text = text_trim(&text);
	units = read_units(&text);
	return units ? (int64_t)((1000 * UNITS + units - 1) / units) : 0;
}


static int64_t at_least(int64_t value, int64_t bound)
{
	return value < bound ? bound : value;
}


static int64_t at_most(int64_t value, int64_t bound)
{
	return value > bound ? bound : value;
}


void rate_read(const str *params, int64_t lifetime, rate_t *rate)
{
	static const str max_rate = TEXT("max-rate"), min_rate = TEXT("min-rate");
	int64_t longest = settings.notify_max_rate_interval;

	rate->least = read_interval(params, &max_rate);
	if(rate->least > 0) {
		if(longest > 0)
			rate->least = at_most(rate->least, longest);
		rate->least = at_most(rate->least, lifetime);
		rate->least = at_least(rate->least, settings.notify_min_interval);
	}
	rate->most = read_interval(params, &min_rate);
	if(settings.notify_min_rate_interval == 0)
		rate->most = 0;
	if(rate->most > 0) {
		rate->most = at_least(rate->most, settings.notify_min_rate_interval);
		rate->most = at_least(rate->most, rate->least);
	}
}


static void add_rate(buffer_t *out, const char *name, int64_t interval)
{
	uint64_t units, decimals;
	int digits = DECIMALS;

	if(interval <= 0)
		return;
	units = 1000 * UNITS / (uint64_t)interval;
	decimals = units % UNITS;
	buffer_printf(out, ";%s=%u", name, (unsigned)(units / UNITS));
	if(decimals == 0)
		return;
	for(; decimals % 10 == 0; decimals /= 10)
		digits--;
	buffer_printf(out, ".%0*llu", digits, (unsigned long long)decimals);
}


void rate_add(buffer_t *out, const rate_t *rate)
{
	add_rate(out, "max-rate", rate->least);
	add_rate(out, "min-rate", rate->most);
}
