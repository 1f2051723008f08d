/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * relay: the floor under the switch's figures. One thread, one epoll: finds frames by their end-line, answers each SEND with 200 as the
 * module does, and writes what had a body to every other connection of its room
 * as it is. The first SIZE connections are a room (-g), the next SIZE the next
 * one; without it all are one room.
 * What one read brought is passed on with one write, as the module does; with
 * -1 each frame is written by itself. No session, no header of its own, no
 * policy. Run by the bench; prints its port.
 *
 *   relay [-1] [-g SIZE]
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "connection.h"
#include "frame.h"

#define FDS_MAX 4096
#define EVENTS 256
#define ANSWERS_SIZE 131072

typedef struct room
{
	connection_t *member[FDS_MAX];
	int count;
} room_t;

static room_t *room_by_fd[FDS_MAX];
static int room_size = FDS_MAX;
static int epoll;
static int frame_by_frame;


/* closed at the end of the turn: an event of this turn may still name it */
static void drop(connection_t *c)
{
	shutdown(c->fd, SHUT_RDWR);
}


static void forward(connection_t *from, const char *data, size_t len)
{
	room_t *room = room_by_fd[from->fd];
	int i;

	for(i = 0; len > 0 && i < room->count; i++)
		if(room->member[i] != from
				&& connection_write(room->member[i], data, len) < 0)
			drop(room->member[i]);
}


static void answer(connection_t *to, const char *answers, size_t len)
{
	if(len > 0 && connection_write(to, answers, len) < 0)
		drop(to);
}


/* frames that follow each other and have bodies are passed on together */
static int take_bytes(connection_t *c)
{
	static char answers[ANSWERS_SIZE];
	size_t taken = 0, passed = 0, answered = 0;
	frame_t f;
	int found;

	while((found = frame_find(c->in + taken, c->in_len - taken, &f)) > 0) {
		if(f.is_send)
			answered += frame_answer(
					&f, answers + answered, sizeof(answers) - answered);
		if(!f.is_send || f.body == NULL) {
			forward(c, c->in + passed, taken - passed);
			passed = taken + f.len;
		}
		taken += f.len;
		if(frame_by_frame) {
			forward(c, c->in + passed, taken - passed);
			answer(c, answers, answered);
			passed = taken;
			answered = 0;
		}
	}
	forward(c, c->in + passed, taken - passed);
	answer(c, answers, answered);
	connection_taken(c, taken);
	return found;
}


static void leave(connection_t *c)
{
	room_t *room = room_by_fd[c->fd];
	int i;

	for(i = 0; i < room->count; i++)
		if(room->member[i] == c) {
			room->member[i] = room->member[--room->count];
			connection_destroy(c);
			return;
		}
}


/* The room for the next who comes. */
static room_t *next_room(void)
{
	static room_t *room;
	static int taken;

	if(room == NULL || taken == room_size) {
		room = calloc(1, sizeof(*room));
		taken = 0;
	}
	taken++;
	return room;
}


static void enter(int listener)
{
	connection_t *c;
	int fd = accept(listener, NULL, NULL);

	if(fd < 0)
		return;
	if(fd >= FDS_MAX) {
		close(fd);
		return;
	}
	c = connection_create(epoll, fd);
	if(c == NULL)
		return;
	room_by_fd[fd] = next_room();
	if(room_by_fd[fd] == NULL)
		exit(1);
	room_by_fd[fd]->member[room_by_fd[fd]->count++] = c;
}


static void serve(connection_t *c, uint32_t events)
{
	if((events & EPOLLOUT) && connection_flush(c) < 0) {
		leave(c);
		return;
	}
	if(!(events & ~EPOLLOUT))
		return;
	if(connection_read(c) < 0 || take_bytes(c) < 0)
		leave(c);
}


static int open_listener(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t len = sizeof(a);
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if(bind(fd, (struct sockaddr *)&a, len) < 0 || listen(fd, 1024) < 0
			|| getsockname(fd, (struct sockaddr *)&a, &len) < 0
			|| epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) < 0) {
		perror("relay");
		exit(1);
	}
	printf("%d\n", ntohs(a.sin_port));
	fflush(stdout);
	return fd;
}


int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];
	int listener, n, i, option;

	while((option = getopt(argc, argv, "1g:")) != -1) {
		if(option == '1')
			frame_by_frame = 1;
		else if(option == 'g')
			room_size = atoi(optarg);
		else
			return 2;
	}
	epoll = epoll_create1(0);
	listener = open_listener();
	for(;;) {
		n = epoll_wait(epoll, events, EVENTS, -1);
		for(i = 0; i < n; i++)
			if(events[i].data.ptr == NULL)
				enter(listener);
			else
				serve(events[i].data.ptr, events[i].events);
	}
}
