/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * trust_headers: see the header. Called by dialog.c and by whoever answers.
 */
#include "sip/trust_headers.h"

#include "base/random.h"
#include "settings.h"
#include "sip/dialog.h"
#include "sip/headers.h"
#include "sip/own_uri.h"
#include "sip/trust.h"
#include "wire/charging_vector.h"

/* our Contact value is the Session Identity in angle brackets and more */
static void add_identity(buffer_t *out, const str *contact)
{
	str identity = *contact;

	identity.len = text_find_char(contact, '>') + 1;
	headers_add(out, "P-Asserted-Identity", &identity);
}

/* RFC 3325 9 and RFC 7315 5.7: neither stands in an ACK. Operators are told in
 * what begins a dialog only */
void trust_headers_request(buffer_t *out, const dialog_t *d, const char *method)
{
	int initial = d->remote_tag.len == 0;
	charging_vector_t vector;

	if(strcmp(method, "ACK") == 0)
		return;
	add_identity(out, &d->contact);
	if(charging_vector_parse(&d->charging, &vector) == 0) {
		if(initial)
			vector.orig_ioi = settings.charging_ioi;
		charging_vector_add(out, &vector);
	}
	if(initial && settings.outbound_originates) {
		str identity = d->contact;

		identity.len = text_find_char(&identity, '>') + 1;
		buffer_printf(out, "P-Served-User: %.*s;sescase=orig\r\n",
				TEXT_ARG(&identity));
	}
}

static int vector_of(const sip_request_t *rq, charging_vector_t *vector)
{
	str value;

	if(!rq->block->trusted
			|| sip_request_header(rq, "P-Charging-Vector", &value) < 0)
		return -1;
	if(charging_vector_parse(&value, vector) == 0)
		return 0;
	LM_INFO("a P-Charging-Vector of Call-ID %.*s cannot be used\n",
			TEXT_ARG(&rq->call_id));
	return -1;
}

/* the operator who is asked answers the one who asks (term-ioi to orig-ioi) */
void trust_headers_answer(
		buffer_t *out, const sip_request_t *rq, const str *contact)
{
	charging_vector_t vector;

	if(!rq->block->trusted)
		return;
	if(contact)
		add_identity(out, contact);
	if(vector_of(rq, &vector) < 0)
		return;
	vector.term_ioi = (str){NULL, 0};
	if(vector.orig_ioi.len)
		vector.term_ioi = settings.charging_ioi;
	charging_vector_add(out, &vector);
}

/* RFC 7315 4.6: unique in the world */
static void add_own_id(buffer_t *out)
{
	char hex[33];

	random_hex(hex, 128);
	buffer_printf(out, "icid-value=%s;icid-generated-at=%.*s", hex,
			TEXT_ARG(own_uri_domain_host()));
}

int trust_headers_charging(const sip_request_t *rq, str *id)
{
	charging_vector_t vector;
	buffer_t out;
	str text;
	int rc;

	*id = (str){NULL, 0};
	buffer_init(&out, 0);
	if(vector_of(rq, &vector) == 0) {
		buffer_printf(&out, "icid-value=%.*s", TEXT_ARG(&vector.icid));
		if(vector.generated_at.len)
			buffer_printf(&out, ";icid-generated-at=%.*s",
					TEXT_ARG(&vector.generated_at));
	} else if(trust_domain()) {
		add_own_id(&out);
	}
	text = buffer_str(&out);
	rc = buffer_failed(&out) ? -1 : text_copy(id, &text);
	buffer_free(&out);
	return rc;
}
