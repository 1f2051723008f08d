/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/msrp_frame: every sample stream is parsed whole, cut in
 * two at every place, and octet by octet; what the parser says must be the
 * same. Samples after RFC 4975 and what deployed clients send.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include "msrp_transcript.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define A "msrp://127.0.0.1:2855/room;tcp"
#define B "msrp://127.0.0.2:9/bob;tcp"
#define PATHS "To-Path: " A "\r\nFrom-Path: " B "\r\n"
#define SAID_PATHS " to=" A " from=" B
#define ID32 "0123456789abcdef0123456789ABCDEF"

typedef struct sample
{
	const char *name;
	const char *stream;
	const char *said;
} sample_t;

/* clang-format off */
static const sample_t frames[] = {
	{"a bodiless SEND without Byte-Range and without blank line",
		"MSRP d93kswow SEND\r\n" PATHS "Message-ID: 12339sdqwer\r\n"
		"-------d93kswow$\r\n",
		"HEAD SEND id=d93kswow" SAID_PATHS " mid=12339sdqwer\nEND $ 0\n"},
	{"1-0/0, the keep-alive of msrp-java",
		"MSRP abcd SEND\r\n" PATHS "Message-ID: m1\r\nByte-Range: 1-0/0\r\n"
		"-------abcd$\r\n",
		"HEAD SEND id=abcd" SAID_PATHS " mid=m1 range=1-0/0\nEND $ 0\n"},
	{"1-*/N",
		"MSRP abcd SEND\r\n" PATHS "Message-ID: m1\r\nByte-Range: 1-*/5\r\n"
		"Content-Type: message/cpim\r\n\r\nhello\r\n-------abcd$\r\n",
		"HEAD SEND id=abcd" SAID_PATHS " mid=m1 range=1-*/5"
		" type=message/cpim body\nhello\nEND $ 5\n"},
	{"nothing known of the range",
		"MSRP abcd SEND\r\n" PATHS "Message-ID: m1\r\nByte-Range: 4-*/*\r\n"
		"Content-Type: a/b\r\n\r\nlo\r\n-------abcd+\r\n",
		"HEAD SEND id=abcd" SAID_PATHS " mid=m1 range=4-*/* type=a/b body\n"
		"lo\nEND + 2\n"},
	{"an aborted message",
		"MSRP abcd SEND\r\n" PATHS "Message-ID: m1\r\nByte-Range: 1-9/9\r\n"
		"Content-Type: a/b\r\n\r\nlo\r\n-------abcd#\r\n",
		"HEAD SEND id=abcd" SAID_PATHS " mid=m1 range=1-9/9 type=a/b body\n"
		"lo\nEND # 2\n"},
	{"an id of one character",
		"MSRP 7 SEND\r\n" PATHS "Message-ID: 1\r\n-------7$\r\n",
		"HEAD SEND id=7" SAID_PATHS " mid=1\nEND $ 0\n"},
	{"an id of 32 characters",
		"MSRP " ID32 " SEND\r\n" PATHS "Content-Type: a/b\r\n\r\nx\r\n"
		"-------" ID32 "$\r\n",
		"HEAD SEND id=" ID32 SAID_PATHS " type=a/b body\nx\nEND $ 1\n"},
	{"all of ident's characters",
		"MSRP a.-+%=9 SEND\r\n" PATHS "-------a.-+%=9$\r\n",
		"HEAD SEND id=a.-+%=9" SAID_PATHS "\nEND $ 0\n"},
	{"reports asked for, disposition, as msrp-node-lib sends them",
		"MSRP abcd SEND\r\n" PATHS "Message-ID: m1\r\nByte-Range: 1-2/2\r\n"
		"Failure-Report: yes\r\nContent-Disposition: inline\r\n"
		"Success-Report: yes\r\nContent-ID: <x>\r\n"
		"Content-Type: text/plain;charset=\"utf8\"\r\n\r\nhi\r\n"
		"-------abcd$\r\n",
		"HEAD SEND id=abcd" SAID_PATHS " mid=m1 range=1-2/2 failure=yes"
		" success=yes type=text/plain;charset=\"utf8\""
		" extra=Content-Disposition: inline\r\nContent-ID: <x>\r\n body\n"
		"hi\nEND $ 2\n"},
	{"names and values in other case, spaces, other order",
		"MSRP abcd SEND\r\nbyte-range:1-2/2 \r\nMESSAGE-ID:   m1\r\n"
		"from-path:\t" B "\r\nTO-PATH: " A " \r\nfailure-report: Partial\r\n"
		"success-report: NO\r\ncontent-TYPE:Message/CPIM\r\n\r\nhi\r\n"
		"-------abcd$\r\n",
		"HEAD SEND id=abcd" SAID_PATHS " mid=m1 range=1-2/2"
		" failure=partial success=no type=Message/CPIM body\nhi\nEND $ 2\n"},
	{"report values nobody knows count as absent",
		"MSRP abcd SEND\r\n" PATHS "Failure-Report: maybe\r\n"
		"Success-Report: partial\r\n-------abcd$\r\n",
		"HEAD SEND id=abcd" SAID_PATHS "\nEND $ 0\n"},
	{"keep-alive headers and others are passed over",
		"MSRP abcd SEND\r\n" PATHS "Message-ID: m1\r\nKeep-Alive: yes\r\n"
		"Expires:\r\nX:y:z\r\n-------abcd$\r\n",
		"HEAD SEND id=abcd" SAID_PATHS " mid=m1\nEND $ 0\n"},
	{"an empty Content-Type is none",
		"MSRP abcd SEND\r\n" PATHS "Content-Type:\r\n"
		"Content-Transfer-Encoding:\r\n\r\nhi\r\n-------abcd$\r\n",
		"HEAD SEND id=abcd" SAID_PATHS
		" extra=Content-Transfer-Encoding:\r\n body\nhi\nEND $ 2\n"},
	{"a bare LF ends a line of the head",
		"MSRP abcd SEND\nTo-Path: " A "\nFrom-Path: " B "\n"
		"Content-ID: <x>\nContent-Type: a/b\n\nhi\r\n-------abcd$\r\n"
		"MSRP efgh SEND\nTo-Path: " A "\nFrom-Path: " B "\n-------efgh$\n",
		"HEAD SEND id=abcd" SAID_PATHS " type=a/b extra=Content-ID: <x>\r\n"
		" body\nhi\nEND $ 2\nHEAD SEND id=efgh" SAID_PATHS "\nEND $ 0\n"},
	{"an empty body, with its CRLF and without",
		"MSRP abcd SEND\r\n" PATHS "Content-Type: a/b\r\n\r\n\r\n"
		"-------abcd$\r\n"
		"MSRP abcd SEND\r\n" PATHS "Content-Type: a/b\r\n\r\n"
		"-------abcd$\r\n",
		"HEAD SEND id=abcd" SAID_PATHS " type=a/b body\nEND $ 0\n"
		"HEAD SEND id=abcd" SAID_PATHS " type=a/b body\nEND $ 0\n"},
	{"a body of line ends, and one that begins with hyphens",
		"MSRP abcd SEND\r\n" PATHS "Content-Type: a/b\r\n\r\n\r\n\r\n\r\n"
		"-------abcd$\r\n"
		"MSRP abcd SEND\r\n" PATHS "Content-Type: a/b\r\n\r\n-------abc\r\n"
		"-------abcd$\r\n",
		"HEAD SEND id=abcd" SAID_PATHS " type=a/b body\n\r\n\r\n\nEND $ 4\n"
		"HEAD SEND id=abcd" SAID_PATHS " type=a/b body\n-------abc\n"
		"END $ 10\n"},
	{"a body full of what is nearly the end-line",
		"MSRP abcd SEND\r\n" PATHS "Content-Type: a/b\r\n\r\n"
		"\r\n-------abce$\r\n-------abcd\r\n-------abcd?\r\n"
		"-------abcd$\r\r\n-------abcd$\n\r\n------abcd$\r\n\n-------abcd$\r\n"
		"\r\r\n-------abcd$x\r\n-------abc\r\n-------abcd$\r\n",
		"HEAD SEND id=abcd" SAID_PATHS " type=a/b body\n"
		"\r\n-------abce$\r\n-------abcd\r\n-------abcd?\r\n"
		"-------abcd$\r\r\n-------abcd$\n\r\n------abcd$\r\n\n-------abcd$\r\n"
		"\r\r\n-------abcd$x\r\n-------abc\nEND $ 129\n"},
	{"a frame inside a body",
		"MSRP abcd SEND\r\n" PATHS "Content-Type: a/b\r\n\r\n"
		"MSRP efgh SEND\r\n" PATHS "-------efgh$\r\n\r\n-------abcd$\r\n",
		"HEAD SEND id=abcd" SAID_PATHS " type=a/b body\n"
		"MSRP efgh SEND\r\n" PATHS "-------efgh$\r\n\nEND $ 110\n"},
	{"frames one behind the other, empty lines between",
		"\r\n\r\nMSRP aaaa SEND\r\n" PATHS "-------aaaa$\r\n\n\r\n"
		"MSRP bbbb SEND\r\n" PATHS "Content-Type: a/b\r\n\r\nx\r\n"
		"-------bbbb$\r\n"
		"MSRP cccc 200 OK\r\n" PATHS "-------cccc$\r\n",
		"HEAD SEND id=aaaa" SAID_PATHS "\nEND $ 0\n"
		"HEAD SEND id=bbbb" SAID_PATHS " type=a/b body\nx\nEND $ 1\n"
		"HEAD RESPONSE 200 id=cccc" SAID_PATHS "\nEND $ 0\n"},
	{"responses, with and without comment, with doubango's Byte-Range",
		"MSRP 1234 200 OK\r\n" PATHS "Byte-Range: 1-25/25\r\n-------1234$\r\n"
		"MSRP 1234 481\r\n" PATHS "-------1234$\r\n",
		"HEAD RESPONSE 200 id=1234" SAID_PATHS " range=1-25/25\nEND $ 0\n"
		"HEAD RESPONSE 481 id=1234" SAID_PATHS "\nEND $ 0\n"},
	{"a REPORT",
		"MSRP abcd REPORT\r\n" PATHS "Message-ID: m1\r\n"
		"Byte-Range: 1-39/39\r\nStatus: 000 200 OK\r\n-------abcd$\r\n",
		"HEAD REPORT id=abcd" SAID_PATHS " mid=m1 range=1-39/39"
		" status=000 200 OK\nEND $ 0\n"},
	{"NICKNAME, with a name and with none",
		"MSRP abcd NICKNAME\r\n" PATHS "Use-Nickname: \"Alice the great\"\r\n"
		"-------abcd$\r\n"
		"MSRP abcd NICKNAME\r\n" PATHS "Use-Nickname:\r\n-------abcd$\r\n",
		"HEAD NICKNAME id=abcd" SAID_PATHS " nick=\"Alice the great\"\n"
		"END $ 0\nHEAD NICKNAME id=abcd" SAID_PATHS " nick=\nEND $ 0\n"},
	{"methods of others",
		"MSRP abcd FILE_OFFSET\r\n" PATHS "-------abcd$\r\n"
		"MSRP abcd AUTH\r\n" PATHS "-------abcd$\r\n"
		"MSRP abcd send\r\n" PATHS "-------abcd$\r\n",
		"HEAD OTHER name=FILE_OFFSET id=abcd" SAID_PATHS "\nEND $ 0\n"
		"HEAD OTHER name=AUTH id=abcd" SAID_PATHS "\nEND $ 0\n"
		"HEAD OTHER name=send id=abcd" SAID_PATHS "\nEND $ 0\n"},
	{"a path of two relays",
		"MSRP abcd SEND\r\nTo-Path: " A "\r\nFrom-Path: " B " " A "\r\n"
		"-------abcd$\r\n",
		"HEAD SEND id=abcd to=" A " from=" B " " A "\nEND $ 0\n"},
};

#define NOT_ME " from=" B
#define NEXT "MSRP next SEND\r\n" PATHS "-------next$\r\n"
#define SAID_NEXT "HEAD SEND id=next" SAID_PATHS "\nEND $ 0\n"

/* 400, and the next frame is found */
static const sample_t broken[] = {
	{"a line that is no header",
		"MSRP abcd SEND\r\n" PATHS "what?\r\n-------abcd$\r\n" NEXT,
		"HEAD OTHER name=SEND id=abcd" NOT_ME "\nEND $ 0\n" SAID_NEXT},
	{"a body is still passed over",
		"MSRP abcd SEND\r\n" PATHS "what?\r\n\r\nbody\r\n-------abcd$\r\n" NEXT,
		"HEAD OTHER name=SEND id=abcd" NOT_ME " body\nbody\nEND $ 4\n"
		SAID_NEXT},
	{"a folded line, a name with a space, a line without name",
		"MSRP abcd SEND\r\n" PATHS "X: y\r\n z: u\r\n-------abcd$\r\n"
		"MSRP abcd SEND\r\n" PATHS "X y: z\r\n-------abcd$\r\n"
		"MSRP abcd SEND\r\n" PATHS ": z\r\n-------abcd$\r\n",
		"HEAD OTHER name=SEND id=abcd" NOT_ME "\nEND $ 0\n"
		"HEAD OTHER name=SEND id=abcd" NOT_ME "\nEND $ 0\n"
		"HEAD OTHER name=SEND id=abcd" NOT_ME "\nEND $ 0\n"},
	{"another frame's end-line",
		"MSRP abcd SEND\r\n" PATHS "-------abce$\r\n-------abcd\r\n"
		"-------abcd!\r\n-------abcd$ \r\n-------abcd$\r\n" NEXT,
		"HEAD OTHER name=SEND id=abcd" NOT_ME "\nEND $ 0\n" SAID_NEXT},
	{"no To-Path, no From-Path, an empty one",
		"MSRP abcd SEND\r\nFrom-Path: " B "\r\n-------abcd$\r\n"
		"MSRP abcd SEND\r\nTo-Path: " A "\r\n-------abcd$\r\n"
		"MSRP abcd SEND\r\nTo-Path: \r\nFrom-Path: " B "\r\n-------abcd$\r\n",
		"HEAD OTHER name=SEND id=abcd" NOT_ME "\nEND $ 0\n"
		"HEAD OTHER name=SEND id=abcd\nEND $ 0\n"
		"HEAD OTHER name=SEND id=abcd" NOT_ME "\nEND $ 0\n"},
	{"headers twice",
		"MSRP abcd SEND\r\n" PATHS "To-Path: " B "\r\n-------abcd$\r\n"
		"MSRP abcd SEND\r\n" PATHS "Message-ID: 1\r\nMessage-ID: 2\r\n"
		"-------abcd$\r\n"
		"MSRP abcd SEND\r\n" PATHS "Byte-Range: 1-1/1\r\n"
		"Byte-Range: 1-1/1\r\n-------abcd$\r\n",
		"HEAD OTHER name=SEND id=abcd" NOT_ME "\nEND $ 0\n"
		"HEAD OTHER name=SEND id=abcd" NOT_ME " mid=1\nEND $ 0\n"
		"HEAD OTHER name=SEND id=abcd" NOT_ME " range=1-1/1\nEND $ 0\n"},
	{"a first line with more, with less, with two spaces",
		"MSRP abcd SEND now\r\n" PATHS "-------abcd$\r\n"
		"MSRP abcd\r\n" PATHS "-------abcd$\r\n"
		"MSRP abcd  SEND\r\n" PATHS "-------abcd$\r\n",
		"HEAD OTHER name=SEND id=abcd" NOT_ME "\nEND $ 0\n"
		"HEAD OTHER id=abcd" NOT_ME "\nEND $ 0\n"
		"HEAD OTHER id=abcd" NOT_ME "\nEND $ 0\n"},
	{"an id with other characters",
		"MSRP ab_d SEND\r\n" PATHS "-------ab_d$\r\n",
		"HEAD OTHER name=SEND id=ab_d" NOT_ME "\nEND $ 0\n"},
	{"what nobody answers keeps its method",
		"MSRP abcd 20 OK\r\n" PATHS "-------abcd$\r\n"
		"MSRP abcd 2000\r\n" PATHS "-------abcd$\r\n"
		"MSRP abcd 200 OK\r\nFrom-Path: " B "\r\n-------abcd$\r\n"
		"MSRP abcd REPORT\r\n" PATHS "what?\r\n-------abcd$\r\n",
		"HEAD RESPONSE id=abcd" NOT_ME "\nEND $ 0\n"
		"HEAD RESPONSE id=abcd" NOT_ME "\nEND $ 0\n"
		"HEAD RESPONSE 200 id=abcd" NOT_ME "\nEND $ 0\n"
		"HEAD REPORT id=abcd" NOT_ME "\nEND $ 0\n"},
	{"a CR inside a line, which would end it for somebody else",
		"MSRP abcd SEND\r\n" PATHS "Message-ID: 1\rTo-Path: x\r\n"
		"-------abcd$\r\n"
		"MSRP abcd SEND\r\n" PATHS "Content-ID: 1\r\r\n-------abcd$\r\n",
		"HEAD OTHER name=SEND id=abcd" NOT_ME "\nEND $ 0\n"
		"HEAD OTHER name=SEND id=abcd" NOT_ME "\nEND $ 0\n"},
};

static const sample_t lost[] = {
	{"HTTP", "GET / HTTP/1.1\r\n\r\n", "BAD a frame does not begin with MSRP and an id\n"},
	{"SIP", "OPTIONS sip:x SIP/2.0\r\n", "BAD a frame does not begin with MSRP and an id\n"},
	{"TLS, before any line end", "\026\003\001\002\002\001",
		"BAD a frame does not begin with MSRP and an id\n"},
	{"lower case", "msrp abcd SEND\r\n", "BAD a frame does not begin with MSRP and an id\n"},
	{"no id", "MSRP \r\n",
		"BAD a frame does not begin with MSRP and an id\n"},
	{"an empty id", "MSRP  SEND\r\n",
		"BAD a frame does not begin with MSRP and an id\n"},
	{"an id of letters beyond ASCII", "MSRP \303\244bcd SEND\r\n",
		"BAD a frame does not begin with MSRP and an id\n"},
	{"an id of 33 characters", "MSRP " ID32 "x SEND\r\n",
		"BAD a transaction id is too long\n"},
	{"a CR in the first line", "MSRP abcd\r SEND\r\n",
		"BAD a frame does not begin with MSRP and an id\n"},
	{"junk between frames", NEXT "junk, junk\r\n",
		SAID_NEXT "BAD a frame does not begin with MSRP and an id\n"},
	{"nothing is read after it", "MSRP \r\n" NEXT,
		"BAD a frame does not begin with MSRP and an id\n"},
};
/* clang-format on */


/* The transcript of `stream`, cut at `cut` (0: whole) or, with `step`, into
 * pieces of that many octets. */
static void tell(
		const char *stream, size_t len, size_t cut, size_t step, buffer_t *out)
{
	msrp_parser_t *p = malloc(sizeof(*p));
	buffer_t head;
	size_t at = 0;
	int alive = 1;

	buffer_init(&head, 0);
	buffer_clear(out);
	memset(p, 0xaa, sizeof(*p));
	msrp_parser_init(p);
	while(alive && at < len) {
		size_t n = step ? step : at < cut ? cut - at : len - at;

		if(n > len - at)
			n = len - at;
		alive = transcript_feed(p, stream + at, n, out, &head);
		at += n;
	}
	if(!alive && transcript_feed(p, "MSRP", 4, &head, &head) != 0)
		fail_msg("a lost stream came back");
	buffer_free(&head);
	free(p);
}


static void assert_cut(
		const char *name, const buffer_t *whole, const buffer_t *cut, size_t at)
{
	if(whole->len == cut->len && memcmp(whole->s, cut->s, cut->len) == 0)
		return;
	fail_msg("%s, cut at %zu:\n%.*s\ninstead of\n%.*s", name, at, (int)cut->len,
			cut->s, (int)whole->len, whole->s);
}


static void assert_every_cut(const char *name, const char *stream, size_t len)
{
	buffer_t whole, cut;
	size_t i;

	buffer_init(&whole, 0);
	buffer_init(&cut, 0);
	tell(stream, len, 0, 0, &whole);
	for(i = 1; i < len; i++) {
		tell(stream, len, i, 0, &cut);
		assert_cut(name, &whole, &cut, i);
	}
	for(i = 1; i <= 40; i++) {
		tell(stream, len, 0, i, &cut);
		assert_cut(name, &whole, &cut, i);
	}
	buffer_free(&whole);
	buffer_free(&cut);
}


static void check(const sample_t *row, size_t count)
{
	buffer_t out;
	size_t i;

	buffer_init(&out, 0);
	for(i = 0; i < count; i++) {
		size_t len = strlen(row[i].stream);

		tell(row[i].stream, len, 0, 0, &out);
		if(out.len != strlen(row[i].said)
				|| memcmp(out.s, row[i].said, out.len) != 0)
			fail_msg("%s:\n%.*s\ninstead of\n%s", row[i].name, (int)out.len,
					out.s, row[i].said);
		assert_every_cut(row[i].name, row[i].stream, len);
	}
	buffer_free(&out);
}


static void test_frames(void **state)
{
	(void)state;
	check(frames, COUNT(frames));
}


static void test_broken_heads_resynchronise(void **state)
{
	(void)state;
	check(broken, COUNT(broken));
}


static void test_lost_streams(void **state)
{
	(void)state;
	check(lost, COUNT(lost));
}


static void test_zero_octets(void **state)
{
	static const char stream[] =
			"MSRP abcd SEND\r\n" PATHS "Message-ID: a\0b\r\n\r\n\0\0\r\n"
			"-------abcd$\r\n";
	static const char said[] =
			"HEAD OTHER name=SEND id=abcd" NOT_ME " body\n\0\0\nEND $ 2\n";
	buffer_t out;

	(void)state;
	buffer_init(&out, 0);
	tell(stream, sizeof(stream) - 1, 0, 0, &out);
	assert_int_equal(out.len, sizeof(said) - 1);
	assert_memory_equal(out.s, said, out.len);
	assert_every_cut("zero octets", stream, sizeof(stream) - 1);
	buffer_free(&out);
}


static void test_byte_ranges(void **state)
{
	/* clang-format off */
	static const struct { const char *value; const char *said; } row[] = {
		{"1-0/0", "1-0/0"}, {"1-*/0", "1-*/0"}, {"1-5/5", "1-5/5"},
		{"1-5/*", "1-5/*"}, {"6-5/5", "6-5/5"}, {"6-*/*", "6-*/*"},
		{"3-2/9", "3-2/9"}, {"001-05/005", "1-5/5"},
		{"4611686018427387903-*/*", "4611686018427387903-*/*"},
		{"4611686018427387904-*/*", NULL}, {"99999999999999999999-*/*", NULL},
		{"0-5/5", NULL}, {"*-5/5", NULL}, {"1-6/5", NULL}, {"7-*/5", NULL},
		{"5-3/9", NULL}, {"1-5", NULL}, {"1/5", NULL}, {"-5/5", NULL},
		{"1-/5", NULL}, {"1-5/", NULL}, {"1-5/5/5", NULL}, {"-1-5/5", NULL},
		{"1 -5/5", NULL}, {"+1-5/5", NULL}, {"1-**/5", NULL}, {"", NULL},
		{"bytes 1-5/5", NULL}, {"0x1-5/5", NULL},
	};
	/* clang-format on */
	char stream[512], said[512];
	buffer_t out;
	size_t i;

	(void)state;
	buffer_init(&out, 0);
	for(i = 0; i < COUNT(row); i++) {
		snprintf(stream, sizeof(stream),
				"MSRP abcd SEND\r\n" PATHS "Byte-Range: %s\r\n-------abcd$\r\n",
				row[i].value);
		if(row[i].said)
			snprintf(said, sizeof(said),
					"HEAD SEND id=abcd" SAID_PATHS " range=%s\nEND $ 0\n",
					row[i].said);
		else
			snprintf(said, sizeof(said),
					"HEAD OTHER name=SEND id=abcd" NOT_ME "\nEND $ 0\n");
		tell(stream, strlen(stream), 0, 0, &out);
		buffer_add(&out, "", 1);
		assert_string_equal(out.s, said);
	}
	buffer_free(&out);
}


/* A frame whose head is `len` octets long, filled up by header `name`. */
static void long_head(buffer_t *out, const char *name, size_t len)
{
	static const char end[] = "\r\n-------abcd$\r\n";

	buffer_clear(out);
	buffer_add_text(out, "MSRP abcd SEND\r\n" PATHS);
	buffer_printf(out, "%s: ", name);
	while(out->len + sizeof(end) - 1 < len)
		buffer_add(out, "x", 1);
	buffer_add_text(out, end);
}


static void test_head_limit(void **state)
{
	static const struct
	{
		const char *name;
		size_t len;
		int fits;
	} row[] = {
			{"X", 4000, 1},
			{"X", MSRP_HEADER_MAX, 1},
			{"X", MSRP_HEADER_MAX + 1, 0},
			{"X", 3 * MSRP_HEADER_MAX, 0},
			{"Content-ID", 4000, 1},
			{"Content-ID", MSRP_HEADER_MAX, 0},
	};
	buffer_t stream, out;
	size_t i, step;
	str said;

	(void)state;
	buffer_init(&stream, 0);
	buffer_init(&out, 0);
	for(i = 0; i < COUNT(row); i++) {
		long_head(&stream, row[i].name, row[i].len);
		for(step = 1; step < 20000; step *= 7) {
			tell(stream.s, stream.len, 0, step, &out);
			said = buffer_str(&out);
			assert_int_equal(
					text_find(&said, &TEXT("BAD a header")) < 0, row[i].fits);
			assert_int_equal(
					text_find(&said, &TEXT("END $ 0")) >= 0, row[i].fits);
		}
	}
	buffer_free(&stream);
	buffer_free(&out);
}


/* A line without end is given up at the limit, not collected for ever. */
static void test_endless_head(void **state)
{
	msrp_parser_t *p = malloc(sizeof(*p));
	size_t fed = 0;
	str input;

	(void)state;
	msrp_parser_init(p);
	input = TEXT("MSRP abcd SEND\r\nX: ");
	while(msrp_parse(p, &input) == MSRP_NEED_MORE) {
		assert_true(fed++ <= MSRP_HEADER_MAX);
		input = TEXT("x");
	}
	assert_non_null(p->error);
	free(p);
}


/* Pieces of a whole body point into the input: nothing was copied. */
static void test_body_is_not_copied(void **state)
{
	char stream[] = "MSRP abcd SEND\r\n" PATHS "Content-Type: a/b\r\n\r\n"
					"0123456789\r\n-------abcd$\r\n";
	msrp_parser_t *p = malloc(sizeof(*p));
	str input = {stream, sizeof(stream) - 1};

	(void)state;
	msrp_parser_init(p);
	assert_int_equal(msrp_parse(p, &input), MSRP_HEAD);
	assert_ptr_equal(input.s, strstr(stream, "0123"));
	assert_int_equal(msrp_parse(p, &input), MSRP_BODY);
	assert_ptr_equal(p->piece.s, strstr(stream, "0123"));
	assert_int_equal(p->piece.len, 10);
	assert_int_equal(msrp_parse(p, &input), MSRP_END);
	assert_int_equal(msrp_parse(p, &input), MSRP_NEED_MORE);
	assert_int_equal(input.len, 0);
	free(p);
}


static void parse_head(msrp_parser_t *p, const char *stream)
{
	str input = {(char *)stream, (int)strlen(stream)};

	msrp_parser_init(p);
	assert_int_equal(msrp_parse(p, &input), MSRP_HEAD);
}


static void assert_buffer(const buffer_t *b, const char *expected)
{
	if(b->len != strlen(expected) || memcmp(b->s, expected, b->len) != 0)
		fail_msg("got\n%.*s\ninstead of\n%s", (int)b->len, b->s, expected);
}


static void test_write_response(void **state)
{
	msrp_parser_t *p = malloc(sizeof(*p));
	str own = TEXT(A);
	buffer_t out;

	(void)state;
	buffer_init(&out, 0);
	parse_head(p, "MSRP 7 SEND\r\nTo-Path: " A "\r\nFrom-Path: " B " " A
				  "\r\n-------7$\r\n");
	msrp_write_response(&out, &p->head, &own, 200, "OK");
	assert_buffer(&out, "MSRP 7 200 OK\r\nTo-Path: " B "\r\nFrom-Path: " A
						"\r\n-------7$\r\n");
	buffer_clear(&out);
	msrp_write_response(&out, &p->head, &own, 481, NULL);
	assert_buffer(&out, "MSRP 7 481\r\nTo-Path: " B "\r\nFrom-Path: " A
						"\r\n-------7$\r\n");
	buffer_clear(&out);
	parse_head(p, "MSRP 7 SEND\r\nTo-Path: " A "\r\n-------7$\r\n");
	msrp_write_response(&out, &p->head, &own, 400, "No From-Path");
	assert_int_equal(out.len, 0);
	buffer_free(&out);
	free(p);
}


static void test_write_report(void **state)
{
	msrp_report_text_t report = {.id = TEXT("abcd"),
			.to_path = TEXT(B " " A),
			.from_path = TEXT(A),
			.message_id = TEXT("m1"),
			.start = 1,
			.end = 39,
			.total = 40,
			.code = 200,
			.comment = "OK"};
	buffer_t out, said;

	(void)state;
	buffer_init(&out, 0);
	buffer_init(&said, 0);
	msrp_write_report(&out, &report);
	tell(out.s, out.len, 0, 0, &said);
	assert_buffer(&said, "HEAD REPORT id=abcd to=" B " " A " from=" A
						 " mid=m1 range=1-39/40 status=000 200 OK\nEND $ 0\n");
	buffer_clear(&out);
	report.start = 5;
	report.end = report.total = MSRP_UNKNOWN;
	report.code = 408;
	report.comment = NULL;
	report.wrapper = TEXT("From: <sip:a@b>\r\n\r\n\r\n");
	msrp_write_report(&out, &report);
	tell(out.s, out.len, 0, 0, &said);
	assert_buffer(&said,
			"HEAD REPORT id=abcd to=" B " " A " from=" A
			" mid=m1 range=5-*/* status=000 408 type=message/cpim body\n"
			"From: <sip:a@b>\r\n\r\n\r\n\nEND $ 21\n");
	buffer_free(&out);
	buffer_free(&said);
}


static void test_id_occurs(void **state)
{
	static const struct
	{
		const char *id, *body;
		int occurs;
	} row[] = {
			{"abcd", "", 0},
			{"abcd", "abcd", 0},
			{"abcd", "------abcd", 0},
			{"abcd", "-------abcd", 1},
			{"abcd", "x-------abcdef", 1},
			{"abcd", "\r\n-------abc", 0},
			{ID32, "\r\n-------" ID32 "$\r\n", 1},
			{ID32 "x", "", 1},
	};
	size_t i;

	(void)state;
	for(i = 0; i < COUNT(row); i++) {
		str id = {(char *)row[i].id, (int)strlen(row[i].id)};
		str body = {(char *)row[i].body, (int)strlen(row[i].body)};

		assert_int_equal(msrp_id_occurs(&id, &body), row[i].occurs);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_frames),
			cmocka_unit_test(test_broken_heads_resynchronise),
			cmocka_unit_test(test_lost_streams),
			cmocka_unit_test(test_zero_octets),
			cmocka_unit_test(test_byte_ranges),
			cmocka_unit_test(test_head_limit),
			cmocka_unit_test(test_endless_head),
			cmocka_unit_test(test_body_is_not_copied),
			cmocka_unit_test(test_write_response),
			cmocka_unit_test(test_write_report),
			cmocka_unit_test(test_id_occurs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
