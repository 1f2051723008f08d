/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * websocket: see websocket.h. Called by opening and by the connection; knows
 * nothing of MSRP but that its messages are not to be cut.
 */
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>
#include "core/dprint.h"
#include "settings.h"
#include "switch/websocket.h"
#include "wire/ws_upgrade.h"

#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define SHA1_LEN 20
#define HEAD_MAX 10 /* octets of a frame's head, unmasked */
#define MASK_LEN 4
#define CONTROL_MAX 125 /* octets in a control frame */
/* a message with its MSRP headers may be so much larger than message_max */
#define HEADERS_SLACK 16384
/* pings without a sign of life before it is given up */
#define PINGS_MAX 2

struct websocket
{
	wslay_frame_context_ptr frames;
	buffer_t request; /* until it is upgraded */
	str input;		  /* what the parser has not read yet; it reads ahead */
	size_t left;	  /* octets of the last input in frames to come, about */
	int in_frame;
	int in_message; /* more fragments of it have to come */
	uint64_t got;	/* octets of the frame so far */
	char control[CONTROL_MAX];
	int control_len;
	alarm_clock_t ping;
	int unanswered; /* pings since something came last */
};

static str origins[WEBSOCKET_ORIGINS_MAX];
static int origin_count;


int websocket_add_origin(const char *origin)
{
	if(origin_count == WEBSOCKET_ORIGINS_MAX)
		return -1;
	origins[origin_count].s = (char *)origin;
	origins[origin_count++].len = (int)strlen(origin);
	return 0;
}


static int is_allowed(const str *origin)
{
	for(int i = 0; i < origin_count; i++) {
		if(text_eq_nocase(origin, &origins[i]))
			return 1;
	}
	return origin_count == 0;
}


/* wslay asks for bytes */
static ssize_t give_input(uint8_t *space, size_t max, int flags, void *arg)
{
	websocket_t *w = arg;
	size_t len = (size_t)w->input.len < max ? (size_t)w->input.len : max;

	if(len == 0)
		return -1;
	memcpy(space, w->input.s, len);
	w->input.s += len;
	w->input.len -= (int)len;
	return (ssize_t)len;
}


websocket_t *websocket_create(void)
{
	static const struct wslay_frame_callbacks callbacks = {
			.recv_callback = give_input};
	websocket_t *w = calloc(1, sizeof(*w));

	if(!w)
		return NULL;
	buffer_init(&w->request, WS_UPGRADE_MAX);
	if(wslay_frame_context_init(&w->frames, &callbacks, w) == 0)
		return w;
	free(w);
	return NULL;
}


void websocket_destroy(websocket_t *w)
{
	if(!w)
		return;
	alarm_stop(&w->ping);
	wslay_frame_context_free(w->frames);
	buffer_free(&w->request);
	free(w);
}


/* RFC 6455 section 4.2.2 item 5.4 */
static int write_accept(const str *key, buffer_t *out)
{
	unsigned char hash[SHA1_LEN];
	gnutls_datum_t digest = {hash, sizeof(hash)}, text;
	char whole[64 + sizeof(GUID)];
	int len = snprintf(whole, sizeof(whole), "%.*s" GUID, TEXT_ARG(key));

	if(gnutls_hash_fast(GNUTLS_DIG_SHA1, whole, len, hash) < 0
			|| gnutls_base64_encode2(&digest, &text) < 0)
		return -1;
	buffer_add(out, text.data, text.size);
	gnutls_free(text.data);
	return 0;
}


static int write_acceptance(const ws_upgrade_t *u, buffer_t *out)
{
	buffer_add_text(out, "HTTP/1.1 101 Switching Protocols\r\n"
						 "Upgrade: websocket\r\nConnection: Upgrade\r\n"
						 "Sec-WebSocket-Protocol: msrp\r\n");
	/* RFC 7977 section 7 */
	if(u->origin.len > 0)
		buffer_printf(out, "Access-Control-Allow-Origin: %.*s\r\n",
				TEXT_ARG(&u->origin));
	buffer_add_text(out, "Sec-WebSocket-Accept: ");
	if(write_accept(&u->key, out) < 0)
		return -1;
	return buffer_add_text(out, "\r\n\r\n");
}


static const char *reason_of(int code)
{
	switch(code) {
		case 403:
			return "Forbidden";
		case 405:
			return "Method Not Allowed\r\nAllow: GET";
		case 426:
			return "Upgrade Required\r\nUpgrade: websocket\r\n"
				   "Sec-WebSocket-Version: 13";
		case 505:
			return "HTTP Version Not Supported";
		default:
			return "Bad Request";
	}
}


static void write_refusal(int code, buffer_t *out)
{
	buffer_printf(out,
			"HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
			code, reason_of(code));
}


static void ping(void *arg);


static void plan_ping(connection_t *c)
{
	if(settings.msrp_ws_ping > 0)
		alarm_start(&c->web->ping, settings.msrp_ws_ping * 1000L, ping, c);
}


/* Returns 1 or -1. The answer is small and nothing was sent before it: a
 * socket that does not take all of it is of no use. */
static int respond(connection_t *c, ws_upgrade_t *u, const char **why)
{
	buffer_t out;
	int rc = 1;

	if(u->code == 101 && !is_allowed(&u->origin)) {
		u->code = 403;
		u->why = "its origin is not allowed (msrp_ws_origin)";
	}
	buffer_init(&out, 0);
	if(u->code != 101)
		write_refusal(u->code, &out);
	else if(write_acceptance(u, &out) < 0)
		u->why = "no memory";
	if(buffer_failed(&out)
			|| connection_write(c, out.s, out.len) != (ssize_t)out.len)
		u->why = "it does not take the answer";
	if(u->why) {
		*why = u->why;
		rc = -1;
	} else {
		plan_ping(c);
	}
	buffer_free(&out);
	return rc;
}


int websocket_upgrade(
		connection_t *c, const str *input, str *rest, const char **why)
{
	websocket_t *w = c->web;
	ws_upgrade_t u;
	str text;

	/* what is beyond the maximum is not needed to refuse it */
	if(buffer_add(&w->request, input->s, input->len) < 0) {
		*why = "its header is too long";
		return -1;
	}
	text = buffer_str(&w->request);
	if(!ws_upgrade_parse(&text, &u))
		return 0;
	*rest = text_from(&text, u.length);
	return respond(c, &u, why);
}


/* Of a frame of `len` octets, without the mask. */
static int head_length(uint64_t len)
{
	return len < 126 ? 2 : len < 65536 ? 4 : HEAD_MAX;
}


/* Returns its length. */
static int write_head(char *head, int opcode, uint64_t len)
{
	int octets = head_length(len) - 2;

	head[0] = (char)(0x80 | opcode);
	head[1] = (char)(octets == 0 ? len : octets == 2 ? 126 : 127);
	for(int i = 0; i < octets; i++)
		head[2 + i] = (char)(len >> 8 * (octets - 1 - i));
	return 2 + octets;
}


/* The head of a message of `len` octets; good until the next call, unless it is
 * held. Most recipients of one message get the same. NULL: no memory. */
static block_t *head_of(uint64_t len)
{
	static uint64_t last_len;
	static block_t *last;
	char space[HEAD_MAX];
	str head = {space, 0};

	if(last && len == last_len)
		return last;
	block_release(last);
	head.len = write_head(space, WSLAY_BINARY_FRAME, len);
	last = block_create(&head, 1);
	last_len = len;
	return last;
}


int websocket_send(connection_t *c, const slice_t *slice, int count)
{
	slice_t all[CONNECTION_SLICES_MAX + 1];
	uint64_t len = 0;
	block_t *head;

	for(int i = 0; i < count; i++) {
		all[i + 1] = slice[i];
		len += slice[i].len;
	}
	head = head_of(len);
	if(!head) {
		connection_doom(c, "no memory for a frame");
		return -1;
	}
	all[0] = (slice_t){head, 0, head->len, 0};
	return connection_put(c, all, count + 1);
}


static void send_control(connection_t *c, int opcode, const str *payload)
{
	char space[HEAD_MAX];
	str part[] = {{space, 0}, *payload};
	slice_t slice = {NULL, 0, 0, 0};

	part[0].len = write_head(space, opcode, payload->len);
	slice.block = block_create(part, 2);
	if(!slice.block)
		return;
	slice.len = slice.block->len;
	connection_put(c, &slice, 1);
	block_release(slice.block);
}


/* RFC 6455 section 5.5.2. Behind bytes that it has not taken yet a ping would
 * tell nothing (TCP finds out whether it still takes them), nor would one whose
 * answer is not read for now. */
static void ping(void *arg)
{
	connection_t *c = arg;
	websocket_t *w = c->web;
	str nothing = {NULL, 0};

	if(c->doom || c->finishing)
		return;
	if(c->out.count > 0 || c->paused) {
		w->unanswered = 0;
	} else if(w->unanswered < PINGS_MAX) {
		w->unanswered++;
		send_control(c, WSLAY_PING, &nothing);
	} else {
		LM_INFO("connection with %s closed: it answers no pings\n", c->peer);
		connection_doom(c, "it answers no pings");
		return;
	}
	plan_ping(c);
}


static void send_close(connection_t *c, int code)
{
	char space[2] = {(char)(code >> 8), (char)code};
	str payload = {space, 2};

	send_control(c, WSLAY_CONNECTION_CLOSE, &payload);
}


void websocket_bye(connection_t *c)
{
	send_close(c, WSLAY_CODE_NORMAL_CLOSURE);
}


/* Says why in a close frame, and closes. */
static void violation(connection_t *c, int code, const char *why)
{
	LM_INFO("connection with %s closed: %s\n", c->peer, why);
	send_close(c, code);
	connection_hang_up(c, why);
}


static const char *objection(
		const websocket_t *w, const struct wslay_frame_iocb *f)
{
	if(!f->mask)
		return "its WebSocket frames are not masked";
	if(f->rsv)
		return "it uses a WebSocket extension";
	switch(f->opcode) {
		case WSLAY_CONTINUATION_FRAME:
			return w->in_message ? NULL : "a WebSocket message has no begin";
		case WSLAY_TEXT_FRAME:
		case WSLAY_BINARY_FRAME:
			return w->in_message ? "a WebSocket message has no end" : NULL;
		case WSLAY_CONNECTION_CLOSE:
		case WSLAY_PING:
		case WSLAY_PONG:
			return f->fin ? NULL : "a WebSocket control frame is cut";
		default:
			return "its WebSocket opcode is unknown";
	}
}


static void use_up(websocket_t *w, size_t len)
{
	w->left -= len < w->left ? len : w->left;
}


/* Returns 0, or -1 when the connection is doomed. */
static int begin_frame(connection_t *c, const struct wslay_frame_iocb *f)
{
	uint64_t most = (uint64_t)settings.message_max + HEADERS_SLACK;
	const char *why = objection(c->web, f);

	if(why) {
		violation(c, WSLAY_CODE_PROTOCOL_ERROR, why);
		return -1;
	}
	if(f->payload_length > most) {
		violation(c, WSLAY_CODE_MESSAGE_TOO_BIG,
				"a WebSocket frame is larger than message_max");
		return -1;
	}
	use_up(c->web, head_length(f->payload_length) + MASK_LEN);
	c->web->in_frame = 1;
	c->web->got = 0;
	c->web->control_len = 0;
	if(!wslay_is_ctrl_frame(f->opcode))
		c->web->in_message = !f->fin;
	return 0;
}


static void take_payload(connection_t *c, const struct wslay_frame_iocb *f)
{
	websocket_t *w = c->web;
	str piece = {(char *)f->data, (int)f->data_length};

	use_up(w, f->data_length);
	if(!wslay_is_ctrl_frame(f->opcode)) {
		if(w->left > 0)
			connection_cork();
		connection_input(c, &piece);
		return;
	}
	/* wslay lets no control frame be longer */
	memcpy(w->control + w->control_len, piece.s, piece.len);
	w->control_len += piece.len;
}


static void end_frame(connection_t *c, int opcode)
{
	websocket_t *w = c->web;
	str payload = {w->control, w->control_len};

	w->in_frame = 0;
	if(opcode == WSLAY_PING)
		send_control(c, WSLAY_PONG, &payload);
	if(opcode != WSLAY_CONNECTION_CLOSE)
		return;
	/* its code comes back, RFC 6455 section 5.5.1 */
	payload.len = payload.len >= 2 ? 2 : 0;
	send_control(c, WSLAY_CONNECTION_CLOSE, &payload);
	connection_hang_up(c, "closed by the peer");
}


static void read_frames(connection_t *c, websocket_t *w)
{
	struct wslay_frame_iocb f;
	ssize_t n;

	while(!connection_is_over(c)) {
		n = wslay_frame_recv(w->frames, &f);
		if(n == WSLAY_ERR_WANT_READ)
			return;
		if(n < 0) {
			violation(c, WSLAY_CODE_PROTOCOL_ERROR,
					"a WebSocket frame is broken");
			return;
		}
		if(!w->in_frame && begin_frame(c, &f) < 0)
			return;
		if(n > 0)
			take_payload(c, &f);
		w->got += n;
		if(!connection_is_over(c) && w->got == f.payload_length)
			end_frame(c, f.opcode);
	}
}


void websocket_feed(connection_t *c, const str *input)
{
	websocket_t *w = c->web;

	w->unanswered = 0;
	w->input = *input;
	w->left = input->len;
	read_frames(c, w);
	/* the first input may have been its end */
	buffer_free(&w->request);
}
