/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * router: see the header. Called by the worker for every MAIL_REQUEST.
 */
#include "sip/router.h"

#include "admin/statistics.h"
#include "base/random.h"
#include "core/parser/parse_methods.h"
#include "sip/ended.h"
#include "sip/headers.h"
#include "worker/schedule.h"
#include "worker/worker.h"

#define INITIAL_MAX 8

static struct
{
	int method;
	request_handler_t handler;
} initial[INITIAL_MAX];
static int initial_count;
static request_handler_t on_dialog[DIALOG_KINDS];
static request_handler_t on_cancel;

void router_on_initial(int method, request_handler_t handler)
{
	if(initial_count == INITIAL_MAX) {
		LM_BUG("no room for one more method\n");
		return;
	}
	initial[initial_count].method = method;
	initial[initial_count++].handler = handler;
}

void router_on_dialog(dialog_kind_t kind, request_handler_t handler)
{
	on_dialog[kind] = handler;
}

void router_on_cancel(request_handler_t handler)
{
	on_cancel = handler;
}

static void refuse_method(sip_request_t *rq)
{
	str allow = TEXT("Allow: " SIP_ALLOW "\r\n");

	sip_refuse(rq, 405, "Method Not Allowed", "not served here", &allow);
}

static void route_initial(sip_request_t *rq)
{
	int i;

	for(i = 0; i < initial_count; i++) {
		if(initial[i].method == rq->method) {
			initial[i].handler(rq, NULL);
			return;
		}
	}
	refuse_method(rq);
}

/* a BYE that tm has forgotten, and that its sender has no answer to */
static int was_answered(const sip_request_t *rq)
{
	dialog_id_t id = {rq->call_id, rq->to_tag, rq->from_tag};

	return ended_knows_request(&id, rq->cseq, schedule_now());
}

static void route_in_dialog(sip_request_t *rq)
{
	dialog_t *d = dialog_find(rq);

	if(d) {
		on_dialog[d->kind](rq, d);
		return;
	}
	if(rq->method == METHOD_BYE && was_answered(rq))
		uas_reply(&rq->uas, 200, "OK", NULL, NULL, NULL);
	else if(rq->method != METHOD_ACK)
		sip_refuse(rq, 481, "Call/Transaction Does Not Exist", "no such dialog",
				NULL);
}

static int is_foreign_tag(const str *token, void *arg)
{
	str supported = TEXT(SIP_SUPPORTED);
	buffer_t *unsupported = arg;
	str tag;

	while(text_next(&supported, ',', &tag)) {
		if(text_eq_nocase(&tag, token))
			return 0;
	}
	buffer_printf(unsupported, "%s%.*s", unsupported->len ? ", " : "",
			TEXT_ARG(token));
	return 0;
}

/* G6: 420 names what we do not support. Returns 1 when it was refused */
static int refuse_required(sip_request_t *rq)
{
	buffer_t tags, lines;
	str value;
	int refused = 0;

	buffer_init(&tags, 4096);
	sip_header_tokens(&rq->msg, "Require", is_foreign_tag, &tags);
	if(tags.len || buffer_failed(&tags)) {
		buffer_init(&lines, 0);
		value = buffer_str(&tags);
		headers_add(&lines, "Unsupported", &value);
		headers_supported(&lines);
		value = buffer_str(&lines);
		sip_refuse(
				rq, 420, "Bad Extension", "it requires what we lack", &value);
		buffer_free(&lines);
		refused = 1;
	}
	buffer_free(&tags);
	return refused;
}

/* RFC 3891 3 */
static int is_misplaced_replaces(const sip_request_t *rq)
{
	str value;

	return (rq->method != METHOD_INVITE || rq->to_tag.len)
		   && sip_header(&rq->msg, "Replaces", &value);
}

/* RFC 3261 25.1 wants a word, and tm cannot send within such a dialog: it
 * hashes from a null pointer */
static int has_no_call_id(const sip_request_t *rq)
{
	return text_trim(&rq->call_id).len == 0;
}

static void route(sip_request_t *rq)
{
	if(rq->method == METHOD_CANCEL)
		on_cancel(rq, NULL);
	else if(rq->method != METHOD_ACK && has_no_call_id(rq))
		sip_refuse(rq, 400, "Bad Request", "its Call-ID is empty", NULL);
	else if(rq->method != METHOD_ACK && refuse_required(rq))
		return;
	else if(rq->method != METHOD_ACK && is_misplaced_replaces(rq))
		sip_refuse(rq, 400, "Bad Request",
				"Replaces belongs into an INVITE outside a dialog", NULL);
	else if(rq->to_tag.len || rq->method == METHOD_UPDATE)
		route_in_dialog(rq);
	else if(rq->method != METHOD_ACK)
		route_initial(rq);
}

/* what tm has no use for, such as a CSeq of 33 bits, is not looked at before */
static void refuse_unreadable(sip_request_t *rq)
{
	char hex[17];
	str tag = {hex, 16};

	LM_INFO("a request from %s cannot be read\n",
			ip_addr2a((struct ip_addr *)&rq->block->rcv.src_ip));
	if(rq->msg.REQ_METHOD == METHOD_ACK)
		return;
	count_refused(400);
	random_hex(hex, 64);
	uas_reply(&rq->uas, 400, "Bad Request", NULL, NULL, &tag);
}

static void take_request(const mail_t *mail)
{
	sip_request_t rq;

	if(sip_request_init(&rq, mail->block) == 0)
		route(&rq);
	else
		refuse_unreadable(&rq);
	sip_request_free(&rq);
}

void router_start(void)
{
	worker_on_mail(MAIL_REQUEST, take_request);
}
