/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * own_uri: see the header. Used by gate and focus.
 */
#include "sip/own_uri.h"

#include <regex.h>
#include <stdio.h>
#include "base/map.h"
#include "model/identity.h"
#include "settings.h"
#include "wire/sip_uri.h"
#include "worker/mailboxes.h"
#include "worker/worker.h"

#define GROUP_URI_MAX 1024

typedef struct factory
{
	str user, host;
} factory_t;

static factory_t factories[FACTORY_URIS_MAX];
static int factory_count;
static regex_t groups[GROUP_EXPRESSIONS_MAX];
static int group_count;
static str domain_host; /* without port */

int own_uri_add_factory(const str *uri)
{
	uri_parts_t parsed;

	if(factory_count == FACTORY_URIS_MAX || sip_uri_parse(uri, &parsed) < 0
			|| !parsed.user.len || !parsed.host.len)
		return -1;
	factories[factory_count].user = parsed.user;
	factories[factory_count++].host = parsed.host;
	return 0;
}

int own_uri_factories(void)
{
	return factory_count;
}

int own_uri_set_domain(const str *domain)
{
	static char room[512];
	uri_parts_t parsed;
	str uri = {room, 0};

	uri.len = snprintf(room, sizeof(room), "sip:x@%.*s", TEXT_ARG(domain));
	if(!domain->len || uri.len >= (int)sizeof(room)
			|| sip_uri_parse(&uri, &parsed) < 0 || parsed.params.len
			|| parsed.headers.len)
		return -1;
	domain_host = parsed.host;
	return 0;
}

const str *own_uri_domain_host(void)
{
	return &domain_host;
}

/* RFC 3261 19.1.4: an octet and its escape are the same */
static int is_user(const str *user, const str *factory)
{
	str plain;
	int same;

	if(text_find_char(user, '%') < 0 || sip_unescape(user, &plain) < 0)
		return text_eq(user, factory);
	same = text_eq(&plain, factory);
	text_free(&plain);
	return same;
}

int own_uri_is_factory(const str *user, const str *host)
{
	int i;

	for(i = 0; i < factory_count; i++) {
		if(is_user(user, &factories[i].user)
				&& text_eq_nocase(&factories[i].host, host))
			return 1;
	}
	return 0;
}

int own_uri_worker(const str *user, const str *host)
{
	if(!text_eq_nocase(host, &domain_host))
		return -1;
	return worker_of_token(user);
}

int own_uri_add_group(const char *expression)
{
	if(group_count == GROUP_EXPRESSIONS_MAX
			|| regcomp(&groups[group_count], expression,
					   REG_EXTENDED | REG_NOSUB)
					   != 0)
		return -1;
	group_count++;
	return 0;
}

int own_uri_is_group(const str *uri)
{
	char text[GROUP_URI_MAX];
	uri_parts_t parts;
	int i, len;

	if(group_count == 0 || sip_uri_parse(uri, &parts) < 0)
		return 0;
	len = parts.params.len ? (int)(parts.params.s - 1 - uri->s)
						   : parts.core.len;
	if(len >= GROUP_URI_MAX)
		return 0;
	memcpy(text, uri->s, len);
	text[len] = '\0';
	for(i = 0; i < group_count; i++) {
		if(regexec(&groups[i], text, 0, NULL, 0) == 0)
			return 1;
	}
	return 0;
}

int own_uri_group_worker(const str *uri)
{
	identity_t id;
	int owner;

	if(identity_init(&id, uri) < 0)
		return 0;
	owner = (int)(map_hash(&id.key) % mailboxes_count());
	identity_free(&id);
	return owner;
}

int own_uri_is_ours(const str *uri)
{
	uri_parts_t parsed;

	return sip_uri_parse(uri, &parsed) == 0
		   && (own_uri_is_factory(&parsed.user, &parsed.host)
				   || own_uri_worker(&parsed.user, &parsed.host) >= 0);
}
