/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * xcap_path: see xcap_path.h. Called by the fetching of group documents;
 * knows URLs as text and no HTTP.
 */
#include <string.h>
#include "wire/xcap_path.h"

/* an absolute http or https URL, in parts that point into it */
typedef struct http_url
{
	int secure;
	str host; /* with the brackets of an IPv6 reference */
	unsigned port;
	str origin; /* scheme, host and port as written */
	str path;	/* with query, without fragment */
} http_url_t;


static int is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}


static int is_alnum(unsigned char c)
{
	unsigned char lower = c | 0x20;

	return is_digit(c) || (lower >= 'a' && lower <= 'z');
}


static int is_hex(unsigned char c)
{
	unsigned char lower = c | 0x20;

	return is_digit(c) || (lower >= 'a' && lower <= 'f');
}


static int is_one_of(unsigned char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}


static int is_control(unsigned char c)
{
	return c < ' ' || c == 0x7f;
}


/* What may stand in a path segment (RFC 3986 pchar), without the quote that
 * XCAP gives a meaning */
static int is_segment_octet(unsigned char c)
{
	return is_alnum(c) || is_one_of(c, "-._~!$&()*+,;=:@");
}


static void add_escaped(buffer_t *url, unsigned char c)
{
	buffer_printf(url, "%%%02X", c);
}


/* ---- a root ---- */

static int has_host_octets(const str *host)
{
	int is_reference =
			host->len > 2 && host->s[0] == '[' && host->s[host->len - 1] == ']';

	for(int i = is_reference; i < host->len - is_reference; i++) {
		unsigned char c = host->s[i];

		if(is_reference ? !is_hex(c) && !is_one_of(c, ":.")
						: !is_alnum(c) && !is_one_of(c, "-._"))
			return 0;
	}
	return host->len > 0;
}


static int take_port(http_url_t *url, const str *digits)
{
	uint64_t port = url->secure ? 443 : 80;

	/* "host:" is allowed, and means the same as "host" */
	if(digits->len > 0 && (text_to_uint(digits, 65535, &port) < 0 || port == 0))
		return -1;
	url->port = port;
	return 0;
}


static int take_authority(http_url_t *url, const str *authority)
{
	str digits;
	int end = authority->len > 0 && authority->s[0] == '['
					  ? text_find_char(authority, ']') + 1
					  : text_find_char(authority, ':');

	if(end < 0)
		end = authority->len;
	url->host = (str){authority->s, end};
	digits = text_from(authority, end);
	if(digits.len > 0 && digits.s[0] != ':')
		return -1;
	digits = text_from(&digits, 1);
	/* credentials end in an '@', which no host has */
	return has_host_octets(&url->host) ? take_port(url, &digits) : -1;
}


static int length_until(const str *s, const char *set)
{
	int len = 0;

	while(len < s->len && !is_one_of(s->s[len], set))
		len++;
	return len;
}


static int parse_http(const str *text, http_url_t *url)
{
	str rest, authority;

	memset(url, 0, sizeof(*url));
	url->secure = text_starts_nocase(text, &TEXT("https://"));
	if(!url->secure && !text_starts_nocase(text, &TEXT("http://")))
		return -1;
	rest = text_from(text, url->secure ? 8 : 7);
	authority = (str){rest.s, length_until(&rest, "/?#")};
	if(take_authority(url, &authority) < 0)
		return -1;
	url->path = text_from(&rest, authority.len);
	url->path.len = length_until(&url->path, "#");
	url->origin = (str){text->s, (int)(rest.s - text->s) + authority.len};
	return 0;
}


static int same_origin(const http_url_t *a, const http_url_t *b)
{
	return a->secure == b->secure && a->port == b->port
		   && text_eq_nocase(&a->host, &b->host);
}


static int is_url_text(const str *s)
{
	for(int i = 0; i < s->len; i++) {
		unsigned char c = s->s[i];

		if(c == '%') {
			if(s->len - i < 3 || !is_hex(s->s[i + 1]) || !is_hex(s->s[i + 2]))
				return 0;
		} else if(!is_segment_octet(c) && !is_one_of(c, "/?'")) {
			return 0;
		}
	}
	return 1;
}


static int is_dots(const str *segment)
{
	return text_eq(segment, &TEXT(".")) || text_eq(segment, &TEXT(".."));
}


static int has_dots(const str *path)
{
	str rest = {path->s, length_until(path, "?")}, segment;

	while(text_next(&rest, '/', &segment)) {
		if(is_dots(&segment))
			return 1;
	}
	return 0;
}


static int parse_root(const str *root, http_url_t *url)
{
	if(root->len > XCAP_URL_MAX || parse_http(root, url) < 0)
		return -1;
	if(url->origin.len + url->path.len != root->len
			|| text_find_char(&url->path, '?') >= 0)
		return -1;
	return is_url_text(&url->path) && !has_dots(&url->path) ? 0 : -1;
}


int xcap_root_valid(const str *root)
{
	http_url_t url;

	return parse_root(root, &url) == 0;
}


/* With one slash at its end */
static void add_root(buffer_t *url, const http_url_t *root)
{
	str path = root->path;

	while(path.len > 0 && path.s[path.len - 1] == '/')
		path.len--;
	buffer_add_str(url, &root->origin);
	buffer_add_str(url, &path);
	buffer_add(url, "/", 1);
}


/* ---- a group's document ---- */

static int find_hole(const str *path)
{
	return text_find(path, &TEXT("%s"));
}


int xcap_path_valid(const str *path)
{
	int hole = find_hole(path);
	str before = {path->s, hole}, after;

	if(hole < 0 || path->len > XCAP_URL_MAX)
		return 0;
	after = text_from(path, hole + 2);
	return is_url_text(&before) && is_url_text(&after);
}


static int add_segment(buffer_t *url, const str *segment)
{
	for(int i = 0; i < segment->len; i++) {
		unsigned char c = segment->s[i];

		if(is_control(c))
			return -1;
		if(is_segment_octet(c))
			buffer_add(url, &c, 1);
		else
			add_escaped(url, c);
	}
	return 0;
}


static int fits(const buffer_t *url, size_t before)
{
	return !buffer_failed(url) && url->len - before <= XCAP_URL_MAX;
}


int xcap_group_url(
		const str *root, const str *path, const str *group_uri, buffer_t *url)
{
	size_t start = url->len;
	http_url_t there;
	str before, after;

	if(!xcap_path_valid(path) || group_uri->len <= 0
			|| group_uri->len > XCAP_URL_MAX || is_dots(group_uri)
			|| parse_root(root, &there) < 0)
		return -1;
	add_root(url, &there);
	before = (str){path->s, find_hole(path)};
	after = text_from(path, before.len + 2);
	while(before.len > 0 && before.s[0] == '/')
		before = text_from(&before, 1);
	buffer_add_str(url, &before);
	if(add_segment(url, group_uri) < 0)
		return -1;
	buffer_add_str(url, &after);
	return fits(url, start) ? 0 : -1;
}


/* ---- an anchor ---- */

/* RFC 3986 section 3.1: "word:" before anything else */
static int has_scheme(const str *anchor)
{
	int len = length_until(anchor, ":/?#");

	return len < anchor->len && anchor->s[len] == ':';
}


/* A path and query: what is encoded stays so */
static int add_path(buffer_t *url, const str *path)
{
	if(has_dots(path))
		return -1;
	for(int i = 0; i < path->len; i++) {
		unsigned char c = path->s[i];
		str escape = {path->s + i, 3};

		if(is_control(c)
				|| (c == '%' && (path->len - i < 3 || !is_url_text(&escape))))
			return -1;
		if(is_segment_octet(c) || is_one_of(c, "/?%'"))
			buffer_add(url, &c, 1);
		else
			add_escaped(url, c);
	}
	return 0;
}


static int add_absolute(buffer_t *url, const http_url_t *root,
		const str *anchor, int other_hosts)
{
	http_url_t there;

	if(parse_http(anchor, &there) < 0)
		return -1;
	if(!other_hosts && !same_origin(root, &there))
		return -1;
	buffer_add_str(url, &there.origin);
	if(there.path.len == 0 || there.path.s[0] != '/')
		buffer_add(url, "/", 1);
	return add_path(url, &there.path);
}


static int add_relative(
		buffer_t *url, const http_url_t *root, const str *anchor)
{
	str path = {anchor->s, length_until(anchor, "#")};

	/* a query alone names no document; "//" begins a host's name */
	if(path.len == 0 || path.s[0] == '?'
			|| text_starts_nocase(&path, &TEXT("//")))
		return -1;
	if(path.s[0] == '/')
		buffer_add_str(url, &root->origin);
	else
		add_root(url, root);
	return add_path(url, &path);
}


int xcap_resolve(
		const str *root, const str *anchor, int other_hosts, buffer_t *url)
{
	size_t start = url->len;
	str text = text_trim(anchor);
	http_url_t there;
	int rc;

	if(text.len > XCAP_URL_MAX || parse_root(root, &there) < 0)
		return -1;
	rc = has_scheme(&text) ? add_absolute(url, &there, &text, other_hosts)
						   : add_relative(url, &there, &text);
	return rc == 0 && fits(url, start) ? 0 : -1;
}
