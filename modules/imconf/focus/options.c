/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * options: OPTIONS outside a dialog (G13, RFC 4579 5.13). Called by the
 * router.
 */
#include "base/random.h"
#include "focus/session.h"
#include "sip/headers.h"
#include "sip/trust_headers.h"

void options_on_request(sip_request_t *rq, dialog_t *d)
{
	char hex[17];
	str tag = {hex, 16}, contact, text;
	buffer_t lines, value;

	if(!rq->block->to_factory && !rq->block->to_group
			&& !sip_request_conference(rq)) {
		sip_refuse(rq, 404, "Not Found", "no such conference", NULL);
		return;
	}
	random_hex(hex, 64);
	buffer_init(&lines, 0);
	buffer_init(&value, 0);
	headers_conference_contact(&value, &rq->uri);
	contact = buffer_str(&value);
	headers_contact(&lines, &contact);
	headers_allow(&lines);
	headers_supported(&lines);
	headers_allow_events(&lines);
	trust_headers_answer(&lines, rq, &contact);
	buffer_add_text(&lines, SIP_ACCEPT_LINE);
	text = buffer_str(&lines);
	uas_reply(&rq->uas, 200, "OK", &text, NULL, &tag);
	buffer_free(&value);
	buffer_free(&lines);
}
