/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * legs: see legs.h. Knows no SIP, and of messages that they are frames.
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
#include "legs.h"
#include "transport.h"

#define EVENTS 512
#define FDS_MAX (LEGS_MAX + 64)

leg_t legs[LEGS_MAX];
int leg_count;
int legs_epoll;
double last_progress;

static leg_t *by_fd[FDS_MAX];
static on_frame_t on_frame;


void die(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	exit(1);
}


double now(void)
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
	if(leg_count < 2)
		die("%s names no receiver", path);
}


static void connect_leg(leg_t *l)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(l->port)};
	char frame[1024];
	transport_t *transport = NULL;
	int fd = socket(AF_INET, SOCK_STREAM, 0), n;

	if(inet_pton(AF_INET, l->host, &a.sin_addr) != 1 || fd < 0 || fd >= FDS_MAX
			|| connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0
			|| transport_open(fd, l->to_path, &transport) < 0)
		die("cannot connect to %s:%d", l->host, l->port);
	by_fd[fd] = l;
	l->connection = connection_create(legs_epoll, fd);
	if(l->connection != NULL)
		l->connection->transport = transport;
	n = snprintf(frame, sizeof(frame),
			"MSRP bind%04ld SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\n"
			"Message-ID: bind%04ld\r\n-------bind%04ld$\r\n",
			l - legs, l->to_path, l->from_path, l - legs, l - legs);
	if(l->connection == NULL || connection_write(l->connection, frame, n) < 0)
		die("cannot bind leg %ld", l - legs);
}


static void take_frame(leg_t *l, const frame_t *f)
{
	if(f->status != 0 && f->status != 200)
		die("leg %ld: %s answered %d", l - legs, f->id, f->status);
	if(f->status != 0 && !l->bound)
		l->bound = 1;
	else if(f->status != 0 || f->is_send)
		on_frame(l, f);
}


static void take_bytes(leg_t *l)
{
	connection_t *c = l->connection;
	size_t taken = 0;
	frame_t f;
	int found;

	while((found = frame_find(c->in + taken, c->in_len - taken, &f)) > 0) {
		take_frame(l, &f);
		taken += f.len;
	}
	if(found < 0)
		die("leg %ld: got something that is not MSRP", l - legs);
	connection_taken(c, taken);
}


void legs_turn(int timeout_ms)
{
	struct epoll_event events[EVENTS];
	connection_t *c;
	int n, i;

	n = epoll_wait(legs_epoll, events, EVENTS, timeout_ms);
	for(i = 0; i < n; i++) {
		c = events[i].data.ptr;
		if(c == NULL)
			continue; /* standard input, the caller looks */
		if((events[i].events & EPOLLOUT) && connection_flush(c) < 0)
			die("leg %ld: connection lost", by_fd[c->fd] - legs);
		if(!(events[i].events & ~EPOLLOUT))
			continue;
		do {
			if(connection_read(c) < 0)
				die("leg %ld: connection lost", by_fd[c->fd] - legs);
			take_bytes(by_fd[c->fd]);
		} while(c->transport != NULL && transport_pending(c->transport));
		last_progress = now();
	}
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
		legs_turn(100);
		if(now() - last_progress > PATIENCE)
			die("not every leg was bound");
	}
	puts("bound");
	fflush(stdout);
}


static void wait_for_go(void)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
	char line[16];

	epoll_ctl(legs_epoll, EPOLL_CTL_ADD, STDIN_FILENO, &e);
	for(;;) {
		struct epoll_event one;

		if(epoll_wait(legs_epoll, &one, 1, -1) < 1)
			continue;
		if(one.data.ptr == NULL)
			break;
		legs_turn(0);
	}
	if(fgets(line, sizeof(line), stdin) == NULL)
		exit(1);
	epoll_ctl(legs_epoll, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
}


void legs_start(const char *path, on_frame_t fn)
{
	on_frame = fn;
	legs_epoll = epoll_create1(0);
	read_legs(path);
	bind_all();
	wait_for_go();
}
