/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * http_request: a GET to an XDMS as a libcurl handle: TLS, credentials,
 * headers, limits; and what its answer's head said. fetch.c runs it.
 */
#ifndef IMCONF_XDMS_HTTP_REQUEST_H
#define IMCONF_XDMS_HTTP_REQUEST_H

#include <curl/curl.h>
#include "base/text.h"

typedef size_t (*http_take_t)(char *data, size_t one, size_t len, void *arg);

/** What is asked; `arg` is the takers' and http_request_owner()'s. */
typedef struct http_ask
{
	const str *url, *user, *etag; /* user and etag may be empty */
	long timeout;				  /* ms, of all of it */
	http_take_t take_body, take_header;
	void *arg;
} http_ask_t;

/** Zeroed memory is an empty one. */
typedef struct http_request
{
	CURL *easy;
	struct curl_slist *headers;
	char error[CURL_ERROR_SIZE]; /* libcurl's words about a failure */
} http_request_t;

/** Makes the handle. Only the server of `xdms_root` gets to know our
 * credentials and who `user` is. A handle serves once: digest nonces that are good once
 * would spoil a second use. Returns 0, or -1 (clear it all the same). */
int http_request_init(http_request_t *r, const http_ask_t *ask);

/** Frees what init made; libcurl must have let go of it. */
void http_request_clear(http_request_t *r);

/** `arg` of the question that `easy` was made for. */
void *http_request_owner(CURL *easy);

/** Of the last answer: status (0: none), a header's value, the address it
 * redirects to (empty: it does not), and how many ms all took. Borrowed, zero
 * terminated, good until http_request_clear(). */
long http_request_status(const http_request_t *r);
str http_request_header(const http_request_t *r, const char *name);
str http_request_redirect(const http_request_t *r);
long http_request_took(const http_request_t *r);

/** 1 when both URLs, zero terminated, are of one scheme, host and port. */
int http_same_server(const str *a, const str *b);

#endif
