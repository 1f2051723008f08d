/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * verdict: see verdict.h. Called by messages; asks the model who is in and
 * changes nothing.
 */
#include <stdlib.h>
#include <time.h>
#include "core/dprint.h"
#include "switch/verdict.h"
#include "wire/cpim.h"
#include "wire/sip_uri.h"

typedef enum sender_is
{
	SENDER_SAYS_SO, /* From passes byte for byte */
	SENDER_UNSAID,	/* From is ours to write */
	SENDER_OTHER
} sender_is_t;


void ruling_init(ruling_t *r)
{
	r->made = 0;
	r->replaced = 0;
	r->to = NULL;
	buffer_init(&r->front, 0);
}


void ruling_free(ruling_t *r)
{
	buffer_free(&r->front);
	ruling_init(r);
}


int64_t ruling_shift(const ruling_t *r)
{
	return (int64_t)r->front.len - (int64_t)r->replaced;
}


int verdict_is_cpim(const str *content_type)
{
	str rest = *content_type, type;

	return text_next(&rest, ';', &type)
		   && text_eq_nocase(&type, &TEXT("message/cpim"));
}


const char *verdict_comment(int code)
{
	switch(code) {
		case 200:
			return "OK";
		case 400:
			return "Bad request";
		case 403:
			return "Forbidden";
		case 404:
			return "Not found";
		case 408:
			return "Timed out";
		case 413:
			return "Too large";
		case 415:
			return "Unsupported type";
		case 481:
			return "No such session";
		case 501:
			return "Unknown method";
		case 506:
			return "Session is bound elsewhere";
		default:
			return "";
	}
}


static int refuse(const leg_t *sender, int code, const char *why, str about)
{
	LM_INFO(LEG_FMT ": message refused with %d: %s%.*s\n", LEG_ARG(sender),
			code, why, TEXT_ARG(&about));
	return code;
}


static int is_name_of(const participant_t *p, const str *uri)
{
	identity_t id;
	int same = 0;

	for(int i = 0; i < p->names && !same; i++)
		same = text_eq(&p->name[i].uri, uri);
	if(same || identity_init(&id, uri) < 0)
		return same;
	for(int i = 0; i < p->names && !same; i++)
		same = identity_eq(&p->name[i], &id);
	identity_free(&id);
	return same;
}


static int is_anonymous(const str *uri)
{
	identity_t id;
	int anonymous;

	if(identity_init(&id, uri) < 0)
		return 0;
	anonymous = identity_is_anonymous(&id);
	identity_free(&id);
	return anonymous;
}


/* An anonymous participant speaks under the name that everybody sees. */
static sender_is_t who_says(const participant_t *p, const cpim_t *cpim)
{
	if(cpim->from_count == 0)
		return SENDER_UNSAID;
	if(text_eq(&p->entity, &cpim->from_uri))
		return SENDER_SAYS_SO;
	if(is_anonymous(&cpim->from_uri))
		return SENDER_UNSAID;
	if(!is_name_of(p, &cpim->from_uri))
		return SENDER_OTHER;
	return is_anonymous(&p->entity) ? SENDER_UNSAID : SENDER_SAYS_SO;
}


/* User part and host: ports and parameters are the transport's business. */
static int is_same_place(const uri_parts_t *a, const uri_parts_t *b)
{
	return text_eq(&a->user, &b->user) && text_eq_nocase(&a->host, &b->host);
}


static int is_room(const conference_t *c, const str *to)
{
	static str nobody = str_init("sip:anonymous@anonymous.invalid");
	uri_parts_t uri, own;

	if(text_eq(to, &nobody) || text_eq(to, &c->identity))
		return 1;
	if(sip_uri_parse(to, &uri) < 0)
		return 0;
	if(sip_uri_parse(&c->identity, &own) == 0 && is_same_place(&uri, &own))
		return 1;
	if(c->group.len && sip_uri_parse(&c->group, &own) == 0
			&& is_same_place(&uri, &own))
		return 1;
	return sip_uri_parse(&nobody, &own) == 0 && is_same_place(&uri, &own);
}


static participant_t *find_entity(const conference_t *c, const str *entity)
{
	participant_t *p;

	TAILQ_FOREACH(p, &c->participants, link)
	{
		if(text_eq(&p->entity, entity))
			return p;
	}
	return NULL;
}


static int has_ears(const participant_t *p)
{
	const leg_t *leg = p->leg;

	return leg && leg->entered && leg->state == LEG_BOUND;
}


/* Private messages are never broadcast, whatever is wrong with them. */
static int rule_on_to(const leg_t *sender, const cpim_t *cpim, ruling_t *r)
{
	const conference_t *c = sender->participant->conference;
	participant_t *to;

	if(cpim->to_count == 0)
		return 0;
	if(cpim->to_count > 1)
		return refuse(sender, 403, "CPIM To names several", TEXT(""));
	if(cpim->to_uri[0].len == 0)
		return refuse(sender, 400, "CPIM To is no URI: ", cpim->to[0]);
	if(is_room(c, &cpim->to_uri[0]))
		return 0;
	to = conference_find_uri(c, &cpim->to_uri[0]);
	/* an anonymous one is not to be found by its true name */
	if(!to || to->anonymous)
		to = find_entity(c, &cpim->to_uri[0]);
	if(!to || !has_ears(to))
		return refuse(sender, 404, "not here: ", cpim->to_uri[0]);
	r->to = to;
	return 0;
}


/* Writes the headers anew where the sender left us to. */
static int complete(
		const leg_t *sender, const str *data, const cpim_t *cpim, ruling_t *r)
{
	const participant_t *p = sender->participant;
	sender_is_t from = who_says(p, cpim);

	if(cpim->from_count > 1)
		return refuse(sender, 400, "CPIM From stands twice", TEXT(""));
	if(from == SENDER_OTHER)
		return refuse(sender, 403, "CPIM From is somebody else: ", cpim->from);
	if(from == SENDER_SAYS_SO && cpim->to_count > 0)
		return 0;
	cpim_write_headers(&r->front, data, cpim,
			from == SENDER_SAYS_SO ? &cpim->from_uri : &p->entity,
			&p->conference->identity, time(NULL));
	if(buffer_failed(&r->front))
		return refuse(sender, 413, "no memory for its headers", TEXT(""));
	r->replaced = cpim->headers_end;
	return 0;
}


int verdict_cpim(const leg_t *sender, const str *data, int whole, ruling_t *r)
{
	cpim_t cpim;
	int code;

	switch(cpim_parse(data, whole, &cpim)) {
		case CPIM_NEED_MORE:
			return VERDICT_LATER;
		case CPIM_BROKEN:
			return refuse(sender, 400, "it is no CPIM", TEXT(""));
		case CPIM_OK:
			break;
	}
	code = complete(sender, data, &cpim, r);
	if(code == 0)
		code = rule_on_to(sender, &cpim, r);
	r->made = code == 0;
	return code;
}
