/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * fetch: one document by HTTP GET from an XDMS, without ever waiting. At most
 * `xdms_parallel` at once, the rest queues. Time, size, header size and
 * redirects are bounded; credentials and identities go to the server of
 * `xdms_root` alone. Knows no XML and no group; load.c calls it.
 */
#ifndef IMCONF_XDMS_FETCH_H
#define IMCONF_XDMS_FETCH_H

#include <event2/event.h>
#include "base/text.h"

typedef enum fetch_result
{
	FETCH_OK = 0,
	FETCH_UNCHANGED, /* 304 to our If-None-Match */
	FETCH_ABSENT,	 /* 404, 410 */
	FETCH_REFUSED,	 /* 401, 403, 407 */
	FETCH_DOWN,		 /* no connection, no answer in time, cut off, 5xx */
	FETCH_BROKEN	 /* too large, no XML, encoded, a redirect, another code */
} fetch_result_t;

typedef struct fetch_answer
{
	fetch_result_t result;
	str body;		 /* FETCH_OK: borrowed, gone when the callback returns */
	str etag;		 /* with its quotes, or empty; borrowed */
	const char *why; /* of every result but OK and UNCHANGED */
} fetch_answer_t;

/** Called once, never before fetch_start() has returned, unless
 * fetch_cancel() comes first. The fetch is gone when it returns. */
typedef void (*fetch_fn_t)(void *arg, const fetch_answer_t *answer);

typedef struct fetch fetch_t;

/**
 * Asks for `url` on behalf of `user` (X-XCAP-Asserted-Identity; may be
 * empty), only if it changed when `etag` is not empty. The answer comes before
 * `deadline` (milliseconds of schedule_now(), time in the queue included).
 * Copies what it is given. Returns NULL when memory is out or too many wait.
 */
fetch_t *fetch_start(const str *url, const str *user, const str *etag,
		int64_t deadline, fetch_fn_t fn, void *arg);

/** Ends it without a word. */
void fetch_cancel(fetch_t *f);

/** In the worker at start, with its loop. Returns 0 or -1. */
int fetch_open(struct event_base *base);

/** Closes the connections; all fetches have ended or been cancelled. */
void fetch_close(void);

#endif
