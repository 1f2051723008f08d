/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * leg: made, found, freed; the paths of both ends. Called by description.c
 * and by the effects; what happens to its connection is in leg_binding.c.
 */
#include <stdlib.h>
#include <string.h>
#include "base/random.h"
#include "core/dprint.h"
#include "settings.h"
#include "switch/bundle.h"
#include "switch/advertise.h"
#include "switch/hold.h"
#include "switch/leg.h"
#include "switch/message.h"
#include "switch/ports.h"
#include "switch/room.h"
#include "switch/tls.h"
#include "switch/turn.h"
#include "wire/msrp_uri.h"
#include "worker/worker.h"

static map_t legs; /* by session id */


static void init_own(leg_t *leg)
{
	sdp_own_t *own = &leg->own;
	uint32_t id;

	random_bytes(&id, sizeof(id));
	own->session.s = leg->session;
	own->session.len = (int)strlen(leg->session);
	own->setup = SETUP_ACTPASS;
	/* for parsers that read o= into a signed 32-bit number */
	own->id = id >> 1;
	own->version = 1;
	own->max_size = settings.message_max;
	own->chatroom = abilities_of_rooms();
}


static int write_path(leg_t *leg)
{
	buffer_t b;
	str path;
	int rc;

	buffer_init(&b, 0);
	sdp_write_path(&leg->own, &b);
	path = buffer_str(&b);
	rc = buffer_failed(&b) ? -1 : text_replace(&leg->path, &path);
	buffer_free(&b);
	return rc;
}


leg_t *leg_create(participant_t *p)
{
	leg_t *leg = calloc(1, sizeof(*leg));

	if(!leg)
		return NULL;
	leg->holders = 1;
	TAILQ_INIT(&leg->messages);
	TAILQ_INIT(&leg->hold.list);
	random_hex(leg->session, LEG_SESSION_BITS);
	init_own(leg);
	leg->participant = p;
	if(leg_set_transport(leg, ports_offered(), 0) < 0
			|| map_put(&legs, &leg->node, &leg->own.session, leg) < 0) {
		leg_release(leg);
		return NULL;
	}
	p->leg = leg;
	return leg;
}


void leg_hold(leg_t *leg)
{
	leg->holders++;
}


void leg_release(leg_t *leg)
{
	if(--leg->holders > 0)
		return;
	block_release(leg->head);
	taste_release(leg->taste);
	text_free(&leg->described);
	text_free(&leg->path);
	text_free(&leg->peer_path);
	text_free(&leg->peer_session);
	text_free(&leg->dial_host);
	free(leg->print);
	free(leg);
}


void leg_destroy(leg_t *leg)
{
	if(!leg)
		return;
	bundle_send();
	turn_leave(leg->participant->conference->room, leg);
	if(leg->entered)
		room_remove(leg->participant->conference->room, leg);
	leg->entered = 0;
	messages_abort(leg);
	hold_drop(leg, "its session ended");
	leg_unbind(leg);
	alarm_stop(&leg->deadline);
	alarm_stop(&leg->sweep);
	map_remove(&legs, &leg->node);
	leg->binding++;
	leg->participant->leg = NULL;
	leg->participant = NULL;
	leg_release(leg);
}


leg_t *leg_find(const str *session)
{
	return map_get(&legs, session);
}


int leg_may_say(leg_t *leg)
{
	if(!allowance_take(&leg->lines, schedule_now(), 1, LEG_LINES)) {
		leg->unsaid++;
		return 0;
	}
	if(leg->unsaid > 0)
		LM_INFO(LEG_FMT ": %d refusals were not said here\n", LEG_ARG(leg),
				leg->unsaid);
	leg->unsaid = 0;
	return 1;
}


int leg_set_transport(leg_t *leg, msrp_transport_t transport, int family)
{
	sdp_own_t *own = &leg->own;
	int shift;

	own->address =
			advertise_address(&leg->participant->reached_at, family, &shift);
	own->transport = transport;
	own->port = ports_of(transport, worker.index) + shift;
	return write_path(leg);
}


int leg_set_dial(leg_t *leg, const str *host, unsigned port)
{
	leg->dial_port = port;
	return text_replace(&leg->dial_host, host);
}


int leg_set_fingerprints(leg_t *leg, const str *value, int count)
{
	fingerprint_t *print = NULL;

	if(count > 0 && !(print = calloc(count, sizeof(*print))))
		return -1;
	free(leg->print);
	leg->print = print;
	leg->prints = count > 0 ? fingerprint_best(value, count, print) : 0;
	return 0;
}


static str first_host(const str *path)
{
	str rest = *path, first;
	msrp_uri_t uri;

	if(!text_next(&rest, ' ', &first) || msrp_uri_parse(&first, &uri) < 0)
		return (str){NULL, 0};
	return uri.host;
}


const char *leg_objection(const leg_t *leg, const connection_t *c)
{
	str host;

	if(!MSRP_IS_SECURE(leg->own.transport))
		return NULL;
	if(!c->tls)
		return "it was to come by TLS";
	if(leg->prints > 0)
		return tls_matches(c->tls, leg->print, leg->prints)
					   ? NULL
					   : "its certificate has another fingerprint than its "
						 "description says";
	host = first_host(&leg->peer_path);
	if(leg->active && !tls_is_trusted(c->tls, &host))
		return "its certificate is not by tls_ca, or is another host's";
	return NULL;
}


static str last_session(const str *path)
{
	str rest = *path, token, session = {NULL, 0};
	msrp_uri_t uri;

	while(text_next(&rest, ' ', &token)) {
		if(msrp_uri_parse(&token, &uri) == 0)
			session = uri.session;
	}
	return session;
}


int leg_is_other_phone(const leg_t *leg, const str *from_path)
{
	str session = last_session(from_path);

	return leg->agreed && leg->own.setup == SETUP_ACTPASS
		   && leg->peer_session.len > 0
		   && !text_eq(&session, &leg->peer_session);
}


int leg_moves_ahead(const leg_t *leg, const str *from_path)
{
	return leg->offering && leg_is_other_phone(leg, from_path);
}


int leg_set_peer(leg_t *leg, const str *path)
{
	str session = last_session(path);
	str part[] = {TEXT("To-Path: "), *path, TEXT("\r\nFrom-Path: "), leg->path,
			TEXT("\r\n")};
	block_t *head;

	if(path->len > LEG_PEER_PATH_MAX)
		return -1;
	head = block_create(part, sizeof(part) / sizeof(part[0]));
	if(!head || text_replace(&leg->peer_path, path) < 0
			|| text_replace(&leg->peer_session, &session) < 0) {
		block_release(head);
		return -1;
	}
	block_release(leg->head);
	leg->head = head;
	return 0;
}
