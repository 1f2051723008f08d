/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * options: OPTIONS (G13, RFC 4579 5.13; RFC 3261 11.2: within a dialog as
 * outside). Called by the router and in_dialog.c.
 */
#include "base/random.h"
#include "focus/session.h"
#include "sip/headers.h"
#include "sip/trust_headers.h"

void options_answer(sip_request_t *rq, const str *contact)
{
	char hex[17];
	str tag = {hex, 16}, text;
	buffer_t lines;

	random_hex(hex, 64);
	buffer_init(&lines, 0);
	headers_contact(&lines, contact);
	headers_allow(&lines);
	headers_supported(&lines);
	headers_allow_events(&lines);
	trust_headers_answer(&lines, rq, contact);
	buffer_add_text(&lines, SIP_ACCEPT_LINE);
	text = buffer_str(&lines);
	uas_reply(&rq->uas, 200, "OK", &text, NULL, rq->to_tag.len ? NULL : &tag);
	buffer_free(&lines);
}

void options_on_request(sip_request_t *rq, dialog_t *d)
{
	buffer_t value;
	str contact;

	if(!rq->block->to_factory && !rq->block->to_group
			&& !sip_request_conference(rq)) {
		sip_refuse(rq, 404, "Not Found", "no such conference", NULL);
		return;
	}
	buffer_init(&value, 0);
	headers_conference_contact(&value, &rq->uri);
	contact = buffer_str(&value);
	options_answer(rq, &contact);
	buffer_free(&value);
}
