/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * next_hop: see the header. Used by dialog.c and outgoing.c.
 */
#include "sip/next_hop.h"

#include "base/text.h"
#include "core/parser/parse_uri.h"
#include "core/resolve.h"
#include "core/socket_info.h"

#define UDP_SAFE 1300	/* RFC 3261 18.1.1 */
#define UDP_LIMIT 60000 /* what a datagram holds, with room for Via etc. */

static struct ip_addr *numeric(struct sip_uri *uri)
{
	struct ip_addr *ip = str2ip(&uri->host);

	return ip ? ip : str2ip6(&uri->host);
}

int next_hop_address(const str *uri, struct ip_addr *address)
{
	struct sip_uri parsed;
	struct ip_addr *ip;

	if(parse_uri(uri->s, uri->len, &parsed) < 0 || !(ip = numeric(&parsed)))
		return -1;
	*address = *ip;
	return 0;
}

int next_hop_is_numeric(const str *uri)
{
	struct ip_addr ip;

	return next_hop_address(uri, &ip) == 0;
}

str next_hop_of_source(const struct receive_info *rcv, char *out)
{
	const char *proto = "udp";
	str hop;

	if(rcv->proto == PROTO_TCP)
		proto = "tcp";
	else if(rcv->proto == PROTO_TLS)
		proto = "tls";
	else if(rcv->proto == PROTO_SCTP)
		proto = "sctp";
	else if(rcv->proto == PROTO_WS || rcv->proto == PROTO_WSS)
		proto = "ws";
	hop.s = out;
	hop.len = snprintf(out, NEXT_HOP_SIZE,
			rcv->src_ip.af == AF_INET6 ? "sip:[%s]:%d;transport=%s"
									   : "sip:%s:%d;transport=%s",
			ip_addr2a((struct ip_addr *)&rcv->src_ip), rcv->src_port, proto);
	return hop;
}

static int is_local(struct sip_uri *uri)
{
	struct ip_addr *ip = numeric(uri);

	if(!ip)
		return 0;
	if(ip->af == AF_INET && ip->u.addr[0] == 127)
		return 1;
	return grep_sock_info(&uri->host, uri->port_no, 0) != NULL;
}

int next_hop_is_stream_proto(int proto)
{
	return proto == PROTO_TCP || proto == PROTO_TLS || proto == PROTO_SCTP
		   || proto == PROTO_WS || proto == PROTO_WSS;
}

int next_hop_transport(const str *uri)
{
	struct sip_uri parsed;

	if(parse_uri(uri->s, uri->len, &parsed) < 0 || !parsed.transport.len)
		return -1;
	return next_hop_is_stream_proto(parsed.proto);
}

str next_hop_by_tcp(const str *hop, char *out)
{
	struct sip_uri uri;
	str tcp = *hop;

	if(parse_uri(hop->s, hop->len, &uri) < 0)
		return *hop;
	tcp.s = out;
	tcp.len = snprintf(out, NEXT_HOP_SIZE, "sip:%.*s%s%.*s;transport=tcp",
			TEXT_ARG(&uri.host), uri.port.len ? ":" : "", TEXT_ARG(&uri.port));
	return tcp;
}

str next_hop_for_size(const str *hop, size_t size, char *out)
{
	struct sip_uri uri;

	if(size <= UDP_SAFE || parse_uri(hop->s, hop->len, &uri) < 0)
		return *hop;
	if(uri.transport.len && uri.proto != PROTO_UDP)
		return *hop;
	if(size <= UDP_LIMIT && (uri.transport.len || is_local(&uri)))
		return *hop;
	return next_hop_by_tcp(hop, out);
}
