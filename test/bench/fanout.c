/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * fanout: one sender, N receivers, in one process. Takes legs that somebody
 * else negotiated, binds them, says "bound", waits for a line on its standard
 * input while everybody idles, then sends for a while and checks that every
 * receiver got every message once and in order. Knows no SIP. Run by the
 * bench against the module and against the bare relay.
 *
 *   fanout LEGS SECONDS [WINDOW]
 *
 * LEGS has one line per leg, the sender's first:
 *   HOST PORT TO-PATH FROM-PATH USER-URI
 * At most WINDOW messages are under way (not answered, or not yet with every
 * receiver), so that no queue outgrows the server's limit.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "connection.h"
#include "frame.h"

#define LEGS_MAX 2048
#define WINDOW_MAX 1024
#define WINDOW_DEFAULT 64
#define BODY_SIZE 300
#define MESSAGES_MAX 100000000L
#define PATIENCE 10.0 /* seconds without any progress */
#define EVENTS 512
#define MARK "\r\n\r\nmessage "
#define MARK_LEN (sizeof(MARK) - 1)

typedef struct leg
{
	connection_t *connection;
	int port;
	int bound;
	long next; /* the message this receiver must get now */
	char host[48], to_path[256], from_path[256], user[256];
} leg_t;

static leg_t legs[LEGS_MAX];
static int leg_count, receivers;
static int epoll;
static long sent, answered, complete, window = WINDOW_DEFAULT;
static int missing[WINDOW_MAX]; /* receivers without message i % window */
static int running;
static double stop_at, first_sent, last_progress;


static void die(const char *format, ...)
{
	va_list list;

	fputs("fanout: ", stderr);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	exit(1);
}


static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}


static void read_legs(const char *path)
{
	FILE *file = fopen(path, "r");
	leg_t *l = legs;

	if(file == NULL)
		die("cannot read %s", path);
	while(l < legs + LEGS_MAX
			&& fscanf(file, "%47s %d %255s %255s %255s", l->host, &l->port,
					   l->to_path, l->from_path, l->user)
					   == 5)
		l++;
	fclose(file);
	leg_count = l - legs;
	receivers = leg_count - 1;
	if(receivers < 1)
		die("%s names no receiver", path);
}


static void connect_leg(leg_t *l)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(l->port)};
	char frame[1024];
	int fd = socket(AF_INET, SOCK_STREAM, 0), n;

	if(inet_pton(AF_INET, l->host, &a.sin_addr) != 1 || fd < 0
			|| connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		die("cannot connect to %s:%d", l->host, l->port);
	l->connection = connection_create(epoll, fd);
	n = snprintf(frame, sizeof(frame),
			"MSRP bind%04ld SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\n"
			"Message-ID: bind%04ld\r\n-------bind%04ld$\r\n",
			l - legs, l->to_path, l->from_path, l - legs, l - legs);
	if(l->connection == NULL || connection_write(l->connection, frame, n) < 0)
		die("cannot bind leg %ld", l - legs);
}


static int message_body(char *out, long number)
{
	char head[BODY_SIZE];
	int n;

	n = snprintf(head, sizeof(head),
			"From: <%s>\r\nTo: <sip:anonymous@anonymous.invalid>\r\n"
			"DateTime: 2026-01-01T00:00:00Z\r\n\r\n"
			"Content-Type: text/plain" MARK "%010ld ",
			legs->user, number);
	if(n >= (int)sizeof(head))
		die("no room for a message behind %s", legs->user);
	memcpy(out, head, n);
	memset(out + n, 'x', BODY_SIZE - n);
	return BODY_SIZE;
}


static void send_message(long number)
{
	char frame[2048];
	int n;

	n = snprintf(frame, sizeof(frame),
			"MSRP m%010ld SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\n"
			"Message-ID: message%010ld\r\nByte-Range: 1-%d/%d\r\n"
			"Content-Type: message/cpim\r\n\r\n",
			number, legs->to_path, legs->from_path, number, BODY_SIZE,
			BODY_SIZE);
	n += message_body(frame + n, number);
	n += snprintf(
			frame + n, sizeof(frame) - n, "\r\n-------m%010ld$\r\n", number);
	missing[number % window] = receivers;
	if(connection_write(legs->connection, frame, n) < 0)
		die("the sender's connection died at message %ld", number);
}


static void fill_window(void)
{
	if(!running || now() > stop_at)
		return;
	while(sent < MESSAGES_MAX && sent - complete < window
			&& sent - answered < window)
		send_message(sent++);
}


static void take_answer(leg_t *l, const frame_t *f)
{
	if(f->status != 200)
		die("leg %ld: %s answered %d", l - legs, f->id, f->status);
	if(!l->bound) {
		l->bound = 1;
		return;
	}
	if(l != legs || strtol(f->id + 1, NULL, 10) != answered)
		die("leg %ld: unexpected answer to %s", l - legs, f->id);
	answered++;
}


static void take_message(leg_t *l, const frame_t *f)
{
	const char *mark;
	long number;

	if(f->body == NULL)
		return;
	mark = memmem(f->body, f->body_len, MARK, MARK_LEN);
	number = mark != NULL && f->flag == '$' && f->body_len == BODY_SIZE
					 ? strtol(mark + MARK_LEN, NULL, 10)
					 : -1;
	if(l == legs || number != l->next || number >= sent)
		die("leg %ld: got message %ld (%zu bytes) instead of %ld", l - legs,
				number, f->body_len, l->next);
	l->next++;
	missing[number % window]--;
	while(complete < sent && missing[complete % window] == 0)
		complete++;
}


static void take_bytes(leg_t *l)
{
	connection_t *c = l->connection;
	size_t taken = 0;
	frame_t f;
	int found;

	while((found = frame_find(c->in + taken, c->in_len - taken, &f)) > 0) {
		if(f.status != 0)
			take_answer(l, &f);
		else if(f.is_send)
			take_message(l, &f);
		taken += f.len;
	}
	if(found < 0)
		die("leg %ld: got something that is not MSRP", l - legs);
	connection_taken(c, taken);
}


static leg_t *leg_of(const connection_t *c)
{
	static leg_t *by_fd[LEGS_MAX + 64];
	leg_t *l;

	if(by_fd[0] == NULL) {
		by_fd[0] = legs;
		for(l = legs; l < legs + leg_count; l++)
			if(l->connection->fd < LEGS_MAX + 64)
				by_fd[l->connection->fd] = l;
	}
	return by_fd[c->fd];
}


/* serves one turn of events; returns how many there were */
static int turn(int timeout_ms)
{
	struct epoll_event events[EVENTS];
	connection_t *c;
	int n, i;

	n = epoll_wait(epoll, events, EVENTS, timeout_ms);
	for(i = 0; i < n; i++) {
		c = events[i].data.ptr;
		if(c == NULL)
			continue; /* standard input, the caller looks */
		if((events[i].events & EPOLLOUT) && connection_flush(c) < 0)
			die("leg %ld: connection lost", leg_of(c) - legs);
		if(!(events[i].events & ~EPOLLOUT))
			continue;
		if(connection_read(c) < 0)
			die("leg %ld: connection lost", leg_of(c) - legs);
		take_bytes(leg_of(c));
		last_progress = now();
	}
	return n;
}


static int all_bound(void)
{
	int i;

	for(i = 0; i < leg_count; i++)
		if(!legs[i].bound)
			return 0;
	return 1;
}


static void bind_all(void)
{
	leg_t *l;

	for(l = legs; l < legs + leg_count; l++)
		connect_leg(l);
	last_progress = now();
	while(!all_bound()) {
		turn(100);
		if(now() - last_progress > PATIENCE)
			die("not every leg was bound");
	}
	puts("bound");
	fflush(stdout);
}


/* idles until the caller writes a line; a leg that is closed meanwhile ends
 * the run */
static void wait_for_go(void)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
	char line[16];

	epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &e);
	for(;;) {
		struct epoll_event one;

		if(epoll_wait(epoll, &one, 1, -1) < 1)
			continue;
		if(one.data.ptr == NULL)
			break;
		turn(0);
	}
	if(fgets(line, sizeof(line), stdin) == NULL)
		exit(1);
	epoll_ctl(epoll, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
}


static void run(double seconds)
{
	double elapsed;

	running = 1;
	first_sent = last_progress = now();
	stop_at = first_sent + seconds;
	fill_window();
	while(complete < sent || answered < sent || now() < stop_at) {
		turn(100);
		fill_window();
		if(now() - last_progress > PATIENCE)
			die("stalled: %ld sent, %ld answered, %ld with everybody", sent,
					answered, complete);
	}
	elapsed = last_progress - first_sent;
	printf("receivers=%d messages=%ld deliveries=%ld seconds=%.3f "
		   "rate=%.0f\n",
			receivers, sent, sent * receivers, elapsed,
			sent * receivers / elapsed);
}


int main(int argc, char **argv)
{
	if(argc < 3) {
		fputs("usage: fanout LEGS SECONDS [WINDOW]\n", stderr);
		return 2;
	}
	if(argc > 3)
		window = atol(argv[3]);
	if(window < 1 || window > WINDOW_MAX)
		die("the window is from 1 to %d", WINDOW_MAX);
	epoll = epoll_create1(0);
	read_legs(argv[1]);
	bind_all();
	wait_for_go();
	run(atof(argv[2]));
	return 0;
}
