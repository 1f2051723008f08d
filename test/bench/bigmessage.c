/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * bigmessage: one sender, N receivers, one large message in chunks. Checks
 * that every receiver got every octet in its place and the end, and says how
 * many octets a second all of them together got. Knows no SIP. Run by the
 * bench against the module and against the bare relay.
 *
 *   bigmessage LEGS OCTETS [CHUNK [WINDOW]]
 *
 * At most WINDOW octets are under way (sent, and not yet with every receiver),
 * so that no queue outgrows the server's limit.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "legs.h"

#define CHUNK_MAX 32768
#define CPIM                                                    \
	"From: <%s>\r\nTo: <sip:anonymous@anonymous.invalid>\r\n"   \
	"DateTime: 2026-01-01T00:00:00Z\r\n\r\nContent-Type: text/" \
	"plain\r\n\r\n"

static long octets, chunk = 10240, window = 524288;
static char *message;
static long sent, slowest, answered, chunks;
static long got[LEGS_MAX];
static int ended[LEGS_MAX], ends;


static void make_message(void)
{
	long n, i;

	message = malloc(octets + 1024);
	if(message == NULL)
		die("out of memory");
	n = sprintf(message, CPIM, legs->user);
	for(i = n; i < octets; i++)
		message[i] = 'a' + i % 23;
}


static void send_chunk(void)
{
	static char frame[CHUNK_MAX + 1024];
	long len = octets - sent < chunk ? octets - sent : chunk;
	long last = sent + len;
	int n;

	n = snprintf(frame, sizeof(frame),
			"MSRP c%09ld SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\n"
			"Message-ID: big1\r\nByte-Range: %ld-%ld/%ld\r\n"
			"Content-Type: message/cpim\r\n\r\n",
			chunks, legs->to_path, legs->from_path, sent + 1, last, octets);
	memcpy(frame + n, message + sent, len);
	n += len;
	n += snprintf(frame + n, sizeof(frame) - n, "\r\n-------c%09ld%c\r\n",
			chunks++, last == octets ? '$' : '+');
	sent = last;
	if(connection_write(legs->connection, frame, n) < 0)
		die("the sender's connection died");
}


static long find_slowest(void)
{
	long least = octets;
	int i;

	for(i = 1; i < leg_count; i++)
		if(got[i] < least)
			least = got[i];
	return least;
}


static void fill_window(void)
{
	if(sent - slowest >= window / 2)
		slowest = find_slowest();
	while(sent < octets && sent - slowest < window)
		send_chunk();
}


static void on_frame(leg_t *l, const frame_t *f)
{
	long i = l - legs;

	if(f->status != 0) {
		answered++;
		return;
	}
	if(f->body == NULL)
		return;
	if(i == 0 || ended[i] || got[i] + (long)f->body_len > sent
			|| memcmp(message + got[i], f->body, f->body_len) != 0)
		die("leg %ld: what came behind octet %ld is wrong", i, got[i]);
	got[i] += f->body_len;
	if(f->flag == '+')
		return;
	if(f->flag != '$' || got[i] != octets)
		die("leg %ld: the message ends with %c after %ld octets", i, f->flag,
				got[i]);
	ended[i] = 1;
	ends++;
}


int main(int argc, char **argv)
{
	double begun, seconds;

	if(argc < 3)
		die("usage: bigmessage LEGS OCTETS [CHUNK [WINDOW]]");
	octets = atol(argv[2]);
	chunk = argc > 3 ? atol(argv[3]) : chunk;
	window = argc > 4 ? atol(argv[4]) : window;
	if(octets < 1 || chunk < 1024 || chunk > CHUNK_MAX || window < chunk)
		die("a chunk has from 1024 to %d octets", CHUNK_MAX);
	legs_start(argv[1], on_frame);
	make_message();
	begun = last_progress = now();
	while(ends < leg_count - 1 || answered < chunks || sent < octets) {
		fill_window();
		legs_turn(100);
		if(now() - last_progress > PATIENCE)
			die("stalled: %ld octets sent, %ld with everybody", sent,
					find_slowest());
	}
	seconds = now() - begun;
	printf("octets=%ld receivers=%d seconds=%.3f rate=%.0f\n", octets,
			leg_count - 1, seconds, octets * (leg_count - 1) / seconds);
	return 0;
}
