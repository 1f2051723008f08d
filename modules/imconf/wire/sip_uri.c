/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * sip_uri: see sip_uri.h. Called by everything that reads an address; knows
 * no SIP message.
 */
#include <stdlib.h>
#include <string.h>
#include "wire/sip_uri.h"

#define URI_MAX 1024


static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}


static int is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}


/* Octets that may stand in a URI. Strict about those that would break a
 * header or a document, lenient about letters beyond ASCII. */
static int has_uri_octets(const str *text)
{
	for(int i = 0; i < text->len; i++) {
		unsigned char c = text->s[i];

		if(c <= ' ' || c == 0x7f || c == '<' || c == '>' || c == '"')
			return 0;
	}
	return 1;
}


/* The head of `s` up to `c`; `rest` gets what follows it. All of `s`, and an
 * empty rest, when there is no `c`. */
static str cut(const str *s, char c, str *rest)
{
	int at = text_find_char(s, c);

	if(at < 0) {
		*rest = (str){NULL, 0};
		return *s;
	}
	*rest = text_from(s, at + 1);
	return (str){s->s, at};
}


static int take_scheme(str *rest, sip_uri_scheme_t *scheme)
{
	static const struct
	{
		str prefix;
		sip_uri_scheme_t scheme;
	} known[] = {
			{STR_STATIC_INIT("sip:"), URI_SIP},
			{STR_STATIC_INIT("sips:"), URI_SIPS},
			{STR_STATIC_INIT("tel:"), URI_TEL},
	};

	for(size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if(text_starts_nocase(rest, &known[i].prefix)) {
			*scheme = known[i].scheme;
			*rest = text_from(rest, known[i].prefix.len);
			return 0;
		}
	}
	return -1;
}


/* RFC 3966 section 3: digits and visual separators, a local number may hold
 * hex digits, '*' and '#' */
static int is_number(const str *s)
{
	int global = s->len > 0 && s->s[0] == '+';
	int digits = 0;

	for(int i = global; i < s->len; i++) {
		char c = s->s[i];

		if(is_digit(c)
				|| (!global
						&& (text_hex_value(c) >= 0 || c == '*' || c == '#')))
			digits++;
		else if(c == '\0' || strchr("-.()", c) == NULL)
			return 0;
	}
	return digits > 0;
}


static int is_host_name(const str *host)
{
	for(int i = 0; i < host->len; i++) {
		char c = host->s[i];

		if(!is_digit(c) && !is_alpha(c) && c != '.' && c != '-' && c != '_')
			return 0;
	}
	return host->len > 0;
}


static int is_host6(const str *host)
{
	if(host->len < 4 || host->s[0] != '[' || host->s[host->len - 1] != ']')
		return 0;
	for(int i = 1; i < host->len - 1; i++) {
		char c = host->s[i];

		if(text_hex_value(c) < 0 && c != ':' && c != '.')
			return 0;
	}
	return 1;
}


static int parse_host_port(const str *text, uri_parts_t *uri)
{
	uint64_t port;
	int host_len;

	if(text->len > 0 && text->s[0] == '[') {
		host_len = text_find_char(text, ']') + 1;
		uri->host = (str){text->s, host_len};
		if(!is_host6(&uri->host))
			return -1;
	} else {
		host_len = text_find_char(text, ':');
		uri->host = (str){text->s, host_len < 0 ? text->len : host_len};
		if(!is_host_name(&uri->host))
			return -1;
	}
	if(uri->host.len == text->len)
		return 0;
	if(text->s[uri->host.len] != ':')
		return -1;
	uri->port = text_from(text, uri->host.len + 1);
	return text_to_uint(&uri->port, 65535, &port);
}


static int parse_tel(const str *rest, uri_parts_t *uri)
{
	uri->user = cut(rest, ';', &uri->params);
	return is_number(&uri->user) ? 0 : -1;
}


static int parse_sip(const str *rest, int user_len, uri_parts_t *uri)
{
	str user, ignored, host_port, after = *rest;

	if(user_len >= 0) {
		user = (str){rest->s, user_len};
		uri->user = cut(&user, ':', &ignored);
		if(uri->user.len == 0)
			return -1;
		after = text_from(rest, user_len + 1);
	}
	host_port = cut(&after, ';', &uri->params);
	return parse_host_port(&host_port, uri);
}


int sip_uri_parse(const str *text, uri_parts_t *uri)
{
	str rest = *text, after;
	int at, question;

	memset(uri, 0, sizeof(*uri));
	if(text->len <= 0 || text->len > URI_MAX || !has_uri_octets(text))
		return -1;
	if(take_scheme(&rest, &uri->scheme) < 0)
		return -1;
	/* a user part may hold '?' and ';' as they are, nothing may hold '@' */
	at = uri->scheme == URI_TEL ? -1 : text_find_char(&rest, '@');
	after = text_from(&rest, at + 1);
	question = text_find_char(&after, '?');
	uri->core = *text;
	if(question >= 0) {
		uri->headers = text_from(&after, question + 1);
		uri->core.len = text->len - uri->headers.len - 1;
		rest.len -= uri->headers.len + 1;
	}
	return uri->scheme == URI_TEL ? parse_tel(&rest, uri)
								  : parse_sip(&rest, at, uri);
}


static int find_value(const str *list, char sep, const str *name, str *value)
{
	str rest = *list, item, found, key;

	while(text_next(&rest, sep, &item)) {
		key = cut(&item, '=', &found);
		key = text_trim(&key);
		if(key.len > 0 && text_eq_nocase(&key, name)) {
			*value = text_trim(&found);
			return 1;
		}
	}
	*value = (str){NULL, 0};
	return 0;
}


int sip_uri_param(const str *params, const str *name, str *value)
{
	return find_value(params, ';', name, value);
}


int sip_uri_header(const str *headers, const str *name, str *value)
{
	return find_value(headers, '&', name, value);
}


/* Takes a quoted string off the front; the escapes stay in. */
static int take_quoted(str *rest, str *inside)
{
	for(int i = 1; i < rest->len; i++) {
		if(rest->s[i] == '\\') {
			i++;
		} else if(rest->s[i] == '"') {
			*inside = (str){rest->s + 1, i - 1};
			*rest = text_from(rest, i + 1);
			*rest = text_trim(rest);
			return 0;
		}
	}
	return -1;
}


/* scheme ":" something, without octets that no URI has */
static int is_uri(const str *s)
{
	int colon = text_find_char(s, ':');

	if(colon <= 0 || colon == s->len - 1 || !is_alpha(s->s[0]))
		return 0;
	for(int i = 1; i < colon; i++) {
		if(!is_alpha(s->s[i]) && !is_digit(s->s[i])
				&& (s->s[i] == '\0' || strchr("+-.", s->s[i]) == NULL))
			return 0;
	}
	return has_uri_octets(s);
}


static int parse_addr_spec(const str *text, str *uri, str *params)
{
	*uri = cut(text, ';', params);
	*uri = text_trim(uri);
	*params = text_trim(params);
	return is_uri(uri) ? 0 : -1;
}


int name_addr_parse(const str *text, str *display, str *uri, str *params)
{
	str rest = text_trim(text), after;
	int open, close;

	*display = *uri = *params = (str){NULL, 0};
	if(rest.len > 0 && rest.s[0] == '"' && take_quoted(&rest, display) < 0)
		return -1;
	open = text_find_char(&rest, '<');
	if(open < 0)
		return display->s ? -1 : parse_addr_spec(&rest, uri, params);
	if(display->s && open != 0)
		return -1;
	if(!display->s) {
		*display = (str){rest.s, open};
		*display = text_trim(display);
	}
	rest = text_from(&rest, open + 1);
	close = text_find_char(&rest, '>');
	if(close < 0)
		return -1;
	*uri = (str){rest.s, close};
	after = text_from(&rest, close + 1);
	after = text_trim(&after);
	if(!is_uri(uri) || (after.len > 0 && after.s[0] != ';'))
		return -1;
	*params = text_from(&after, 1);
	*params = text_trim(params);
	return 0;
}


/* The octet of the escape at `p`, or -1 */
static int escaped_octet(const char *p, int left)
{
	int high, low, octet;

	if(left < 3)
		return -1;
	high = text_hex_value(p[1]);
	low = text_hex_value(p[2]);
	if(high < 0 || low < 0)
		return -1;
	octet = high * 16 + low;
	return octet < ' ' || octet == 0x7f ? -1 : octet;
}


int sip_unescape(const str *text, str *dst)
{
	int octet, len = 0;

	if(text_copy(dst, text) < 0)
		return -1;
	for(int i = 0; i < text->len; i++) {
		if(text->s[i] != '%') {
			dst->s[len++] = text->s[i];
			continue;
		}
		octet = escaped_octet(text->s + i, text->len - i);
		if(octet < 0) {
			text_free(dst);
			return -1;
		}
		dst->s[len++] = octet;
		i += 2;
	}
	if(dst->s)
		dst->s[len] = '\0';
	dst->len = len;
	return 0;
}
