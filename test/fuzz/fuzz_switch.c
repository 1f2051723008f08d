/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: the switch. The input's first octet says how bob comes (over a
 * WebSocket, bound before, in two pieces), whether messages are passed on
 * while they come, in turn or not, and whether carol is at a WebSocket; the
 * rest is what he sends to a conference with alice and carol, \1 standing for
 * his To-Path, \2 for his From-Path. Whatever it is, what alice and carol get
 * is MSRP without a fault.
 */
#define _GNU_SOURCE /* memmem */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "switch/connection.h"
#include "wire/msrp_frame.h"
/* the stage has more than this program needs */
#pragma GCC diagnostic ignored "-Wunused-function"
#include "../unit/switch_stage.h"

#define BY_WEBSOCKET 1
#define BOUND 2
#define IN_PIECES 4
#define STREAMED 8
#define INTERLEAVED 16
#define WEB_LISTENER 32
#define TURNS 4
#define BOB (&cast[1])

static const char *const three[] = {"alice", "bob", "carol"};
static const char upgrade[] = "GET / HTTP/1.1\r\nHost: x\r\n"
							  "Upgrade: websocket\r\nConnection: Upgrade\r\n"
							  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
							  "Sec-WebSocket-Protocol: msrp\r\n"
							  "Sec-WebSocket-Version: 13\r\n\r\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void turn_a_few_times(void)
{
	for(int i = 0; i < TURNS; i++)
		event_base_loop(worker.base, EVLOOP_NONBLOCK);
}


/* A connection without TCP, of which there may be many a second. */
static void connect_as(client_t *cl, msrp_transport_t transport)
{
	struct sockaddr_in peer = {
			.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	door_place_t place = {0};
	int fd[2];

	if(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) < 0
			|| door_enter((struct sockaddr *)&peer, &place) < 0
			|| !connection_create(
					fd[0], (struct sockaddr *)&peer, transport, 0, &place))
		abort();
	cl->fd = fd[1];
}


/* As far as the socket takes it. */
static void tell(client_t *cl, const char *s, size_t len)
{
	ssize_t sent;

	while(len > 0 && (sent = send(cl->fd, s, len, MSG_NOSIGNAL)) > 0) {
		s += sent;
		len -= sent;
		event_base_loop(worker.base, EVLOOP_NONBLOCK);
	}
}


/* In a WebSocket as one message, masked with zeros. */
static void bind_as(client_t *cl, int web)
{
	char text[512] = "\x82\xfe";
	int head = web ? 8 : 0;
	int len = snprintf(text + head, sizeof(text) - head,
			"MSRP bind SEND\r\nTo-Path: %s\r\n"
			"From-Path: msrp://127.0.0.1:9999/%s;tcp\r\nMessage-ID: b\r\n"
			"-------bind$\r\n",
			path_of(cl), cl->session);

	if(web) {
		text[2] = (char)(len >> 8);
		text[3] = (char)len;
		memset(text + 4, 0, 4);
	}
	tell(cl, text, head + len);
	turn_a_few_times();
}


static void write_paths(const uint8_t *data, size_t size, buffer_t *out)
{
	for(size_t i = 0; i < size; i++) {
		if(data[i] == 1)
			buffer_add_text(out, path_of(BOB));
		else if(data[i] == 2)
			buffer_printf(out, "msrp://127.0.0.1:9999/%s;tcp", BOB->session);
		else
			buffer_add(out, (const char *)&data[i], 1);
	}
}


static void attack(uint8_t how, const uint8_t *data, size_t size)
{
	buffer_t text;
	size_t half;

	connect_as(BOB, how & BY_WEBSOCKET ? MSRP_WS : MSRP_TCP);
	if(how & BY_WEBSOCKET && how & BOUND)
		tell(BOB, upgrade, sizeof(upgrade) - 1);
	else if(how & BOUND)
		bind_as(BOB, 0);
	buffer_init(&text, 0);
	write_paths(data, size, &text);
	half = how & IN_PIECES ? text.len / 2 : text.len;
	tell(BOB, text.s, half);
	turn_a_few_times();
	if(half < text.len)
		tell(BOB, text.s + half, text.len - half);
	turn_a_few_times();
	buffer_free(&text);
	hang_up(BOB);
	turn_a_few_times();
}


static void listen_in(client_t *cl, int web)
{
	connect_as(cl, web ? MSRP_WS : MSRP_TCP);
	if(web)
		tell(cl, upgrade, sizeof(upgrade) - 1);
	bind_as(cl, web);
}


/* Takes the frames' heads away, which are not masked, and the answer to the
 * upgrade. */
static void unwrap(buffer_t *in)
{
	const char *end = memmem(in->s, in->len, "\r\n\r\n", 4);
	size_t at = end ? end + 4 - in->s : 0, len;
	buffer_t out;

	if(!end)
		abort();
	buffer_init(&out, 0);
	while(in->len - at >= 4) {
		const unsigned char *head = (unsigned char *)in->s + at;

		len = head[1];
		at += 2;
		if(len == 126) {
			len = head[2] << 8 | head[3];
			at += 2;
		}
		if(len == 127 || len > in->len - at)
			abort();
		buffer_add(&out, in->s + at, len);
		at += len;
	}
	buffer_free(in);
	*in = out;
}


/* All that came is frames; the last may not be complete yet. */
static void expect_frames(client_t *cl, int web)
{
	msrp_parser_t *p = malloc(sizeof(*p));
	str input;
	msrp_event_t event;

	if(!p || !take(cl))
		abort();
	if(web)
		unwrap(&cl->in);
	input = buffer_str(&cl->in);
	msrp_parser_init(p);
	while((event = msrp_parse(p, &input)) != MSRP_NEED_MORE) {
		if(event == MSRP_BAD
				|| (event == MSRP_HEAD && p->head.to_path.len == 0))
			abort();
	}
	free(p);
}


/* As stage_close(), which takes its time. */
static void end(void)
{
	effects_t fx;

	effects_init(&fx);
	if(stage) {
		conference_end(stage, END_NONE, &fx);
		effects_run(stage, &fx);
	}
	for(int i = 0; i < cast_count; i++) {
		hang_up(&cast[i]);
		buffer_free(&cast[i].in);
	}
	turn_a_few_times();
	if(statistics[STAT_LEGS] != 0)
		abort();
}


static void settle(uint8_t how)
{
	set_defaults();
	settings.leg_queue_max = 4 << 20;
	settings.nicknames = 1;
	settings.interleave = how & INTERLEAVED ? 1 : 0;
	if(how & STREAMED)
		settings.collect_max = 0;
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if(size == 0)
		return 0;
	settle(data[0]);
	stage_open(three, 3);
	all_come_in();
	listen_in(&cast[0], 0);
	listen_in(&cast[2], data[0] & WEB_LISTENER);
	attack(data[0], data + 1, size - 1);
	expect_frames(&cast[0], 0);
	expect_frames(&cast[2], data[0] & WEB_LISTENER);
	end();
	return 0;
}
