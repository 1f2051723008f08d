/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of xdms/fetch against a server in the same loop: what is asked
 * for, and what becomes of every kind of answer.
 */
#include "xdms_world.h"

#include "xdms/fetch.h"

#define NO_TEXT ((str){NULL, 0})

typedef struct outcome
{
	int told;
	fetch_result_t result;
	char body[256];
	char etag[64];
	char why[256];
} outcome_t;

static outcome_t got[16];
static int told; /* of all */


static int setup(void **state)
{
	memset(got, 0, sizeof(got));
	told = 0;
	return world_begin() < 0 || fetch_open(worker.base) < 0 ? -1 : 0;
}


static int teardown(void **state)
{
	fetch_close();
	world_end();
	return 0;
}


static void note(void *arg, const fetch_answer_t *answer)
{
	outcome_t *o = arg;

	o->told++;
	o->result = answer->result;
	snprintf(o->body, sizeof(o->body), "%.*s", TEXT_ARG(&answer->body));
	snprintf(o->etag, sizeof(o->etag), "%.*s", TEXT_ARG(&answer->etag));
	snprintf(o->why, sizeof(o->why), "%s", answer->why ? answer->why : "");
	told++;
}


static fetch_t *begin_as(
		const char *path, const char *user, const char *etag, outcome_t *o)
{
	char text[1024];
	str url = {text, 0}, who = {(char *)user, (int)strlen(user)};
	str tag = {(char *)etag, (int)strlen(etag)};

	url.len = snprintf(
			text, sizeof(text), "http://127.0.0.1:%d%s", stand_port, path);
	return fetch_start(
			&url, &who, &tag, schedule_now() + settings.xdms_timeout, note, o);
}


static fetch_t *begin(const char *path, outcome_t *o)
{
	return begin_as(path, "", "", o);
}


/* Fetches a page from beginning to end. */
static fetch_result_t fetch(const char *path)
{
	int before = told;

	memset(&got[0], 0, sizeof(got[0]));
	assert_non_null(begin(path, &got[0]));
	assert_int_equal(told, before);
	until(&told, before + 1);
	return got[0].result;
}


static fetch_result_t fetch_answer(const char *status, const char *headers)
{
	page_says(page("/a"), status, headers, "<a/>");
	return fetch("/a");
}


static void assert_says(const char *text)
{
	if(!strstr(got[0].why, text))
		fail_msg("\"%s\" is not in \"%s\"", text, got[0].why);
}


static void test_a_document_comes_with_its_etag(void **state)
{
	assert_int_equal(
			fetch_answer("200 OK", XML_TYPE "ETag: \"one\"\r\n"), FETCH_OK);
	assert_string_equal(got[0].body, "<a/>");
	assert_string_equal(got[0].etag, "\"one\"");
	assert_int_equal(statistics[STAT_XDMS_FETCHES], 1);
	assert_int_equal(statistics[STAT_XDMS_ERRORS], 0);
}


static void test_on_whose_behalf(void **state)
{
	page_t *p = page("/a");

	page_says(p, "200 OK", XML_TYPE, "<a/>");
	begin_as("/a", "sip:alice@example.com", "", &got[0]);
	until(&told, 1);
	assert_non_null(strstr(p->request, "\r\nX-XCAP-Asserted-Identity: "
									   "\"sip:alice@example.com\"\r\n"));
	assert_null(strstr(p->request, "Accept-Encoding"));
	begin_as("/a", "sip:a\"b\r\nX: y@example.com", "", &got[0]);
	until(&told, 2);
	assert_null(strstr(p->request, "X-XCAP"));
	assert_null(strstr(p->request, "X: y"));
}


static void test_other_servers_learn_nothing_of_us(void **state)
{
	page_t *p = page("/a");

	page_says(p, "200 OK", XML_TYPE, "<a/>");
	settings.xdms_root = TEXT("http://127.0.0.1:1/xcap");
	settings.xdms_user = TEXT("imconf");
	settings.xdms_password = TEXT("secret");
	settings.xdms_auth_method = XDMS_AUTH_BASIC;
	begin_as("/a", "sip:alice@example.com", "", &got[0]);
	until(&told, 1);
	assert_int_equal(got[0].result, FETCH_OK);
	assert_null(strstr(p->request, "X-XCAP"));
	assert_null(strstr(p->request, "Authorization"));
}


static void test_only_if_it_changed(void **state)
{
	page_t *p = page("/a");

	page_raw(p, "HTTP/1.1 304 Not Modified\r\n\r\n");
	begin_as("/a", "", "\"one\"", &got[0]);
	until(&told, 1);
	assert_int_equal(got[0].result, FETCH_UNCHANGED);
	assert_non_null(strstr(p->request, "\r\nIf-None-Match: \"one\"\r\n"));
	/* to somebody who did not ask so it is no answer */
	assert_int_equal(fetch("/a"), FETCH_BROKEN);
}


static void test_what_statuses_mean(void **state)
{
	assert_int_equal(fetch_answer("404 Not Found", ""), FETCH_ABSENT);
	assert_int_equal(fetch_answer("410 Gone", ""), FETCH_ABSENT);
	assert_int_equal(statistics[STAT_XDMS_ERRORS], 0);
	assert_int_equal(fetch_answer("401 Unauthorized", ""), FETCH_REFUSED);
	assert_int_equal(fetch_answer("403 Forbidden", ""), FETCH_REFUSED);
	assert_int_equal(fetch_answer("408 Request Timeout", ""), FETCH_DOWN);
	assert_int_equal(fetch_answer("429 Too Many Requests", ""), FETCH_DOWN);
	assert_int_equal(fetch_answer("500 Oops", ""), FETCH_DOWN);
	assert_int_equal(fetch_answer("503 Busy", ""), FETCH_DOWN);
	assert_says("503");
	assert_int_equal(fetch_answer("400 Bad Request", ""), FETCH_BROKEN);
	assert_int_equal(fetch_answer("204 No Content", ""), FETCH_BROKEN);
	assert_int_equal(statistics[STAT_XDMS_ERRORS], 8);
}


static void test_what_is_taken_for_xml(void **state)
{
	assert_int_equal(fetch_answer("200 OK", ""), FETCH_OK);
	assert_int_equal(
			fetch_answer("200 OK", "Content-Type: text/xml; charset=utf-8\r\n"),
			FETCH_OK);
	assert_int_equal(
			fetch_answer("200 OK", "Content-Type: APPLICATION/XML\r\n"),
			FETCH_OK);
	assert_int_equal(
			fetch_answer("200 OK",
					"Content-Type: application/vnd.oma.user-profile+xml\r\n"),
			FETCH_OK);
	assert_int_equal(fetch_answer("200 OK", "Content-Type: text/html\r\n"),
			FETCH_BROKEN);
	assert_says("text/html");
	assert_int_equal(
			fetch_answer("200 OK", "Content-Type: x\r\n"), FETCH_BROKEN);
}


static void test_nothing_is_ever_unpacked(void **state)
{
	assert_int_equal(
			fetch_answer("200 OK", XML_TYPE "Content-Encoding: gzip\r\n"),
			FETCH_BROKEN);
	assert_says("gzip");
	assert_int_equal(
			fetch_answer("200 OK", XML_TYPE "Content-Encoding: identity\r\n"),
			FETCH_OK);
}


/* an endless answer of one kind of line */
static void endless(page_t *p, const char *head, const char *line, int lines)
{
	page_raw(p, head);
	for(int i = 0; i < lines; i++)
		buffer_add_text(&p->reply, line);
}


static void test_documents_are_bounded(void **state)
{
	page_t *p = page("/a");

	page_raw(p, "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n" XML_TYPE
				"\r\n<a>");
	assert_int_equal(fetch("/a"), FETCH_BROKEN);
	assert_says("too large");
	endless(p, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
			"10\r\n0123456789abcdef\r\n", 5000);
	assert_int_equal(fetch("/a"), FETCH_BROKEN);
	assert_says("too large");
	endless(p, "HTTP/1.1 200 OK\r\n", "X-A: 0123456789abcdef0123456789\r\n",
			3000);
	assert_int_equal(fetch("/a"), FETCH_BROKEN);
	/* how long the text of a refusal is does not matter */
	page_raw(p, "HTTP/1.1 404 Not Found\r\nContent-Length: 104857600\r\n\r\n<");
	assert_int_equal(fetch("/a"), FETCH_ABSENT);
}


static void test_answers_cut_off_are_no_answers(void **state)
{
	page_t *p = page("/a");

	p->cut = 1;
	page_raw(p, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<a>");
	assert_int_equal(fetch("/a"), FETCH_DOWN);
	page_raw(p, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
				"3\r\n<a>\r\n");
	assert_int_equal(fetch("/a"), FETCH_DOWN);
	page_raw(p, "HTTP/1.1 200");
	assert_int_equal(fetch("/a"), FETCH_DOWN);
	page_raw(p, "hello\r\n");
	assert_int_equal(fetch("/a"), FETCH_DOWN);
	assert_int_equal(statistics[STAT_XDMS_ERRORS], 4);
}


static void test_nobody_there(void **state)
{
	stand_die();
	assert_int_equal(fetch("/a"), FETCH_DOWN);
	assert_true(got[0].why[0] != '\0');
}


static void test_hosts_may_have_names(void **state)
{
	char text[64];
	str url = {text, 0};

	page_says(page("/a"), "200 OK", XML_TYPE, "<a/>");
	url.len = snprintf(text, sizeof(text), "http://localhost:%d/a", stand_port);
	fetch_start(&url, &NO_TEXT, &NO_TEXT, schedule_now() + 5000, note, &got[0]);
	assert_int_equal(told, 0);
	until(&told, 1);
	assert_int_equal(got[0].result, FETCH_OK);
}


static void test_a_server_that_says_nothing(void **state)
{
	int64_t before = schedule_now();

	settings.xdms_timeout = 100;
	page("/a");
	assert_int_equal(fetch("/a"), FETCH_DOWN);
	assert_true(schedule_now() - before >= 90);
	assert_true(schedule_now() - before < 2000);
}


static void test_connections_are_kept(void **state)
{
	for(int i = 0; i < 5; i++)
		assert_int_equal(fetch_answer("200 OK", XML_TYPE), FETCH_OK);
	assert_int_equal(stand_connections, 1);
}


static void test_a_connection_that_went_is_replaced(void **state)
{
	assert_int_equal(fetch_answer("200 OK", XML_TYPE), FETCH_OK);
	stand_die();
	assert_int_equal(stand_listen(), 0);
	assert_int_equal(fetch_answer("200 OK", XML_TYPE), FETCH_OK);
}


static void test_so_many_at_once_and_no_more(void **state)
{
	page_t *p = page("/a");
	int open;

	settings.xdms_parallel = 3;
	page_says(p, "200 OK", XML_TYPE, "<a/>");
	p->hold = 1;
	for(int i = 0; i < 8; i++)
		assert_non_null(begin("/a", &got[i]));
	for(int left = 8; left > 0; left -= open) {
		open = left < 3 ? left : 3;
		until(&stand_open, open);
		assert_int_equal(told, 8 - left);
		assert_int_equal(stand_let_go(), open);
		until(&told, 8 - left + open);
	}
	assert_int_equal(stand_open_max, 3);
	for(int i = 0; i < 8; i++)
		assert_int_equal(got[i].result, FETCH_OK);
}


static void test_queueing_counts_as_waiting(void **state)
{
	settings.xdms_parallel = 1;
	settings.xdms_timeout = 100;
	page("/a");
	for(int i = 0; i < 4; i++)
		assert_non_null(begin("/a", &got[i]));
	until(&told, 4);
	for(int i = 0; i < 4; i++)
		assert_int_equal(got[i].result, FETCH_DOWN);
	assert_true(schedule_now() - world_began < 2000);
}


static void test_cancelled_while_running_or_queueing(void **state)
{
	fetch_t *running, *queueing;
	page_t *p = page("/a");

	settings.xdms_parallel = 1;
	p->hold = 1;
	page_says(p, "200 OK", XML_TYPE, "<a/>");
	running = begin("/a", &got[0]);
	queueing = begin("/a", &got[1]);
	begin("/a", &got[2]);
	until(&stand_open, 1);
	fetch_cancel(queueing);
	fetch_cancel(running);
	p->hold = 0;
	until(&told, 1);
	assert_int_equal(got[2].told, 1);
	assert_int_equal(got[2].result, FETCH_OK);
}


static void test_redirects_are_not_followed_unasked(void **state)
{
	page_says(page("/b"), "200 OK", XML_TYPE, "<b/>");
	assert_int_equal(
			fetch_answer("302 Found", "Location: /b\r\n"), FETCH_BROKEN);
	assert_says("redirects to");
	settings.xdms_redirects = 1;
	assert_int_equal(fetch_answer("302 Found", "Location: /b\r\n"), FETCH_OK);
	assert_string_equal(got[0].body, "<b/>");
	page_says(page("/b"), "301 Moved", "Location: /a\r\n", "");
	assert_int_equal(
			fetch_answer("302 Found", "Location: /b\r\n"), FETCH_BROKEN);
}


static void test_redirects_stay_on_the_server(void **state)
{
	static const char away[] = "Location: http://localhost.invalid/b\r\n";

	settings.xdms_redirects = 1;
	assert_int_equal(fetch_answer("302 Found", away), FETCH_BROKEN);
	assert_says("another server");
	assert_int_equal(
			fetch_answer("302 Found", "Location: file:///etc/passwd\r\n"),
			FETCH_BROKEN);
	settings.xdms_external_hosts = 1;
	assert_int_equal(
			fetch_answer("302 Found", "Location: file:///etc/passwd\r\n"),
			FETCH_BROKEN);
}


static void test_basic_login(void **state)
{
	page_t *p = page("/xcap/a");

	settings.xdms_user = TEXT("imconf");
	settings.xdms_password = TEXT("secret");
	settings.xdms_auth_method = XDMS_AUTH_BASIC;
	page_says(p, "200 OK", XML_TYPE, "<a/>");
	assert_int_equal(fetch("/xcap/a"), FETCH_OK);
	assert_non_null(strstr(
			p->request, "\r\nAuthorization: Basic aW1jb25mOnNlY3JldA==\r\n"));
	assert_int_equal(p->asked, 1);
}


static const char refused_page[] = "HTTP/1.1 401 Unauthorized\r\n"
								   "Content-Length: 0\r\n";
static int nonces, spoilt;

/* As OpenXCAP does it: a nonce serves one request; a request with another one
 * is refused without a challenge. */
static void digest_page(page_t *p, const char *request, buffer_t *out)
{
	char fresh[32];

	snprintf(fresh, sizeof(fresh), "nonce=\"n%d\"", nonces);
	if(strstr(request, "Authorization: Digest ") && strstr(request, fresh)
			&& spoilt-- <= 0) {
		nonces++;
		buffer_printf(out,
				"HTTP/1.1 200 OK\r\n" XML_TYPE "Content-Length: 4\r\n\r\n<a/>");
	} else if(strstr(request, "Authorization: ")) {
		nonces++;
		buffer_printf(out, "%s\r\n", refused_page);
	} else {
		buffer_printf(out,
				"%sWWW-Authenticate: digest realm=\"x\", nonce=\"n%d\", "
				"opaque=\"o\", qop=\"auth\", algorithm=\"md5\"\r\n\r\n",
				refused_page, nonces);
	}
}


static void digest_world(void)
{
	page("/xcap/a")->fn = digest_page;
	nonces = 1;
	spoilt = 0;
	settings.xdms_user = TEXT("imconf");
	settings.xdms_password = TEXT("secret");
}


static void test_digest_nonces_that_are_good_once(void **state)
{
	digest_world();
	assert_int_equal(fetch("/xcap/a"), FETCH_OK);
	assert_int_equal(fetch("/xcap/a"), FETCH_OK);
	assert_int_equal(page("/xcap/a")->asked, 4);
	settings.xdms_auth_method = XDMS_AUTH_DIGEST;
	assert_int_equal(fetch("/xcap/a"), FETCH_OK);
	assert_int_equal(stand_connections, 1);
}


static void test_a_second_401_without_a_challenge(void **state)
{
	digest_world();
	spoilt = 1;
	assert_int_equal(fetch("/xcap/a"), FETCH_OK);
	assert_int_equal(page("/xcap/a")->asked, 4);
	/* but a wrong password stays a wrong password */
	spoilt = 100;
	assert_int_equal(fetch("/xcap/a"), FETCH_REFUSED);
	assert_int_equal(page("/xcap/a")->asked, 8);
}


#define world_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
			world_test(test_a_document_comes_with_its_etag),
			world_test(test_on_whose_behalf),
			world_test(test_other_servers_learn_nothing_of_us),
			world_test(test_only_if_it_changed),
			world_test(test_what_statuses_mean),
			world_test(test_what_is_taken_for_xml),
			world_test(test_nothing_is_ever_unpacked),
			world_test(test_documents_are_bounded),
			world_test(test_answers_cut_off_are_no_answers),
			world_test(test_nobody_there),
			world_test(test_hosts_may_have_names),
			world_test(test_a_server_that_says_nothing),
			world_test(test_connections_are_kept),
			world_test(test_a_connection_that_went_is_replaced),
			world_test(test_so_many_at_once_and_no_more),
			world_test(test_queueing_counts_as_waiting),
			world_test(test_cancelled_while_running_or_queueing),
			world_test(test_redirects_are_not_followed_unasked),
			world_test(test_redirects_stay_on_the_server),
			world_test(test_basic_login),
			world_test(test_digest_nonces_that_are_good_once),
			world_test(test_a_second_401_without_a_challenge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
