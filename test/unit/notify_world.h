/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A world around the notifier without SIP: dialogs that take NOTIFYs down
 * instead of sending them, and watchers that read the documents by RFC 4575
 * section 4.6. Model, effect runner and schedule are the real ones. Include
 * once per program.
 */
#ifndef IMCONF_TEST_NOTIFY_WORLD_H
#define IMCONF_TEST_NOTIFY_WORLD_H

#include <stdlib.h>
#include "admin/statistics.h"
#include "model_helpers.h"
#include "notify/notify.h"
#include "notify/profile.h"
#include "notify/watchers.h"
#include "settings.h"
#include "sip/router.h"
#include "worker/allotment.h"
#include "worker/effect_runner.h"
#include "worker/worker.h"

#define PEOPLE 6
#define CLIENTS 64

typedef enum seen
{
	SEEN_NOTHING,
	SEEN_CONNECTED,
	SEEN_ALERTING,
	SEEN_DISCONNECTED,
	SEEN_DELETED
} seen_t;

/* a document, or what a watcher has made of all so far */
typedef struct text
{
	unsigned version;
	int partial;
	seen_t user[PEOPLE];
	unsigned changed[PEOPLE]; /* revision of the user's last change */
	int own;				  /* index of the yourown user, or -1 */
	char headers[512];
	char text[8192];
} text_t;

/* one subscription, as its client sees it */
typedef struct client
{
	subscription_t *subscription; /* NULL: the server has forgotten it */
	text_t got;					  /* all documents taken */
	text_t sent;				  /* the one in flight */
	int by_stream;				  /* so was that one sent */
	uint64_t id;				  /* of the NOTIFY in flight, 0: none */
	outcome_fn_t fn;
	int notifies;
	int final; /* a terminated NOTIFY has come */
} client_t;

static const char *const people[PEOPLE] = {"sip:alice@example.com",
		"sip:bob@example.com", "sip:carol@example.com", "sip:dave@example.com",
		"tel:+33123", "sip:erin@example.com"};

static client_t clients[CLIENTS];
static conference_t *conference;
static participant_t *known[PEOPLE];
static struct event_base *loop;
static int unsendable;	  /* NOTIFYs to come that cannot be sent */
static int takes_streams; /* all watchers do */
static const char *reply_header, *reply_value; /* of the answers to come */
static long counted[STATISTIC_COUNT];

settings_t settings;


void count_notify_failed(int code)
{
	count(STAT_NOTIFIES_FAILED, 1);
}


void count(statistic_t which, long n)
{
	counted[which] += n;
}


/* nothing is bounded here */
void allotment_return(allotment_kind_t kind)
{
}


static client_t *client_of(const dialog_t *d)
{
	for(int i = 0; i < CLIENTS; i++) {
		if(d && clients[i].subscription == d->owner)
			return &clients[i];
	}
	fail_msg("a dialog of nobody");
	return NULL;
}


int dialog_init_uas(dialog_t *d, dialog_kind_t kind, void *owner,
		const sip_request_t *rq, const str *contact)
{
	d->kind = kind;
	d->owner = owner;
	return text_copy(&d->contact, contact);
}


void dialog_free(dialog_t *d)
{
	text_free(&d->contact);
	for(int i = 0; i < CLIENTS; i++) {
		if(clients[i].subscription == d->owner)
			clients[i].subscription = NULL;
	}
}


static seen_t status_in(const char *user)
{
	const char *status = strstr(user, "<status>");

	user = strstr(user, " state=\"") + 8;
	if(strncmp(user, "deleted", 7) == 0)
		return SEEN_DELETED;
	assert_int_equal(strncmp(user, "full", 4), 0);
	assert_non_null(status);
	status += strlen("<status>");
	if(strncmp(status, "connected<", 10) == 0)
		return SEEN_CONNECTED;
	if(strncmp(status, "alerting<", 9) == 0)
		return SEEN_ALERTING;
	assert_int_equal(strncmp(status, "disconnected<", 13), 0);
	return SEEN_DISCONNECTED;
}


static void read_user(text_t *d, int i)
{
	char begin[64];
	const char *user, *close;

	snprintf(begin, sizeof(begin), "<user entity=\"%s\"", people[i]);
	user = strstr(d->text, begin);
	if(!user)
		return;
	assert_null(strstr(user + 1, begin));
	d->user[i] = status_in(user);
	d->changed[i] = known[i] ? known[i]->changed : 0;
	close = strchr(user, '>');
	if(strstr(user, "yourown") && strstr(user, "yourown") < close)
		d->own = i;
}


static void copy_text(char *dst, size_t size, const str *src)
{
	assert_true(src->len < (int)size);
	snprintf(dst, size, "%.*s", TEXT_ARG(src));
}


static void read_document(text_t *d, const str *headers, const str *body)
{
	const char *version;

	memset(d, 0, sizeof(*d));
	d->own = -1;
	copy_text(d->headers, sizeof(d->headers), headers);
	copy_text(d->text, sizeof(d->text), body);
	d->partial = strstr(d->text, " state=\"partial\"") != NULL;
	version = strstr(d->text, "version=\"");
	version = strstr(version + 1, "version=\""); /* after the XML's own */
	d->version = (unsigned)strtoul(version + 9, NULL, 10);
	for(int i = 0; i < PEOPLE; i++)
		read_user(d, i);
}


static uint64_t take_request(dialog_t *d, const char *method,
		const str *headers, const str *body, int by_stream, outcome_fn_t fn,
		void *arg)
{
	static uint64_t last_id;
	client_t *w = client_of(d);

	assert_string_equal(method, "NOTIFY");
	assert_ptr_equal(arg, w->subscription);
	assert_int_equal(w->id, 0); /* one in flight */
	assert_false(w->final);		/* and none after the last */
	if(unsendable > 0) {
		unsendable--;
		return 0;
	}
	read_document(&w->sent, headers, body);
	w->final = strstr(w->sent.headers, "terminated") != NULL;
	w->fn = fn;
	w->by_stream = by_stream;
	w->notifies++;
	return w->id = ++last_id;
}


uint64_t dialog_request(dialog_t *d, const char *method, const str *headers,
		const str *body, outcome_fn_t fn, void *arg)
{
	return take_request(d, method, headers, body, 0, fn, arg);
}


uint64_t dialog_request_by_stream(dialog_t *d, const char *method,
		const str *headers, const str *body, outcome_fn_t fn, void *arg)
{
	return take_request(d, method, headers, body, 1, fn, arg);
}


int dialog_takes_stream(const dialog_t *d)
{
	return takes_streams;
}


/* Of a SUBSCRIBE or of an answer. */
int sip_header(const struct sip_msg *msg, const char *name, str *value)
{
	if(!reply_header || !reply_value || strcmp(reply_header, name) != 0)
		return 0;
	*value = text_of(reply_value);
	return 1;
}


void outgoing_forget(uint64_t id)
{
	for(int i = 0; i < CLIENTS; i++) {
		if(id && clients[i].id == id)
			clients[i].id = 0;
	}
}


/* RFC 4575 4.6 */
static void merge(text_t *got, const text_t *sent)
{
	text_t old = *got;

	*got = *sent;
	if(sent->partial && sent->version != old.version + 1)
		fail_msg("gap: %u after %u", sent->version, old.version);
	for(int i = 0; i < PEOPLE; i++) {
		if(sent->user[i] == SEEN_DELETED)
			got->user[i] = SEEN_NOTHING;
		else if(sent->partial && sent->user[i] == SEEN_NOTHING)
			got->user[i] = old.user[i];
	}
}


/* The client answers, having taken the document or not. */
static void answer(client_t *w, int code, int takes)
{
	static struct sip_msg reply;
	outcome_t outcome = {.id = w->id, .code = code, .last = 1, .reply = &reply};

	assert_true(w->id != 0);
	w->id = 0;
	if(takes)
		merge(&w->got, &w->sent);
	w->fn(w->subscription, &outcome);
}


void router_on_initial(int method, request_handler_t handler)
{
}


void router_on_dialog(dialog_kind_t kind, request_handler_t handler)
{
}


void subscribe_initial(sip_request_t *rq, dialog_t *d)
{
}


void subscribe_in_dialog(sip_request_t *rq, dialog_t *d)
{
}


void worker_remove_conference(conference_t *c)
{
	assert_ptr_equal(c, conference);
	conference_destroy(c);
	memset(known, 0, sizeof(known));
	conference = NULL;
}


/* Lets the backlog and due timers have their way. */
static void turn(void)
{
	for(int i = 0; i < 8; i++)
		event_base_loop(loop, EVLOOP_NONBLOCK);
}


/* Runs the effects of a transition. */
static void run(effects_t *fx)
{
	if(conference)
		effects_run(conference, fx);
	effects_free(fx);
}


static void left(int i)
{
	effects_t fx = {0};

	conference_left(known[i], DEPARTED_LEFT, &fx);
	run(&fx);
}


static void answered(int i)
{
	effects_t fx = {0};

	conference_answered(known[i], &fx);
	run(&fx);
}


static inline void ringing(int i)
{
	effects_t fx = {0};

	conference_ringing(known[i], &fx);
	run(&fx);
}


static inline void refused(int i, int code)
{
	effects_t fx = {0};

	conference_refused(known[i], code, &fx);
	run(&fx);
}


static void ended(void)
{
	effects_t fx = {0};

	conference_end(conference, END_ADMIN, &fx);
	run(&fx);
}


/* SUBSCRIBE of people[i], as far as subscribe.c does it: up to the 200. */
static client_t *subscribe(int i, const char *device)
{
	static sip_request_t rq;
	str none = {NULL, 0}, instance = text_of(device);
	client_t *w = clients;

	while(w->subscription || w->notifies)
		w++;
	assert_true(w < clients + CLIENTS);
	rq.requester = person(people[i]);
	w->subscription = subscription_create(conference, &rq, &none, &instance);
	assert_non_null(w->subscription);
	subscription_replace(w->subscription);
	subscription_prolong(w->subscription, 3600);
	return w;
}


/* A conference of alice, who is in, and the others, who are being invited. */
static void found_conference(void)
{
	effects_t fx = {0};
	person_t all[PEOPLE];
	participant_t *p;

	memset(clients, 0, sizeof(clients));
	memset(counted, 0, sizeof(counted));
	unsendable = 0;
	takes_streams = 0;
	reply_header = NULL;
	settings = (settings_t){.notify_profile = "oma",
			.notify_min_rate_interval = 1000,
			.notify_max_body = 60000};
	assert_int_equal(profile_prepare(), 0);
	for(int i = 0; i < PEOPLE; i++)
		all[i] = person(people[i]);
	conference = make_conference(0);
	assert_int_equal(
			conference_found(conference, all, all + 1, PEOPLE - 1, &fx, &p), 0);
	TAILQ_FOREACH(p, &conference->participants, link)
	known[p->number - 1] = p;
	conference_joined(known[0], &fx);
	run(&fx);
}


/* Once per program: the loop and the notifier in it. */
static int start_world(void **state)
{
	loop = event_base_new();
	return !loop || schedule_init(loop) < 0 || notify_start() < 0 ? -1 : 0;
}


static int stop_world(void **state)
{
	event_base_free(loop);
	return 0;
}

#endif
