/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * watchers: one conference whose participants all watch it: INVITEs over UDP,
 * SUBSCRIBE and NOTIFY over TCP. Follows each watcher's roster, so that a
 * change that is lost or a version that is skipped ends the run with 1.
 *
 *   watchers -n WATCHERS [-l LEAVERS] [-r JOINS-A-SECOND] [-c CONNECTIONS]
 *            [-p OWN-PORT] HOST PORT
 *
 * With -r the invited answer at that rate, subscribe at once, and the run ends
 * when everybody knows everybody. Else all come in first, "ready" is printed,
 * and after a line on standard input the leavers go one by one, each as soon
 * as all watchers know that the one before is gone; without leavers the line
 * has the server send WATCHERS plain requests of its own (see bench.cfg).
 */
#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "dialog.h"
#include "sip_stream.h"

#define LEGS_MAX 2500
#define TICK 0.05
#define PATIENCE 60.0 /* seconds without anything new */
#define AT_A_TIME 4	  /* of those who come in, or subscribe */

/* a participant; those from 1 to `watchers` watch */
typedef struct leg
{
	dialog_t dialog;
	char *invitation; /* not accepted yet */
	double joined;	  /* when our 200 was sent; 0: not yet */
	double known;	  /* when the last watcher learnt of it */
	sip_stream_t *stream;
	int in, subscribed;
	unsigned version;
	int knows;			  /* how many it sees connected */
	unsigned char *sees;  /* whom */
	double subscribed_at; /* its first document came */
} leg_t;

static struct
{
	int watchers, leavers, connections, own_port;
	double rate;
	char factory[128], server[64];
} options = {.connections = 1};

static leg_t legs[LEGS_MAX];
static sip_stream_t *streams;
static int epoll_fd, in, subscribed, accepted;
static long notifies, plain;
static double bytes, full_bytes, user_size, first_at, last_at, news_at;
static int leaving; /* who goes; watchers are counted that know of it */
static int told_of_leaving;


static int invitees(void)
{
	return options.watchers + options.leavers;
}


static void name_leg(int leg, char *out, size_t size)
{
	snprintf(out, size, "w%dp%d", leg, getpid());
}


static void name_invitee(const dialog_t *d, int i, char *out, size_t size)
{
	(void)d;
	name_leg(i, out, size);
}


static leg_t *find(const char *name)
{
	int leg;

	if(name == NULL || sscanf(name, "w%dp", &leg) != 1 || leg < 0
			|| leg > invitees())
		return NULL;
	return &legs[leg];
}


/* ---- being invited, over UDP ---- */

static void take_invitation(leg_t *l, const sip_text_t *m)
{
	if(l->joined > 0) {
		if(dialog_accept(&l->dialog, m) < 0)
			die("%s: invited without MSRP", l->dialog.name);
		return;
	}
	reply_plainly(m, "100 Trying");
	if(l->invitation == NULL)
		l->invitation = strdup(m->s);
	news_at = now_seconds();
}


static void accept_invitation(leg_t *l)
{
	sip_text_t m = {.s = l->invitation, .len = strlen(l->invitation)};

	if(dialog_accept(&l->dialog, &m) < 0)
		die("%s: invited without MSRP", l->dialog.name);
	free(l->invitation);
	l->invitation = NULL;
	l->joined = now_seconds();
	accepted++;
}


static void subscribe(leg_t *l)
{
	static char text[2048];
	const dialog_t *d = &l->dialog;
	int len;

	len = snprintf(text, sizeof(text),
			"SUBSCRIBE %s SIP/2.0\r\n"
			"Via: SIP/2.0/TCP %s;branch=z9hG4bKs%s\r\nMax-Forwards: 70\r\n"
			"From: <%s>;tag=%ss\r\nTo: <%s>\r\nCall-ID: %s@state.invalid\r\n"
			"CSeq: 1 SUBSCRIBE\r\nContact: <sip:%s@%s;transport=tcp>\r\n"
			"Event: conference\r\nAccept: application/conference-info+xml\r\n"
			"Expires: 3600\r\nContent-Length: 0\r\n\r\n",
			d->target, l->stream->address, d->name, d->uri, d->name, d->target,
			d->name, d->name, l->stream->address);
	if(sip_stream_write(l->stream, text, len) < 0)
		die("%s: connection lost", d->name);
}


static void entered(leg_t *l)
{
	if(l->in)
		return;
	l->in = 1;
	in++;
	news_at = now_seconds();
	if(options.rate > 0 && l != legs)
		subscribe(l);
}


static void take_answer(leg_t *l, const sip_text_t *m)
{
	if(sip_status(m) < 200) {
		dialog_answered(&l->dialog);
		return;
	}
	if(sip_status(m) >= 300)
		die("%s: answered %.60s", l->dialog.name, m->s);
	if(!sip_is(m, "INVITE")) {
		dialog_answered(&l->dialog);
		return;
	}
	if(l->joined == 0)
		l->joined = now_seconds();
	dialog_invite_answered(&l->dialog, m);
	entered(l);
}


static void take_request(leg_t *l, const sip_text_t *m)
{
	if(sip_is(m, "INVITE")) {
		take_invitation(l, m);
	} else if(sip_is(m, "ACK")) {
		dialog_answered(&l->dialog);
		l->dialog.state = DIALOG_IN;
		entered(l);
	} else {
		reply_plainly(m, "200 OK");
	}
}


static void take(const sip_text_t *m)
{
	leg_t *l = find(endpoint_name(m));

	if(l != NULL && sip_status(m) != 0)
		take_answer(l, m);
	else if(l != NULL)
		take_request(l, m);
}


/* ---- watching, over TCP ---- */

static void answer(sip_stream_t *s, const sip_text_t *m)
{
	static char text[4096];
	char via[1024], from[256], to[256], call_id[160], cseq[64];
	int len;

	sip_lines(m, "Via", "Via", via, sizeof(via));
	sip_header(m, "From", from, sizeof(from));
	sip_header(m, "To", to, sizeof(to));
	sip_header(m, "Call-ID", call_id, sizeof(call_id));
	sip_header(m, "CSeq", cseq, sizeof(cseq));
	len = snprintf(text, sizeof(text),
			"SIP/2.0 200 OK\r\n%sFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\n"
			"CSeq: %s\r\nContent-Length: 0\r\n\r\n",
			via, from, to, call_id, cseq);
	if(sip_stream_write(s, text, len) < 0)
		die("connection lost");
}


static void see(leg_t *l, int who, int connected, double now)
{
	leg_t *other = &legs[who];

	if(who == leaving && !connected && l->sees[who])
		told_of_leaving++;
	if(l->sees[who] == connected)
		return;
	l->sees[who] = connected;
	l->knows += connected ? 1 : -1;
	/* who came to watch later learns of it with its first document */
	if(l->subscribed_at > 0 && l->subscribed_at < other->joined)
		other->known = now;
}


/* Whoever has another status than connected, or none, is not there. */
static void read_users(leg_t *l, const char *body, double now)
{
	const char *user = body, *next, *status;
	int who;

	user = strstr(user, "<user entity=\"sip:w");
	for(; user != NULL; user = next) {
		who = atoi(user + 19);
		if(who < 0 || who > invitees())
			die("%s: a user nobody knows: %.60s", l->dialog.name, user);
		next = strstr(user + 1, "<user entity=\"sip:w");
		status = strstr(user, "<status>");
		see(l, who,
				status != NULL && (next == NULL || status < next)
						&& strncmp(status + 8, "connected", 9) == 0,
				now);
	}
}


static void take_document(leg_t *l, const sip_text_t *m, double now)
{
	const char *body = strstr(m->s, "\r\n\r\n") + 4;
	const char *root = strstr(body, "<conference-info");
	int full = root != NULL && strstr(root, "state=\"full\"") != NULL
			   && strstr(root, "state=\"full\"") < strchr(root, '>');
	unsigned version;

	if(root == NULL || strstr(root, "version=\"") == NULL)
		die("%s: no document: %.100s", l->dialog.name, body);
	version = strtoul(strstr(root, "version=\"") + 9, NULL, 10);
	if(version != l->version + 1 || (l->version == 0 && !full))
		die("%s: version %u after %u", l->dialog.name, version, l->version);
	l->version = version;
	if(full) {
		memset(l->sees, 0, invitees() + 1);
		l->knows = 0;
	}
	read_users(l, root, now);
	if(full && l->knows > 0)
		user_size = (double)(m->s + m->len - root) / l->knows;
	full_bytes +=
			body - m->s + (full ? m->s + m->len - body : l->knows * user_size);
}


static void first_document(leg_t *l, double now)
{
	if(l->subscribed)
		return;
	l->subscribed = 1;
	l->subscribed_at = now;
	subscribed++;
}


static void take_notify(sip_stream_t *s, const sip_text_t *m)
{
	double now = now_seconds();
	leg_t *l = find(strstr(m->s, " sip:") + 5);

	if(l == NULL)
		die("a NOTIFY of nobody: %.60s", m->s);
	answer(s, m);
	notifies++;
	bytes += m->len;
	if(first_at == 0)
		first_at = now;
	last_at = news_at = now;
	take_document(l, m, now);
	first_document(l, now);
}


static void take_plain(sip_stream_t *s, const sip_text_t *m)
{
	answer(s, m);
	plain++;
	bytes += m->len;
	last_at = news_at = now_seconds();
	if(first_at == 0)
		first_at = last_at;
}


static void take_message(sip_stream_t *s, const sip_text_t *m)
{
	if(sip_status(m) >= 300)
		die("answered %.80s", m->s);
	if(sip_status(m) != 0)
		return;
	if(strncmp(m->s, "NOTIFY sip:plain@", 17) == 0)
		take_plain(s, m);
	else if(sip_is(m, "NOTIFY"))
		take_notify(s, m);
}


/* ---- the run ---- */

static void tick(double now)
{
	static double due;
	int i;

	if(now < due)
		return;
	due = now + TICK;
	for(i = 0; i <= invitees(); i++)
		if(dialog_tick(&legs[i].dialog, now) < 0)
			die("%s: no answer for 32 s", legs[i].dialog.name);
	if(now > news_at + PATIENCE)
		die("nothing for %.0f s: %d in, %d subscribed, %d told", PATIENCE, in,
				subscribed, told_of_leaving);
}


/* Serves the sockets for a moment. */
static void serve(int milliseconds)
{
	struct epoll_event events[64];
	int n = epoll_wait(epoll_fd, events, 64, milliseconds), i;

	for(i = 0; i < n; i++) {
		if(events[i].data.ptr == NULL)
			endpoint_receive(take);
		else if(sip_stream_read(events[i].data.ptr, take_message) < 0)
			die("the server closed a connection");
	}
	tick(now_seconds());
}


static int all_invited(void)
{
	int i;

	for(i = 1; i <= invitees(); i++)
		if(legs[i].invitation == NULL && legs[i].joined == 0)
			return 0;
	return legs[0].in;
}


static int all_know_all(void)
{
	int i;

	for(i = 1; i <= options.watchers; i++)
		if(!legs[i].subscribed || legs[i].knows != in)
			return 0;
	return in == invitees() + 1;
}


/* The invited answer at the rate that was asked for, and watch. */
static void fill_at_rate(void)
{
	double begin = now_seconds();
	int next = 1;

	news_at = begin;
	while(next <= invitees() || !all_know_all()) {
		while(next <= invitees()
				&& next <= (now_seconds() - begin) * options.rate)
			accept_invitation(&legs[next++]);
		serve(1);
	}
}


/* Everybody comes in, then those who watch do: a few at a time. */
static void fill(void)
{
	int next = 1;

	while(in <= invitees()) {
		while(next <= invitees() && accepted - in < AT_A_TIME)
			accept_invitation(&legs[next++]);
		serve(1);
	}
	for(next = 1; subscribed < options.watchers || !all_know_all();) {
		if(next <= options.watchers && next - 1 - subscribed < AT_A_TIME)
			subscribe(&legs[next++]);
		serve(1);
	}
}


static int by_value(const void *a, const void *b)
{
	double d = *(const double *)a - *(const double *)b;

	return (d > 0) - (d < 0);
}


static void report_filling(void)
{
	static double delays[LEGS_MAX];
	int i, n = 0;

	for(i = 1; i <= options.watchers; i++)
		if(legs[i].known > 0)
			delays[n++] = legs[i].known - legs[i].joined;
	qsort(delays, n, sizeof(*delays), by_value);
	printf("notifies=%ld bytes=%.0f full_bytes=%.0f seconds=%.3f "
		   "joins_seconds=%.3f delay_median=%.3f delay_max=%.3f\n",
			notifies, bytes, full_bytes, last_at - first_at,
			legs[options.watchers].joined - legs[1].joined,
			n ? delays[n / 2] : 0, n ? delays[n - 1] : 0);
}


static void wait_for_go(void)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	char line[16];

	puts("ready");
	fflush(stdout);
	while(poll(&input, 1, 0) == 0) {
		serve(10);
		news_at = now_seconds();
	}
	if(read(STDIN_FILENO, line, sizeof(line)) <= 0)
		exit(0);
	notifies = 0;
	bytes = 0;
}


/* One leaves; all watchers learn of it. Returns NOTIFYs a second, from the
 * first to the last; 0 when nobody watches. */
static double let_go(int who)
{
	double left;

	leaving = who;
	told_of_leaving = 0;
	first_at = 0;
	in--;
	dialog_leave(&legs[who].dialog);
	while(told_of_leaving < options.watchers || legs[who].dialog.pending)
		serve(1);
	left = last_at - first_at;
	return options.watchers > 1 && left > 0 ? (options.watchers - 1) / left : 0;
}


static void let_all_go(void)
{
	static double rates[LEGS_MAX];
	double begin;
	int i;

	wait_for_go();
	begin = now_seconds();
	for(i = 0; i < options.leavers; i++)
		rates[i] = let_go(options.watchers + 1 + i);
	qsort(rates, options.leavers, sizeof(*rates), by_value);
	printf("notifies=%ld size=%.0f rate=%.0f seconds=%.3f\n", notifies,
			notifies ? bytes / notifies : 0, rates[options.leavers / 2],
			now_seconds() - begin);
}


/* The server sends plain requests to each connection in turn. */
static void ask_for_plain(void)
{
	static char text[4096];
	char size[16];
	int len;

	puts("ready");
	fflush(stdout);
	if(fgets(size, sizeof(size), stdin) == NULL)
		exit(0);
	len = snprintf(text, sizeof(text),
			"MESSAGE sip:burst@%s SIP/2.0\r\n"
			"Via: SIP/2.0/TCP %s;branch=z9hG4bKb%d\r\nMax-Forwards: 70\r\n"
			"From: <sip:plain@%s>;tag=b\r\nTo: <sip:burst@%s>\r\n"
			"Call-ID: %d@burst.invalid\r\nCSeq: 1 MESSAGE\r\n"
			"X-Count: %d\r\nX-Target: sip:plain@%s;transport=tcp\r\n"
			"Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n%*s",
			options.server, streams->address, getpid(), streams->address,
			options.server, getpid(), options.watchers, streams->address,
			atoi(size), atoi(size), "x");
	if(len >= (int)sizeof(text) || sip_stream_write(streams, text, len) < 0)
		die("cannot ask for plain requests");
	news_at = now_seconds();
	while(plain < options.watchers)
		serve(1);
	printf("plain=%ld size=%.0f rate=%.0f\n", plain, bytes / plain,
			(plain - 1) / (last_at - first_at));
}


/* ---- start ---- */

static void open_sockets(const char *host, const char *port)
{
	struct epoll_event event = {.events = EPOLLIN};
	int i;

	endpoint_open(host, port, options.own_port);
	epoll_fd = epoll_create1(0);
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, endpoint.socket, &event);
	streams = calloc(options.connections, sizeof(*streams));
	for(i = 0; i < options.connections; i++)
		if(sip_stream_open(&streams[i], epoll_fd, &endpoint.server) < 0)
			die("no TCP connection");
}


static void make_legs(void)
{
	char name[48];
	int i;

	for(i = 0; i <= invitees(); i++) {
		name_leg(i, name, sizeof(name));
		dialog_init(&legs[i].dialog, name, NULL);
		legs[i].stream = &streams[i % options.connections];
		legs[i].sees = calloc(1, invitees() + 1);
	}
}


static void read_options(int argc, char **argv)
{
	int option;

	while((option = getopt(argc, argv, "n:l:r:c:p:")) != -1) {
		if(option == 'n')
			options.watchers = atoi(optarg);
		else if(option == 'l')
			options.leavers = atoi(optarg);
		else if(option == 'r')
			options.rate = atof(optarg);
		else if(option == 'c')
			options.connections = atoi(optarg);
		else if(option == 'p')
			options.own_port = atoi(optarg);
		else
			exit(2);
	}
	if(argc - optind != 2 || options.watchers < 0 || options.leavers < 0
			|| options.connections < 1 || options.own_port < 1 || invitees() < 1
			|| invitees() >= LEGS_MAX)
		die("usage: watchers -n WATCHERS [-l LEAVERS] [-r RATE] "
			"[-c CONNECTIONS] -p OWN-PORT HOST PORT");
}


int main(int argc, char **argv)
{
	read_options(argc, argv);
	snprintf(options.server, sizeof(options.server), "%s:%s", argv[optind],
			argv[optind + 1]);
	snprintf(options.factory, sizeof(options.factory),
			"sip:conference-factory@%s", options.server);
	open_sockets(argv[optind], argv[optind + 1]);
	make_legs();
	if(options.rate == 0 && options.leavers == 0) {
		ask_for_plain();
		return 0;
	}
	news_at = now_seconds();
	dialog_invite(&legs[0].dialog, options.factory, invitees(), name_invitee);
	while(!all_invited())
		serve(1);
	if(options.rate > 0) {
		puts("ready");
		fflush(stdout);
		getchar();
	}
	if(options.rate > 0) {
		fill_at_rate();
		report_filling();
	} else {
		fill();
		let_all_go();
	}
	return 0;
}
