/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * verdict: see verdict.h. Called by messages; asks the model who is in and
 * changes nothing.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/dprint.h"
#include "settings.h"
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
	memset(r, 0, sizeof(*r));
	buffer_init(&r->front, 0);
}


void ruling_free(ruling_t *r)
{
	buffer_free(&r->front);
	text_free(&r->wrapper);
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
		case 424:
			return "Malformed nickname";
		case 425:
			return "Nickname reserved or already in use";
		case 428:
			return "Private messages not supported";
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


static int refuse(leg_t *sender, int code, const char *why, str about)
{
	if(leg_may_say(sender))
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


/* An escaped letter is the letter. */
static int is_same_user(const str *a, const str *b)
{
	str plain;
	int same;

	if(text_eq(a, b))
		return 1;
	if(text_find_char(a, '%') < 0 || sip_unescape(a, &plain) < 0)
		return 0;
	same = text_eq(&plain, b);
	text_free(&plain);
	return same;
}


/* User part and host: ports and parameters are the transport's business. */
static int is_same_place(const uri_parts_t *a, const str *b)
{
	uri_parts_t own;

	return sip_uri_parse(b, &own) == 0 && text_eq_nocase(&a->host, &own.host)
		   && is_same_user(&a->user, &own.user);
}


/* Its other spellings, `user=phone` and `tel:` among them. */
static int is_group(const conference_t *c, const str *to)
{
	identity_t id;
	int same;

	if(c->group.len == 0 || identity_init(&id, to) < 0)
		return 0;
	same = text_eq(&id.key, &c->group_key);
	identity_free(&id);
	return same;
}


static int is_room(const conference_t *c, const str *to)
{
	static str nobody = str_init("sip:anonymous@anonymous.invalid");
	uri_parts_t uri;

	if(text_eq(to, &nobody) || text_eq(to, &c->identity))
		return 1;
	if(sip_uri_parse(to, &uri) < 0)
		return 0;
	return is_same_place(&uri, &c->identity) || is_same_place(&uri, &nobody)
		   || (c->group.len && is_same_place(&uri, &c->group))
		   || is_group(c, to);
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


/* What it is by its type; parameters are no part of it. */
static void classify(const cpim_t *cpim, ruling_t *r)
{
	const str *type = &cpim->content_type;
	int len = type->len < CARGO_KIND_MAX ? type->len : 0;

	if(len > 0)
		memcpy(r->kind, type->s, len);
	r->kind[len] = 0;
	r->notice =
			text_eq_nocase(type, &TEXT("message/imdn+xml"))
			|| text_eq_nocase(type, &TEXT("application/im-iscomposing+xml"));
	r->judged = cpim->mime_end > 0 ? cpim->mime_end : cpim->headers_end;
}


/* Those who cannot tell a private message from others must not get one; RFC
 * 7701 section 6.2. */
static int takes_private(const leg_t *leg, const ruling_t *r)
{
	if(r->notice)
		return 1;
	switch(settings.private_policy) {
		case PRIVATE_NO:
			return 0;
		case PRIVATE_ANY:
			return 1;
		default:
			return leg->takes_private;
	}
}


static int wrap(const cpim_t *cpim, ruling_t *r)
{
	buffer_t b;
	str all;
	int rc;

	buffer_init(&b, 0);
	buffer_add_str(&b, &cpim->from_line);
	buffer_printf(&b, "To: %.*s\r\n\r\nContent-Type: text/plain\r\n\r\n",
			TEXT_ARG(&cpim->to[0]));
	all = buffer_str(&b);
	rc = buffer_failed(&b) ? -1 : text_replace(&r->wrapper, &all);
	buffer_free(&b);
	return rc;
}


static participant_t *find_recipient(const conference_t *c, const str *uri)
{
	participant_t *to = conference_find_uri(c, uri);

	/* an anonymous one is not to be found by its true name */
	if(!to || to->anonymous)
		to = find_entity(c, uri);
	return to && to->state == PARTICIPANT_CONNECTED ? to : NULL;
}


/* Private messages are never broadcast, whatever is wrong with them. */
static int rule_on_to(leg_t *sender, const cpim_t *cpim, ruling_t *r)
{
	const conference_t *c = sender->participant->conference;
	participant_t *to;

	if(cpim->to_count > 1 || cpim->cc_count > 0)
		return refuse(sender, 403, "its CPIM headers name several", TEXT(""));
	if(cpim->to_count == 0)
		return 0;
	if(cpim->to_uri[0].len == 0)
		return refuse(sender, 400, "CPIM To is no URI: ", cpim->to[0]);
	if(is_room(c, &cpim->to_uri[0]))
		return 0;
	to = find_recipient(c, &cpim->to_uri[0]);
	if(!to)
		return refuse(sender, 404, "not here: ", cpim->to_uri[0]);
	if(!to->leg || !takes_private(to->leg, r))
		return refuse(sender, 428, "no private messages to ", cpim->to_uri[0]);
	r->to = to;
	return wrap(cpim, r) < 0
				   ? refuse(sender, 413, "no memory for its names", TEXT(""))
				   : 0;
}


/* Writes the headers anew where the sender left us to. */
static int complete(
		leg_t *sender, const str *data, const cpim_t *cpim, ruling_t *r)
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


int verdict_cpim(leg_t *sender, const str *data, int whole, ruling_t *r)
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
	classify(&cpim, r);
	code = complete(sender, data, &cpim, r);
	if(code == 0)
		code = rule_on_to(sender, &cpim, r);
	r->made = code == 0;
	return code;
}
