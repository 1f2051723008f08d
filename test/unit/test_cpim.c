/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/cpim. Samples after RFC 3862 and what deployed clients
 * send.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include "wire/cpim.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NOW 1700000000 /* 2023-11-14T22:13:20Z */

#define MIME \
	"Content-type: text/plain;charset=utf-8\r\nContent-length: 5\r\n\r\n"

/* as the GSMA reference client writes to a group */
#define RCS                                     \
	"From: <sip:+33612345678@home.example>\r\n" \
	"To: <sip:anonymous@anonymous.invalid>\r\n" \
	"NS: imdn <urn:ietf:params:imdn>\r\n"       \
	"imdn.Message-ID: 0123456789abcdef\r\n"     \
	"DateTime: 2015-03-01T09:00:00.000Z\r\n"    \
	"imdn.Disposition-Notification: positive-delivery, display\r\n\r\n"

typedef struct sample
{
	const char *name;
	const char *data;
	int from_count;
	const char *from_uri;
	int to_count;
	const char *to_uri; /* the first */
	const char *type;
	const char *headers_end; /* what follows the message headers */
	const char *mime_end;	 /* what follows the MIME headers; NULL: open */
} sample_t;

/* clang-format off */
static const sample_t good[] = {
	{"the GSMA reference client", RCS MIME "hello", 1,
		"sip:+33612345678@home.example", 1,
		"sip:anonymous@anonymous.invalid", "text/plain", MIME "hello", "hello"},
	{"a tel: URI", "From: <tel:+33612345678>\r\nTo: <tel:+1>\r\n\r\n" MIME, 1,
		"tel:+33612345678", 1, "tel:+1", "text/plain", MIME, ""},
	{"no From, no To, no DateTime (doubango)",
		"Subject: test\r\n\r\nContent-Type: text/plain\r\n\r\nhi", 0, "", 0, "",
		"text/plain", "Content-Type: text/plain\r\n\r\nhi", "hi"},
	{"LF only",
		"From: <sip:a@x>\nTo: <sip:b@x>\n\nContent-type: text/plain\n\nhi", 1,
		"sip:a@x", 1, "sip:b@x", "text/plain",
		"Content-type: text/plain\n\nhi", "hi"},
	{"bare LF inside the MIME part",
		"From: <sip:a@x>\r\nTo: <sip:b@x>\r\n\r\nContent-Type: a/b\n"
		"Content-Transfer-Encoding:\n\nhi\n\nho", 1, "sip:a@x", 1, "sip:b@x",
		"a/b", "Content-Type: a/b\nContent-Transfer-Encoding:\n\nhi\n\nho",
		"hi\n\nho"},
	{"upper case type, charset in quotes",
		"From: <sip:a@x>\r\nTo: <sip:b@x>\r\n\r\n"
		"CONTENT-TYPE: Text/PLAIN; charset=\"utf8\"\r\n\r\n", 1, "sip:a@x", 1,
		"sip:b@x", "Text/PLAIN",
		"CONTENT-TYPE: Text/PLAIN; charset=\"utf8\"\r\n\r\n", ""},
	{"no message headers at all", "\r\n" MIME, 0, "", 0, "", "text/plain",
		MIME, ""},
	{"no blank line before the MIME headers (RFC 7701's samples)",
		"To: <sip:b@x>\r\nFrom: <sip:a@x>\r\nDateTime: 2009\r\n"
		"Content-Type: text/plain\r\n\r\nhi", 1, "sip:a@x", 1, "sip:b@x",
		"text/plain", "Content-Type: text/plain\r\n\r\nhi", "hi"},
	{"MIME headers only", MIME "hello", 0, "", 0, "", "text/plain",
		MIME "hello", "hello"},
	{"no MIME headers, but their blank line",
		"From: <sip:a@x>\r\nTo: <sip:b@x>\r\n\r\n\r\nhi", 1, "sip:a@x", 1,
		"sip:b@x", "", "\r\nhi", "hi"},
	{"MIME headers without end",
		"From: <sip:a@x>\r\nTo: <sip:b@x>\r\n\r\nContent-type: a/b\r\n", 1,
		"sip:a@x", 1, "sip:b@x", "", "Content-type: a/b\r\n", NULL},
	{"nothing behind the message headers",
		"From: <sip:a@x>\r\nTo: <sip:b@x>\r\n\r\n", 1, "sip:a@x", 1, "sip:b@x",
		"", "", NULL},
	{"a folded MIME header",
		"From: <sip:a@x>\r\nTo: <sip:b@x>\r\n\r\nContent-Type: text/plain;\r\n"
		"\tcharset=utf-8\r\n\r\nhi", 1, "sip:a@x", 1, "sip:b@x", "text/plain",
		"Content-Type: text/plain;\r\n\tcharset=utf-8\r\n\r\nhi", "hi"},
	{"names count by case: from and TO are other headers",
		"from: <sip:a@x>\r\nTO: <sip:b@x>\r\n\r\n" MIME, 0, "", 0, "",
		"text/plain", MIME, ""},
	{"two From, three To",
		"From: <sip:a@x>\r\nFrom: <sip:e@x>\r\nTo: <sip:b@x>\r\n"
		"To: <sip:c@x>\r\nTo: <sip:d@x>\r\n\r\n" MIME, 2, "sip:a@x", 3,
		"sip:b@x", "text/plain", MIME, ""},
	{"one From per namespace counts not",
		"NS: my <urn:x>\r\nmy.From: <sip:e@x>\r\nFrom: <sip:a@x>\r\n\r\n" MIME,
		1, "sip:a@x", 0, "", "text/plain", MIME, ""},
};

static const struct { const char *value; const char *uri; } addresses[] = {
	{"<sip:a@x>", "sip:a@x"},
	{"Alice <sip:a@x>", "sip:a@x"},
	{"\"Alice <sip:e@x>\" <sip:a@x>", "sip:a@x"},
	{"\"A \\\" <sip:e@x> \\\\\" <sip:a@x>", "sip:a@x"},
	{"\303\204lice <sip:a@x;user=phone>", "sip:a@x;user=phone"},
	{"< sip:a@x >", "sip:a@x"},
	{"sip:a@x", "sip:a@x"},
	{"sip:a@x;tag=1", "sip:a@x"},
	{"tel:+1 junk", "tel:+1"},
	{"<im:a@x> <im:b@x>", "im:a@x"},
	{"", ""}, {"<>", ""}, {"<sip:a@x", ""}, {">sip:a@x<", ""}, {"Alice", ""},
	{"\"Alice", ""}, {"\"Alice\"", ""}, {"\"Alice <sip:a@x>\"", ""},
	{"@", ""}, {":", ""}, {"< >", ""},
};

static const struct { const char *name; const char *data; } broken[] = {
	{"no headers", "hello\r\n\r\n"},
	{"no header among them", "From: <sip:a@x>\r\nhello\r\n\r\n" MIME},
	{"a name with a space", "Fr om: <sip:a@x>\r\n\r\n" MIME},
	{"no name", ": <sip:a@x>\r\n\r\n" MIME},
	{"a folded message header", "From: <sip:a@x>\r\n To: x\r\n\r\n" MIME},
	{"a CR inside", "From: <sip:a@x>\rFrom: <sip:e@x>\r\n\r\n" MIME},
	{"two CRs", "From: <sip:a@x>\r\r\n\r\n" MIME},
	{"no header in the MIME part", "From: <sip:a@x>\r\n\r\nhello\r\n\r\n"},
	{"a MIME part that begins folded",
		"From: <sip:a@x>\r\n\r\n Content-type: a/b\r\n\r\n"},
};
/* clang-format on */


/* A copy of exactly the data's size, so that reading on is noticed. */
static str exact(const char *data, size_t len)
{
	str s = {malloc(len ? len : 1), (int)len};

	memcpy(s.s, data, len);
	return s;
}


static void assert_text(const char *name, const str *got, const char *expected)
{
	if(got->len != (int)strlen(expected)
			|| memcmp(got->s ? got->s : "", expected, got->len) != 0)
		fail_msg("%s: '%.*s' instead of '%s'", name, TEXT_ARG(got), expected);
}


static void check_good(const sample_t *row)
{
	str data = exact(row->data, strlen(row->data));
	cpim_t c;
	str rest;

	if(cpim_parse(&data, 1, &c) != CPIM_OK)
		fail_msg("%s: refused", row->name);
	assert_int_equal(c.from_count, row->from_count);
	assert_text(row->name, &c.from_uri, row->from_uri);
	assert_int_equal(c.to_count, row->to_count);
	assert_text(row->name, &c.to_uri[0], row->to_uri);
	assert_text(row->name, &c.content_type, row->type);
	rest = text_from(&data, (int)c.headers_end);
	assert_text(row->name, &rest, row->headers_end);
	if(row->mime_end) {
		rest = text_from(&data, (int)c.mime_end);
		assert_text(row->name, &rest, row->mime_end);
	} else
		assert_int_equal(c.mime_end, 0);
	free(data.s);
}


/* Every shorter piece asks for more, until the MIME headers are complete. */
static void check_pieces(const sample_t *row)
{
	size_t len = strlen(row->data);
	size_t complete = row->mime_end ? len - strlen(row->mime_end) : len + 1;
	size_t n;

	for(n = 0; n <= len; n++) {
		str data = exact(row->data, n);
		cpim_t c;

		assert_int_equal(cpim_parse(&data, 0, &c),
				n < complete ? CPIM_NEED_MORE : CPIM_OK);
		free(data.s);
	}
}


static void test_good(void **state)
{
	size_t i;

	(void)state;
	for(i = 0; i < COUNT(good); i++) {
		check_good(&good[i]);
		check_pieces(&good[i]);
	}
}


static void test_broken(void **state)
{
	size_t i;

	(void)state;
	for(i = 0; i < COUNT(broken); i++) {
		str data = exact(broken[i].data, strlen(broken[i].data));
		cpim_t c;

		if(cpim_parse(&data, 1, &c) != CPIM_BROKEN
				|| cpim_parse(&data, 0, &c) != CPIM_BROKEN)
			fail_msg("%s: accepted", broken[i].name);
		free(data.s);
	}
}


static void test_no_end_of_headers(void **state)
{
	str data = TEXT("From: <sip:a@x>\r\nTo: <sip:b@x>\r\n");
	str zero = TEXT("From: <sip:a@x>\0\r\n\r\n");
	str empty = {NULL, 0};
	cpim_t c;

	(void)state;
	assert_int_equal(cpim_parse(&data, 0, &c), CPIM_NEED_MORE);
	assert_int_equal(cpim_parse(&data, 1, &c), CPIM_BROKEN);
	assert_int_equal(cpim_parse(&empty, 0, &c), CPIM_NEED_MORE);
	assert_int_equal(cpim_parse(&empty, 1, &c), CPIM_BROKEN);
	assert_int_equal(cpim_parse(&zero, 0, &c), CPIM_BROKEN);
}


static void test_addresses(void **state)
{
	size_t i;

	(void)state;
	for(i = 0; i < COUNT(addresses); i++) {
		buffer_t b;
		str data;
		cpim_t c;

		buffer_init(&b, 0);
		buffer_printf(&b, "To: x\r\nFrom: %s\r\n\r\n\r\n", addresses[i].value);
		data = buffer_str(&b);
		assert_int_equal(cpim_parse(&data, 1, &c), CPIM_OK);
		assert_text(addresses[i].value, &c.from_uri, addresses[i].uri);
		assert_text("value", &c.from, addresses[i].value);
		assert_int_equal(c.from_line.len, c.from.len + 8);
		buffer_free(&b);
	}
}


static void test_many_to(void **state)
{
	buffer_t b;
	str data;
	cpim_t c;
	int i;

	(void)state;
	buffer_init(&b, 0);
	for(i = 0; i < 40; i++)
		buffer_printf(&b, "To: <sip:%d@x>\r\n", i);
	buffer_add_text(&b, "\r\n\r\n");
	data = buffer_str(&b);
	assert_int_equal(cpim_parse(&data, 1, &c), CPIM_OK);
	assert_int_equal(c.to_count, 40);
	assert_text("To", &c.to_uri[CPIM_TO_MAX - 1], "sip:15@x");
	buffer_free(&b);
}


/* `headers` octets of headers in all, in the message part or the MIME part */
static cpim_result_t parse_long(size_t headers, int in_mime, int whole)
{
	buffer_t b;
	str data;
	cpim_t c;
	cpim_result_t result;

	buffer_init(&b, 0);
	if(in_mime)
		buffer_add_text(&b, "\r\n");
	buffer_add_text(&b, "X: ");
	while(b.len < headers - (in_mime ? 4 : 6))
		buffer_add(&b, "x", 1);
	buffer_add_text(&b, in_mime ? "\r\n\r\nhi" : "\r\n\r\n\r\nhi");
	data = buffer_str(&b);
	result = cpim_parse(&data, whole, &c);
	buffer_free(&b);
	return result;
}


static void test_headers_are_bounded(void **state)
{
	int mime, whole;

	(void)state;
	for(mime = 0; mime < 2; mime++) {
		for(whole = 0; whole < 2; whole++) {
			assert_int_equal(
					parse_long(CPIM_HEADERS_MAX, mime, whole), CPIM_OK);
			assert_int_equal(
					parse_long(CPIM_HEADERS_MAX + 1, mime, whole), CPIM_BROKEN);
			assert_int_equal(parse_long(50 * CPIM_HEADERS_MAX, mime, whole),
					CPIM_BROKEN);
		}
	}
}


/* clang-format off */
static const struct { const char *name, *data, *written; } rewritten[] = {
	{"everything there: From replaced, the rest as it was", RCS MIME,
		"From: <sip:me@x>\r\n"
		"To: <sip:anonymous@anonymous.invalid>\r\n"
		"NS: imdn <urn:ietf:params:imdn>\r\n"
		"imdn.Message-ID: 0123456789abcdef\r\n"
		"DateTime: 2015-03-01T09:00:00.000Z\r\n"
		"imdn.Disposition-Notification: positive-delivery, display\r\n\r\n"},
	{"nothing there", "\r\n" MIME,
		"From: <sip:me@x>\r\nTo: <sip:room@x>\r\n"
		"DateTime: 2023-11-14T22:13:20Z\r\n\r\n"},
	{"doubango", "Subject: test\r\n\r\nContent-Type: text/plain\r\n\r\n",
		"From: <sip:me@x>\r\nTo: <sip:room@x>\r\nSubject: test\r\n"
		"DateTime: 2023-11-14T22:13:20Z\r\n\r\n"},
	{"the right From keeps its name",
		"Subject: test\r\nFrom: \"Me\" <sip:me@x>\r\n\r\n" MIME,
		"From: \"Me\" <sip:me@x>\r\nTo: <sip:room@x>\r\nSubject: test\r\n"
		"DateTime: 2023-11-14T22:13:20Z\r\n\r\n"},
	{"no second From slips through",
		"From: <sip:me@x>\r\nTo: <sip:b@x>\r\nFrom: <sip:secret@x>\r\n"
		"DateTime: 2009\r\n\r\n" MIME,
		"From: <sip:me@x>\r\nTo: <sip:b@x>\r\nDateTime: 2009\r\n\r\n"},
	{"LF only", "To: <sip:b@x>\nX:y\n\n" MIME,
		"From: <sip:me@x>\nTo: <sip:b@x>\nX:y\n"
		"DateTime: 2023-11-14T22:13:20Z\n\n"},
	{"a missing blank line is given",
		"To: <sip:b@x>\r\nContent-Type: a/b\r\n\r\nhi",
		"From: <sip:me@x>\r\nTo: <sip:b@x>\r\n"
		"DateTime: 2023-11-14T22:13:20Z\r\n\r\n"},
};
/* clang-format on */


static void test_write_headers(void **state)
{
	str from = TEXT("sip:me@x"), to = TEXT("sip:room@x");
	buffer_t out;
	size_t i;

	(void)state;
	buffer_init(&out, 0);
	for(i = 0; i < COUNT(rewritten); i++) {
		str data = exact(rewritten[i].data, strlen(rewritten[i].data));
		str written;
		cpim_t c;

		assert_int_equal(cpim_parse(&data, 1, &c), CPIM_OK);
		buffer_clear(&out);
		cpim_write_headers(&out, &data, &c, &from, &to, NOW);
		written = buffer_str(&out);
		assert_text(rewritten[i].name, &written, rewritten[i].written);
		free(data.s);
	}
	buffer_free(&out);
}


/* What was written is complete: parsed again nothing is missing. */
static void test_written_headers_parse(void **state)
{
	str from = TEXT("sip:me@x"), to = TEXT("sip:room@x");
	size_t i;

	(void)state;
	for(i = 0; i < COUNT(good); i++) {
		str data = {(char *)good[i].data, (int)strlen(good[i].data)};
		buffer_t out;
		str written, mime;
		cpim_t c, again;

		buffer_init(&out, 0);
		assert_int_equal(cpim_parse(&data, 1, &c), CPIM_OK);
		cpim_write_headers(&out, &data, &c, &from, &to, NOW);
		mime = text_from(&data, (int)c.headers_end);
		buffer_add_str(&out, &mime);
		written = buffer_str(&out);
		assert_int_equal(cpim_parse(&written, 1, &again), CPIM_OK);
		assert_int_equal(again.from_count, 1);
		assert_text(good[i].name, &again.from_uri, "sip:me@x");
		assert_true(again.to_count >= 1 && again.date_time.len > 0);
		assert_text(good[i].name, &again.content_type, good[i].type);
		buffer_free(&out);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_good),
			cmocka_unit_test(test_broken),
			cmocka_unit_test(test_no_end_of_headers),
			cmocka_unit_test(test_addresses),
			cmocka_unit_test(test_many_to),
			cmocka_unit_test(test_headers_are_bounded),
			cmocka_unit_test(test_write_headers),
			cmocka_unit_test(test_written_headers_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
