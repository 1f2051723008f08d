/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * chat: see chat.h. Knows no SIP beyond what a dialog has negotiated.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "chat.h"
#include "connection.h"
#include "frame.h"

#define EVENTS 256
#define SEND_HEAD                     \
	"MSRP %s SEND\r\nTo-Path: %s\r\n" \
	"From-Path: %s\r\nMessage-ID: %sof%s\r\n"
#define BIND_ID "bind0001"
#define MESSAGE_ID "mess0001"

struct chat_leg
{
	connection_t *connection;
	dialog_t *dialog;
	void *owner;
	int bound;
	int dead;
	chat_leg_t *next_dead;
};

static const chat_callbacks_t *callbacks;
static int epoll;
/* legs left while events of this turn may still name them */
static chat_leg_t *dead;


int chat_start(const chat_callbacks_t *wanted)
{
	callbacks = wanted;
	epoll = epoll_create1(0);
	return epoll;
}


static void refused(const chat_leg_t *leg, const char *what)
{
	fprintf(stderr, "conferences: %s: %s\n", leg->dialog->name, what);
	exit(1);
}


static int open_connection(const dialog_t *d)
{
	struct sockaddr_in a = {
			.sin_family = AF_INET, .sin_port = htons(atoi(d->remote_port))};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if(inet_pton(AF_INET, d->remote_host, &a.sin_addr) == 1
			&& connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	close(fd);
	return -1;
}


chat_leg_t *chat_join(dialog_t *d, void *owner)
{
	chat_leg_t *leg = calloc(1, sizeof(*leg));
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = leg};
	int fd = open_connection(d), n;
	char text[1024];

	if(leg == NULL || fd < 0)
		return NULL;
	leg->dialog = d;
	leg->owner = owner;
	leg->connection = connection_create(epoll, fd);
	if(leg->connection == NULL || epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &e) < 0)
		return NULL;
	n = snprintf(text, sizeof(text), SEND_HEAD "-------" BIND_ID "$\r\n",
			BIND_ID, d->remote_path, d->msrp_path, BIND_ID, d->name);
	if(connection_write(leg->connection, text, n) < 0)
		refused(leg, "its connection died");
	return leg;
}


void chat_say(chat_leg_t *leg)
{
	const dialog_t *d = leg->dialog;
	char text[2048], body[512];
	int n;

	n = snprintf(body, sizeof(body),
			"From: <%s>\r\nTo: <sip:anonymous@anonymous.invalid>\r\n\r\n"
			"Content-Type: text/plain\r\n\r\nHello, everybody",
			d->uri);
	n = snprintf(text, sizeof(text),
			SEND_HEAD "Byte-Range: 1-%d/%d\r\nContent-Type: message/cpim\r\n"
					  "\r\n%s\r\n-------" MESSAGE_ID "$\r\n",
			MESSAGE_ID, d->remote_path, d->msrp_path, MESSAGE_ID, d->name, n, n,
			body);
	if(connection_write(leg->connection, text, n) < 0)
		refused(leg, "its connection died");
}


static void take_frame(chat_leg_t *leg, const frame_t *f)
{
	if(f->status != 0 && f->status != 200)
		refused(leg, "MSRP answered an error");
	if(f->status == 200 && !leg->bound) {
		leg->bound = 1;
		callbacks->bound(leg->owner, leg->dialog);
	} else if(f->status == 200 || f->body != NULL) {
		callbacks->heard(leg->owner, leg->dialog);
	}
}


static void take_bytes(chat_leg_t *leg)
{
	connection_t *c = leg->connection;
	size_t taken = 0;
	frame_t f;

	while(!leg->dead && frame_find(c->in + taken, c->in_len - taken, &f) > 0) {
		take_frame(leg, &f);
		taken += f.len;
	}
	connection_taken(c, taken);
}


static void bury(void)
{
	chat_leg_t *leg;

	while((leg = dead) != NULL) {
		dead = leg->next_dead;
		connection_destroy(leg->connection);
		free(leg);
	}
}


void chat_serve(void)
{
	struct epoll_event events[EVENTS];
	chat_leg_t *leg;
	int n, i;

	n = epoll_wait(epoll, events, EVENTS, 0);
	for(i = 0; i < n; i++) {
		leg = events[i].data.ptr;
		if(leg->dead)
			continue;
		if(connection_read(leg->connection) > 0)
			take_bytes(leg);
		else if(leg->dialog->state < DIALOG_LEAVING)
			refused(leg, "the server closed its connection");
		else /* it has said BYE; leaves when that is answered */
			epoll_ctl(epoll, EPOLL_CTL_DEL, leg->connection->fd, NULL);
	}
	bury();
}


void chat_leave(chat_leg_t *leg)
{
	if(leg == NULL || leg->dead)
		return;
	leg->dead = 1;
	leg->next_dead = dead;
	dead = leg;
}
