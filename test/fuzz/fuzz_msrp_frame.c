/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: wire/msrp_frame. The octets of the input's first line say
 * where the rest, an MSRP stream, is cut; the parser must say the same of the
 * cut stream as of the whole one, and what we answer must be a response.
 */
#include "../unit/msrp_transcript.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct cuts
{
	const uint8_t *lengths;
	size_t count;
} cuts_t;


static void tell(
		const char *stream, size_t len, const cuts_t *cuts, buffer_t *out)
{
	msrp_parser_t *p = malloc(sizeof(*p));
	buffer_t head;
	size_t at, turn = 0, n;

	buffer_init(&head, 0);
	msrp_parser_init(p);
	for(at = 0; at < len; at += n, turn++) {
		n = len - at;
		if(cuts->count > 0 && cuts->lengths[turn % cuts->count] + 1U < n)
			n = cuts->lengths[turn % cuts->count] + 1U;
		if(!transcript_feed(p, stream + at, n, out, &head))
			break;
	}
	buffer_free(&head);
	free(p);
}


/* Why a stream is lost may depend on how much of it was there to see. */
static size_t comparable(const buffer_t *b)
{
	static const char bad[] = "BAD a";
	size_t i;

	for(i = b->len; i >= sizeof(bad) - 1; i--) {
		if(memcmp(b->s + i - (sizeof(bad) - 1), bad, sizeof(bad) - 1) == 0)
			return i;
	}
	return b->len;
}


static void expect_same(const buffer_t *a, const buffer_t *b)
{
	size_t len = comparable(a);

	if(len != comparable(b) || (len > 0 && memcmp(a->s, b->s, len) != 0))
		abort();
}


static void expect_response(const msrp_head_t *head)
{
	msrp_parser_t *p = malloc(sizeof(*p));
	str own = TEXT("msrp://127.0.0.1:2855/s;tcp");
	buffer_t out;
	str answer;

	buffer_init(&out, 0);
	msrp_write_response(&out, head, &own, 200, "OK");
	answer = buffer_str(&out);
	msrp_parser_init(p);
	if(answer.len > 0
			&& (msrp_parse(p, &answer) != MSRP_HEAD
					|| p->head.method != MSRP_RESPONSE || p->head.status != 200
					|| !text_eq(&p->head.id, &head->id)
					|| msrp_parse(p, &answer) != MSRP_END || answer.len != 0))
		abort();
	buffer_free(&out);
	free(p);
}


static void answer_all(char *stream, size_t len)
{
	msrp_parser_t *p = malloc(sizeof(*p));
	str input = {stream, (int)len};
	msrp_event_t event;

	msrp_parser_init(p);
	while((event = msrp_parse(p, &input)) != MSRP_NEED_MORE
			&& event != MSRP_BAD) {
		if(event == MSRP_HEAD)
			expect_response(&p->head);
	}
	free(p);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *lf = size > 0 ? memchr(data, '\n', size) : NULL;
	cuts_t none = {NULL, 0}, cuts = {data, 0};
	buffer_t whole, cut;
	const char *stream;
	size_t len;

	if(!lf)
		return 0;
	cuts.count = lf - data;
	stream = (const char *)lf + 1;
	len = size - cuts.count - 1;
	buffer_init(&whole, 0);
	buffer_init(&cut, 0);
	tell(stream, len, &none, &whole);
	tell(stream, len, &cuts, &cut);
	expect_same(&whole, &cut);
	answer_all((char *)stream, len);
	buffer_free(&whole);
	buffer_free(&cut);
	return 0;
}
