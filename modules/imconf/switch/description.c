/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * description: a leg's side of offer and answer (worker/media.h). Called by
 * the focus through `media`; may not know what a SIP message is.
 */
#include "core/dprint.h"
#include "admin/statistics.h"
#include "settings.h"
#include "switch/hold.h"
#include "switch/advertise.h"
#include "switch/outbound.h"
#include "switch/ports.h"
#include "switch/tls.h"
#include "worker/media.h"
#include "worker/worker.h"

#define NOT_ACCEPTABLE 488
#define SERVER_ERROR 500
#define DISCARD_PORT 9 /* of a media line that nobody is to connect to */


/* Without an offer it is one of ours; `line` is the one of it that we take. */
static int write(const leg_t *leg, const sdp_t *offer, const sdp_msrp_t *line,
		buffer_t *text)
{
	buffer_clear(text);
	if(offer)
		sdp_write_answer(&leg->own, offer, line, text);
	else
		sdp_write_offer(&leg->own, text);
	return buffer_failed(text) ? -1 : 0;
}


/* By the function that the peer uses, so that it knows it. */
static fingerprint_hash_t hash_for(const leg_t *leg)
{
	return leg->prints > 0 ? leg->print[0].hash : FINGERPRINT_SHA256;
}


/* RFC 3264 section 8: the version grows when anything else differs. */
static int describe(
		leg_t *leg, const sdp_t *offer, const sdp_msrp_t *line, buffer_t *out)
{
	buffer_t text;
	str now;
	int rc;

	leg->own.fingerprint = (str){NULL, 0};
	if(MSRP_IS_SECURE(leg->own.transport))
		leg->own.fingerprint = tls_own_fingerprint(hash_for(leg));
	buffer_init(&text, 0);
	rc = write(leg, offer, line, &text);
	now = buffer_str(&text);
	if(rc == 0 && leg->described.len && !text_eq(&now, &leg->described)) {
		leg->own.version++;
		rc = write(leg, offer, line, &text);
		now = buffer_str(&text);
	}
	if(rc == 0)
		rc = text_replace(&leg->described, &now);
	if(rc == 0)
		rc = buffer_add_str(out, &now);
	buffer_free(&text);
	return rc;
}


/* A further offer has the m-lines of before in their places, RFC 3264 section
 * 8. The connection stays: the paths do. */
static int offer_again(leg_t *leg, buffer_t *out)
{
	sdp_t last;

	if(sdp_parse(&leg->described, &last) != SDP_OK)
		return -1;
	last.msrp.direction = SDP_SENDRECV;
	return describe(leg, &last, &last.msrp, out);
}


static leg_t *leg_of(participant_t *p)
{
	leg_t *leg = p->leg ? p->leg : leg_create(p);

	if(!leg)
		LM_ERR("no memory for the leg of %.*s\n", TEXT_ARG(&p->entity));
	return leg;
}


static int offer(participant_t *p, buffer_t *out)
{
	leg_t *leg = leg_of(p);

	if(!leg)
		return -1;
	leg->own.setup = SETUP_ACTPASS;
	/* who has a transport keeps it, and hears nothing of another address */
	if(!leg->agreed && leg_set_transport(leg, ports_offered(), 0) < 0)
		return -1;
	leg->own.cema = 1;
	leg->offering = 1;
	if(leg->agreed && leg->described.len)
		return offer_again(leg, out);
	return describe(leg, NULL, NULL, out);
}


static int refuse(const participant_t *p, const char *why)
{
	LM_INFO("conference %.*s: description of %.*s refused with 488: %s\n",
			TEXT_ARG(&p->conference->token), TEXT_ARG(&p->entity), why);
	return NOT_ACCEPTABLE;
}


/* What we connect to when the peer will not. */
static int we_connect(const sdp_msrp_t *m, int offered_by_us)
{
	if(m->setup == SETUP_PASSIVE)
		return 1;
	/* a WebSocket is always opened by its client, RFC 7977 section 5.1 */
	if(MSRP_IS_WEB(m->transport))
		return 0;
	/* RFC 4975 section 5.4: without a word, the offerer */
	return m->setup == SETUP_NONE && offered_by_us;
}


static int has_fingerprint(const sdp_msrp_t *m)
{
	fingerprint_t print[SDP_FINGERPRINTS_MAX];

	return fingerprint_best(m->fingerprint, m->fingerprint_count, print) > 0;
}


/* Between relays TLS is theirs: they know no description (RFC 6135 4.3). */
static int is_direct(const sdp_msrp_t *m)
{
	return m->path_count == 1;
}


/* 1 when c= and m= are good for connecting to. */
static int has_address(const sdp_msrp_t *m)
{
	return advertise_family(&m->host) && m->port != DISCARD_PORT;
}


/* RFC 6714 section 4.3: not between an active peer behind a relay and us */
static int cema_applies(const sdp_msrp_t *m)
{
	return m->cema
		   && (is_direct(m) || m->setup == SETUP_ACTPASS
				   || m->setup == SETUP_PASSIVE);
}


/* RFC 6714: through a middlebox leads what c= and m= say, not the path; who
 * knows nothing of that and says two things is refused. Our own offers know
 * it. Returns 0, or -1 for such a contradiction. */
static int dial_of(
		const sdp_msrp_t *m, int offered_by_us, str *host, unsigned *port)
{
	int known = outbound_of_path(&m->path[0], host, port) == 0;
	int differs = known && has_address(m) && advertise_family(host)
				  && (!text_eq_nocase(host, &m->host) || *port != m->port);
	int by_media = cema_applies(m) || (offered_by_us && is_direct(m));

	if(has_address(m) && by_media) {
		*host = m->host;
		*port = m->port;
		return 0;
	}
	return differs && is_direct(m) ? -1 : 0;
}


static const char *objection_to_calling(const sdp_msrp_t *m, int offered_by_us)
{
	const char *why;
	unsigned port;
	str host;

	if(MSRP_IS_WEB(m->transport))
		return "it waits for us to open a WebSocket";
	if(dial_of(m, offered_by_us, &host, &port) < 0)
		return "its path is not where its media line says";
	why = outbound_objection(&host, port);
	if(why)
		return why;
	if(MSRP_IS_SECURE(m->transport) && !settings.tls_ca
			&& !(is_direct(m) && has_fingerprint(m)))
		return "its certificate could not be checked: it gives no fingerprint "
			   "and there is no tls_ca";
	return NULL;
}


/* Why we cannot use it; NULL when we can. */
static const char *refusal_of(const sdp_msrp_t *m, int offered_by_us)
{
	if(!ports_of(m->transport, worker.index))
		return "its transport is not served here";
	if(!sdp_accepts(&m->accept_types, "message/cpim"))
		return "message/cpim is not accepted";
	if(m->path_count == 0)
		return "no path";
	if(m->fingerprint_count > 0 && !has_fingerprint(m))
		return "none of its fingerprints can be used";
	return we_connect(m, offered_by_us) ? objection_to_calling(m, offered_by_us)
										: NULL;
}


/* The first line that we can use; NULL: none, and `*why` not the first. */
static const sdp_msrp_t *choose(
		const sdp_t *sdp, int offered_by_us, const char **why)
{
	const sdp_msrp_t *line;
	const char *objection;

	*why = NULL;
	for(int i = 0; (line = sdp_line(sdp, i)) != NULL; i++) {
		objection = refusal_of(line, offered_by_us);
		if(!objection)
			return line;
		if(!*why)
			*why = objection;
	}
	return NULL;
}


static int check_offer(const sdp_t *offer)
{
	const char *why;

	return choose(offer, 0, &why) ? 0 : NOT_ACCEPTABLE;
}


static int join_path(const sdp_msrp_t *m, buffer_t *out)
{
	for(int i = 0; i < m->path_count; i++) {
		if(i > 0)
			buffer_add(out, " ", 1);
		buffer_add_str(out, &m->path[i]);
	}
	return buffer_failed(out) ? -1 : 0;
}


/* A peer with another path than before is another endpoint: the old
 * connection is of no use to it. A path that its first SEND told before it was
 * agreed upon may have lost some of its hops. */
static void leave_old_peer(leg_t *leg, const str *path, const str *session)
{
	int same = leg->agreed && !leg->guessed
					   ? text_eq(path, &leg->peer_path)
					   : text_eq(session, &leg->peer_session);

	if(path->len > 0 && !same && leg->connection)
		leg_lost(leg, "its path has changed");
}


/* RFC 3264 section 6.1, as the peer sees it. What a leg missed of a message
 * that goes on cannot be made up for. */
static void set_direction(leg_t *leg, sdp_direction_t direction)
{
	int hears = direction == SDP_SENDRECV || direction == SDP_RECVONLY;
	int again = hears && leg->on_hold && leg->state == LEG_BOUND;

	leg->mute = direction == SDP_RECVONLY || direction == SDP_INACTIVE;
	leg->deaf = !hears && (leg->deaf || !leg->agreed);
	leg->on_hold = !hears;
	if(leg->on_hold && leg->hears) {
		leg->binding++;
		leg->hears = 0;
	}
	if(again)
		hold_release(leg);
}


/* Who came before the answer did was taken at its word. */
static void leave_impostor(leg_t *leg)
{
	const connection_t *c = leg->connection;
	const char *why = NULL;

	if(c && c->stage == CONNECTION_OPEN)
		why = leg_objection(leg, c);
	if(!why)
		return;
	LM_INFO(LEG_FMT " leaves %s: %s\n", LEG_ARG(leg), c->peer, why);
	count(STAT_HANDSHAKES_FAILED, 1);
	leg_unbind(leg);
}


static int set_dial(leg_t *leg, const sdp_msrp_t *m, int offered_by_us)
{
	unsigned port;
	str host;

	if(!we_connect(m, offered_by_us))
		return 0;
	if(dial_of(m, offered_by_us, &host, &port) < 0)
		return -1;
	return leg_set_dial(leg, &host, port);
}


static int set_peer(leg_t *leg, const sdp_msrp_t *m, int offered_by_us)
{
	str old_path = {NULL, 0}, old_session = {NULL, 0};
	buffer_t path;
	str text;
	int rc;

	buffer_init(&path, 0);
	rc = join_path(m, &path);
	text = buffer_str(&path);
	if(rc == 0)
		rc = text_copy(&old_path, &leg->peer_path);
	if(rc == 0)
		rc = text_copy(&old_session, &leg->peer_session);
	if(rc == 0)
		rc = leg_set_peer(leg, &text);
	if(rc == 0)
		rc = abilities_learn(leg, m);
	if(rc == 0)
		rc = set_dial(leg, m, offered_by_us);
	if(rc == 0)
		rc = leg_set_fingerprints(
				leg, m->fingerprint, is_direct(m) ? m->fingerprint_count : 0);
	if(rc == 0) {
		leave_old_peer(leg, &old_path, &old_session);
		leave_impostor(leg);
		set_direction(leg, m->direction);
		leg->active = we_connect(m, offered_by_us);
		leg->agreed = 1;
		leg->guessed = 0;
	}
	text_free(&old_path);
	text_free(&old_session);
	buffer_free(&path);
	return rc;
}


/* In a re-INVITE the leg may have been in the room for long; a participant
 * who comes by MSRP only now has to be let in here, ENTER having passed. */
static void settle(leg_t *leg)
{
	if(leg->participant->state == PARTICIPANT_CONNECTED)
		leg_enter(leg);
	if(!leg->entered || leg->connection)
		return;
	leg_wait(leg);
	if(leg->active)
		outbound_open(leg);
}


/* An address of the kind that the peer has; the one it was told before. */
static int set_own(leg_t *leg, const sdp_msrp_t *m)
{
	int family = leg->agreed ? advertise_family(&leg->own.address)
							 : advertise_family(&m->host);

	leg->own.cema = cema_applies(m);
	return leg_set_transport(leg, m->transport, family);
}


static int answer(participant_t *p, const sdp_t *theirs, buffer_t *out)
{
	const char *why;
	const sdp_msrp_t *line = choose(theirs, 0, &why);
	leg_t *leg;

	if(!line)
		return refuse(p, why);
	leg = leg_of(p);
	if(!leg || set_own(leg, line) < 0 || set_peer(leg, line, 0) < 0)
		return SERVER_ERROR;
	leg->own.setup = leg->active ? SETUP_ACTIVE : SETUP_PASSIVE;
	leg->offering = 0;
	if(describe(leg, theirs, line, out) < 0)
		return SERVER_ERROR;
	settle(leg);
	return 0;
}


static int answered(participant_t *p, const sdp_t *theirs)
{
	const sdp_msrp_t *line = NULL;
	leg_t *leg = p->leg;
	const char *why;
	int code = 0;

	if(!leg)
		return 0;
	leg->offering = 0;
	/* deployed clients leave the answer out when they refresh a session */
	if(!theirs && leg->peer_path.len > 0)
		return 0;
	if(theirs && !(line = choose(theirs, 1, &why)))
		code = refuse(p, why);
	if(line && set_peer(leg, line, 1) < 0)
		code = NOT_ACCEPTABLE;
	if(line && !code)
		settle(leg);
	else if(!leg->agreed)
		leg_destroy(leg);
	return code;
}


static int repeat(participant_t *p, buffer_t *out)
{
	const leg_t *leg = p->leg;

	if(!leg || leg->described.len == 0)
		return -1;
	return buffer_add_str(out, &leg->described);
}


static const char *state(const participant_t *p)
{
	const leg_t *leg = p->leg;

	if(!leg)
		return "none";
	switch(leg->state) {
		case LEG_BOUND:
			return "bound";
		case LEG_LOST:
			return "lost";
		default:
			return "waiting";
	}
}


static size_t held(const participant_t *p)
{
	const leg_t *leg = p->leg;

	return leg ? leg->hold.size : 0;
}


static size_t queued(const participant_t *p)
{
	const leg_t *leg = p->leg;

	return leg && leg->connection ? leg->connection->out.bytes : 0;
}


media_ops_t media = {
		.check = check_offer,
		.offer = offer,
		.answer = answer,
		.answered = answered,
		.repeat = repeat,
		.state = state,
		.held = held,
		.queued = queued,
};
