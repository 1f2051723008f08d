/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * msrp_transcript: what an MSRP parser said about a stream, as text, with the
 * pieces of each body joined, so that two ways of cutting one stream can be
 * compared. Used by the unit test and the fuzz target of msrp_frame.
 */
#ifndef IMCONF_TEST_MSRP_TRANSCRIPT_H
#define IMCONF_TEST_MSRP_TRANSCRIPT_H

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "wire/msrp_frame.h"

static const char *transcript_methods[] = {
		"SEND", "REPORT", "NICKNAME", "RESPONSE", "OTHER"};
static const char *transcript_reports[] = {"default", "yes", "no", "partial"};


static void transcript_field(buffer_t *out, const char *name, const str *value)
{
	if(value->len > 0)
		buffer_printf(out, " %s=%.*s", name, TEXT_ARG(value));
}


static void transcript_bound(buffer_t *out, const char *before, uint64_t n)
{
	if(n == MSRP_UNKNOWN)
		buffer_printf(out, "%s*", before);
	else
		buffer_printf(out, "%s%" PRIu64, before, n);
}


static void transcript_report(buffer_t *out, const char *name, msrp_report_t r)
{
	if(r != REPORT_DEFAULT)
		buffer_printf(out, " %s=%s", name, transcript_reports[r]);
}


/* Only what is set is written. */
static void transcript_head(buffer_t *out, const msrp_head_t *head)
{
	buffer_printf(out, "HEAD %s", transcript_methods[head->method]);
	if(head->method == MSRP_OTHER)
		transcript_field(out, "name", &head->method_name);
	if(head->status)
		buffer_printf(out, " %d", head->status);
	transcript_field(out, "id", &head->id);
	transcript_field(out, "to", &head->to_path);
	transcript_field(out, "from", &head->from_path);
	transcript_field(out, "mid", &head->message_id);
	if(head->has_range) {
		transcript_bound(out, " range=", head->range_start);
		transcript_bound(out, "-", head->range_end);
		transcript_bound(out, "/", head->range_total);
	}
	transcript_report(out, "failure", head->failure_report);
	transcript_report(out, "success", head->success_report);
	transcript_field(out, "status", &head->status_header);
	if(head->has_nickname)
		buffer_printf(out, " nick=%.*s", TEXT_ARG(&head->use_nickname));
	transcript_field(out, "type", &head->content_type);
	transcript_field(out, "extra", &head->extra);
	buffer_add_text(out, head->has_body ? " body\n" : "\n");
}


/* The head's strings are good until the next frame, so END may read them. */
static void transcript_end(
		buffer_t *out, const msrp_parser_t *p, buffer_t *head)
{
	buffer_t again;

	buffer_init(&again, 0);
	transcript_head(&again, &p->head);
	if(again.len != head->len || memcmp(again.s, head->s, head->len) != 0)
		abort();
	buffer_free(&again);
	buffer_printf(out, "END %c %" PRIu64 "\n", p->flag, p->body_len);
}


/* Between frames a parser has nothing to remember: the switch throws it away
 * and makes a new one. */
static void transcript_renew(msrp_parser_t *p)
{
	if(!msrp_parser_is_idle(p))
		return;
	memset(p, 0xa5, sizeof(*p));
	msrp_parser_init(p);
}


/* Feeds one piece, from memory of exactly its size. Returns 0 when the
 * stream is lost. `head` carries the last head from call to call. */
static int transcript_feed(msrp_parser_t *p, const char *s, size_t len,
		buffer_t *out, buffer_t *head)
{
	char *copy = malloc(len ? len : 1);
	str input = {copy, (int)len};
	msrp_event_t event;

	memcpy(copy, s, len);
	while((event = msrp_parse(p, &input)) != MSRP_NEED_MORE) {
		if(event == MSRP_BAD)
			break;
		if(event == MSRP_HEAD) {
			buffer_clear(head);
			transcript_head(head, &p->head);
			buffer_add(out, head->s, head->len);
		} else if(event == MSRP_BODY) {
			buffer_add(out, p->piece.s, p->piece.len);
		} else {
			if(p->body_len > 0)
				buffer_add(out, "\n", 1);
			transcript_end(out, p, head);
		}
	}
	if(event == MSRP_NEED_MORE && input.len != 0)
		abort();
	free(copy);
	if(event == MSRP_BAD)
		buffer_printf(out, "BAD %s\n", p->error);
	else
		transcript_renew(p);
	return event != MSRP_BAD;
}

#endif
