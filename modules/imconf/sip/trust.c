/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * trust: see the header. Filled from the parameter trusted_peers.
 */
#include "sip/trust.h"

#include "core/flags.h"
#include "core/resolve.h"
#include "settings.h"

static struct net peers[TRUSTED_PEERS_MAX];
static int peer_count;

int trust_add_peer(const str *network)
{
	if(peer_count == TRUSTED_PEERS_MAX
			|| mk_net_str(&peers[peer_count], (str *)network) < 0)
		return -1;
	peer_count++;
	return 0;
}

int trust_domain(void)
{
	return peer_count > 0 || settings.trusted_flag >= 0;
}

int trust_request(const struct sip_msg *msg)
{
	if(trust_peer(&msg->rcv.src_ip))
		return 1;
	return settings.trusted_flag >= 0
		   && isflagset((struct sip_msg *)msg, settings.trusted_flag) == 1;
}

int trust_peer(const struct ip_addr *ip)
{
	int i;

	for(i = 0; i < peer_count; i++) {
		if(matchnet((struct ip_addr *)ip, &peers[i]) == 1)
			return 1;
	}
	return 0;
}
