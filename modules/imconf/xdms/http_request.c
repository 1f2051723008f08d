/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * http_request: see the header. All that is set in a libcurl handle is set
 * here.
 */
#include "xdms/http_request.h"

#include <string.h>
#include <strings.h>
#include "base/buffer.h"
#include "settings.h"

static int same_part(CURLU *a, CURLU *b, CURLUPart what)
{
	char *x = NULL, *y = NULL;
	int same = curl_url_get(a, what, &x, CURLU_DEFAULT_PORT) == CURLUE_OK
			   && curl_url_get(b, what, &y, CURLU_DEFAULT_PORT) == CURLUE_OK
			   && strcasecmp(x, y) == 0;

	curl_free(x);
	curl_free(y);
	return same;
}

int http_same_server(const str *a, const str *b)
{
	CURLU *x = curl_url(), *y = curl_url();
	int same = x && y && a->len > 0 && b->len > 0
			   && curl_url_set(x, CURLUPART_URL, a->s, 0) == CURLUE_OK
			   && curl_url_set(y, CURLUPART_URL, b->s, 0) == CURLUE_OK
			   && same_part(x, y, CURLUPART_SCHEME)
			   && same_part(x, y, CURLUPART_HOST)
			   && same_part(x, y, CURLUPART_PORT);

	curl_url_cleanup(x);
	curl_url_cleanup(y);
	return same;
}

static int add_header(http_request_t *r, const char *name, const char *before,
		const str *value, const char *after)
{
	struct curl_slist *longer = NULL;
	buffer_t line;

	buffer_init(&line, 0);
	buffer_printf(&line, "%s: %s%.*s%s", name, before, TEXT_ARG(value), after);
	buffer_add(&line, "", 1);
	if(!buffer_failed(&line))
		longer = curl_slist_append(r->headers, line.s);
	buffer_free(&line);
	if(!longer)
		return -1;
	r->headers = longer;
	return 0;
}

/* nothing that would end the quotes, or the line */
static int is_quotable(const str *value)
{
	int i;

	for(i = 0; i < value->len; i++) {
		unsigned char c = value->s[i];
		if(c < ' ' || c == 0x7f || c == '"' || c == '\\')
			return 0;
	}
	return value->len > 0;
}

static int set_headers(http_request_t *r, const http_ask_t *ask, int trusted)
{
	if(trusted && is_quotable(ask->user)
			&& add_header(r, "X-XCAP-Asserted-Identity", "\"", ask->user, "\"")
					   < 0)
		return -1;
	if(ask->etag->len > 0
			&& add_header(r, "If-None-Match", "", ask->etag, "") < 0)
		return -1;
	return curl_easy_setopt(r->easy, CURLOPT_HTTPHEADER, r->headers);
}

/* Time-outs are ours and redirects are followed in fetch.c, each one looked
 * at. No proxy, no signals, no waiting for a resolver's thread that is stuck
 * when its time is over. */
static int set_transport(http_request_t *r, const http_ask_t *ask)
{
	CURL *e = r->easy;

	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, ask->timeout);
	curl_easy_setopt(
			e, CURLOPT_CONNECTTIMEOUT_MS, (long)settings.xdms_connect_timeout);
	curl_easy_setopt(e, CURLOPT_MAXFILESIZE_LARGE,
			(curl_off_t)settings.xdms_document_max);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, r->error);
	return curl_easy_setopt(e, CURLOPT_PROXY, "");
}

/* one file of authorities: a folder full is read anew for every connection,
 * which would hold up the loop */
static int set_tls(http_request_t *r)
{
	CURL *e = r->easy;

	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, settings.xdms_verify ? 1L : 0L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, settings.xdms_verify ? 2L : 0L);
	curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	return settings.xdms_ca_file
				   ? curl_easy_setopt(e, CURLOPT_CAINFO, settings.xdms_ca_file)
				   : 0;
}

static int set_credentials(http_request_t *r)
{
	static const unsigned long methods[] = {
			[XDMS_AUTH_NONE] = CURLAUTH_NONE,
			[XDMS_AUTH_BASIC] = CURLAUTH_BASIC,
			[XDMS_AUTH_DIGEST] = CURLAUTH_DIGEST,
			[XDMS_AUTH_ANY] = CURLAUTH_BASIC | CURLAUTH_DIGEST,
	};

	if(!settings.xdms_user.len || settings.xdms_auth_method == XDMS_AUTH_NONE)
		return 0;
	curl_easy_setopt(
			r->easy, CURLOPT_HTTPAUTH, methods[settings.xdms_auth_method]);
	return curl_easy_setopt(r->easy, CURLOPT_USERNAME, settings.xdms_user.s)
		   || curl_easy_setopt(r->easy, CURLOPT_PASSWORD,
				   settings.xdms_password.len ? settings.xdms_password.s : "");
}

static int set_takers(http_request_t *r, const http_ask_t *ask)
{
	CURL *e = r->easy;

	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, ask->take_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, ask->arg);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, ask->take_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, ask->arg);
	curl_easy_setopt(e, CURLOPT_PRIVATE, ask->arg);
	if(settings.server_token.len
			&& curl_easy_setopt(e, CURLOPT_USERAGENT, settings.server_token.s))
		return -1;
	return curl_easy_setopt(e, CURLOPT_URL, ask->url->s);
}

int http_request_init(http_request_t *r, const http_ask_t *ask)
{
	int trusted = http_same_server(ask->url, &settings.xdms_root);

	memset(r, 0, sizeof(*r));
	r->easy = curl_easy_init();
	if(!r->easy || set_transport(r, ask) || set_tls(r) || set_takers(r, ask)
			|| set_headers(r, ask, trusted))
		return -1;
	return trusted && set_credentials(r) ? -1 : 0;
}

void http_request_clear(http_request_t *r)
{
	if(r->easy)
		curl_easy_cleanup(r->easy);
	curl_slist_free_all(r->headers);
	memset(r, 0, sizeof(*r));
}

void *http_request_owner(CURL *easy)
{
	void *owner = NULL;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &owner);
	return owner;
}

long http_request_status(const http_request_t *r)
{
	long status = 0;

	curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static str text_of(char *zero_terminated)
{
	str s = {zero_terminated, 0};

	s.len = s.s ? (int)strlen(s.s) : 0;
	return s;
}

str http_request_header(const http_request_t *r, const char *name)
{
	struct curl_header *header;

	if(curl_easy_header(r->easy, name, 0, CURLH_HEADER, -1, &header)
			!= CURLHE_OK)
		return text_of(NULL);
	return text_of(header->value);
}

str http_request_redirect(const http_request_t *r)
{
	char *url = NULL;

	curl_easy_getinfo(r->easy, CURLINFO_REDIRECT_URL, &url);
	return text_of(url);
}

long http_request_took(const http_request_t *r)
{
	curl_off_t us = 0;

	curl_easy_getinfo(r->easy, CURLINFO_TOTAL_TIME_T, &us);
	return (long)(us / 1000);
}
