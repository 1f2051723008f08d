/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * conferences: makes conferences by the factory, answers every invitation at
 * once, and lets everybody leave as soon as all are in; many at a time, from
 * one UDP socket. With -H it makes one, writes its MSRP legs for fanout and
 * holds it until its standard input ends. With -c everybody also binds a leg
 * and hears one message of the creator before leaving; with -s everybody
 * subscribes to the conference state before that. With -i 0 the INVITE carries no
 * list, which makes plain INVITE and BYE transactions; with -g the n-th goes to
 * FACTORY with n at its end, and with -k the users are regular0, regular1 and
 * so on, as many as the window is wide, again and again. Run by the bench.
 * Exits with 1 at the first thing that goes wrong.
 *
 *   conferences [-u FACTORY] [-i INVITEES] [-n COUNT] [-t SECONDS] [-r RATE]
 *               [-w WINDOW] [-p OWN-PORT] [-H LEGS] [-c] [-s] [-g] [-k]
 *               HOST PORT
 */
#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "chat.h"
#include "dialog.h"

#define TICK 0.05 /* seconds between looks at the timers */
#define REFER_TARGETS 50
#define WINDOW_MAX 4096
#define INVITEES_MAX 2000

typedef struct conference
{
	long number; /* 0: free */
	int in, subscribed, bound, heard, left;
	int people;		   /* who are to be in, without the creator */
	dialog_t *dialogs; /* the creator's, then the invitees' */
	chat_leg_t **legs; /* of the same */
} conference_t;

static struct
{
	const char *factory, *host, *port;
	int invitees, window, own_port, chat, subscribe, numbered, regulars;
	int refers; /* one after the other, REFER_TARGETS users each */
	long count;
	double seconds, rate;
	const char *hold;
} options = {.invitees = 10, .window = 32, .count = 1L << 40, .seconds = 1e9};

static conference_t *conferences;
static long started, ended;
static double start_time, last_end;
static double refers_begun, refers_ended;
static int held;	 /* conferences where everybody is ready */
static int released; /* the held conferences may end */


/* the process makes it unlike those of a run that tm still remembers */
static void name_leg(int slot, long number, int leg, char *out, size_t size)
{
	snprintf(out, size, "u%dx%ldx%dp%d", slot, number, leg, getpid());
}


/* another user of the conference whose creator is `d` */
static void name_invitee(const dialog_t *d, int i, char *out, size_t size)
{
	int slot;
	long number;

	if(sscanf(d->name, "u%dx%ldx0", &slot, &number) == 2)
		name_leg(slot, number, i, out, size);
}


static conference_t *find(const char *name, dialog_t **d)
{
	conference_t *c;
	int slot, leg;
	long number;

	if(name == NULL || sscanf(name, "u%dx%ldx%d", &slot, &number, &leg) != 3
			|| slot < 0 || slot >= options.window || leg < 0)
		return NULL;
	c = &conferences[slot];
	if(c->number != number || leg > c->people)
		return NULL;
	*d = &c->dialogs[leg];
	return c;
}


static void invite(conference_t *c)
{
	char uri[160];

	if(options.numbered)
		snprintf(uri, sizeof(uri), "sip:%s%ld@%s:%s", options.factory,
				c->number, options.host, options.port);
	else
		snprintf(uri, sizeof(uri), "sip:%s@%s:%s", options.factory,
				options.host, options.port);
	dialog_invite(c->dialogs, uri, options.invitees, name_invitee);
}


static void start_conference(int slot)
{
	conference_t *c = &conferences[slot];
	char name[48], regular[32];
	int i;

	snprintf(regular, sizeof(regular), "regular%d", slot);
	c->number = ++started;
	c->people = options.invitees;
	c->in = c->subscribed = c->bound = c->heard = c->left = 0;
	for(i = 0; i <= options.invitees; i++) {
		name_leg(slot, c->number, i, name, sizeof(name));
		dialog_init(&c->dialogs[i], name,
				options.regulars && i == 0 ? regular : NULL);
	}
	invite(c);
}


static int may_start(double now)
{
	return started < options.count && now - start_time < options.seconds
		   && (options.rate == 0
				   || started < (now - start_time) * options.rate);
}


static void start_some(double now)
{
	int slot;

	if(started - ended == options.window)
		return;
	for(slot = 0; slot < options.window && may_start(now); slot++)
		if(conferences[slot].number == 0)
			start_conference(slot);
}


static void everybody_leaves(conference_t *c)
{
	int i;

	for(i = 0; i <= c->people; i++)
		if(c->dialogs[i].state == DIALOG_IN)
			dialog_leave(&c->dialogs[i]);
}


static void write_room(FILE *file, const conference_t *c)
{
	const dialog_t *d;
	int i;

	for(i = 0; i <= options.invitees; i++) {
		d = &c->dialogs[i];
		fprintf(file, "%s %s %s %s %s\n", d->remote_host, d->remote_port,
				d->remote_path, d->msrp_path, d->uri);
	}
}


/* all conferences, one behind the other */
static void write_legs(void)
{
	FILE *file = fopen(options.hold, "w");
	int slot;

	if(file == NULL)
		die("cannot write %s", options.hold);
	for(slot = 0; slot < options.window; slot++)
		write_room(file, &conferences[slot]);
	if(fclose(file) != 0)
		die("cannot write %s", options.hold);
	puts("ready");
	fflush(stdout);
}


static void bound(void *owner, dialog_t *d)
{
	conference_t *c = owner;

	(void)d;
	if(++c->bound > options.invitees)
		chat_say(c->legs[0]);
}


/* the creator its 200, the others the message */
static void heard(void *owner, dialog_t *d)
{
	conference_t *c = owner;

	(void)d;
	if(++c->heard > options.invitees)
		everybody_leaves(c);
}


static const chat_callbacks_t chat_callbacks = {bound, heard};


static void start_chat(conference_t *c)
{
	int i;

	for(i = 0; i <= options.invitees; i++) {
		c->legs[i] = chat_join(&c->dialogs[i], c);
		if(c->legs[i] == NULL)
			die("%s: no MSRP connection", c->dialogs[i].name);
	}
}


/* REFER_TARGETS more are to come. */
static void refer(conference_t *c)
{
	int first = c->people + 1, i;
	char name[48];

	if(c->people == options.invitees)
		refers_begun = now_seconds();
	c->people += REFER_TARGETS;
	for(i = first; i <= c->people; i++) {
		name_leg(c - conferences, c->number, i, name, sizeof(name));
		dialog_init(&c->dialogs[i], name, NULL);
	}
	dialog_refer(c->dialogs, first, REFER_TARGETS, name_invitee);
}


/* more to come by REFER; the last time ends the measurement */
static int wants_more(const conference_t *c)
{
	if(c->people < options.invitees + options.refers * REFER_TARGETS)
		return 1;
	refers_ended = now_seconds();
	return 0;
}


static void everybody_is_ready(conference_t *c)
{
	if(options.refers && wants_more(c))
		refer(c);
	else if(options.chat)
		start_chat(c);
	else if(options.hold == NULL || released)
		everybody_leaves(c);
	else if(++held == options.window)
		write_legs();
}


static void entered(conference_t *c)
{
	int i;

	if(++c->in <= c->people)
		return;
	if(!options.subscribe) {
		everybody_is_ready(c);
		return;
	}
	for(i = 0; i <= options.invitees; i++)
		dialog_subscribe(&c->dialogs[i]);
}


static void take_subscribe_answer(
		conference_t *c, dialog_t *d, const sip_text_t *m)
{
	if(d->state != DIALOG_IN || d->pending == NULL || sip_status(m) < 200)
		return;
	if(sip_status(m) >= 300)
		die("%s: SUBSCRIBE answered %.60s", d->name, m->s);
	dialog_answered(d);
	if(++c->subscribed > options.invitees)
		everybody_is_ready(c);
}


static void left(conference_t *c, dialog_t *d)
{
	dialog_answered(d);
	d->state = DIALOG_LEFT;
	chat_leave(c->legs[d - c->dialogs]);
	c->legs[d - c->dialogs] = NULL;
	if(++c->left <= c->people)
		return;
	c->number = 0;
	ended++;
	last_end = now_seconds();
}


static void take_invite_answer(
		conference_t *c, dialog_t *d, const sip_text_t *m, int status)
{
	int first = d->state == DIALOG_CALLING;

	if(status < 200) {
		dialog_answered(d); /* the server has it */
		return;
	}
	if(status >= 300)
		die("%s: INVITE answered %.60s", d->name, m->s);
	dialog_invite_answered(d, m);
	if(first)
		entered(c);
}


static void take_response(const sip_text_t *m)
{
	dialog_t *d;
	conference_t *c = find(endpoint_name(m), &d);

	if(c == NULL)
		return;
	if(sip_is(m, "INVITE")) {
		take_invite_answer(c, d, m, sip_status(m));
	} else if(sip_is(m, "SUBSCRIBE")) {
		take_subscribe_answer(c, d, m);
	} else if(sip_is(m, "REFER")) {
		if(sip_status(m) >= 300)
			die("%s: REFER answered %.60s", d->name, m->s);
		dialog_answered(d);
	} else if(d->state == DIALOG_LEAVING && sip_status(m) >= 200) {
		if(sip_status(m) >= 300)
			die("%s: BYE answered %.60s", d->name, m->s);
		left(c, d);
	}
}


static void take_dialog_request(
		conference_t *c, dialog_t *d, const sip_text_t *m)
{
	if(sip_is(m, "INVITE")) {
		if(dialog_accept(d, m) < 0)
			die("%s: invited without MSRP", d->name);
	} else if(sip_is(m, "ACK")) {
		if(d->state != DIALOG_ANSWERED)
			return;
		dialog_answered(d);
		d->state = DIALOG_IN;
		entered(c);
	} else if(sip_is(m, "NOTIFY")) {
		reply_plainly(m, "200 OK");
	} else {
		die("%s: unexpected %.60s", d->name, m->s);
	}
}


static void take_request(const sip_text_t *m)
{
	dialog_t *d;
	conference_t *c = find(endpoint_name(m), &d);

	if(c != NULL)
		take_dialog_request(c, d, m);
	else if(!sip_is(m, "ACK"))
		reply_plainly(m, "481 Call/Transaction Does Not Exist");
}


static void take(const sip_text_t *m)
{
	if(sip_status(m) != 0)
		take_response(m);
	else
		take_request(m);
}


static void tick(double now)
{
	static double due;
	int slot, i;
	conference_t *c;

	if(now < due)
		return;
	due = now + TICK;
	for(slot = 0; slot < options.window; slot++) {
		c = &conferences[slot];
		for(i = 0; c->number != 0 && i <= c->people; i++)
			if(dialog_tick(&c->dialogs[i], now) < 0)
				die("%s: no answer for 32 s", c->dialogs[i].name);
	}
}


/* the caller ended our standard input, or is gone */
static void release(void)
{
	char line[16];
	int slot;

	if(read(STDIN_FILENO, line, sizeof(line)) > 0)
		return;
	released = 1;
	for(slot = 0; slot < options.window; slot++)
		if(conferences[slot].in > conferences[slot].people)
			everybody_leaves(&conferences[slot]);
}


static int finished(double now)
{
	if(started > ended)
		return 0;
	return started >= options.count || now - start_time >= options.seconds;
}


static void run(void)
{
	struct pollfd fds[] = {{.fd = endpoint.socket, .events = POLLIN},
			{.fd = options.hold != NULL ? STDIN_FILENO : -1, .events = POLLIN},
			{.fd = options.chat ? chat_start(&chat_callbacks) : -1,
					.events = POLLIN}};
	double now = start_time = now_seconds();

	while(!finished(now)) {
		start_some(now);
		if(poll(fds, 3, (int)(TICK * 1000 / 5)) > 0) {
			endpoint_receive(take);
			if(fds[2].fd >= 0)
				chat_serve();
			if(fds[1].fd >= 0 && fds[1].revents != 0)
				release();
			if(released)
				fds[1].fd = -1;
		}
		now = now_seconds();
		tick(now);
	}
}


static void read_options(int argc, char **argv)
{
	int option;

	options.factory = "conference-factory";
	while((option = getopt(argc, argv, "u:i:n:t:r:w:p:H:R:csgkTW")) != -1) {
		if(option == 'u')
			options.factory = optarg;
		else if(option == 'i')
			options.invitees = atoi(optarg);
		else if(option == 'n')
			options.count = atol(optarg);
		else if(option == 't')
			options.seconds = atof(optarg);
		else if(option == 'r')
			options.rate = atof(optarg);
		else if(option == 'w')
			options.window = atoi(optarg);
		else if(option == 'p')
			options.own_port = atoi(optarg);
		else if(option == 'c')
			options.chat = 1;
		else if(option == 's')
			options.subscribe = 1;
		else if(option == 'g')
			options.numbered = 1;
		else if(option == 'k')
			options.regulars = 1;
		else if(option == 'R')
			options.refers = atoi(optarg);
		else if(option == 'T')
			endpoint.secure = 1;
		else if(option == 'W')
			endpoint.web = 1;
		else if(option == 'H')
			options.hold = optarg;
		else
			exit(2);
	}
	if(options.hold != NULL) {
		options.count = options.count > WINDOW_MAX ? 1 : options.count;
		options.window = options.count;
	}
	if(argc - optind != 2 || options.window < 1 || options.window > WINDOW_MAX
			|| options.invitees < 0 || options.invitees > INVITEES_MAX)
		die("usage: conferences [-u FACTORY] [-i INVITEES] [-n COUNT] "
			"[-t SECONDS] [-r RATE] [-w WINDOW] [-p OWN-PORT] [-H LEGS] "
			"[-R REFERS] [-c] [-s] [-g] [-k] [-T] [-W] HOST PORT");
	options.host = argv[optind];
	options.port = argv[optind + 1];
}


static void make_table(void)
{
	size_t each = 1 + options.invitees + options.refers * REFER_TARGETS;
	size_t all = each * options.window;
	chat_leg_t **legs = calloc(all, sizeof(chat_leg_t *));
	dialog_t *dialogs = calloc(all, sizeof(dialog_t));
	int slot;

	conferences = calloc(options.window, sizeof(*conferences));
	if(conferences == NULL || dialogs == NULL || legs == NULL)
		die("out of memory");
	for(slot = 0; slot < options.window; slot++) {
		conferences[slot].dialogs = dialogs + slot * each;
		conferences[slot].legs = legs + slot * each;
	}
}


static void report(void)
{
	double seconds = last_end - start_time;
	/* an INVITE and a BYE for everybody */
	long transactions = ended * 2 * (options.invitees + 1);

	if(options.refers)
		printf("refers=%d targets=%d refer_seconds=%.3f ", options.refers,
				REFER_TARGETS, refers_ended - refers_begun);
	printf("conferences=%ld seconds=%.3f rate=%.1f transactions=%ld "
		   "transactions_rate=%.0f resent=%ld\n",
			ended, seconds, ended / seconds, transactions,
			transactions / seconds, endpoint.resent);
}


int main(int argc, char **argv)
{
	read_options(argc, argv);
	endpoint_open(options.host, options.port, options.own_port);
	make_table();
	run();
	report();
	return 0;
}
