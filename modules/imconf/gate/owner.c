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

owner_kind_t owner_of(struct sip_msg *msg, int *worker)
{
	struct sip_uri *uri = &msg->parsed_uri;

	if(parse_sip_msg_uri(msg) < 0)
		return OWNER_NOBODY;
	if(own_uri_is_factory(&uri->user, &uri->host))
		return OWNER_FACTORY;
	if(own_uri_is_group(GET_RURI(msg))) {
		*worker = own_uri_group_worker(GET_RURI(msg));
		return OWNER_GROUP;
	}
	*worker = own_uri_worker(&uri->user, &uri->host);
	return *worker < 0 ? OWNER_NOBODY : OWNER_TOKEN;
}

int owner_by_session(const struct sip_msg *invite)
{
	str key;

	if(!sip_header(invite, "Contribution-ID", &key) || !key.len)
		key = invite->callid->body;
	return (int)(map_hash(&key) % mailboxes_count());
}
