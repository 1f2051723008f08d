/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * msrp_write: MSRP responses and REPORTs as text. Called by the switch; what
 * is declared in msrp_frame.h and does not read a stream. No state.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include <string.h>

#include "wire/msrp_frame.h"

static str first_uri(const str *path)
{
	str uri = *path;
	int i;

	for(i = 0; i < uri.len; i++) {
		if(uri.s[i] == ' ' || uri.s[i] == '\t')
			uri.len = i;
	}
	return uri;
}


static void add_code(buffer_t *out, int code)
{
	char digits[3] = {
			'0' + code / 100 % 10, '0' + code / 10 % 10, '0' + code % 10};

	buffer_add(out, digits, sizeof(digits));
}


static void add_code_comment(buffer_t *out, int code, const char *comment)
{
	add_code(out, code);
	if(!comment || !*comment)
		return;
	buffer_add(out, " ", 1);
	buffer_add_text(out, comment);
}


static void add_header(buffer_t *out, const char *name, const str *value)
{
	buffer_add(out, "\r\n", 2);
	buffer_add_text(out, name);
	buffer_add(out, ": ", 2);
	buffer_add_str(out, value);
}


static void add_end_line(buffer_t *out, const str *id)
{
	buffer_add(out, "\r\n-------", 9);
	buffer_add_str(out, id);
	buffer_add(out, "$\r\n", 3);
}


void msrp_write_response(buffer_t *out, const msrp_head_t *head,
		const str *own_path, int code, const char *comment)
{
	str peer = head->method == MSRP_SEND ? first_uri(&head->from_path)
										 : head->from_path;

	if(peer.len == 0)
		return;
	buffer_add(out, "MSRP ", 5);
	buffer_add_str(out, &head->id);
	buffer_add(out, " ", 1);
	add_code_comment(out, code, comment);
	add_header(out, "To-Path", &peer);
	add_header(out, "From-Path", own_path);
	add_end_line(out, &head->id);
}


static void add_bound(buffer_t *out, const char *before, uint64_t bound)
{
	buffer_add_text(out, before);
	if(bound == MSRP_UNKNOWN)
		buffer_add_text(out, "*");
	else
		buffer_add_number(out, bound);
}


static void add_body(buffer_t *out, const str *body)
{
	if(body->len == 0)
		return;
	buffer_add_text(out, "\r\nContent-Type: message/cpim\r\n\r\n");
	buffer_add_str(out, body);
}


void msrp_write_report(buffer_t *out, const msrp_report_text_t *report)
{
	buffer_add(out, "MSRP ", 5);
	buffer_add_str(out, &report->id);
	buffer_add_text(out, " REPORT");
	add_header(out, "To-Path", &report->to_path);
	add_header(out, "From-Path", &report->from_path);
	add_header(out, "Message-ID", &report->message_id);
	add_bound(out, "\r\nByte-Range: ", report->start);
	add_bound(out, "-", report->end);
	add_bound(out, "/", report->total);
	buffer_add_text(out, "\r\nStatus: 000 ");
	add_code_comment(out, report->code, report->comment);
	add_body(out, &report->wrapper);
	add_end_line(out, &report->id);
}


int msrp_id_occurs(const str *id, const str *body)
{
	char needle[7 + MSRP_ID_MAX] = "-------";

	if(id->len < 0 || id->len > MSRP_ID_MAX)
		return 1;
	if(body->len <= 0)
		return 0;
	memcpy(needle + 7, id->s, id->len);
	return memmem(body->s, body->len, needle, 7 + id->len) != NULL;
}
