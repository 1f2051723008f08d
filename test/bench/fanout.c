/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * fanout: senders and receivers of 300-byte messages, in one process. Checks
 * that every receiver got every message once and in order, and says how many
 * deliveries a second that were and how long the last receiver of a message
 * waited for it. Knows no SIP. Run by the bench against the module and
 * against the bare relay.
 *
 *   fanout [-w WINDOW] [-g SIZE] [-p RATE] [-d SECONDS] LEGS SECONDS
 *
 * The first leg sends to all others; with -g the legs are rooms of SIZE each,
 * one behind the other, and everybody sends. At most WINDOW messages of a
 * sender are under way (not answered, or not yet with every receiver), so
 * that no queue outgrows the server's limit. -p: so many messages a second
 * instead of as many as go. -d: the last leg stops reading SECONDS after the
 * begin; what the delays of all others were before and after is said.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "delays.h"
#include "legs.h"

#define WINDOW_MAX 1024
#define BODY_SIZE 300
#define MESSAGES_MAX 100000000L
#define MARK "\r\n\r\nmessage "
#define MARK_LEN (sizeof(MARK) - 1)

typedef struct sender
{
	leg_t *leg;
	int receivers;
	long sent, answered, complete;
	int missing[WINDOW_MAX]; /* receivers without message i % window */
	double sent_at[WINDOW_MAX];
} sender_t;

static struct
{
	long window;
	int room; /* 0: one room, one sender */
	double rate, deaf_after, seconds;
} options = {.window = 64};

static sender_t *senders;
static int sender_count, room_size, talkers; /* of a room */
static long *next; /* [leg][talker]: the message that must come now */
static long sent, answered, complete, deliveries;
static delays_t last_receiver, before, after;
static leg_t *deaf; /* not among the receivers that are counted */
static double stop_at, first_sent;


static int message_body(char *out, const sender_t *s, long number)
{
	char head[BODY_SIZE];
	int n;

	n = snprintf(head, sizeof(head),
			"From: <%s>\r\nTo: <sip:anonymous@anonymous.invalid>\r\n"
			"DateTime: 2026-01-01T00:00:00Z\r\n\r\n"
			"Content-Type: text/plain" MARK "%04d %010ld ",
			s->leg->user, (int)(s - senders), number);
	if(n >= (int)sizeof(head))
		die("no room for a message behind %s", s->leg->user);
	memcpy(out, head, n);
	memset(out + n, 'x', BODY_SIZE - n);
	return BODY_SIZE;
}


static void send_message(sender_t *s)
{
	long number = s->sent++;
	char frame[2048];
	int n;

	n = snprintf(frame, sizeof(frame),
			"MSRP m%010ld SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\n"
			"Message-ID: message%010ld\r\nByte-Range: 1-%d/%d\r\n"
			"Content-Type: message/cpim\r\n\r\n",
			number, s->leg->to_path, s->leg->from_path, number, BODY_SIZE,
			BODY_SIZE);
	n += message_body(frame + n, s, number);
	n += snprintf(
			frame + n, sizeof(frame) - n, "\r\n-------m%010ld$\r\n", number);
	s->missing[number % options.window] = s->receivers;
	s->sent_at[number % options.window] = now();
	sent++;
	if(connection_write(s->leg->connection, frame, n) < 0)
		die("a sender's connection died at message %ld", number);
}


static int is_due(void)
{
	return options.rate == 0 || sent < (now() - first_sent) * options.rate;
}


static void fill_windows(void)
{
	sender_t *s;

	if(now() > stop_at)
		return;
	for(s = senders; s < senders + sender_count; s++)
		while(s->sent < MESSAGES_MAX && s->sent - s->complete < options.window
				&& s->sent - s->answered < options.window && is_due())
			send_message(s);
}


static sender_t *sender_of(const leg_t *l)
{
	if(options.room != 0)
		return &senders[l - legs];
	return l == legs ? senders : NULL;
}


static void take_answer(const leg_t *l, const frame_t *f)
{
	sender_t *s = sender_of(l);

	if(s == NULL || strtol(f->id + 1, NULL, 10) != s->answered)
		die("leg %ld: unexpected answer to %s", l - legs, f->id);
	s->answered++;
	answered++;
}


static void note_delivery(sender_t *s, long number)
{
	long i = number % options.window;
	double at = options.deaf_after > 0 ? now() : 0;

	deliveries++;
	s->missing[i]--;
	if(at != 0)
		delays_add(deaf->connection ? &before : &after, at - s->sent_at[i]);
	while(s->complete < s->sent
			&& s->missing[s->complete % options.window] == 0) {
		i = s->complete % options.window;
		delays_add(&last_receiver, now() - s->sent_at[i]);
		s->complete++;
		complete++;
	}
}


/* Whose message it is and its number, which `l` must get now. */
static sender_t *read_mark(const leg_t *l, const frame_t *f, long *number)
{
	const char *mark = memmem(f->body, f->body_len, MARK, MARK_LEN);
	int from = mark != NULL ? atoi(mark + MARK_LEN) : -1;
	long *expected;

	if(f->flag != '$' || f->body_len != BODY_SIZE || from < 0
			|| from >= sender_count || senders[from].leg == l
			|| from / talkers != (l - legs) / room_size)
		die("leg %ld: got what is not for it (%zu bytes)", l - legs,
				f->body_len);
	*number = strtol(mark + MARK_LEN + 5, NULL, 10);
	expected = &next[(l - legs) * talkers + from % talkers];
	if(*number != *expected || *number >= senders[from].sent)
		die("leg %ld: got message %ld instead of %ld", l - legs, *number,
				*expected);
	(*expected)++;
	return &senders[from];
}


static void on_frame(leg_t *l, const frame_t *f)
{
	sender_t *s;
	long number;

	if(f->status != 0) {
		take_answer(l, f);
		return;
	}
	if(f->body == NULL)
		return;
	s = read_mark(l, f, &number);
	if(l != deaf)
		note_delivery(s, number);
}


static void stop_reading(void)
{
	if(deaf == NULL || deaf->connection == NULL
			|| now() < first_sent + options.deaf_after)
		return;
	epoll_ctl(legs_epoll, EPOLL_CTL_DEL, deaf->connection->fd, NULL);
	deaf->connection = NULL;
}


static void run(void)
{
	first_sent = last_progress = now();
	stop_at = first_sent + options.seconds;
	fill_windows();
	while(complete < sent || answered < sent || now() < stop_at) {
		legs_turn(options.rate != 0 ? 1 : 100);
		stop_reading();
		fill_windows();
		if(now() - last_progress > PATIENCE)
			die("stalled: %ld sent, %ld answered, %ld with everybody", sent,
					answered, complete);
	}
}


static void report(void)
{
	double elapsed = last_progress - first_sent;

	printf("messages=%ld deliveries=%ld seconds=%.3f rate=%.0f "
		   "last_median=%.3f last_p99=%.3f",
			sent, deliveries, elapsed, deliveries / elapsed,
			delays_ms(&last_receiver, 0.5), delays_ms(&last_receiver, 0.99));
	if(deaf != NULL)
		printf(" before_p99=%.3f after_p99=%.3f after_max=%.3f",
				delays_ms(&before, 0.99), delays_ms(&after, 0.99),
				delays_ms(&after, 1));
	putchar('\n');
}


/* So that what it does not read soon waits with the server. */
static leg_t *make_narrow(leg_t *l)
{
	int size = 65536;

	setsockopt(l->connection->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return l;
}


static void make_rooms(void)
{
	int i;

	room_size = options.room != 0 ? options.room : leg_count;
	talkers = options.room != 0 ? room_size : 1;
	if(leg_count % room_size != 0)
		die("%d legs make no rooms of %d", leg_count, room_size);
	sender_count = leg_count / room_size * talkers;
	senders = calloc(sender_count, sizeof(*senders));
	next = calloc((size_t)leg_count * talkers, sizeof(*next));
	if(senders == NULL || next == NULL)
		die("out of memory");
	if(options.deaf_after > 0)
		deaf = make_narrow(&legs[leg_count - 1]);
	for(i = 0; i < sender_count; i++) {
		senders[i].leg = &legs[i];
		senders[i].receivers = room_size - 1 - (deaf != NULL);
	}
}


static void read_options(int argc, char **argv)
{
	int option;

	while((option = getopt(argc, argv, "w:g:p:d:")) != -1) {
		if(option == 'w')
			options.window = atol(optarg);
		else if(option == 'g')
			options.room = atoi(optarg);
		else if(option == 'p')
			options.rate = atof(optarg);
		else if(option == 'd')
			options.deaf_after = atof(optarg);
		else
			exit(2);
	}
	if(argc - optind != 2)
		die("usage: fanout [-w WINDOW] [-g SIZE] [-p RATE] [-d SECONDS] "
			"LEGS SECONDS");
	if(options.window < 1 || options.window > WINDOW_MAX || options.room < 0)
		die("the window is from 1 to %d", WINDOW_MAX);
	options.seconds = atof(argv[optind + 1]);
}


int main(int argc, char **argv)
{
	read_options(argc, argv);
	legs_start(argv[optind], on_frame);
	make_rooms();
	run();
	report();
	return 0;
}
