/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * dialog: see the header. Used by focus and notify, in the worker.
 */
#include "sip/dialog.h"

#include "base/buffer.h"
#include "base/random.h"
#include "core/mem/mem.h"
#include "core/parser/contact/parse_contact.h"
#include "core/parser/parse_cseq.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_rr.h"
#include "core/parser/parse_to.h"
#include "core/parser/parse_uri.h"
#include "settings.h"
#include "sip/headers.h"
#include "sip/next_hop.h"
#include "sip/tm_api.h"
#include "sip/trust.h"
#include "sip/trust_headers.h"
#include "wire/sip_uri.h"
#include "worker/schedule.h"
#include "worker/worker.h"

#define FIRST_CSEQ 10
#define AGENT_MAX 96

static map_t dialogs;

static int enter_table(dialog_t *d)
{
	buffer_t key;
	str text;
	int rc;

	buffer_init(&key, 0);
	buffer_printf(
			&key, "%.*s;%.*s", TEXT_ARG(&d->call_id), TEXT_ARG(&d->local_tag));
	text = buffer_str(&key);
	rc = buffer_failed(&key) ? -1 : text_copy(&d->key, &text);
	buffer_free(&key);
	return rc < 0 ? -1 : map_put(&dialogs, &d->node, &d->key, d);
}

static int new_tag(str *tag)
{
	char hex[25];
	str text = {hex, 24};

	random_hex(hex, 96);
	return text_copy(tag, &text);
}

/* Record-Route as our Route set: as it stands for a UAS, reversed for a UAC */
static int take_routes(dialog_t *d, struct sip_msg *msg, int reversed)
{
	str set;
	int rc;

	text_free(&d->routes);
	if(!msg->record_route)
		return 0;
	if(print_rr_body(msg->record_route, &set, reversed, NULL) != 0)
		return -1;
	rc = text_copy(&d->routes, &set);
	pkg_free(set.s);
	return rc;
}

int dialog_target(struct sip_msg *msg, str *uri)
{
	contact_body_t *body;
	uri_parts_t parts;

	if(!msg->contact || parse_contact(msg->contact) < 0)
		return -1;
	body = msg->contact->parsed;
	if(body->star || !body->contacts
			|| sip_uri_parse(&body->contacts->uri, &parts) < 0)
		return -1;
	*uri = body->contacts->uri;
	return 0;
}

static int take_target(dialog_t *d, struct sip_msg *msg)
{
	str uri;

	if(dialog_target(msg, &uri) < 0)
		return -1;
	return text_replace(&d->remote_target, &uri);
}

/* for operators' eyes: without memory for it there is none */
static void take_agent(dialog_t *d, const struct sip_msg *msg)
{
	str agent;

	if(!sip_header(msg, "User-Agent", &agent)
			&& !sip_header(msg, "Server", &agent))
		return;
	agent = text_cut(&agent, AGENT_MAX);
	text_replace(&d->agent, &agent);
}

static void take_peer(dialog_t *d, const struct receive_info *rcv, int trusted)
{
	d->peer = *rcv;
	d->has_peer = 1;
	d->peer_trusted = trusted;
}

/* `contact`: ours, with the Session Identity of the conference */
static int take_contact(dialog_t *d, const str *contact)
{
	conference_t *c;
	uri_parts_t parts;
	str display, uri, params;

	if(name_addr_parse(contact, &display, &uri, &params) < 0
			|| sip_uri_parse(&uri, &parts) < 0)
		return -1;
	c = worker_find_conference(&parts.user);
	if(c && text_copy(&d->charging, &c->charging) < 0)
		return -1;
	return text_copy(&d->contact, contact);
}

int dialog_init_uas(dialog_t *d, dialog_kind_t kind, void *owner,
		const sip_request_t *rq, const str *contact)
{
	struct sip_msg *msg = (struct sip_msg *)&rq->msg;

	memset(d, 0, sizeof(*d));
	d->kind = kind;
	d->owner = owner;
	d->local_cseq = FIRST_CSEQ;
	d->remote_cseq = rq->cseq;
	d->has_remote_cseq = 1;
	take_peer(d, &rq->block->rcv, rq->block->trusted);
	take_agent(d, msg);
	if(text_copy(&d->call_id, &rq->call_id) < 0 || new_tag(&d->local_tag) < 0
			|| text_copy(&d->remote_tag, &rq->from_tag) < 0
			|| text_copy(&d->local_uri, &get_to(msg)->uri) < 0
			|| text_copy(&d->remote_uri, &get_from(msg)->uri) < 0
			|| take_contact(d, contact) < 0 || take_target(d, msg) < 0
			|| take_routes(d, msg, 0) < 0 || enter_table(d) < 0) {
		dialog_free(d);
		return -1;
	}
	return 0;
}

static int new_call_id(str *call_id)
{
	char hex[40];
	str text = {hex, 32};

	random_hex(hex, 128);
	return text_copy(call_id, &text);
}

int dialog_init_uac(dialog_t *d, dialog_kind_t kind, void *owner,
		const str *local_uri, const str *target, const str *contact)
{
	memset(d, 0, sizeof(*d));
	d->kind = kind;
	d->owner = owner;
	d->local_cseq = FIRST_CSEQ;
	if(new_call_id(&d->call_id) < 0 || new_tag(&d->local_tag) < 0
			|| text_copy(&d->local_uri, local_uri) < 0
			|| text_copy(&d->remote_uri, target) < 0
			|| text_copy(&d->remote_target, target) < 0
			|| text_copy(&d->routes, &settings.outbound_route) < 0
			|| take_contact(d, contact) < 0 || enter_table(d) < 0) {
		dialog_free(d);
		return -1;
	}
	return 0;
}

int dialog_take_reply(dialog_t *d, struct sip_msg *reply)
{
	struct to_body *to = get_to(reply);

	if(!to || to->tag_value.len <= 0 || take_target(d, reply) < 0)
		return -1;
	take_peer(d, &reply->rcv, 0);
	take_agent(d, reply);
	if(text_replace(&d->remote_tag, &to->tag_value) < 0)
		return -1;
	return take_routes(d, reply, 1);
}

int dialog_init_fork(dialog_t *fork, const dialog_t *d, struct sip_msg *reply)
{
	memset(fork, 0, sizeof(*fork));
	fork->local_cseq = d->local_cseq;
	if(text_copy(&fork->call_id, &d->call_id) < 0
			|| text_copy(&fork->local_tag, &d->local_tag) < 0
			|| text_copy(&fork->local_uri, &d->local_uri) < 0
			|| text_copy(&fork->remote_uri, &d->remote_uri) < 0
			|| text_copy(&fork->contact, &d->contact) < 0
			|| text_copy(&fork->charging, &d->charging) < 0
			|| dialog_take_reply(fork, reply) < 0) {
		dialog_free(fork);
		return -1;
	}
	return 0;
}

static void note_end(const dialog_t *d)
{
	dialog_id_t id = {d->call_id, d->local_tag, d->remote_tag};

	if(d->kind == DIALOG_SESSION && d->remote_tag.len)
		ended_note(&id, d->remote_cseq, schedule_now());
}

str dialog_socket(const dialog_t *d)
{
	str name = {NULL, 0};

	if(!d->has_peer || !d->peer.bind_address)
		return name;
	/* behind "udp:" */
	name = d->peer.bind_address->sock_str;
	return text_from(&name, text_find_char(&name, ':') + 1);
}

void dialog_free(dialog_t *d)
{
	note_end(d);
	map_remove(&dialogs, &d->node);
	text_free(&d->key);
	text_free(&d->call_id);
	text_free(&d->local_tag);
	text_free(&d->remote_tag);
	text_free(&d->local_uri);
	text_free(&d->remote_uri);
	text_free(&d->remote_target);
	text_free(&d->routes);
	text_free(&d->contact);
	text_free(&d->agent);
	text_free(&d->charging);
}

dialog_t *dialog_of(const dialog_id_t *id)
{
	dialog_t *d;
	buffer_t key;
	str text;

	buffer_init(&key, 0);
	buffer_printf(&key, "%.*s;%.*s", TEXT_ARG(&id->call_id),
			TEXT_ARG(&id->local_tag));
	text = buffer_str(&key);
	d = map_get(&dialogs, &text);
	buffer_free(&key);
	if(d && d->remote_tag.len && !text_eq(&d->remote_tag, &id->remote_tag))
		return NULL;
	return d;
}

dialog_t *dialog_find(const sip_request_t *rq)
{
	dialog_id_t id = {rq->call_id, rq->to_tag, rq->from_tag};

	return dialog_of(&id);
}

dialog_check_t dialog_take_request(
		dialog_t *d, const sip_request_t *rq, int refresh)
{
	if(rq->method != METHOD_ACK) {
		if(d->has_remote_cseq && rq->cseq <= d->remote_cseq)
			return DIALOG_OLD_CSEQ;
		d->remote_cseq = rq->cseq;
		d->has_remote_cseq = 1;
	}
	take_peer(d, &rq->block->rcv, rq->block->trusted);
	if(refresh && rq->msg.contact)
		take_target(d, (struct sip_msg *)&rq->msg);
	return DIALOG_OK;
}

void dialog_refresh_target(dialog_t *d, struct sip_msg *msg)
{
	take_target(d, msg);
}

/* the URI of the first route of a set, and what follows it */
static int first_route(const str *routes, str *uri, str *rest)
{
	int close = text_find_char(routes, '>');
	int open = text_find_char(routes, '<');
	str entry = {routes->s + open + 1, close - open - 1};

	if(open < 0 || close < open)
		return -1;
	*uri = entry;
	*rest = text_from(routes, close + 1);
	open = text_find_char(rest, '<');
	*rest = open < 0 ? text_from(rest, rest->len) : text_from(rest, open);
	return 0;
}

static int is_loose(const str *uri)
{
	struct sip_uri parsed;

	return parse_uri(uri->s, uri->len, &parsed) == 0 && parsed.lr.s != NULL;
}

/* RFC 3261 12.2.1.1: Request-URI, Route lines and next hop of a request in
 * the dialog, or of the one that begins it; `hop` must have NEXT_HOP_SIZE for
 * a next hop made here */
static void direct(const dialog_t *d, outgoing_t *o, buffer_t *lines, char *hop)
{
	str uri, rest;

	o->request_uri = d->remote_target;
	o->next_hop.s = settings.outbound_proxy;
	o->next_hop.len = (int)strlen(settings.outbound_proxy);
	if(d->routes.len && first_route(&d->routes, &uri, &rest) == 0) {
		if(is_loose(&uri)) {
			headers_add(lines, "Route", &d->routes);
		} else {
			o->request_uri = uri;
			headers_add(lines, "Route", &rest);
			buffer_printf(
					lines, "Route: <%.*s>\r\n", TEXT_ARG(&d->remote_target));
		}
		if(d->has_peer && next_hop_is_numeric(&uri)) {
			o->next_hop = uri;
			return;
		}
	}
	if(d->has_peer)
		o->next_hop = next_hop_of_source(&d->peer, hop);
}

static int goes_to_trusted(const dialog_t *d, const outgoing_t *o)
{
	struct ip_addr ip;

	if(next_hop_address(&o->next_hop, &ip) < 0)
		return 0;
	return trust_peer(&ip)
		   || (d->has_peer && d->peer_trusted
				   && ip_addr_cmp(&ip, (struct ip_addr *)&d->peer.src_ip));
}

void dialog_address(const dialog_t *d, outgoing_t *o, const char *method,
		buffer_t *lines, char *hop)
{
	memset(o, 0, sizeof(*o));
	o->method = method;
	o->from = d->local_uri;
	o->to = d->remote_uri;
	o->call_id = d->call_id;
	o->local_tag = d->local_tag;
	o->remote_tag = d->remote_tag;
	o->cseq = d->local_cseq;
	o->socket = d->has_peer ? d->peer.bind_address : settings.send_socket_info;
	direct(d, o, lines, hop);
	headers_contact(lines, &d->contact);
	if(goes_to_trusted(d, o))
		trust_headers_request(lines, d, method);
}

/* the peer's Contact asks for a stream and can be reached without a name */
static int contact_takes_stream(const dialog_t *d)
{
	return next_hop_transport(&d->remote_target) == 1;
}

int dialog_takes_stream(const dialog_t *d)
{
	int by_stream = d->has_peer && next_hop_is_stream_proto(d->peer.proto);
	str uri, rest;

	if(d->routes.len && first_route(&d->routes, &uri, &rest) == 0
			&& next_hop_is_numeric(&uri)) {
		if(next_hop_transport(&uri) >= 0)
			return next_hop_transport(&uri);
		return by_stream || contact_takes_stream(d);
	}
	if(by_stream)
		return 1;
	return !d->routes.len && contact_takes_stream(d)
		   && next_hop_is_numeric(&d->remote_target);
}

/* turns to a stream a request that would go by UDP */
static void by_stream(const dialog_t *d, outgoing_t *o, char *hop)
{
	if(next_hop_transport(&o->next_hop) == 1)
		return;
	if(d->routes.len)
		o->next_hop = next_hop_by_tcp(&o->next_hop, hop);
	else
		o->next_hop = d->remote_target;
}

static uint64_t send_request(dialog_t *d, const char *method,
		const str *headers, const str *body, int stream, outcome_fn_t fn,
		void *arg)
{
	char hop[NEXT_HOP_SIZE];
	outgoing_t o;
	buffer_t lines;
	uint64_t id = 0;

	buffer_init(&lines, 0);
	d->local_cseq++;
	dialog_address(d, &o, method, &lines, hop);
	if(stream)
		by_stream(d, &o, hop);
	if(headers)
		buffer_add_str(&lines, headers);
	if(!buffer_failed(&lines)) {
		o.headers = buffer_str(&lines);
		if(body)
			o.body = *body;
		id = outgoing_send(&o, fn, arg);
	}
	buffer_free(&lines);
	return id;
}

uint64_t dialog_request(dialog_t *d, const char *method, const str *headers,
		const str *body, outcome_fn_t fn, void *arg)
{
	return send_request(d, method, headers, body, 0, fn, arg);
}

uint64_t dialog_request_by_stream(dialog_t *d, const char *method,
		const str *headers, const str *body, outcome_fn_t fn, void *arg)
{
	return send_request(d, method, headers, body, 1, fn, arg);
}

static unsigned reply_cseq(const struct sip_msg *reply)
{
	uint64_t number;

	if(!reply->cseq
			|| text_to_uint(&get_cseq(reply)->number, UINT32_MAX, &number) < 0)
		return 0;
	return (unsigned)number;
}

uint64_t dialog_invite(dialog_t *d, const str *headers, const str *body,
		outcome_fn_t fn, void *arg)
{
	return send_request(d, "INVITE", headers, body, 0, fn, arg);
}

int dialog_ack(dialog_t *d, const struct sip_msg *reply)
{
	char hop[NEXT_HOP_SIZE];
	outgoing_t o;
	buffer_t lines;
	int rc = -1;

	buffer_init(&lines, 0);
	dialog_address(d, &o, "ACK", &lines, hop);
	o.cseq = reply_cseq(reply);
	if(!buffer_failed(&lines)) {
		o.headers = buffer_str(&lines);
		rc = outgoing_ack(&o);
	}
	buffer_free(&lines);
	return rc;
}
