/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * owner: see the header. Called by gate.c.
 */
#include "gate/owner.h"

#include "base/map.h"
#include "core/parser/parse_uri.h"
#include "sip/own_uri.h"
#include "sip/request.h"
#include "worker/mailboxes.h"

owner_kind_t owner_of(const struct sip_msg *msg, int *worker)
{
	const str *uri = GET_RURI(msg);
	struct sip_uri parsed;

	if(parse_uri(uri->s, uri->len, &parsed) < 0)
		return OWNER_NOBODY;
	if(own_uri_is_factory(&parsed.user, &parsed.host))
		return OWNER_FACTORY;
	if(own_uri_is_group(uri)) {
		*worker = own_uri_group_worker(uri);
		return OWNER_GROUP;
	}
	*worker = own_uri_worker(&parsed.user, &parsed.host);
	return *worker < 0 ? OWNER_NOBODY : OWNER_TOKEN;
}

int owner_by_session(const struct sip_msg *invite)
{
	str key;

	if(!sip_header(invite, "Contribution-ID", &key) || !key.len)
		key = invite->callid->body;
	return (int)(map_hash(&key) % mailboxes_count());
}
