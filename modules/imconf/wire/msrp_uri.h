/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * msrp_uri: MSRP URIs. RFC 4975 sections 6 and 9. No state.
 */
#ifndef IMCONF_WIRE_MSRP_URI_H
#define IMCONF_WIRE_MSRP_URI_H

#include "base/text.h"

/** What carries MSRP to an endpoint. */
typedef enum msrp_transport
{
	MSRP_TCP,
	MSRP_TLS, /* msrps */
	MSRP_WS,  /* a WebSocket, RFC 7977 */
	MSRP_WSS, /* a secure one */
	MSRP_TRANSPORTS
} msrp_transport_t;

/** The two questions about it: below TLS? in a WebSocket? */
#define MSRP_IS_SECURE(transport) ((transport)&MSRP_TLS)
#define MSRP_IS_WEB(transport) ((transport)&MSRP_WS)

typedef struct msrp_uri
{
	int secure;	   /* msrps */
	str host;	   /* brackets of an IPv6 reference removed */
	unsigned port; /* 0: none given */
	str session;
	str transport; /* "tcp", "ws" */
} msrp_uri_t;

/** Parses one URI; all parts point into `text`. Returns 0 or -1. */
int msrp_uri_parse(const str *text, msrp_uri_t *uri);

#endif
