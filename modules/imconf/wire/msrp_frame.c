/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * msrp_frame: takes an MSRP stream apart into heads, pieces of bodies and
 * end-lines. Called by the switch with whatever a socket gave; may not know
 * sockets, sessions or what the answer will be. The head is copied once, line
 * by line; body bytes are never copied but for the few that may begin an
 * end-line when an input stops there.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem, memrchr */
#endif
#include <string.h>

#include "wire/msrp_head.h"

#define END_LINE_TAIL 3 /* flag, CR, LF after CRLF "-------" id */

enum
{
	BETWEEN_FRAMES, /* the last frame's head is still good */
	FIRST_LINE,
	HEADERS,
	BODY,
	END_SEEN, /* the end-line is consumed, to be told by the next call */
	LOST
};

static const char no_msrp[] = "a frame does not begin with MSRP and an id";

void msrp_parser_init(msrp_parser_t *p)
{
	p->state = BETWEEN_FRAMES;
	p->broken = 0;
	p->header_len = p->line_start = p->extra_len = 0;
	p->end_len = p->held = p->lent = 0;
	memset(&p->head, 0, sizeof(p->head));
	memset(&p->piece, 0, sizeof(p->piece));
	p->flag = 0;
	p->body_len = 0;
	p->error = NULL;
}


int msrp_parser_is_idle(const msrp_parser_t *p)
{
	return p->state == BETWEEN_FRAMES
		   || (p->state == FIRST_LINE && p->header_len == 0);
}


static void advance(str *input, size_t len)
{
	input->s += len;
	input->len -= (int)len;
}


static msrp_event_t lose(msrp_parser_t *p, const char *why)
{
	p->state = LOST;
	p->error = why;
	return MSRP_BAD;
}


static void begin_frame(msrp_parser_t *p)
{
	memset(&p->head, 0, sizeof(p->head));
	p->state = FIRST_LINE;
	p->broken = 0;
	p->header_len = p->line_start = p->extra_len = 0;
	p->held = p->lent = 0;
	p->body_len = 0;
}


/* Moves input up to and with the next LF behind the header read so far.
 * Returns 1 with the whole line, 0 when its end is yet to come, -1 when it
 * does not fit. */
static int take_line(msrp_parser_t *p, str *input, str *line)
{
	size_t room = MSRP_HEADER_MAX - p->header_len - p->extra_len;
	size_t len = (size_t)input->len < room ? (size_t)input->len : room;
	char *lf = memchr(input->s, '\n', len);

	if(lf)
		len = lf - input->s + 1;
	else if((size_t)input->len > room)
		return -1;
	memcpy(p->header + p->header_len, input->s, len);
	p->header_len += len;
	advance(input, len);
	if(!lf)
		return 0;
	line->s = p->header + p->line_start;
	line->len = (int)(p->header_len - p->line_start);
	p->line_start = p->header_len;
	return 1;
}


/* Takes the line end away. What we were sent goes out again to others, so
 * nothing may hide in a line that ends one for them: -1. */
static int strip_line_end(str *line)
{
	char *cr;

	line->len--;
	cr = memchr(line->s, '\r', line->len);
	if(cr && cr != line->s + line->len - 1)
		return -1;
	if(cr)
		line->len--;
	return memchr(line->s, 0, line->len) ? -1 : 0;
}


static int is_flag(char c)
{
	return c == '$' || c == '+' || c == '#';
}


static int is_end_line(const msrp_parser_t *p, const str *line)
{
	size_t len = p->end_len - 2;

	return (size_t)line->len == len + 1 && is_flag(line->s[len])
		   && memcmp(line->s, p->end_line + 2, len) == 0;
}


/* Moves the line just read to the end of the header's memory, where such
 * lines stand together. Returns 0, or -1 when there is no room. */
static int keep_extra(msrp_parser_t *p, const str *line)
{
	size_t old = p->extra_len;
	size_t add = (size_t)line->len + 2;
	char *to;

	if(p->header_len + old + add > MSRP_HEADER_MAX)
		return -1;
	to = p->header + MSRP_HEADER_MAX - old - add;
	memmove(to, to + add, old);
	memcpy(to + old, line->s, line->len);
	to[old + line->len] = '\r';
	to[old + line->len + 1] = '\n';
	p->header_len = p->line_start = line->s - p->header;
	p->extra_len = old + add;
	p->head.extra.s = to;
	p->head.extra.len = (int)p->extra_len;
	return 0;
}


static void set_end_line(msrp_parser_t *p)
{
	memcpy(p->end_line, "\r\n-------", 9);
	memcpy(p->end_line + 9, p->head.id.s, p->head.id.len);
	p->end_len = 9 + (size_t)p->head.id.len;
}


static msrp_event_t read_first_line(msrp_parser_t *p, const str *line)
{
	switch(msrp_head_first_line(&p->head, line)) {
		case LINE_NO_MSRP:
			return lose(p, no_msrp);
		case LINE_ID_TOO_LONG:
			return lose(p, "a transaction id is too long");
		case LINE_BROKEN:
			p->broken = 1;
			break;
		default:
			break;
	}
	set_end_line(p);
	p->state = HEADERS;
	return MSRP_NEED_MORE;
}


static msrp_event_t finish_head(msrp_parser_t *p)
{
	msrp_head_t *head = &p->head;

	if(head->to_path.len == 0 || head->from_path.len == 0)
		p->broken = 1;
	if(p->broken) {
		memset(&head->to_path, 0, sizeof(head->to_path));
		if(head->method != MSRP_RESPONSE && head->method != MSRP_REPORT)
			head->method = MSRP_OTHER;
	}
	return MSRP_HEAD;
}


static msrp_event_t begin_body(msrp_parser_t *p)
{
	p->head.has_body = 1;
	p->state = BODY;
	/* the blank line's end serves an end-line that follows at once */
	memcpy(p->hold, "\r\n", 2);
	p->held = p->lent = 2;
	return finish_head(p);
}


static msrp_event_t read_header(msrp_parser_t *p, const str *line)
{
	if(line->len == 0)
		return begin_body(p);
	if(is_end_line(p, line)) {
		p->flag = line->s[line->len - 1];
		p->state = END_SEEN;
		return finish_head(p);
	}
	switch(msrp_head_line(&p->head, line)) {
		case LINE_OK:
			break;
		case LINE_EXTRA:
			if(keep_extra(p, line) < 0)
				return lose(p, "a header is too long");
			break;
		default:
			p->broken = 1;
			break;
	}
	return MSRP_NEED_MORE;
}


/* A line inside the head; `tainted` ones hold a stray CR or a zero. */
static msrp_event_t read_line(msrp_parser_t *p, const str *line, int tainted)
{
	if(p->state == FIRST_LINE) {
		if(tainted)
			return lose(p, no_msrp);
		if(line->len > 0)
			return read_first_line(p, line);
		p->header_len = p->line_start = 0;
		return MSRP_NEED_MORE;
	}
	if(tainted) {
		p->broken = 1;
		return MSRP_NEED_MORE;
	}
	return read_header(p, line);
}


static msrp_event_t read_head(msrp_parser_t *p, str *input)
{
	msrp_event_t event;
	str line;
	int got, tainted;

	while((got = take_line(p, input, &line)) > 0) {
		tainted = strip_line_end(&line) < 0;
		event = read_line(p, &line, tainted);
		if(event != MSRP_NEED_MORE)
			return event;
	}
	if(got < 0)
		return lose(p, "a header is too long");
	/* strangers (TLS, HTTP) are found out before their first LF */
	if(p->state == FIRST_LINE && p->header_len >= 5
			&& memcmp(p->header, "MSRP ", 5) != 0)
		return lose(p, no_msrp);
	return MSRP_NEED_MORE;
}


/* 1 when `c` may stand `at` bytes into CRLF "-------" id flag CRLF. */
static int fits(const msrp_parser_t *p, size_t at, char c)
{
	if(at < p->end_len)
		return c == p->end_line[at];
	if(at == p->end_len)
		return is_flag(c);
	return c == (at == p->end_len + 1 ? '\r' : '\n');
}


static size_t fitting(const msrp_parser_t *p, const char *s, size_t len)
{
	size_t n = 0;

	while(n < len && n < p->end_len + END_LINE_TAIL && fits(p, n, s[n]))
		n++;
	return n;
}


static msrp_event_t hand_out(msrp_parser_t *p, char *s, size_t len)
{
	p->piece.s = s;
	p->piece.len = (int)len;
	p->body_len += len;
	return MSRP_BODY;
}


/* Goes on with an end-line that an earlier input stopped in. Returns MSRP_END
 * or MSRP_BODY; MSRP_NEED_MORE with `held` 0 when nothing was held of
 * what arrived. */
static msrp_event_t settle_hold(msrp_parser_t *p, str *input)
{
	size_t held, lent = p->lent;

	while(input->len > 0 && fits(p, p->held, *input->s)) {
		p->hold[p->held++] = *input->s;
		advance(input, 1);
		if(p->held == p->end_len + END_LINE_TAIL) {
			p->flag = p->hold[p->end_len];
			p->state = BETWEEN_FRAMES;
			return MSRP_END;
		}
	}
	if(input->len == 0)
		return MSRP_NEED_MORE;
	/* it was body after all: no later CR in `hold` can begin an end-line,
	 * for the LF that has to follow it did not come */
	held = p->held;
	p->held = p->lent = 0;
	if(held == lent)
		return MSRP_NEED_MORE;
	return hand_out(p, p->hold + lent, held - lent);
}


/* The next place where an end-line begins, or may begin as far as the input
 * goes; `end` when there is none. */
static char *find_end_line(const msrp_parser_t *p, char *at, char *end)
{
	char *hit;

	while((hit = memmem(at, end - at, p->end_line, p->end_len)) != NULL) {
		size_t fit = fitting(p, hit, end - hit);

		if(fit == p->end_len + END_LINE_TAIL || hit + fit == end)
			return hit;
		at = hit + p->end_len;
	}
	if((size_t)(end - at) >= p->end_len)
		at = end - p->end_len + 1;
	hit = memrchr(at, '\r', end - at);
	return hit && hit + fitting(p, hit, end - hit) == end ? hit : end;
}


static msrp_event_t search_body(msrp_parser_t *p, str *input)
{
	char *s = input->s;
	char *end = s + input->len;
	char *hit = find_end_line(p, s, end);
	size_t fit = hit < end ? fitting(p, hit, end - hit) : 0;

	advance(input, hit - s + fit);
	if(fit == p->end_len + END_LINE_TAIL) {
		p->flag = hit[p->end_len];
		p->state = hit > s ? END_SEEN : BETWEEN_FRAMES;
	} else if(fit > 0) {
		memcpy(p->hold, hit, fit);
		p->held = fit;
	}
	if(hit > s)
		return hand_out(p, s, hit - s);
	return p->state == BETWEEN_FRAMES ? MSRP_END : MSRP_NEED_MORE;
}


static msrp_event_t read_body(msrp_parser_t *p, str *input)
{
	msrp_event_t event;

	if(p->held > 0) {
		event = settle_hold(p, input);
		if(event != MSRP_NEED_MORE || input->len == 0)
			return event;
	}
	return search_body(p, input);
}


msrp_event_t msrp_parse(msrp_parser_t *p, str *input)
{
	if(p->state == END_SEEN) {
		p->state = BETWEEN_FRAMES;
		return MSRP_END;
	}
	if(p->state == LOST)
		return MSRP_BAD;
	if(input->len <= 0)
		return MSRP_NEED_MORE;
	if(p->state == BODY)
		return read_body(p, input);
	if(p->state == BETWEEN_FRAMES)
		begin_frame(p);
	return read_head(p, input);
}
