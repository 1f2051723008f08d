/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * settings: the parameters' values, their defaults and ranges. Filled by
 * Kamailio through the table in imconf_mod.c, checked once in mod_init.
 */
#include "settings.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/text.h"
#include "core/dprint.h"
#include "core/resolve.h"
#include "core/socket_info.h"
#include "sip/next_hop.h"
#include "sip/own_uri.h"
#include "worker/mailboxes.h"

settings_t settings = {
		.session_prefix = {"conf-", 5},
		.msrp_port = 2855,
		.max_participants = 100,
		.max_parallel_invites = 50,
		.invite_timeout = 180,
		.mailbox_size = 4096,
		.leg_queue_max = 1048576,
		.collect_max = 65536,
		.message_max = 10485760,
		.leg_lost_timeout = 60,
		.min_expires = 60,
		.max_expires = 7200,
		.default_expires = 3600,
		.server_token = {"IM-serv/OMA1.0", 14},
		.size_refusal_code = 486,
		.notify_profile = "oma",
		.notify_min_interval = 5000,
		.notify_min_rate_interval = 30000,
		.notify_max_body = 3000,
};

static const struct
{
	const char *name;
	int *value;
	int min, max;
} ranges[] = {
		{"conference_workers", &settings.workers, 0, WORKERS_MAX},
		{"msrp_port", &settings.msrp_port, 1, 65535},
		{"trust_from", &settings.trust_from, 0, 1},
		{"max_participants", &settings.max_participants, 2, 10000},
		{"max_parallel_invites", &settings.max_parallel_invites, 1, 10000},
		{"invite_timeout", &settings.invite_timeout, 1, 3600},
		{"mailbox_size", &settings.mailbox_size, 16, 1048576},
		{"leg_queue_max", &settings.leg_queue_max, 4096, 1 << 30},
		{"collect_max", &settings.collect_max, 1024, 16 << 20},
		{"message_max", &settings.message_max, 1024, 1 << 30},
		{"media_timeout", &settings.media_timeout, 0, 86400},
		{"leg_lost_timeout", &settings.leg_lost_timeout, 1, 86400},
		{"min_expires", &settings.min_expires, 1, 86400},
		{"max_expires", &settings.max_expires, 1, 604800},
		{"default_expires", &settings.default_expires, 1, 604800},
		{"size_refusal_code", &settings.size_refusal_code, 400, 699},
		{"notify_min_interval", &settings.notify_min_interval, 0, 3600000},
		{"notify_max_rate_interval", &settings.notify_max_rate_interval, 0,
				86400000},
		{"notify_min_rate_interval", &settings.notify_min_rate_interval, 0,
				86400000},
		{"notify_max_body", &settings.notify_max_body, 600, 60000},
};

static int check_ranges(void)
{
	size_t i;

	for(i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if(*ranges[i].value >= ranges[i].min
				&& *ranges[i].value <= ranges[i].max)
			continue;
		LM_ERR("parameter %s is %d, it must be between %d and %d\n",
				ranges[i].name, *ranges[i].value, ranges[i].min, ranges[i].max);
		return -1;
	}
	if(settings.min_expires > settings.max_expires) {
		LM_ERR("parameter min_expires is above max_expires\n");
		return -1;
	}
	if(settings.notify_max_rate_interval > 0
			&& settings.notify_max_rate_interval
					   < settings.notify_min_interval) {
		LM_ERR("parameter notify_max_rate_interval is below "
			   "notify_min_interval\n");
		return -1;
	}
	if(settings.message_max < settings.collect_max) {
		LM_ERR("parameter message_max is below collect_max\n");
		return -1;
	}
	return 0;
}

static int check_names(void)
{
	if(!settings.conference_domain.len) {
		LM_ERR("parameter conference_domain is missing: the host of "
			   "conferences' addresses\n");
		return -1;
	}
	if(own_uri_set_domain(&settings.conference_domain) < 0) {
		LM_ERR("parameter conference_domain is %.*s, it must be a host or "
			   "host:port\n",
				TEXT_ARG(&settings.conference_domain));
		return -1;
	}
	if(own_uri_factories() == 0) {
		LM_ERR("parameter factory_uri is missing: the address that makes "
			   "conferences\n");
		return -1;
	}
	if(!settings.session_prefix.len) {
		LM_ERR("parameter session_prefix must not be empty\n");
		return -1;
	}
	return 0;
}

/* the address that is reached by whoever reaches us by SIP */
static int complete_addresses(void)
{
	static char proxy[NEXT_HOP_SIZE];
	struct socket_info *si = get_first_socket();
	str address = {settings.msrp_address,
			settings.msrp_address ? strlen(settings.msrp_address) : 0};
	str next_hop;

	if(!settings.msrp_address && si)
		settings.msrp_address = si->address_str.s;
	else if(!str2ip(&address) && !str2ip6(&address)) {
		LM_ERR("parameter msrp_address is %.*s, it must be a numeric address\n",
				TEXT_ARG(&address));
		return -1;
	}
	if(!settings.outbound_proxy && si) {
		snprintf(proxy, sizeof(proxy),
				si->address.af == AF_INET6 ? "sip:[%s]:%d%s" : "sip:%s:%d%s",
				ip_addr2a(&si->address), si->port_no,
				si->proto == PROTO_TCP ? ";transport=tcp" : "");
		settings.outbound_proxy = proxy;
	}
	next_hop.s = settings.outbound_proxy;
	next_hop.len = next_hop.s ? (int)strlen(next_hop.s) : 0;
	if(!next_hop_is_numeric(&next_hop)) {
		LM_ERR("parameter outbound_proxy is %.*s, it must be a sip URI with a "
			   "numeric host: imconf resolves no names\n",
				TEXT_ARG(&next_hop));
		return -1;
	}
	return 0;
}

int settings_check(void)
{
	if(check_ranges() < 0 || check_names() < 0 || complete_addresses() < 0)
		return -1;
	if(settings.workers == 0)
		settings.workers = (int)sysconf(_SC_NPROCESSORS_ONLN);
	if(settings.workers < 1 || settings.workers > WORKERS_MAX)
		settings.workers = settings.workers < 1 ? 1 : WORKERS_MAX;
	if(settings.msrp_port + settings.workers - 1 > 65535) {
		LM_ERR("parameter msrp_port is %d: %d workers need as many ports\n",
				settings.msrp_port, settings.workers);
		return -1;
	}
	return 0;
}
