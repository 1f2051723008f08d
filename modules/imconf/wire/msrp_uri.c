/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * msrp_uri: takes MSRP URIs apart. Called by sdp and the switch, for every
 * URI that comes from outside; may not know what they are used for. RFC 4975
 * sections 6 and 9.
 */
#include "wire/msrp_uri.h"

#define URI_MAX 1024

static int is_clean(const str *text)
{
	int i;

	for(i = 0; i < text->len; i++) {
		char c = text->s[i];

		if(c <= ' ' || c > '~' || c == '<' || c == '>' || c == '"')
			return 0;
	}
	return 1;
}


/* Takes "msrp://" or "msrps://" off the front of `rest`. */
static int take_scheme(str *rest, int *secure)
{
	str plain = str_init("msrp://");
	str tls = str_init("msrps://");

	*secure = text_starts_nocase(rest, &tls);
	if(!*secure && !text_starts_nocase(rest, &plain))
		return -1;
	*rest = text_from(rest, *secure ? tls.len : plain.len);
	return 0;
}


static int read_port(const str *text, unsigned *port)
{
	uint64_t value;

	if(text_to_uint(text, 65535, &value) < 0 || value == 0)
		return -1;
	*port = (unsigned)value;
	return 0;
}


static int read_ipv6_host(const str *authority, msrp_uri_t *uri)
{
	int close = text_find_char(authority, ']');
	str rest;

	if(close < 2)
		return -1;
	uri->host.s = authority->s + 1;
	uri->host.len = close - 1;
	rest = text_from(authority, close + 1);
	if(rest.len == 0)
		return 0;
	if(rest.s[0] != ':')
		return -1;
	rest = text_from(&rest, 1);
	return read_port(&rest, &uri->port);
}


/* [userinfo@]host[:port]; the userinfo means nothing (section 6.1) */
static int read_authority(str authority, msrp_uri_t *uri)
{
	int at = text_find_char(&authority, '@');
	int colon;
	str port;

	if(at >= 0)
		authority = text_from(&authority, at + 1);
	if(authority.len > 0 && authority.s[0] == '[')
		return read_ipv6_host(&authority, uri);
	uri->host = authority;
	colon = text_find_char(&authority, ':');
	if(colon >= 0) {
		uri->host.len = colon;
		port = text_from(&authority, colon + 1);
		if(read_port(&port, &uri->port) < 0)
			return -1;
	}
	return uri->host.len > 0 ? 0 : -1;
}


int msrp_uri_parse(const str *text, msrp_uri_t *uri)
{
	str rest = *text;
	str authority;
	int at;

	memset(uri, 0, sizeof(*uri));
	if(text->len > URI_MAX || !is_clean(text))
		return -1;
	if(take_scheme(&rest, &uri->secure) < 0)
		return -1;
	at = text_find_char(&rest, ';');
	if(at < 0)
		return -1;
	uri->transport = text_from(&rest, at + 1);
	authority.s = rest.s;
	authority.len = at;
	at = text_find_char(&uri->transport, ';');
	if(at >= 0)
		uri->transport.len = at;
	at = text_find_char(&authority, '/');
	if(at >= 0) {
		uri->session = text_from(&authority, at + 1);
		authority.len = at;
	}
	return uri->transport.len > 0 ? read_authority(authority, uri) : -1;
}
