/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * fetch: see the header. The queue, the life of one fetch and what its end
 * means; how a request is put together is in http_request.c.
 */
#include "xdms/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/statistics.h"
#include "base/buffer.h"
#include "base/list.h"
#include "core/dprint.h"
#include "settings.h"
#include "worker/schedule.h"
#include "xdms/curl_loop.h"
#include "xdms/http_request.h"

#define QUEUE_MAX 10000
#define HEADERS_MAX 65536 /* bytes of all headers of one fetch */
#define ETAG_MAX 256

struct fetch
{
	TAILQ_ENTRY(fetch) link; /* in `queue` or `running` */
	fetch_fn_t fn;
	void *arg;
	str url, user, etag; /* owned */
	int64_t deadline;
	alarm_clock_t alarm; /* while it queues, or could not start */
	http_request_t http; /* while it runs */
	int runs;			 /* in `running` */
	int transfers;		 /* libcurl has it */
	buffer_t body;
	size_t headers;
	int too_long;
	int redirects;
	int repeated; /* from scratch, after a 401 without a challenge */
	char why[CURL_ERROR_SIZE + 64];
};

TAILQ_HEAD(fetch_list, fetch);
static struct fetch_list queue = TAILQ_HEAD_INITIALIZER(queue);
static struct fetch_list running = TAILQ_HEAD_INITIALIZER(running);
static int queue_len, running_len;

static void start_next(void);

/* ---- life ---- */

static void fetch_destroy(fetch_t *f)
{
	alarm_stop(&f->alarm);
	http_request_clear(&f->http);
	buffer_free(&f->body);
	text_free(&f->url);
	text_free(&f->user);
	text_free(&f->etag);
	free(f);
}

static fetch_t *fetch_create(const str *url, const str *user, const str *etag)
{
	fetch_t *f = calloc(1, sizeof(*f));

	if(!f)
		return NULL;
	buffer_init(&f->body, settings.xdms_document_max);
	if(text_copy(&f->url, url) < 0 || text_copy(&f->user, user) < 0
			|| text_copy(&f->etag, etag) < 0) {
		fetch_destroy(f);
		return NULL;
	}
	return f;
}

static void enter_queue(fetch_t *f, int at_head)
{
	if(at_head)
		TAILQ_INSERT_HEAD(&queue, f, link);
	else
		TAILQ_INSERT_TAIL(&queue, f, link);
	queue_len++;
}

static void leave_queue(fetch_t *f)
{
	TAILQ_REMOVE(&queue, f, link);
	queue_len--;
	alarm_stop(&f->alarm);
}

static void enter_running(fetch_t *f)
{
	TAILQ_INSERT_TAIL(&running, f, link);
	running_len++;
	f->runs = 1;
}

static void leave_running(fetch_t *f)
{
	if(f->transfers)
		curl_loop_remove(f->http.easy);
	f->transfers = 0;
	TAILQ_REMOVE(&running, f, link);
	running_len--;
	f->runs = 0;
}

static void leave_lists(fetch_t *f)
{
	if(f->runs)
		leave_running(f);
	else
		leave_queue(f);
}

static void finish(fetch_t *f, const fetch_answer_t *answer)
{
	leave_lists(f);
	if(answer->result >= FETCH_REFUSED)
		count(STAT_XDMS_ERRORS, 1);
	f->fn(f->arg, answer);
	fetch_destroy(f);
	start_next();
}

static void fail(fetch_t *f, fetch_result_t result, const char *why)
{
	fetch_answer_t answer = {.result = result, .why = why};

	finish(f, &answer);
}

/* ---- libcurl's callbacks ---- */

static size_t take_body(char *data, size_t one, size_t len, void *arg)
{
	fetch_t *f = arg;

	if(buffer_add(&f->body, data, len) == 0)
		return len;
	f->too_long = 1;
	return 0;
}

/* of every answer: challenges, redirects and the final one */
static size_t take_header(char *data, size_t one, size_t len, void *arg)
{
	fetch_t *f = arg;

	f->headers += len;
	if(f->headers <= HEADERS_MAX)
		return len;
	f->too_long = 1;
	return 0;
}

/* ---- what an end means ---- */

static fetch_result_t result_of_status(long status)
{
	switch(status) {
		case 404:
		case 410:
			return FETCH_ABSENT;
		case 401:
		case 403:
		case 407:
			return FETCH_REFUSED;
		case 408:
		case 429:
			return FETCH_DOWN;
		default:
			return status >= 500 && status < 600 ? FETCH_DOWN : FETCH_BROKEN;
	}
}

static fetch_result_t result_of_error(fetch_t *f, CURLcode code)
{
	const char *why =
			f->http.error[0] ? f->http.error : curl_easy_strerror(code);

	if(f->too_long)
		why = "it is too large";
	snprintf(f->why, sizeof(f->why), "%s", why);
	switch(code) {
		case CURLE_WRITE_ERROR:
		case CURLE_FILESIZE_EXCEEDED:
		case CURLE_URL_MALFORMAT:
			return FETCH_BROKEN;
		default:
			return FETCH_DOWN;
	}
}

/* What kind of XML it says it is does not matter: an XDMS that keeps groups
 * under a name of another usage says another one. */
static int is_xml(const str *type)
{
	str media = *type;
	int end = text_find_char(&media, ';');

	if(end >= 0)
		media.len = end;
	media = text_trim(&media);
	if(media.len < 4)
		return media.len == 0;
	media = text_from(&media, media.len - 4);
	return text_eq_nocase(&media, &TEXT("/xml"))
		   || text_eq_nocase(&media, &TEXT("+xml"));
}

static fetch_result_t check_content(fetch_t *f)
{
	str type = http_request_header(&f->http, "Content-Type");
	str encoding = http_request_header(&f->http, "Content-Encoding");

	if(encoding.len > 0 && !text_eq_nocase(&encoding, &TEXT("identity"))) {
		snprintf(f->why, sizeof(f->why), "it is encoded (%.80s), unasked",
				encoding.s);
		return FETCH_BROKEN;
	}
	if(!is_xml(&type)) {
		snprintf(f->why, sizeof(f->why), "it is %.80s, no XML", type.s);
		return FETCH_BROKEN;
	}
	return FETCH_OK;
}

static fetch_result_t result_of(fetch_t *f, CURLcode code)
{
	long status = http_request_status(&f->http);

	if(code == CURLE_FILESIZE_EXCEEDED)
		f->too_long = 1;
	/* how long a refusal's text is does not matter */
	if(code != CURLE_OK && !(f->too_long && status != 200))
		return result_of_error(f, code);
	if(status == 200)
		return check_content(f);
	if(status == 304 && f->etag.len > 0)
		return FETCH_UNCHANGED;
	if(!f->why[0])
		snprintf(f->why, sizeof(f->why), "the answer is %ld", status);
	return result_of_status(status);
}

/* ---- again ---- */

static void cannot_start(void *arg)
{
	fail(arg, FETCH_DOWN, "no memory for a request");
}

static void start(fetch_t *f)
{
	int64_t left = f->deadline - schedule_now();
	http_ask_t ask = {&f->url, &f->user, &f->etag, left > 0 ? (long)left : 1,
			take_body, take_header, f};

	buffer_clear(&f->body);
	f->headers = 0;
	f->too_long = 0;
	if(http_request_init(&f->http, &ask) < 0
			|| curl_loop_add(f->http.easy) < 0) {
		alarm_start(&f->alarm, 0, cannot_start, f);
		return;
	}
	f->transfers = 1;
	count(STAT_XDMS_FETCHES, 1);
}

static void restart(fetch_t *f)
{
	leave_running(f);
	http_request_clear(&f->http);
	enter_queue(f, 1);
	start_next();
}

/* Nonces of OpenXCAP are good once, and what it thinks of a used one is a 401
 * without a challenge: only a request without credentials gets a fresh one. */
static int repeat_login(fetch_t *f)
{
	if(f->repeated || http_request_status(&f->http) != 401
			|| settings.xdms_user.len == 0
			|| http_request_header(&f->http, "WWW-Authenticate").len > 0)
		return 0;
	f->repeated = 1;
	restart(f);
	return 1;
}

static int may_redirect(const fetch_t *f, const str *target)
{
	if(!settings.xdms_external_hosts)
		return http_same_server(target, &f->url);
	return text_starts_nocase(target, &TEXT("http://"))
		   || text_starts_nocase(target, &TEXT("https://"));
}

static int redirect(fetch_t *f)
{
	str target = http_request_redirect(&f->http);

	if(!target.len)
		return 0;
	if(f->redirects >= settings.xdms_redirects) {
		snprintf(f->why, sizeof(f->why), "it redirects to %.100s", target.s);
		return 0;
	}
	if(!may_redirect(f, &target)) {
		snprintf(f->why, sizeof(f->why),
				"it redirects to another server: %.80s", target.s);
		return 0;
	}
	if(text_replace(&f->url, &target) < 0)
		return 0;
	f->redirects++;
	restart(f);
	return 1;
}

static void transfer_ended(CURL *easy, CURLcode code)
{
	fetch_t *f = http_request_owner(easy);
	fetch_answer_t answer = {.why = f->why};

	count(STAT_XDMS_LATENCY_MS, http_request_took(&f->http));
	f->why[0] = '\0';
	if(code == CURLE_OK && (repeat_login(f) || redirect(f)))
		return;
	answer.result = result_of(f, code);
	answer.body = buffer_str(&f->body);
	answer.etag = http_request_header(&f->http, "ETag");
	if(answer.etag.len > ETAG_MAX)
		answer.etag.len = 0;
	finish(f, &answer);
}

/* ---- the queue ---- */

static void waited_too_long(void *arg)
{
	fail(arg, FETCH_DOWN, "it did not get its turn in time");
}

static void start_next(void)
{
	fetch_t *f;

	while(running_len < settings.xdms_parallel
			&& (f = TAILQ_FIRST(&queue)) != NULL) {
		leave_queue(f);
		enter_running(f);
		start(f);
	}
}

fetch_t *fetch_start(const str *url, const str *user, const str *etag,
		int64_t deadline, fetch_fn_t fn, void *arg)
{
	int64_t left = deadline - schedule_now();
	fetch_t *f = queue_len < QUEUE_MAX ? fetch_create(url, user, etag) : NULL;

	if(!f)
		return NULL;
	f->fn = fn;
	f->arg = arg;
	f->deadline = deadline;
	enter_queue(f, 0);
	alarm_start(&f->alarm, left > 0 ? (long)left : 0, waited_too_long, f);
	start_next();
	return f;
}

void fetch_cancel(fetch_t *f)
{
	leave_lists(f);
	fetch_destroy(f);
	start_next();
}

int fetch_open(struct event_base *base)
{
	return curl_loop_start(base, settings.xdms_parallel, transfer_ended);
}

void fetch_close(void)
{
	curl_loop_stop();
}
