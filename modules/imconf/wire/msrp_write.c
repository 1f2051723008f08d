/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * msrp_write: MSRP responses and REPORTs as text. Called by the switch; what
 * is declared in msrp_frame.h and does not read a stream. No state.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include <inttypes.h>
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
	str peer = first_uri(&head->from_path);

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
	if(bound == MSRP_UNKNOWN)
		buffer_printf(out, "%s*", before);
	else
		buffer_printf(out, "%s%" PRIu64, before, bound);
}


void msrp_write_report(buffer_t *out, const str *id, const str *to_path,
		const str *from_path, const str *message_id, uint64_t start,
		uint64_t end, uint64_t total, int code, const char *comment)
{
	buffer_add(out, "MSRP ", 5);
	buffer_add_str(out, id);
	buffer_add_text(out, " REPORT");
	add_header(out, "To-Path", to_path);
	add_header(out, "From-Path", from_path);
	add_header(out, "Message-ID", message_id);
	add_bound(out, "\r\nByte-Range: ", start);
	add_bound(out, "-", end);
	add_bound(out, "/", total);
	buffer_add_text(out, "\r\nStatus: 000 ");
	add_code_comment(out, code, comment);
	add_end_line(out, id);
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
