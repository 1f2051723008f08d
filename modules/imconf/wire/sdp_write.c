/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * sdp_write: writes our offers and answers. Called by the focus; what is
 * declared in sdp.h and reads nothing. RFC 3264, RFC 4975 section 8, RFC 6135
 * section 4.2, RFC 7701 section 8.
 */
#include <inttypes.h>

#include "wire/sdp.h"

#define DISCARD_PORT 9 /* said by the side that connects, RFC 6135 */

static int is_ipv6(const str *address)
{
	return text_find_char(address, ':') >= 0;
}


static void write_session(const sdp_own_t *own, buffer_t *out)
{
	const char *family = is_ipv6(&own->address) ? "IP6" : "IP4";

	buffer_printf(out,
			"v=0\r\n"
			"o=- %" PRIu64 " %" PRIu64 " IN %s %.*s\r\n"
			"s=-\r\n"
			"c=IN %s %.*s\r\n"
			"t=0 0\r\n",
			own->id, own->version, family, TEXT_ARG(&own->address), family,
			TEXT_ARG(&own->address));
}


static const char *setup_name(sdp_setup_t setup)
{
	switch(setup) {
		case SETUP_ACTIVE:
			return "active";
		case SETUP_PASSIVE:
			return "passive";
		case SETUP_ACTPASS:
			return "actpass";
		default:
			return NULL;
	}
}


static const char *direction_name(sdp_direction_t direction)
{
	switch(direction) {
		case SDP_SENDONLY:
			return "sendonly";
		case SDP_RECVONLY:
			return "recvonly";
		case SDP_INACTIVE:
			return "inactive";
		default:
			return "sendrecv";
	}
}


static sdp_direction_t opposite(sdp_direction_t direction)
{
	if(direction == SDP_SENDONLY)
		return SDP_RECVONLY;
	if(direction == SDP_RECVONLY)
		return SDP_SENDONLY;
	return direction;
}


static void write_msrp_line(const sdp_own_t *own, const str *proto,
		sdp_direction_t direction, buffer_t *out)
{
	const char *setup = setup_name(own->setup);
	unsigned port = own->setup == SETUP_ACTIVE ? DISCARD_PORT : own->port;

	buffer_printf(out,
			"m=message %u %.*s *\r\n"
			"a=accept-types:message/cpim\r\n"
			"a=accept-wrapped-types:*\r\n"
			"a=path:",
			port, TEXT_ARG(proto));
	sdp_write_path(own, out);
	if(setup)
		buffer_printf(out, "\r\na=setup:%s", setup);
	if(own->cema)
		buffer_add_text(out, "\r\na=msrp-cema");
	if(own->fingerprint.len > 0)
		buffer_printf(
				out, "\r\na=fingerprint:%.*s", TEXT_ARG(&own->fingerprint));
	if(own->max_size > 0)
		buffer_printf(out, "\r\na=max-size:%" PRIu64, own->max_size);
	if(own->chatroom)
		buffer_printf(out, "\r\na=chatroom%s%s", *own->chatroom ? ":" : "",
				own->chatroom);
	buffer_printf(out, "\r\na=%s\r\n", direction_name(direction));
}


void sdp_write_offer(const sdp_own_t *own, buffer_t *out)
{
	str proto = MSRP_IS_SECURE(own->transport) ? TEXT("TCP/TLS/MSRP")
											   : TEXT("TCP/MSRP");

	write_session(own, out);
	write_msrp_line(own, &proto, SDP_SENDRECV, out);
}


/* The m-line as it was, with port 0 (RFC 3264 section 6). */
static void refuse_media(const str *media, buffer_t *out)
{
	str rest = text_trim(media);
	str name, port;

	text_next(&rest, ' ', &name);
	rest = text_trim(&rest);
	text_next(&rest, ' ', &port);
	rest = text_trim(&rest);
	buffer_printf(out, "m=%.*s 0 %.*s\r\n", TEXT_ARG(&name), TEXT_ARG(&rest));
}


void sdp_write_answer(const sdp_own_t *own, const sdp_t *offer,
		const sdp_msrp_t *theirs, buffer_t *out)
{
	int i;

	write_session(own, out);
	for(i = 0; i < offer->media_count; i++) {
		if(i == theirs->index)
			write_msrp_line(
					own, &theirs->proto, opposite(theirs->direction), out);
		else
			refuse_media(&offer->media[i], out);
	}
}


void sdp_write_path(const sdp_own_t *own, buffer_t *out)
{
	int v6 = is_ipv6(&own->address);

	buffer_printf(out, "%s://%s%.*s%s:%u/%.*s;%s",
			MSRP_IS_SECURE(own->transport) ? "msrps" : "msrp", v6 ? "[" : "",
			TEXT_ARG(&own->address), v6 ? "]" : "", own->port,
			TEXT_ARG(&own->session),
			MSRP_IS_WEB(own->transport) ? "ws" : "tcp");
}
