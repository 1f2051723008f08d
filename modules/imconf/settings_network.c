/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * settings_network: the parameters that say where we are in a network and
 * what we are called there, checked and completed. Called by settings.c, in
 * mod_init.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "base/text.h"
#include "core/dprint.h"
#include "core/resolve.h"
#include "core/socket_info.h"
#include "settings.h"
#include "sip/next_hop.h"
#include "wire/header_params.h"
#include "wire/sip_uri.h"

/* the address that is reached by whoever reaches us by SIP */
static int complete_msrp_address(void)
{
	static char text[INET6_ADDRSTRLEN];
	struct socket_info *si = get_first_socket();
	struct ip_addr *ip = si ? &si->address : NULL;
	str address = {settings.msrp_address, 0};

	if(settings.msrp_address) {
		address.len = strlen(settings.msrp_address);
		ip = str2ip(&address);
		if(!ip)
			ip = str2ip6(&address);
	}
	if(!ip) {
		LM_ERR("parameter msrp_address is %.*s, it must be a numeric address\n",
				TEXT_ARG(&address));
		return -1;
	}
	inet_ntop(ip->af, ip->u.addr, text, sizeof(text));
	settings.msrp_address = text;
	return 0;
}

/* the one the parameter names, else this Kamailio's first */
static int complete_socket(void)
{
	str given = {settings.send_socket,
			settings.send_socket ? (int)strlen(settings.send_socket) : 0};

	if(!settings.send_socket)
		return 0;
	settings.send_socket_info = lookup_local_socket(&given);
	if(settings.send_socket_info)
		return 0;
	LM_ERR("parameter send_socket is %s, it must be one of this Kamailio's "
		   "listen sockets (udp:192.0.2.1:5060)\n",
			settings.send_socket);
	return -1;
}

static void default_proxy(void)
{
	static char proxy[NEXT_HOP_SIZE];
	struct socket_info *si = settings.send_socket_info
									 ? settings.send_socket_info
									 : get_first_socket();

	if(!si)
		return;
	snprintf(proxy, sizeof(proxy),
			si->address.af == AF_INET6 ? "sip:[%s]:%d%s" : "sip:%s:%d%s",
			ip_addr2a(&si->address), si->port_no,
			si->proto == PROTO_TCP ? ";transport=tcp" : "");
	settings.outbound_proxy = proxy;
}

static int complete_proxy(void)
{
	struct socket_info *si = settings.send_socket_info;
	struct ip_addr ip;
	str hop;

	if(!settings.outbound_proxy)
		default_proxy();
	hop.s = settings.outbound_proxy;
	hop.len = hop.s ? (int)strlen(hop.s) : 0;
	if(next_hop_address(&hop, &ip) < 0) {
		LM_ERR("parameter outbound_proxy is %.*s, it must be a sip URI with a "
			   "numeric host: imconf resolves no names\n",
				TEXT_ARG(&hop));
		return -1;
	}
	if(si && si->address.af != ip.af) {
		LM_ERR("parameter send_socket is %s, it cannot reach outbound_proxy "
			   "%.*s: one is IPv4, the other IPv6\n",
				settings.send_socket, TEXT_ARG(&hop));
		return -1;
	}
	return 0;
}

/* one entry of a Route set, off the front of `rest`; 1, 0 or -1 */
static int next_route(str *rest, str *params)
{
	str entry = text_trim(rest), display, uri, after;
	uri_parts_t parts;
	int close;

	if(entry.len == 0)
		return 0;
	close = text_find_char(&entry, '>');
	after = text_from(&entry, close + 1);
	after = text_trim(&after);
	entry.len = close + 1;
	if(entry.len == 0 || entry.s[0] != '<'
			|| name_addr_parse(&entry, &display, &uri, params) < 0
			|| sip_uri_parse(&uri, &parts) < 0 || parts.scheme == URI_TEL
			|| parts.headers.len)
		return -1;
	*params = parts.params;
	if(after.len && (after.s[0] != ',' || after.len == 1))
		return -1;
	*rest = text_from(&after, 1);
	return 1;
}

static int check_route(void)
{
	str rest = settings.outbound_route, params, value;
	str lr = TEXT("lr"), orig = TEXT("orig");
	int rc, first = 1;

	while((rc = next_route(&rest, &params)) > 0
			&& sip_uri_param(&params, &lr, &value)) {
		if(first)
			settings.outbound_originates =
					sip_uri_param(&params, &orig, &value);
		first = 0;
	}
	if(rc == 0)
		return 0;
	LM_ERR("parameter outbound_route is %.*s, it must be a list of sip URIs in "
		   "angle brackets, each with ;lr\n",
			TEXT_ARG(&settings.outbound_route));
	return -1;
}

static int check_features(void)
{
	if(!header_params_valid(&settings.feature_tags)) {
		LM_ERR("parameter feature_tags is %.*s, it must be header parameters "
			   "with semicolons between them (+g.oma.sip-im)\n",
				TEXT_ARG(&settings.feature_tags));
		return -1;
	}
	if(!header_params_accept_valid(&settings.accept_contact)) {
		LM_ERR("parameter accept_contact is %.*s, it must be the value of an "
			   "Accept-Contact header (*;+g.oma.sip-im)\n",
				TEXT_ARG(&settings.accept_contact));
		return -1;
	}
	return 0;
}

static int check_ioi(void)
{
	char text[300];
	str params = {text, 0}, ioi = settings.charging_ioi, name, value;

	if(!ioi.len)
		return 0;
	params.len = snprintf(text, sizeof(text), "x=%.*s", TEXT_ARG(&ioi));
	if(params.len < (int)sizeof(text)
			&& header_params_next(&params, &name, &value) == 1
			&& params.len == 0 && value.len == ioi.len)
		return 0;
	LM_ERR("parameter charging_ioi is %.*s, it must be one parameter's value, "
		   "in quotes if need be (example.org)\n",
			TEXT_ARG(&ioi));
	return -1;
}

int settings_check_network(void)
{
	if(complete_msrp_address() < 0 || complete_socket() < 0
			|| complete_proxy() < 0 || check_route() < 0 || check_features() < 0
			|| check_ioi() < 0)
		return -1;
	return 0;
}
