/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * request: see the header. Used by the router and the rooms, in the worker.
 */
#include "sip/request.h"

#include "admin/statistics.h"
#include "base/random.h"
#include "core/msg_translator.h"
#include "core/receive.h"
#include "core/parser/parse_content.h"
#include "core/parser/parse_cseq.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"
#include "core/parser/parse_uri.h"
#include "settings.h"
#include "sip/trust_headers.h"
#include "wire/header_name.h"
#include "wire/header_value.h"
#include "wire/sip_uri.h"
#include "worker/observer.h"
#include "worker/worker.h"

static int add_asserted(const str *value, void *arg)
{
	person_t *who = arg;
	str display, uri, params;

	if(who->names == IDENTITY_NAMES_MAX)
		return 1;
	if(name_addr_parse(value, &display, &uri, &params) == 0)
		who->name[who->names++] = uri;
	return 0;
}

void sip_asserted(const struct sip_msg *msg, person_t *who)
{
	sip_header_tokens(msg, "P-Asserted-Identity", add_asserted, who);
}

/* in the order of trust: asserted by a trusted peer, authenticated by the
 * script, claimed in From */
static void find_requester(sip_request_t *rq)
{
	const request_block_t *block = rq->block;
	struct to_body *from = get_from(&rq->msg);

	if(block->trusted)
		sip_asserted(&rq->msg, &rq->requester);
	if(rq->requester.names)
		return;
	if(block->user_len) {
		rq->requester.name[0] = request_block_user(block);
		rq->requester.names = 1;
		return;
	}
	if(settings.trust_from) {
		rq->requester.name[0] = from->uri;
		rq->requester.names = 1;
	}
}

static int asks_privacy(const str *token, void *arg)
{
	str privacy = *token, value;
	str id = TEXT("id"), user = TEXT("user");

	while(text_next(&privacy, ';', &value)) {
		if(text_eq_nocase(&value, &id) || text_eq_nocase(&value, &user))
			return 1;
	}
	return 0;
}

int sip_wants_privacy(const struct sip_msg *msg)
{
	return sip_header_tokens(msg, "Privacy", asks_privacy, NULL);
}

/* RFC 5079 3: the signs of a request that wants to be anonymous */
static int is_anonymous(sip_request_t *rq)
{
	const struct to_body *from = get_from(&rq->msg);
	str host = TEXT("anonymous.invalid"), name = TEXT("anonymous");
	str display = from->display;
	uri_parts_t uri;

	if(sip_wants_privacy(&rq->msg))
		return 1;
	if(display.len > 1 && display.s[0] == '"') {
		display.s++;
		display.len -= 2;
	}
	if(text_eq_nocase(&display, &name))
		return 1;
	return sip_uri_parse(&from->uri, &uri) == 0
		   && text_eq_nocase(&uri.host, &host);
}

/* a script may have mapped another address to the factory or a group */
static void find_token(sip_request_t *rq)
{
	struct sip_uri uri;

	rq->uri = rq->msg.first_line.u.request.uri;
	if(rq->block->uri_len)
		rq->uri = request_block_uri(rq->block);
	if(parse_uri(rq->uri.s, rq->uri.len, &uri) == 0)
		rq->token = uri.user;
}

static int read_max_forwards(const sip_request_t *rq)
{
	str value;
	uint64_t hops;

	if(sip_request_header(rq, "Max-Forwards", &value) < 0
			|| text_to_uint(&value, 255, &hops) < 0)
		return 70;
	return (int)hops;
}

int sip_request_init(sip_request_t *rq, const request_block_t *block)
{
	struct cseq_body *cseq;
	uint64_t number;

	memset(rq, 0, sizeof(*rq));
	rq->block = block;
	rq->uas.hash = block->hash;
	rq->uas.label = block->label;
	if(build_sip_msg_from_buf(
			   &rq->msg, (char *)block->bytes, block->buf_len, inc_msg_no())
			< 0)
		return -1;
	rq->msg.rcv = block->rcv;
	if(parse_headers(&rq->msg, HDR_EOH_F, 0) < 0 || !rq->msg.cseq
			|| !rq->msg.callid || !rq->msg.to || !rq->msg.from
			|| parse_from_header(&rq->msg) < 0 || !get_to(&rq->msg))
		return -1;
	cseq = get_cseq(&rq->msg);
	if(text_to_uint(&cseq->number, UINT32_MAX, &number) < 0)
		return -1;
	rq->cseq = (unsigned)number;
	rq->method = rq->msg.REQ_METHOD;
	rq->method_name = rq->msg.first_line.u.request.method;
	rq->call_id = rq->msg.callid->body;
	rq->from_tag = get_from(&rq->msg)->tag_value;
	rq->to_tag = get_to(&rq->msg)->tag_value;
	rq->max_forwards = read_max_forwards(rq);
	find_token(rq);
	find_requester(rq);
	rq->requester.anonymous = is_anonymous(rq);
	return 0;
}

void sip_request_free(sip_request_t *rq)
{
	/* the bytes are the block's */
	rq->msg.buf = NULL;
	free_sip_msg(&rq->msg);
}

int sip_header(const struct sip_msg *msg, const char *name, str *value)
{
	str wanted = {(char *)name, strlen(name)};
	struct hdr_field *h;

	for(h = msg->headers; h; h = h->next) {
		if(!header_is(&h->name, &wanted))
			continue;
		*value = text_trim(&h->body);
		return 1;
	}
	return 0;
}

int sip_request_header(const sip_request_t *rq, const char *name, str *value)
{
	return sip_header(&rq->msg, name, value) ? 0 : -1;
}

static int each_token(
		str rest, int (*fn)(const str *token, void *arg), void *arg)
{
	str token;
	int rc;

	while(header_next(&rest, ',', &token)) {
		if(token.len > 0 && (rc = fn(&token, arg)) != 0)
			return rc;
	}
	return 0;
}

int sip_header_tokens(const struct sip_msg *msg, const char *name,
		int (*fn)(const str *token, void *arg), void *arg)
{
	str wanted = {(char *)name, strlen(name)};
	struct hdr_field *h;
	int rc;

	for(h = msg->headers; h; h = h->next) {
		if(!header_is(&h->name, &wanted))
			continue;
		if((rc = each_token(h->body, fn, arg)) != 0)
			return rc;
	}
	return 0;
}

static int is_token(const str *token, void *arg)
{
	return text_eq_nocase(token, arg);
}

int sip_header_lists(
		const struct sip_msg *msg, const char *name, const char *token)
{
	str wanted = {(char *)token, strlen(token)};

	return sip_header_tokens(msg, name, is_token, &wanted);
}

conference_t *sip_request_conference(const sip_request_t *rq)
{
	if(rq->block->to_group)
		return worker_find_group(&rq->uri);
	return worker_find_conference(&rq->token);
}

str sip_body(const struct sip_msg *msg)
{
	str body = {NULL, 0};
	long said;

	body.s = get_body((struct sip_msg *)msg);
	if(!body.s)
		return body;
	body.len = (int)(msg->buf + msg->len - body.s);
	if(!msg->content_length)
		return body;
	said = get_content_length(msg);
	if(said >= 0 && said < body.len)
		body.len = (int)said;
	return body;
}

static void log_refusal(
		const sip_request_t *rq, int code, const char *reason, const char *why)
{
	const struct to_body *from = get_from(&rq->msg);
	const str *who = rq->requester.names ? &rq->requester.name[0] : &from->uri;

	LM_INFO("%.*s from %.*s to %.*s refused with %d %s: %s (Call-ID %.*s)\n",
			TEXT_ARG(&rq->method_name), TEXT_ARG(who), TEXT_ARG(&rq->uri), code,
			reason, why, TEXT_ARG(&rq->call_id));
}

static void tell_refusal(
		const sip_request_t *rq, int code, const char *reason, const char *why)
{
	observed_refusal_t refused = {
			.method = rq->method_name,
			.user = rq->requester.names ? rq->requester.name[0]
										: get_from(&rq->msg)->uri,
			.uri = rq->uri,
			.call_id = rq->call_id,
			.code = code,
			.reason = reason,
			.why = why,
	};
	observation_t o = {.what = OBSERVED_REFUSED, .refused = &refused};

	observer_tell(&o);
}

void sip_refuse_with(sip_request_t *rq, int code, const char *reason,
		const char *why, const str *headers, const str *body)
{
	char hex[17];
	str tag = {hex, 16}, lines;
	buffer_t out;

	log_refusal(rq, code, reason, why);
	tell_refusal(rq, code, reason, why);
	count_refused(code);
	random_hex(hex, 64);
	buffer_init(&out, 0);
	if(headers)
		buffer_add_str(&out, headers);
	trust_headers_answer(&out, rq, NULL);
	lines = buffer_str(&out);
	uas_reply(
			&rq->uas, code, reason, &lines, body, rq->to_tag.len ? NULL : &tag);
	buffer_free(&out);
}

void sip_refuse(sip_request_t *rq, int code, const char *reason,
		const char *why, const str *headers)
{
	sip_refuse_with(rq, code, reason, why, headers, NULL);
}
