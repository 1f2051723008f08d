/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: wire/cpim. The input is a message/cpim. What was found must
 * lie inside it, a shorter piece must not say anything else, and headers
 * written anew must be complete.
 */
#include <stdlib.h>
#include <string.h>
#include "wire/cpim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void expect_inside(const str *part, const str *all)
{
	if(part->len < 0)
		abort();
	if(part->len > 0
			&& (part->s < all->s || part->s + part->len > all->s + all->len))
		abort();
}


static void expect_sound(const cpim_t *cpim, const str *all)
{
	int i;

	expect_inside(&cpim->from_line, all);
	expect_inside(&cpim->from, all);
	expect_inside(&cpim->from_uri, all);
	expect_inside(&cpim->date_time, all);
	expect_inside(&cpim->content_type, all);
	for(i = 0; i < cpim->to_count && i < CPIM_TO_MAX; i++) {
		expect_inside(&cpim->to[i], all);
		expect_inside(&cpim->to_uri[i], all);
	}
	if(cpim->headers_end > (size_t)all->len || cpim->mime_end > (size_t)all->len
			|| cpim->headers_end > CPIM_HEADERS_MAX
			|| (cpim->mime_end > 0 && cpim->mime_end <= cpim->headers_end))
		abort();
}


/* As soon as the headers are there, more data changes nothing. */
static void expect_same_when_cut(const str *all, const cpim_t *cpim)
{
	str piece = {all->s, (int)cpim->mime_end};
	cpim_t cut;

	if(cpim->mime_end == 0)
		return;
	if(cpim_parse(&piece, 0, &cut) != CPIM_OK
			|| memcmp(&cut, cpim, sizeof(cut)) != 0)
		abort();
	piece.len--;
	if(cpim_parse(&piece, 0, &cut) != CPIM_NEED_MORE)
		abort();
}


static void expect_rewritten(const str *all, const cpim_t *cpim)
{
	str from = TEXT("sip:a@x"), to = TEXT("sip:b@x");
	buffer_t out;
	str mime, written;
	cpim_t again;
	cpim_result_t result;

	buffer_init(&out, 0);
	cpim_write_headers(&out, all, cpim, &from, &to, 1700000000);
	mime = text_from(all, (int)cpim->headers_end);
	buffer_add_str(&out, &mime);
	written = buffer_str(&out);
	result = cpim_parse(&written, 1, &again);
	/* with what was added they may be too long now */
	if(result != CPIM_OK && written.len <= CPIM_HEADERS_MAX)
		abort();
	if(result == CPIM_OK
			&& (again.from_count != 1 || !text_eq(&again.from_uri, &from)
					|| again.to_count < 1 || !again.date_time.s
					|| !text_eq_nocase(
							&again.content_type, &cpim->content_type)))
		abort();
	buffer_free(&out);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str all = {(char *)data, (int)size};
	cpim_t cpim;

	if(cpim_parse(&all, 1, &cpim) != CPIM_OK)
		return 0;
	expect_sound(&cpim, &all);
	expect_same_when_cut(&all, &cpim);
	expect_rewritten(&all, &cpim);
	return 0;
}
