/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A stage for tests of the switch: a worker's loop, a conference, and MSRP
 * clients on real sockets, all in one process. Waiting means turning the loop
 * until what is waited for is there. Include once per program.
 */
#ifndef IMCONF_TEST_SWITCH_STAGE_H
#define IMCONF_TEST_SWITCH_STAGE_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "admin/statistics.h"
#include "settings.h"
#include "switch/leg.h"
#include "switch/switch.h"
#include "worker/effect_runner.h"
#include "worker/media.h"
#include "worker/schedule.h"
#include "worker/worker.h"

#define CAST_MAX 16
#define WAIT_MS 10000
#define ROOM_URI "sip:anonymous@anonymous.invalid"

/* what the module's other rooms would bring along */
worker_t worker;
settings_t settings;
static long statistics[STATISTIC_COUNT];

static conference_t *stage; /* NULL once it has ended */
static int byes;

typedef struct client
{
	participant_t *p;
	int fd;
	int listening; /* as a passive peer; -1: none */
	char uri[64];
	char session[64];
	const char *says; /* further lines of its description */
	buffer_t in;
} client_t;

static client_t cast[CAST_MAX];
static int cast_count;


void count(statistic_t which, long n)
{
	statistics[which] += n;
}


void worker_remove_conference(conference_t *c)
{
	conference_destroy(c);
	stage = NULL;
}


static void on_bye(conference_t *c, participant_t *p, end_reason_t reason)
{
	byes++;
}


/* A port that is free on 127.0.0.1. */
static int free_port(const char *address)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	struct sockaddr_in6 b = {.sin6_family = AF_INET6};
	int v6 = strchr(address, ':') != NULL;
	struct sockaddr *at = v6 ? (struct sockaddr *)&b : (struct sockaddr *)&a;
	socklen_t len = v6 ? sizeof(b) : sizeof(a);
	int fd = socket(at->sa_family, SOCK_STREAM, 0);
	int port;

	if(v6)
		inet_pton(AF_INET6, address, &b.sin6_addr);
	else
		inet_pton(AF_INET, address, &a.sin_addr);
	if(bind(fd, at, len) < 0 || getsockname(fd, at, &len) < 0)
		return -1;
	port = ntohs(v6 ? b.sin6_port : a.sin_port);
	close(fd);
	return port;
}


static void set_defaults(void)
{
	static char address[] = "127.0.0.1";
	int port = settings.msrp_port;

	settings = (settings_t){.msrp_address = address,
			.msrp_port = port,
			.leg_queue_max = 1 << 20,
			.collect_max = 65536,
			.message_max = 10 << 20,
			.message_timeout = 540,
			.message_burst = 20,
			.interleave = 1,
			.leg_lost_timeout = 60,
			.msrp_offer = "tcp",
			.msrp_connections_max = 100,
			.msrp_unbound_max = 100};
}


static void turn(int ms)
{
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	event_base_loopexit(worker.base, &tv);
	event_base_loop(worker.base, EVLOOP_ONCE);
}


static client_t *new_client(const char *name, const char *session)
{
	client_t *cl = &cast[cast_count++];

	memset(cl, 0, sizeof(*cl));
	cl->fd = cl->listening = -1;
	snprintf(cl->uri, sizeof(cl->uri), "sip:%s@example.com", name);
	snprintf(cl->session, sizeof(cl->session), "%s%s", name, session);
	cl->says = "a=chatroom:nickname private-messages\r\n";
	buffer_init(&cl->in, 0);
	return cl;
}


/* Has a port of its own, for a passive description. */
__attribute__((unused)) static void listen_as(client_t *cl)
{
	struct sockaddr_in a = {.sin_family = AF_INET};

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cl->listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(cl->listening, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(cl->listening, 5), 0);
}


/* The client's description, as an offer or answer of `setup`. */
static str description_of(client_t *cl, const char *setup, const char *types)
{
	static char text[1024];
	struct sockaddr_in a = {0};
	socklen_t len = sizeof(a);
	str s = {text, 0};

	if(cl->listening >= 0)
		getsockname(cl->listening, (struct sockaddr *)&a, &len);
	s.len = snprintf(text, sizeof(text),
			"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
			"c=IN IP4 127.0.0.1\r\nt=0 0\r\n"
			"m=message 9 TCP/MSRP *\r\na=accept-types:%s\r\n"
			"a=path:msrp://127.0.0.1:%d/%s;tcp\r\n%s%s%s\r\n",
			types, a.sin_port ? ntohs(a.sin_port) : 9999, cl->session, cl->says,
			setup ? "a=setup:" : "a=x", setup ? setup : "");
	return s;
}


/* Goes through the model until `cl` is connected. `setup` NULL: a client
 * without MSRP. */
static int come_in(client_t *cl, int creator, const char *setup)
{
	effects_t fx;
	buffer_t out;
	sdp_t sdp;
	str text = description_of(cl, setup, "message/cpim");
	int rc = 0;

	buffer_init(&out, 0);
	effects_init(&fx);
	if(setup && sdp_parse(&text, &sdp) != SDP_OK)
		return -1;
	if(creator) {
		if(setup)
			rc = media.answer(cl->p, &sdp, &out);
		conference_joined(cl->p, &fx);
	} else {
		rc = media.offer(cl->p, &out);
		rc |= media.answered(cl->p, setup ? &sdp : NULL);
		conference_answered(cl->p, &fx);
	}
	buffer_free(&out);
	effects_run(stage, &fx);
	return rc;
}


/* Founds a conference of these people, `first` being its creator. */
static int found(const char *const *name, int count)
{
	conference_spec_t spec = {.token = TEXT("room0abc"),
			.identity = TEXT("sip:room0abc@conf.example.com"),
			.max_participants = CAST_MAX};
	person_t who[CAST_MAX] = {0};
	participant_t *creator, *p;
	effects_t fx;

	for(int i = 0; i < count; i++) {
		new_client(name[i], "session");
		who[i].name[0].s = cast[i].uri;
		who[i].name[0].len = (int)strlen(cast[i].uri);
		who[i].names = 1;
	}
	effects_init(&fx);
	stage = conference_create(&spec);
	if(!stage
			|| conference_found(
					   stage, &who[0], &who[1], count - 1, &fx, &creator)
					   != JOIN_OK)
		return -1;
	effects_run(stage, &fx);
	p = TAILQ_FIRST(&stage->participants);
	for(int i = 0; i < count; i++, p = TAILQ_NEXT(p, link))
		cast[i].p = p;
	return 0;
}


/* A worker starts its switch once in its life. */
static void start_once(void)
{
	settings.msrp_port = free_port(settings.msrp_address);
	worker.base = event_base_new();
	effects_on(EFFECT_BYE, on_bye);
	assert_int_equal(schedule_init(worker.base), 0);
	assert_int_equal(switch_start(), 0);
}


static void stage_open(const char *const *name, int count)
{
	map_init(&worker.conferences);
	memset(statistics, 0, sizeof(statistics));
	byes = 0;
	cast_count = 0;
	if(!worker.base)
		start_once();
	assert_int_equal(found(name, count), 0);
}


/* Everybody is in, none has opened a connection. */
static void all_come_in(void)
{
	for(int i = 0; i < cast_count; i++)
		assert_int_equal(come_in(&cast[i], i == 0, "active"), 0);
}


static int dial(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	struct sockaddr_in6 b = {.sin6_family = AF_INET6};
	int v6 = inet_pton(AF_INET6, settings.msrp_address, &b.sin6_addr) == 1;
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);

	a.sin_port = b.sin6_port = htons(settings.msrp_port + worker.index);
	inet_pton(AF_INET, settings.msrp_address, &a.sin_addr);
	assert_int_equal(
			connect(fd, v6 ? (struct sockaddr *)&b : (struct sockaddr *)&a,
					v6 ? sizeof(b) : sizeof(a)),
			0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}


/* Takes in what came; returns 0 when the connection is closed. */
static int take(client_t *cl)
{
	char space[65536];
	ssize_t got;

	while((got = recv(cl->fd, space, sizeof(space), 0)) > 0)
		buffer_add(&cl->in, space, got);
	return got < 0 && errno == EAGAIN;
}


static int has(const client_t *cl, const char *text)
{
	return cl->in.len > 0 && memmem(cl->in.s, cl->in.len, text, strlen(text));
}


static int times(const client_t *cl, const char *text)
{
	const char *at = cl->in.s, *end = cl->in.s + cl->in.len, *hit;
	int n = 0;

	while(at < end && (hit = memmem(at, end - at, text, strlen(text)))) {
		n++;
		at = hit + strlen(text);
	}
	return n;
}


/* Turns the loop until `cl` has got `text` so many times. */
static void await_times(client_t *cl, const char *text, int n)
{
	int64_t deadline = schedule_now() + WAIT_MS;

	while(take(cl), times(cl, text) < n) {
		if(schedule_now() > deadline)
			fail_msg("%s never got \"%s\", only: %.*s", cl->uri, text,
					(int)(cl->in.len < 2000 ? cl->in.len : 2000), cl->in.s);
		turn(2);
	}
}


static void await(client_t *cl, const char *text)
{
	await_times(cl, text, 1);
}


static void await_close(client_t *cl)
{
	int64_t deadline = schedule_now() + WAIT_MS;

	while(take(cl)) {
		if(schedule_now() > deadline)
			fail_msg("the connection of %s stays open", cl->uri);
		turn(2);
	}
}


/* Turns the loop until a condition holds. */
#define AWAIT(condition)                                     \
	do {                                                     \
		int64_t deadline_ = schedule_now() + WAIT_MS;        \
		while(!(condition)) {                                \
			if(schedule_now() > deadline_)                   \
				fail_msg("never came true: %s", #condition); \
			turn(2);                                         \
		}                                                    \
	} while(0)


static void send_raw(client_t *cl, const char *text, size_t len)
{
	int64_t deadline = schedule_now() + WAIT_MS;
	size_t done = 0;
	ssize_t sent;

	while(done < len) {
		sent = send(cl->fd, text + done, len - done, MSG_NOSIGNAL);
		if(sent > 0)
			done += sent;
		else if(errno != EAGAIN || schedule_now() > deadline)
			fail_msg("%s cannot send: %s", cl->uri, strerror(errno));
		if(done < len)
			turn(1);
	}
}


static const char *path_of(const client_t *cl)
{
	return ((leg_t *)cl->p->leg)->path.s;
}


/* "MSRP id method", both paths; `cl` passes on what `whose` says, as a relay
 * does. */
static void pass_frame(client_t *cl, const client_t *whose, const char *to,
		const char *id, const char *method, const char *rest, char flag)
{
	buffer_t b;

	buffer_init(&b, 0);
	buffer_printf(
			&b, "MSRP %s %s\r\nTo-Path: %s\r\nFrom-Path: ", id, method, to);
	buffer_printf(&b, "msrp://127.0.0.1:9999/%s;tcp\r\n", whose->session);
	buffer_add_text(&b, rest);
	buffer_printf(&b, "-------%s%c\r\n", id, flag);
	send_raw(cl, b.s, b.len);
	buffer_free(&b);
}


static void send_frame(client_t *cl, const char *to, const char *id,
		const char *method, const char *rest, char flag)
{
	pass_frame(cl, cl, to, id, method, rest, flag);
}


/* A chunk from `start` of a message of `total` octets. */
static void send_chunk(client_t *cl, const char *id, const char *message,
		int start, int total, const char *body, int len, char flag)
{
	buffer_t b;

	buffer_init(&b, 0);
	buffer_printf(&b,
			"Message-ID: %s\r\nByte-Range: %d-%d/%d\r\n"
			"Content-Type: message/cpim\r\n\r\n",
			message, start, start + len - 1, total);
	buffer_add(&b, body, len);
	buffer_add(&b, "\r\n", 3);
	send_frame(cl, path_of(cl), id, "SEND", b.s, flag);
	buffer_free(&b);
}


static void say(client_t *cl, const char *id, const char *body)
{
	int len = (int)strlen(body);

	send_chunk(cl, id, id, 1, len, body, len, '$');
}


/* A whole CPIM with this text from `cl` to the room. */
static const char *cpim(const client_t *cl, const char *text)
{
	static char space[2048];

	snprintf(space, sizeof(space),
			"From: <%s>\r\nTo: <" ROOM_URI ">\r\n"
			"DateTime: 2024-01-01T00:00:00Z\r\n\r\n"
			"Content-type: text/plain\r\n\r\n%s",
			cl->uri, text);
	return space;
}


/* Connects and binds by an empty SEND. */
static void bind_leg(client_t *cl)
{
	cl->fd = dial();
	send_frame(cl, path_of(cl), "bind", "SEND", "Message-ID: b\r\n", '$');
	await(cl, "MSRP bind 200");
}


/* And forgets what came meanwhile. */
static void open_leg(client_t *cl)
{
	bind_leg(cl);
	buffer_clear(&cl->in);
}


static void open_all(void)
{
	for(int i = 0; i < cast_count; i++)
		open_leg(&cast[i]);
}


static void hang_up(client_t *cl)
{
	if(cl->fd >= 0)
		close(cl->fd);
	cl->fd = -1;
}


static void stage_close(void)
{
	effects_t fx;

	effects_init(&fx);
	if(stage) {
		conference_end(stage, END_NONE, &fx);
		effects_run(stage, &fx);
	}
	for(int i = 0; i < cast_count; i++) {
		hang_up(&cast[i]);
		if(cast[i].listening >= 0)
			close(cast[i].listening);
		buffer_free(&cast[i].in);
	}
	/* closed connections are freed in the loop's next turns */
	for(int i = 0; i < 3; i++)
		turn(1);
	assert_int_equal(statistics[STAT_LEGS], 0);
}

#endif
