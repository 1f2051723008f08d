/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * sip_uri: sip:, sips: and tel: URIs taken apart, as they stand in URI lists,
 * CPIM headers and Contacts. RFC 3261 section 19.1, RFC 3966. No state.
 */
#ifndef IMCONF_WIRE_SIP_URI_H
#define IMCONF_WIRE_SIP_URI_H

#include "base/text.h"

typedef enum sip_uri_scheme
{
	URI_SIP,
	URI_SIPS,
	URI_TEL
} sip_uri_scheme_t;

/** All parts point into the parsed text; absent ones are empty. (sip_uri_t is
 * the name of what Kamailio's own parser makes.) */
typedef struct uri_parts
{
	sip_uri_scheme_t scheme;
	str user;	 /* without password; of a tel: the number as written */
	str host;	 /* with the brackets of an IPv6 reference; empty in tel: */
	str port;	 /* digits */
	str params;	 /* after the first ';', without it */
	str headers; /* after '?', without it */
	str core;	 /* the URI without its headers part */
} uri_parts_t;

/**
 * Parses `text`, which must be a URI and nothing else (no angle brackets).
 * Returns 0, or -1 when it is none, is of another scheme, has no host (sip),
 * holds white space, control characters, quotes or angle brackets, or is
 * longer than 1024 octets.
 */
int sip_uri_parse(const str *text, uri_parts_t *uri);

/** Value of a URI parameter (name compared without case) in `params`.
 * Returns 1 and sets `value` (empty for a flag), or 0 when absent. */
int sip_uri_param(const str *params, const str *name, str *value);

/** Value of an embedded header (`?a=b&c=d`), still escaped. Returns 1 or 0. */
int sip_uri_header(const str *headers, const str *name, str *value);

/**
 * Finds the URI in a name-addr or addr-spec (`"B" <sip:b@x>;tag=1` or
 * `sip:b@x;tag=1`, where the parameters are the header's). `display`, `uri`
 * and `params` point into `text`; `display` without its quotes. Returns 0 or
 * -1 when it is neither.
 */
int name_addr_parse(const str *text, str *display, str *uri, str *params);

/**
 * Replaces %XX in `text`; `dst` is on the heap (text_free). Returns 0, or -1
 * when an escape is broken or stands for a control character (nobody writes
 * a second header line into our requests) or memory is out.
 */
int sip_unescape(const str *text, str *dst);

#endif
