/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A stand-in for an XDMS: an HTTP server in the tested program's own loop,
 * which says byte for byte what a test wrote down for a path, and remembers
 * what it was asked. Include once per program.
 */
#ifndef IMCONF_TEST_HTTP_STAND_H
#define IMCONF_TEST_HTTP_STAND_H

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buffer.h"
#include "base/list.h"

#define PAGES 64
#define REQUEST_MAX 8192

typedef struct page page_t;

/* Writes the answer to `request` into `out` instead of the page's own. */
typedef void (*page_fn_t)(page_t *page, const char *request, buffer_t *out);

struct page
{
	char path[512];
	buffer_t reply; /* empty: never answers */
	int hold;		/* answers when stand_let_go() says so */
	int cut;		/* closes after the answer */
	page_fn_t fn;
	int asked;
	char request[REQUEST_MAX]; /* the last one */
};

/* a client's connection */
typedef struct caller
{
	TAILQ_ENTRY(caller) link;
	struct bufferevent *io;
	page_t *held;
} caller_t;

static struct event_base *stand_base;
static struct evconnlistener *stand_listener;
static TAILQ_HEAD(callers, caller) stand_callers;
static page_t stand_pages[PAGES];
static int stand_page_count, stand_port;
static int stand_connections;		   /* ever */
static int stand_open, stand_open_max; /* requests without an answer */
static int stand_strays;			   /* requests for no page */


static void caller_end(caller_t *c)
{
	if(c->held)
		stand_open--;
	TAILQ_REMOVE(&stand_callers, c, link);
	bufferevent_free(c->io);
	free(c);
}


static void caller_event(struct bufferevent *io, short what, void *arg)
{
	caller_end(arg);
}


static void caller_written(struct bufferevent *io, void *arg)
{
	caller_end(arg);
}


static void caller_read(struct bufferevent *io, void *arg);


static void answer_page(caller_t *c, page_t *p)
{
	buffer_t out;

	c->held = NULL;
	stand_open--;
	buffer_init(&out, 0);
	if(p->fn)
		p->fn(p, p->request, &out);
	else
		buffer_add(&out, p->reply.s, p->reply.len);
	bufferevent_write(c->io, out.s, out.len);
	buffer_free(&out);
	if(p->cut)
		bufferevent_setcb(c->io, NULL, caller_written, caller_event, c);
}


static page_t *page_of(const char *path, size_t len)
{
	for(int i = 0; i < stand_page_count; i++) {
		if(strlen(stand_pages[i].path) == len
				&& memcmp(stand_pages[i].path, path, len) == 0)
			return &stand_pages[i];
	}
	return NULL;
}


static const char absent_page[] = "HTTP/1.1 404 Not Found\r\n"
								  "Content-Length: 0\r\n\r\n";


static void take_request(caller_t *c, const char *request)
{
	const char *path = request + strlen("GET ");
	page_t *p = page_of(path, strcspn(path, " "));

	if(!p) {
		stand_strays++;
		bufferevent_write(c->io, absent_page, strlen(absent_page));
		return;
	}
	p->asked++;
	snprintf(p->request, sizeof(p->request), "%s", request);
	c->held = p;
	if(++stand_open > stand_open_max)
		stand_open_max = stand_open;
	if(!p->hold && (p->fn || p->reply.len > 0))
		answer_page(c, p);
}


static void caller_read(struct bufferevent *io, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(io);
	struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
	char request[REQUEST_MAX] = "";

	if(end.pos < 0)
		return;
	evbuffer_remove(in, request, end.pos + 4);
	take_request(arg, request);
}


static void caller_came(struct evconnlistener *listener, evutil_socket_t fd,
		struct sockaddr *from, int len, void *arg)
{
	caller_t *c = calloc(1, sizeof(*c));

	stand_connections++;
	c->io = bufferevent_socket_new(stand_base, fd, BEV_OPT_CLOSE_ON_FREE);
	TAILQ_INSERT_TAIL(&stand_callers, c, link);
	bufferevent_setcb(c->io, caller_read, NULL, caller_event, c);
	bufferevent_enable(c->io, EV_READ | EV_WRITE);
}


/* ---- for tests ---- */

/* The page of a path, made when it is not there. */
static page_t *page(const char *path)
{
	page_t *p = page_of(path, strlen(path));

	if(p)
		return p;
	p = &stand_pages[stand_page_count++];
	memset(p, 0, sizeof(*p));
	snprintf(p->path, sizeof(p->path), "%s", path);
	buffer_init(&p->reply, 0);
	return p;
}


/* Octet by octet what it answers. */
static void page_raw(page_t *p, const char *reply)
{
	buffer_clear(&p->reply);
	buffer_add_text(&p->reply, reply);
}


/* An answer of this status, with header lines (each with its CR LF) and a
 * body. */
static void page_says(
		page_t *p, const char *status, const char *headers, const char *body)
{
	buffer_clear(&p->reply);
	buffer_printf(&p->reply, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n%s",
			status, headers, strlen(body), body);
}


/* All requests that are held get their answers, one by one. */
static int stand_let_go(void)
{
	caller_t *c;
	int n = 0;

	TAILQ_FOREACH(c, &stand_callers, link)
	{
		if(!c->held)
			continue;
		answer_page(c, c->held);
		n++;
	}
	return n;
}


static int stand_listen(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
			.sin_port = htons(stand_port)};
	socklen_t len = sizeof(at);

	stand_listener = evconnlistener_new_bind(stand_base, caller_came, NULL,
			LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, -1,
			(struct sockaddr *)&at, sizeof(at));
	if(!stand_listener)
		return -1;
	getsockname(evconnlistener_get_fd(stand_listener), (struct sockaddr *)&at,
			&len);
	stand_port = ntohs(at.sin_port);
	return 0;
}


static int stand_start(struct event_base *base)
{
	stand_base = base;
	stand_port = stand_page_count = stand_connections = 0;
	stand_open = stand_open_max = stand_strays = 0;
	TAILQ_INIT(&stand_callers);
	return stand_listen();
}


/* Nobody listens any more and all connections break; stand_listen() at the
 * same port again is the way back. */
static void stand_die(void)
{
	if(stand_listener)
		evconnlistener_free(stand_listener);
	stand_listener = NULL;
	while(!TAILQ_EMPTY(&stand_callers))
		caller_end(TAILQ_FIRST(&stand_callers));
}


static void stand_stop(void)
{
	stand_die();
	for(int i = 0; i < stand_page_count; i++)
		buffer_free(&stand_pages[i].reply);
}

#endif
