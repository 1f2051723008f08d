/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * connection: see connection.h. Made by the listener and by outbound; driven
 * by its socket. Hands frames to frame.c and knows nothing of what they mean.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/dprint.h"
#include "admin/statistics.h"
#include "settings.h"
#include "switch/bundle.h"
#include "switch/connection.h"
#include "switch/frame.h"
#include "switch/leg.h"
#include "switch/opening.h"
#include "switch/socket.h"
#include "switch/tls.h"
#include "switch/websocket.h"
#include "worker/worker.h"

#define READ_MAX 65536
#define WRITE_PIECES 128
/* one socket's share of a loop turn */
#define WRITE_TURN (256 * 1024)
#define UNUSED_MS 30000
#define FINISH_MS 5000
/* a stranger's bytes; an honest first SEND is far below */
#define STRAY_MAX 65536

static TAILQ_HEAD(corked_list, connection) corked_list = TAILQ_HEAD_INITIALIZER(
		corked_list);
static int corked;


static void leave_corked(connection_t *c)
{
	if(c->corked)
		TAILQ_REMOVE(&corked_list, c, corked_link);
	c->corked = 0;
}


static void destroy(void *arg)
{
	connection_t *c = arg;
	leg_t *leg;

	LM_DBG("connection with %s closed: %s\n", c->peer, c->doom);
	if(c->out.frames > 0) {
		LM_WARN("connection with %s closed, %d SENDs waited: %s\n", c->peer,
				c->out.frames, c->doom);
		count(STAT_DROPS, c->out.frames);
	}
	while((leg = TAILQ_FIRST(&c->legs)) != NULL)
		leg_lost(leg, c->doom);
	alarm_stop(&c->deadline);
	out_queue_free(&c->out);
	free(c->parser);
	websocket_destroy(c->web);
	tls_destroy(c->tls, c->stage == CONNECTION_OPEN);
	close(c->fd);
	door_leave(&c->place);
	free(c);
}


void connection_doom(connection_t *c, const char *why)
{
	if(c->doom)
		return;
	c->doom = why;
	leave_corked(c);
	event_del(&c->readable);
	event_del(&c->writable);
	alarm_start(&c->deadline, 0, destroy, c);
}


/* Bytes that no socket has taken yet. */
static int has_more(const connection_t *c)
{
	return c->out.count > 0 || (c->tls && tls_pending(c->tls));
}


static void expired(void *arg)
{
	connection_t *c = arg;

	if(c->finishing)
		c->doom = has_more(c) ? "it did not take its last bytes"
							  : "it does not hang up";
	else
		c->doom = c->stage == CONNECTION_DIALING
						  ? "no connection within 30 s"
						  : "no session was opened within 30 s";
	LM_INFO("connection with %s closed: %s\n", c->peer, c->doom);
	event_del(&c->readable);
	event_del(&c->writable);
	leave_corked(c);
	destroy(c);
}


void connection_in_use(connection_t *c)
{
	door_settle(&c->place);
	if(!c->doom && c->stage == CONNECTION_OPEN)
		alarm_stop(&c->deadline);
}


/* Were it closed with anything unread, the kernel would throw away what the
 * peer has not got yet: it is to close first. */
static void hang_up(connection_t *c)
{
	if(c->tls)
		tls_bye(c->tls);
	shutdown(c->fd, SHUT_WR);
}


void connection_finish(connection_t *c)
{
	if(c->doom || c->finishing)
		return;
	if(c->stage != CONNECTION_OPEN) {
		connection_doom(c, "its last leg left");
		return;
	}
	if(c->web)
		websocket_bye(c);
	if(c->doom)
		return;
	c->finishing = 1;
	alarm_start(&c->deadline, FINISH_MS, expired, c);
	if(c->paused && event_add(&c->readable, NULL) < 0)
		connection_doom(c, "no memory for an event");
	if(!has_more(c))
		hang_up(c);
}


/* Who falls silent is said for each leg: they may share the connection. */
static void overflow(connection_t *c)
{
	leg_t *leg;

	TAILQ_FOREACH(leg, &c->legs, link)
	{
		LM_WARN("conference %.*s: leg of %.*s (%s) dropped: it does not read, "
				"%zu bytes wait and leg_queue_max is %d\n",
				TEXT_ARG(&leg->participant->conference->token),
				TEXT_ARG(&leg->participant->entity), c->peer, c->out.bytes,
				settings.leg_queue_max);
		count(STAT_LEGS_DROPPED, 1);
	}
	connection_doom(c, "it does not read");
}


/* Why reading or writing failed. */
static const char *trouble(const connection_t *c)
{
	return errno == EPROTO && c->tls ? tls_error(c->tls) : strerror(errno);
}


/* Returns what the socket took, or -1 when the connection is lost. */
static ssize_t write_pieces(connection_t *c, struct iovec *iov, int pieces)
{
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = pieces};
	ssize_t sent;

	do {
		sent = c->tls ? tls_write(c->tls, iov, pieces)
					  : sendmsg(c->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while(sent < 0 && errno == EINTR);
	if(sent >= 0)
		return sent;
	if(errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
		return 0;
	connection_doom(c, trouble(c));
	return -1;
}


void connection_wait_writable(connection_t *c)
{
	if(event_add(&c->writable, NULL) < 0)
		connection_doom(c, "no memory for an event");
}


/* Sends what waits, as far as the socket goes. */
static void flush(connection_t *c)
{
	struct iovec iov[WRITE_PIECES];
	size_t turn = 0, before;
	ssize_t sent = 1;
	int pieces;

	if(c->tls && c->out.count == 0 && write_pieces(c, iov, 0) < 0)
		return;
	while(c->out.count > 0 && sent > 0 && turn < WRITE_TURN) {
		pieces = out_queue_gather(&c->out, iov, WRITE_PIECES);
		sent = write_pieces(c, iov, pieces);
		if(sent < 0)
			return;
		before = c->out.bytes;
		out_queue_advance(&c->out, sent);
		if(sent > 0)
			c->took_at = schedule_now();
		turn += before - c->out.bytes;
	}
	if(has_more(c))
		connection_wait_writable(c);
	else if(c->finishing)
		hang_up(c);
}


static ssize_t send_now(connection_t *c, const slice_t *slice, int count)
{
	struct iovec iov[CONNECTION_SLICES_MAX + 1]; /* a WebSocket's head */

	for(int i = 0; i < count; i++) {
		iov[i].iov_base = slice[i].block->s + slice[i].from;
		iov[i].iov_len = slice[i].len;
	}
	return write_pieces(c, iov, count);
}


/* Queues what is behind the first `sent` bytes. */
static int queue_rest(
		connection_t *c, const slice_t *slice, int count, size_t sent)
{
	slice_t rest;

	for(int i = 0; i < count; i++) {
		rest = slice[i];
		if(sent >= rest.len) {
			sent -= rest.len;
			continue;
		}
		rest.from += sent;
		rest.len -= sent;
		sent = 0;
		if(out_queue_add(&c->out, &rest) < 0) {
			connection_doom(c, "no memory for its queue");
			return -1;
		}
	}
	return 0;
}


static int is_too_much(const connection_t *c, size_t more)
{
	return c->out.bytes + more > (size_t)settings.leg_queue_max;
}


ssize_t connection_write(connection_t *c, const char *s, size_t len)
{
	struct iovec iov = {(char *)s, len};
	ssize_t sent = write_pieces(c, &iov, 1);

	if(c->tls && sent >= 0 && has_more(c))
		connection_wait_writable(c);
	return sent;
}


/* 1 when these bytes are not worth waiting for more. */
static int is_urgent(const connection_t *c, size_t len)
{
	return !corked || is_too_much(c, len);
}


static void send_later(connection_t *c)
{
	if(c->stage != CONNECTION_OPEN)
		return;
	if(!corked) {
		connection_wait_writable(c);
	} else if(!c->corked) {
		c->corked = 1;
		TAILQ_INSERT_TAIL(&corked_list, c, corked_link);
	}
}


static size_t total(const slice_t *slice, int count)
{
	size_t len = 0;

	for(int i = 0; i < count; i++)
		len += slice[i].len;
	return len;
}


int connection_put(connection_t *c, const slice_t *slice, int count)
{
	size_t len = total(slice, count);
	ssize_t sent = 0;

	if(c->corked && is_too_much(c, len))
		flush(c);
	if(c->doom)
		return -1;
	if(connection_is_open(c) && is_urgent(c, len)
			&& (sent = send_now(c, slice, count)) < 0)
		return -1;
	if((size_t)sent == len) {
		if(c->tls && has_more(c))
			connection_wait_writable(c);
		return 0;
	}
	if(is_too_much(c, len - sent)) {
		overflow(c);
		return -1;
	}
	if(c->out.count == 0)
		c->took_at = schedule_now();
	if(queue_rest(c, slice, count, sent) < 0)
		return -1;
	send_later(c);
	return 0;
}


int connection_send(connection_t *c, const slice_t *slice, int count)
{
	return c->web ? websocket_send(c, slice, count)
				  : connection_put(c, slice, count);
}


void connection_cork(void)
{
	corked = 1;
}


int connection_is_corked(void)
{
	return corked;
}


void connection_uncork(void)
{
	connection_t *c;

	bundle_send();
	corked = 0;
	while((c = TAILQ_FIRST(&corked_list)) != NULL) {
		leave_corked(c);
		flush(c);
	}
}


void connection_hang_up(connection_t *c, const char *why)
{
	connection_uncork();
	connection_doom(c, why);
}


static void parse(connection_t *c, str *input)
{
	while(!connection_is_over(c)) {
		switch(msrp_parse(c->parser, input)) {
			case MSRP_NEED_MORE:
				return;
			case MSRP_HEAD:
				frame_begin(c);
				break;
			case MSRP_BODY:
				frame_body(c, &c->parser->piece);
				break;
			case MSRP_END:
				if(input->len > 0)
					connection_cork();
				frame_end(c, c->parser->flag);
				break;
			case MSRP_BAD:
				LM_INFO("connection with %s closed: %s\n", c->peer,
						c->parser->error);
				connection_hang_up(c, c->parser->error);
				return;
		}
	}
}


static int need_parser(connection_t *c)
{
	if(c->parser)
		return 0;
	c->parser = malloc(sizeof(*c->parser));
	if(!c->parser)
		return -1;
	msrp_parser_init(c->parser);
	return 0;
}


static void let_parser_go(connection_t *c)
{
	if(!c->parser || !msrp_parser_is_idle(c->parser))
		return;
	free(c->parser);
	c->parser = NULL;
}


void connection_input(connection_t *c, str *input)
{
	if(need_parser(c) < 0)
		connection_doom(c, "no memory to read a frame");
	else
		parse(c, input);
}


ssize_t connection_read(connection_t *c, char *space, size_t max)
{
	return c->tls ? tls_read(c->tls, space, max) : recv(c->fd, space, max, 0);
}


/* What it says to nobody any more. */
static void pass_over(connection_t *c, char *space, size_t max)
{
	ssize_t got = recv(c->fd, space, max, 0);

	if(got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if(got <= 0)
		connection_doom(c, "its last leg left");
}


/* Returns 1 when there was something and the connection lives. */
static int take(connection_t *c)
{
	static char space[READ_MAX];
	str input = {space, 0};
	ssize_t got;

	if(c->finishing) {
		pass_over(c, space, READ_MAX);
		return 0;
	}
	got = connection_read(c, space, frame_appetite(c, READ_MAX));

	if(got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if(got <= 0) {
		connection_doom(c, got < 0 ? trouble(c) : "closed by the peer");
		return 0;
	}
	if(TAILQ_EMPTY(&c->legs) && (c->stray += got) > STRAY_MAX) {
		LM_INFO("connection with %s closed: it opens no session\n", c->peer);
		connection_doom(c, "it opens no session");
		return 0;
	}
	input.len = (int)got;
	if(c->web)
		websocket_feed(c, &input);
	else
		connection_input(c, &input);
	return !c->doom;
}


/* What TLS has read already would not wake us again. */
static int has_unread(const connection_t *c)
{
	return c->stage == CONNECTION_OPEN && !connection_is_over(c) && !c->paused
		   && c->tls && tls_has_more(c->tls);
}


void connection_pause(connection_t *c)
{
	if(c->paused++ == 0)
		event_del(&c->readable);
}


void connection_resume(connection_t *c)
{
	if(--c->paused > 0 || c->doom)
		return;
	if(event_add(&c->readable, NULL) < 0)
		connection_doom(c, "no memory for an event");
	else if(has_unread(c))
		event_active(&c->readable, EV_READ, 0);
}


/* To be called after anything was read, be it with a handshake's last octets. */
static void work_off(connection_t *c)
{
	while(has_unread(c) && take(c))
		;
	connection_uncork();
	let_parser_go(c);
}


static void readable(evutil_socket_t fd, short what, void *arg)
{
	connection_t *c = arg;

	if(c->stage == CONNECTION_OPEN)
		take(c);
	else
		opening_go_on(c);
	work_off(c);
}


void connection_opened(connection_t *c)
{
	leg_t *leg, *next;

	c->stage = CONNECTION_OPEN;
	if(TAILQ_EMPTY(&c->legs))
		alarm_start(&c->deadline, UNUSED_MS, expired, c);
	else
		connection_in_use(c);
	TAILQ_FOREACH_SAFE(leg, &c->legs, link, next)
	leg_connected(leg);
}


static void writable(evutil_socket_t fd, short what, void *arg)
{
	connection_t *c = arg;

	if(c->stage == CONNECTION_OPEN) {
		flush(c);
		return;
	}
	opening_go_on(c);
	work_off(c);
}


connection_t *connection_create(int fd, const struct sockaddr *peer,
		msrp_transport_t transport, int dialing, const door_place_t *place)
{
	connection_t *c = calloc(1, sizeof(*c));

	if(!c)
		return NULL;
	c->fd = fd;
	c->transport = transport;
	c->stage = dialing ? CONNECTION_DIALING : CONNECTION_OPEN;
	TAILQ_INIT(&c->legs);
	socket_name(peer, c->peer, sizeof(c->peer));
	event_assign(
			&c->readable, worker.base, fd, EV_READ | EV_PERSIST, readable, c);
	event_assign(&c->writable, worker.base, fd, EV_WRITE, writable, c);
	if(event_add(dialing ? &c->writable : &c->readable, NULL) < 0) {
		free(c);
		return NULL;
	}
	c->place = *place;
	alarm_start(&c->deadline, UNUSED_MS, expired, c);
	if(!dialing && transport != MSRP_TCP) {
		opening_begin(c);
		work_off(c);
	}
	return c;
}
