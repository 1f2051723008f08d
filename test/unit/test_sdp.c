/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/sdp. Samples after RFC 4975 and what deployed clients
 * send.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include "wire/sdp.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define HEAD "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\n"
#define C "c=IN IP4 10.0.0.1\r\n"
#define T "t=0 0\r\n"
#define PATH "a=path:msrp://10.0.0.1:2855/abc;tcp\r\n"
#define M "m=message 2855 TCP/MSRP *\r\n"

/* the GSMA reference client behind NAT: port 9, the real one in the path */
#define RCS                                                       \
	"v=0\r\no=- 3634567890 3634567890 IN IP4 10.0.0.1\r\ns=-\r\n" \
	"c=IN IP4 10.0.0.1\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\n"    \
	"a=accept-types:message/cpim\r\n"                             \
	"a=accept-wrapped-types:text/plain message/imdn+xml\r\n"      \
	"a=setup:active\r\n"                                          \
	"a=path:msrp://10.0.0.1:20000/1510823456789;tcp\r\na=sendrecv\r\n"

/* doubango: m= first, its own c=, upper-case CPIM */
#define DOUBANGO                                                        \
	"v=0\r\no=doubango 1983 678901 IN IP4 10.0.0.9\r\ns=-\r\nt=0 0\r\n" \
	"m=message 50000 TCP/MSRP *\r\nc=IN IP4 10.0.0.2\r\n"               \
	"a=path:msrp://10.0.0.2:50000/d;tcp\r\na=connection:new\r\n"        \
	"a=setup:actpass\r\na=accept-types:message/CPIM text/plain\r\n"     \
	"a=accept-wrapped-types:*\r\na=sendrecv\r\n"

/* a server of the field: `*` in front, comedia, no fixed order */
#define SERVER                                                     \
	"v=0\no=ConferenceFactory 1 1 IN IP4 10.0.0.3\ns=-\n"          \
	"c=IN IP4 10.0.0.3\nt=0 0\nm=message 2855 TCP/TLS/MSRP *\n"    \
	"a=setup:actpass\na=msrp-acm\na=accept-types:* message/CPIM\n" \
	"a=msrp-cema\na=maxsize:1048576\na=chatroom:nickname "         \
	"private-messages\na=path:msrps://10.0.0.3:2855/s;tcp\n"

typedef struct sample
{
	const char *name;
	const char *text;
	const char *host;
	unsigned port;
	const char *path;
	const char *accept;
	sdp_setup_t setup;
	sdp_direction_t direction;
	int index, media_count;
} sample_t;

/* clang-format off */
static const sample_t good[] = {
	{"the GSMA reference client", RCS, "10.0.0.1", 9,
		"msrp://10.0.0.1:20000/1510823456789;tcp", "message/cpim",
		SETUP_ACTIVE, SDP_SENDRECV, 0, 1},
	{"doubango", DOUBANGO, "10.0.0.2", 50000, "msrp://10.0.0.2:50000/d;tcp",
		"message/CPIM text/plain", SETUP_ACTPASS, SDP_SENDRECV, 0, 1},
	{"a server", SERVER, "10.0.0.3", 2855, "msrps://10.0.0.3:2855/s;tcp",
		"* message/CPIM", SETUP_ACTPASS, SDP_SENDRECV, 0, 1},
	{"no setup, no types, no end of the last line", HEAD C T M
		"a=path:msrp://10.0.0.1:2855/abc;tcp", "10.0.0.1", 2855,
		"msrp://10.0.0.1:2855/abc;tcp", "", SETUP_NONE, SDP_SENDRECV, 0, 1},
	{"empty lines around, spaces at ends", "\r\n" HEAD C T M
		"a=path: msrp://10.0.0.1:2855/abc;tcp \r\na=Setup: Passive \r\n\r\n",
		"10.0.0.1", 2855, "msrp://10.0.0.1:2855/abc;tcp", "", SETUP_PASSIVE,
		SDP_SENDRECV, 0, 1},
	{"between others", HEAD C T "m=audio 49170 RTP/AVP 0 8\r\na=sendonly\r\n"
		M PATH "a=recvonly\r\nm=video 0 RTP/AVP 99\r\na=inactive\r\n",
		"10.0.0.1", 2855, "msrp://10.0.0.1:2855/abc;tcp", "", SETUP_NONE,
		SDP_RECVONLY, 1, 3},
	{"the second, the first being refused", HEAD C T
		"m=message 0 TCP/MSRP *\r\n" PATH M
		"a=path:msrp://10.0.0.1:2856/x;tcp\r\n", "10.0.0.1", 2855,
		"msrp://10.0.0.1:2856/x;tcp", "", SETUP_NONE, SDP_SENDRECV, 1, 2},
	{"the second, the first having no path", HEAD C T M
		"a=accept-types:text/plain\r\n" M PATH, "10.0.0.1", 2855,
		"msrp://10.0.0.1:2855/abc;tcp", "", SETUP_NONE, SDP_SENDRECV, 1, 2},
	{"the second, the first having a path that is none", HEAD C T M
		"a=path:sip:x\r\n" M PATH, "10.0.0.1", 2855,
		"msrp://10.0.0.1:2855/abc;tcp", "", SETUP_NONE, SDP_SENDRECV, 1, 2},
	{"the first of two", HEAD C T M PATH M
		"a=path:msrp://10.0.0.1:2856/x;tcp\r\na=inactive\r\n", "10.0.0.1",
		2855, "msrp://10.0.0.1:2855/abc;tcp", "", SETUP_NONE, SDP_SENDRECV,
		0, 2},
	{"setup and direction of the session", HEAD C T
		"a=setup:passive\r\na=sendonly\r\n" M PATH, "10.0.0.1", 2855,
		"msrp://10.0.0.1:2855/abc;tcp", "", SETUP_PASSIVE, SDP_SENDONLY, 0,
		1},
	{"a setup nobody knows", HEAD C T M PATH "a=setup:maybe\r\n", "10.0.0.1",
		2855, "msrp://10.0.0.1:2855/abc;tcp", "", SETUP_NONE, SDP_SENDRECV,
		0, 1},
	{"IPv6, other case", HEAD "c=in ip6 2001:db8::1\r\n" T
		"m=MESSAGE 2855/1 tcp/msrp *\r\n"
		"a=PATH:msrp://[2001:db8::1]:2855/abc;tcp\r\na=SETUP:HOLDCONN\r\n",
		"2001:db8::1", 2855, "msrp://[2001:db8::1]:2855/abc;tcp", "",
		SETUP_NONE, SDP_SENDRECV, 0, 1},
	{"no c= at all", HEAD T M PATH, "", 2855, "msrp://10.0.0.1:2855/abc;tcp",
		"", SETUP_NONE, SDP_SENDRECV, 0, 1},
	{"c= of another network", HEAD "c=ATM NSAP 47\r\n" T M PATH, "", 2855,
		"msrp://10.0.0.1:2855/abc;tcp", "", SETUP_NONE, SDP_SENDRECV, 0, 1},
};

static const struct { const char *name, *text; sdp_result_t result; } bad[] = {
	{"nothing", "", SDP_BROKEN},
	{"empty lines", "\r\n\r\n", SDP_BROKEN},
	{"no v=", "o=- 1 1 IN IP4 x\r\ns=-\r\n" T M PATH, SDP_BROKEN},
	{"another version", "v=1\r\n" T M PATH, SDP_BROKEN},
	{"XML", "<?xml version=\"1.0\"?>", SDP_BROKEN},
	{"a line without =", HEAD C T M PATH "hello\r\n", SDP_BROKEN},
	{"a line of one octet", HEAD C T "m\r\n", SDP_BROKEN},
	{"an m-line without port", HEAD C T "m=message\r\n", SDP_BROKEN},
	{"an m-line without protocol", HEAD C T "m=message 2855\r\n", SDP_BROKEN},
	{"an m-line without format", HEAD C T "m=message 2855 TCP/MSRP\r\n",
		SDP_BROKEN},
	{"a port that is no number", HEAD C T "m=message x TCP/MSRP *\r\n",
		SDP_BROKEN},
	{"a port too large", HEAD C T "m=message 65536 TCP/MSRP *\r\n",
		SDP_BROKEN},
	{"a CR inside", HEAD C T M "a=path:msrp://x/y;tcp\ra=z\r\n", SDP_BROKEN},
	{"no m-line", HEAD C T, SDP_NO_MSRP},
	{"audio", HEAD C T "m=audio 49170 RTP/AVP 0\r\n" PATH, SDP_NO_MSRP},
	{"a message line that is not MSRP",
		HEAD C T "m=message 5060 sip sip:x@y\r\n" PATH, SDP_NO_MSRP},
	{"refused", HEAD C T "m=message 0 TCP/MSRP *\r\n" PATH, SDP_NO_MSRP},
	{"no path", HEAD C T M, SDP_NO_MSRP},
	{"an empty path", HEAD C T M "a=path:\r\na=path\r\n", SDP_NO_MSRP},
	{"a path of the session only", HEAD C T PATH M, SDP_NO_MSRP},
	{"one URI of the path is none", HEAD C T M
		"a=path:msrp://a/b;tcp msrp://\r\n", SDP_NO_MSRP},
};
/* clang-format on */


static str text_of(const char *s)
{
	return (str){(char *)s, (int)strlen(s)};
}


/* A copy of exactly the text's size, so that reading on is noticed. */
static str exact(const char *text)
{
	str s = {malloc(strlen(text) + 1), (int)strlen(text)};

	s.s = realloc(s.s, s.len ? s.len : 1);
	memcpy(s.s, text, s.len);
	return s;
}


static void assert_text(const char *name, const str *got, const char *expected)
{
	if(got->len != (int)strlen(expected)
			|| memcmp(got->s ? got->s : "", expected, got->len) != 0)
		fail_msg("%s: '%.*s' instead of '%s'", name, TEXT_ARG(got), expected);
}


static void test_good(void **state)
{
	size_t i;

	(void)state;
	for(i = 0; i < COUNT(good); i++) {
		str text = exact(good[i].text);
		sdp_t sdp;

		if(sdp_parse(&text, &sdp) != SDP_OK)
			fail_msg("%s: refused", good[i].name);
		assert_text(good[i].name, &sdp.msrp.host, good[i].host);
		assert_int_equal(sdp.msrp.port, good[i].port);
		assert_int_equal(sdp.msrp.path_count, 1);
		assert_text(good[i].name, &sdp.msrp.path[0], good[i].path);
		assert_text(good[i].name, &sdp.msrp.accept_types, good[i].accept);
		assert_int_equal(sdp.msrp.setup, good[i].setup);
		assert_int_equal(sdp.msrp.direction, good[i].direction);
		assert_int_equal(sdp.msrp.index, good[i].index);
		assert_int_equal(sdp.media_count, good[i].media_count);
		free(text.s);
	}
}


static void test_bad(void **state)
{
	size_t i;

	(void)state;
	for(i = 0; i < COUNT(bad); i++) {
		str text = exact(bad[i].text);
		sdp_t sdp;

		if(sdp_parse(&text, &sdp) != bad[i].result)
			fail_msg("%s", bad[i].name);
		free(text.s);
	}
}


static void test_all_attributes(void **state)
{
	str text = text_of(SERVER);
	str rcs = text_of(RCS);
	sdp_t sdp;

	(void)state;
	assert_int_equal(sdp_parse(&text, &sdp), SDP_OK);
	assert_int_equal(sdp.msrp.transport, MSRP_TLS);
	assert_text("proto", &sdp.msrp.proto, "TCP/TLS/MSRP");
	assert_int_equal(sdp.msrp.cema, 1);
	assert_int_equal(sdp.msrp.max_size, 1048576);
	assert_int_equal(sdp.msrp.has_chatroom, 1);
	assert_text("chatroom", &sdp.msrp.chatroom, "nickname private-messages");
	assert_text("media", &sdp.media[0], "message 2855 TCP/TLS/MSRP *");
	assert_int_equal(sdp_parse(&rcs, &sdp), SDP_OK);
	assert_int_equal(sdp.msrp.transport, MSRP_TCP);
	assert_int_equal(sdp.msrp.cema, 0);
	assert_int_equal(sdp.msrp.max_size, 0);
	assert_int_equal(sdp.msrp.has_chatroom, 0);
	assert_text("wrapped", &sdp.msrp.accept_wrapped_types,
			"text/plain message/imdn+xml");
}


static void test_transports(void **state)
{
	static const struct
	{
		const char *proto, *path;
		msrp_transport_t transport;
	} row[] = {
			{"TCP/MSRP", "msrp://a:1/x;tcp", MSRP_TCP},
			{"tcp/tls/msrp", "msrps://a:1/x;tcp", MSRP_TLS},
			{"TCP/TLS/MSRP", "msrps://x.invalid:1/x;ws", MSRP_WSS},
			{"TCP/MSRP", "msrp://x.invalid:1/x;WS", MSRP_WS},
			{"TCP/WS/MSRP", "msrp://x.invalid:1/x;ws", MSRP_WS},
			{"TCP/WSS/MSRP", "msrps://x.invalid:1/x;ws", MSRP_WSS},
			/* behind a relay: how it reaches the relay is its own affair */
			{"TCP/TLS/MSRP", "msrps://r:1/y;tcp msrps://x.invalid:1/x;ws",
					MSRP_TLS},
	};
	buffer_t b;
	sdp_t sdp;
	str text;

	for(size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		buffer_init(&b, 0);
		buffer_printf(&b, HEAD C T "m=message 2855 %s *\r\na=path:%s\r\n",
				row[i].proto, row[i].path);
		text = buffer_str(&b);
		assert_int_equal(sdp_parse(&text, &sdp), SDP_OK);
		assert_int_equal(sdp.msrp.transport, row[i].transport);
		buffer_free(&b);
	}
}


static void test_fingerprints(void **state)
{
	str text = text_of(
			HEAD C T "a=fingerprint:a b\r\na=fingerprint:c d\r\n" M PATH);
	str own = text_of(
			HEAD C T "a=fingerprint:a b\r\n" M PATH "a=Fingerprint: e f \r\n");
	str many = text_of(HEAD C T M PATH
			"a=fingerprint:1\r\na=fingerprint:2\r\na=fingerprint:3\r\n"
			"a=fingerprint:4\r\na=fingerprint:5\r\n");
	sdp_t sdp;

	assert_int_equal(sdp_parse(&text, &sdp), SDP_OK);
	assert_int_equal(sdp.msrp.fingerprint_count, 2);
	assert_text("session's", &sdp.msrp.fingerprint[1], "c d");
	assert_int_equal(sdp_parse(&own, &sdp), SDP_OK);
	assert_int_equal(sdp.msrp.fingerprint_count, 1);
	assert_text("its own", &sdp.msrp.fingerprint[0], "e f");
	assert_int_equal(sdp_parse(&many, &sdp), SDP_OK);
	assert_int_equal(sdp.msrp.fingerprint_count, SDP_FINGERPRINTS_MAX);
}


static uint64_t max_size_of(const char *attribute)
{
	buffer_t b;
	str text;
	sdp_t sdp;

	buffer_init(&b, 0);
	buffer_printf(&b, HEAD C T M PATH "%s\r\n", attribute);
	text = buffer_str(&b);
	assert_int_equal(sdp_parse(&text, &sdp), SDP_OK);
	buffer_free(&b);
	return sdp.msrp.max_size;
}


static void test_max_size(void **state)
{
	(void)state;
	assert_int_equal(max_size_of("a=max-size:4096"), 4096);
	assert_int_equal(max_size_of("a=maxsize:4096"), 4096);
	assert_int_equal(max_size_of("a=max-size:x"), 0);
	assert_int_equal(max_size_of("a=max-size"), 0);
	assert_int_equal(max_size_of("a=max-size:99999999999999999999999"), 0);
	assert_true(max_size_of("a=max-size:18446744073709551615") == UINT64_MAX);
}


static void add_path(buffer_t *b, int uris)
{
	buffer_add_text(b, HEAD C T M "a=path:");
	while(uris-- > 0)
		buffer_printf(b, "msrp://relay%d:2855/x;tcp ", uris);
	buffer_add_text(b, "\r\n");
}


static sdp_result_t parse_built(buffer_t *b, sdp_t *sdp)
{
	str text = buffer_str(b);

	return sdp_parse(&text, sdp);
}


static void test_paths_are_bounded(void **state)
{
	buffer_t b;
	sdp_t sdp;

	(void)state;
	buffer_init(&b, 0);
	add_path(&b, SDP_PATH_MAX);
	assert_int_equal(parse_built(&b, &sdp), SDP_OK);
	assert_int_equal(sdp.msrp.path_count, SDP_PATH_MAX);
	assert_text("path", &sdp.msrp.path[7], "msrp://relay0:2855/x;tcp");
	buffer_clear(&b);
	add_path(&b, SDP_PATH_MAX + 1);
	assert_int_equal(parse_built(&b, &sdp), SDP_NO_MSRP);
	buffer_free(&b);
}


static void add_lines(buffer_t *b, const char *line, int count)
{
	buffer_add_text(b, HEAD C T M PATH);
	while(count-- > 0)
		buffer_add_text(b, line);
}


static void test_lines_are_bounded(void **state)
{
	static const struct
	{
		const char *line;
		int count;
		sdp_result_t result;
	} row[] = {
			{"m=audio 1 RTP/AVP 0\r\n", SDP_MEDIA_MAX - 1, SDP_OK},
			{"m=audio 1 RTP/AVP 0\r\n", SDP_MEDIA_MAX, SDP_BROKEN},
			{"a=x\r\n", 1000, SDP_OK},
			{"a=x\r\n", 1024, SDP_BROKEN},
			{"\r\n", 20000, SDP_OK},
	};
	buffer_t b;
	size_t i;

	(void)state;
	buffer_init(&b, 0);
	for(i = 0; i < COUNT(row); i++) {
		sdp_t sdp;

		buffer_clear(&b);
		add_lines(&b, row[i].line, row[i].count);
		assert_int_equal(parse_built(&b, &sdp), row[i].result);
	}
	buffer_free(&b);
}


static void test_accepts(void **state)
{
	static const struct
	{
		const char *types, *type;
		int accepts;
	} row[] = {
			{"message/cpim", "message/cpim", 1},
			{"message/CPIM", "message/cpim", 1},
			{"text/plain Message/Cpim", "message/cpim", 1},
			{"*", "message/cpim", 1},
			{"* message/CPIM", "text/plain", 1},
			{"message/CPIM *", "text/plain", 1},
			{"a/b * c/d", "text/plain", 1},
			{"message/*", "message/cpim", 1},
			{"Message/*", "text/plain", 0},
			{"message/cpim;x=y", "message/cpim", 1},
			{"  message/cpim  ", "message/cpim", 1},
			{"", "message/cpim", 0},
			{"text/plain", "message/cpim", 0},
			{"message/cpimx", "message/cpim", 0},
			{"message/cpi", "message/cpim", 0},
			{"message", "message/cpim", 0},
			{"/*", "message/cpim", 0},
			{"**", "message/cpim", 0},
			{"message/cpim,text/plain", "message/cpim", 0},
	};
	size_t i;

	(void)state;
	for(i = 0; i < COUNT(row); i++) {
		str types = text_of(row[i].types);

		if(sdp_accepts(&types, row[i].type) != row[i].accepts)
			fail_msg("'%s' for %s", row[i].types, row[i].type);
	}
}


static const sdp_own_t own_side = {
		.address = str_init("127.0.0.1"),
		.port = 2856,
		.session = str_init("0123456789abcdef"),
		.setup = SETUP_ACTPASS,
		.id = 42,
		.version = 7,
};


static void assert_written(const buffer_t *out, const char *expected)
{
	str written = buffer_str(out);

	assert_false(buffer_failed(out));
	assert_text("written", &written, expected);
}


static void test_write_offer(void **state)
{
	buffer_t out;

	(void)state;
	buffer_init(&out, 0);
	sdp_write_offer(&own_side, &out);
	assert_written(&out, "v=0\r\n"
						 "o=- 42 7 IN IP4 127.0.0.1\r\n"
						 "s=-\r\n"
						 "c=IN IP4 127.0.0.1\r\n"
						 "t=0 0\r\n"
						 "m=message 2856 TCP/MSRP *\r\n"
						 "a=accept-types:message/cpim\r\n"
						 "a=accept-wrapped-types:*\r\n"
						 "a=path:msrp://127.0.0.1:2856/0123456789abcdef;tcp\r\n"
						 "a=setup:actpass\r\n"
						 "a=sendrecv\r\n");
	buffer_free(&out);
}


static void test_write_ipv6_and_size(void **state)
{
	sdp_own_t own = own_side;
	buffer_t out;
	sdp_t sdp;

	(void)state;
	own.address = text_of("2001:db8::1");
	own.max_size = 1 << 20;
	own.setup = SETUP_NONE;
	buffer_init(&out, 0);
	sdp_write_offer(&own, &out);
	assert_int_equal(parse_built(&out, &sdp), SDP_OK);
	assert_text("host", &sdp.msrp.host, "2001:db8::1");
	assert_text("path", &sdp.msrp.path[0],
			"msrp://[2001:db8::1]:2856/0123456789abcdef;tcp");
	assert_int_equal(sdp.msrp.max_size, 1 << 20);
	assert_int_equal(sdp.msrp.setup, SETUP_NONE);
	assert_int_equal(sdp.msrp.has_chatroom, 0);
	buffer_free(&out);
}


static void test_write_chatroom(void **state)
{
	sdp_own_t own = own_side;
	buffer_t out;
	sdp_t sdp;

	(void)state;
	buffer_init(&out, 0);
	own.chatroom = "nickname private-messages";
	sdp_write_offer(&own, &out);
	assert_int_equal(parse_built(&out, &sdp), SDP_OK);
	assert_text("tokens", &sdp.msrp.chatroom, "nickname private-messages");
	buffer_clear(&out);
	own.chatroom = "";
	sdp_write_offer(&own, &out);
	assert_int_equal(parse_built(&out, &sdp), SDP_OK);
	assert_int_equal(sdp.msrp.has_chatroom, 1);
	assert_int_equal(sdp.msrp.chatroom.len, 0);
	buffer_free(&out);
}


static void test_write_answer(void **state)
{
	str text = text_of(HEAD C T "m=audio 49170/2 RTP/AVP  0 8\r\n"
								"m=message 9 tcp/msrp *\r\n" PATH
								"a=setup:active\r\na=sendonly\r\n"
								"m=message 0 TCP/MSRP *\r\n"
								"m= video  1  UDP/X   y\r\n");
	sdp_own_t own = own_side;
	buffer_t out;
	sdp_t offer;

	(void)state;
	own.setup = SETUP_PASSIVE;
	assert_int_equal(sdp_parse(&text, &offer), SDP_OK);
	buffer_init(&out, 0);
	sdp_write_answer(&own, &offer, &offer.msrp, &out);
	assert_written(&out, "v=0\r\n"
						 "o=- 42 7 IN IP4 127.0.0.1\r\n"
						 "s=-\r\n"
						 "c=IN IP4 127.0.0.1\r\n"
						 "t=0 0\r\n"
						 "m=audio 0 RTP/AVP  0 8\r\n"
						 "m=message 2856 tcp/msrp *\r\n"
						 "a=accept-types:message/cpim\r\n"
						 "a=accept-wrapped-types:*\r\n"
						 "a=path:msrp://127.0.0.1:2856/0123456789abcdef;tcp\r\n"
						 "a=setup:passive\r\n"
						 "a=recvonly\r\n"
						 "m=message 0 TCP/MSRP *\r\n"
						 "m=video 0 UDP/X   y\r\n");
	buffer_free(&out);
}


/* Each by itself may be the one that is taken; all others are refused. */
static void test_several_msrp_lines(void **state)
{
	static const char *const line[] = {
			"m=message 1 TCP/TLS/MSRP *\r\na=path:msrps://h:1/a;tcp\r\n",
			"m=message 0 TCP/MSRP *\r\na=path:msrp://h:2/b;tcp\r\n",
			"m=audio 3 RTP/AVP 0\r\n",
			"m=message 4 TCP/MSRP *\r\na=path:msrp://h:4/d;tcp\r\n",
			"m=message 5 TCP/MSRP *\r\na=path:nowhere\r\n",
			"m=message 6 TCP/MSRP *\r\na=path:msrp://h:6/f;tcp\r\n",
			"m=message 7 TCP/MSRP *\r\na=path:msrp://h:7/g;tcp\r\n",
			"m=message 8 TCP/MSRP *\r\na=path:msrp://h:8/h;tcp\r\n",
	};
	static const unsigned usable[] = {0, 3, 5, 6}; /* and 7 is one too many */
	char all[1024] = HEAD C T;
	sdp_t offer, answer;
	buffer_t out;
	str text;

	for(size_t i = 0; i < sizeof(line) / sizeof(line[0]); i++)
		strcat(all, line[i]);
	text = text_of(all);
	assert_int_equal(sdp_parse(&text, &offer), SDP_OK);
	assert_int_equal(offer.media_count, 8);
	assert_null(sdp_line(&offer, 4));
	buffer_init(&out, 0);
	for(int n = 0; n < 4; n++) {
		assert_int_equal(sdp_line(&offer, n)->index, usable[n]);
		assert_int_equal(sdp_line(&offer, n)->port, usable[n] + 1);
		buffer_clear(&out);
		sdp_write_answer(&own_side, &offer, sdp_line(&offer, n), &out);
		assert_int_equal(parse_built(&out, &answer), SDP_OK);
		assert_int_equal(answer.media_count, 8);
		assert_int_equal(answer.msrp.index, usable[n]);
		assert_int_equal(answer.further_count, 0);
	}
	buffer_free(&out);
}


/* RFC 6135 4.2.2: the active side says port 9, its path the real one. */
static void test_write_active_answer(void **state)
{
	str text = text_of(HEAD C T M PATH "a=setup:passive\r\na=inactive\r\n");
	sdp_own_t own = own_side;
	buffer_t out;
	sdp_t sdp;

	(void)state;
	own.setup = SETUP_ACTIVE;
	buffer_init(&out, 0);
	assert_int_equal(sdp_parse(&text, &sdp), SDP_OK);
	sdp_write_answer(&own, &sdp, &sdp.msrp, &out);
	assert_int_equal(parse_built(&out, &sdp), SDP_OK);
	assert_int_equal(sdp.msrp.port, 9);
	assert_int_equal(sdp.msrp.setup, SETUP_ACTIVE);
	assert_int_equal(sdp.msrp.direction, SDP_INACTIVE);
	assert_text("path", &sdp.msrp.path[0],
			"msrp://127.0.0.1:2856/0123456789abcdef;tcp");
	buffer_free(&out);
}


static void test_write_transports(void **state)
{
	static const char *const path[] = {"msrp://[::1]:2856/x;tcp",
			"msrps://[::1]:2856/x;tcp", "msrp://[::1]:2856/x;ws",
			"msrps://[::1]:2856/x;ws"};
	sdp_own_t own = own_side;
	buffer_t out;
	sdp_t sdp;

	own.address = text_of("::1");
	own.session = text_of("x");
	own.fingerprint = text_of("sha-1 00:11");
	own.cema = 1;
	buffer_init(&out, 0);
	for(int i = 0; i < MSRP_TRANSPORTS; i++) {
		own.transport = i;
		buffer_clear(&out);
		sdp_write_offer(&own, &out);
		assert_int_equal(parse_built(&out, &sdp), SDP_OK);
		assert_text("path", &sdp.msrp.path[0], path[i]);
		/* RFC 7977 section 5.2.2: no protocol of its own */
		assert_text("protocol", &sdp.msrp.proto,
				MSRP_IS_SECURE(i) ? "TCP/TLS/MSRP" : "TCP/MSRP");
		assert_int_equal(sdp.msrp.transport, i);
		assert_text("print", &sdp.msrp.fingerprint[0], "sha-1 00:11");
		assert_int_equal(sdp.msrp.cema, 1);
	}
	buffer_free(&out);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_good),
			cmocka_unit_test(test_bad),
			cmocka_unit_test(test_all_attributes),
			cmocka_unit_test(test_transports),
			cmocka_unit_test(test_fingerprints),
			cmocka_unit_test(test_max_size),
			cmocka_unit_test(test_paths_are_bounded),
			cmocka_unit_test(test_lines_are_bounded),
			cmocka_unit_test(test_accepts),
			cmocka_unit_test(test_write_offer),
			cmocka_unit_test(test_write_ipv6_and_size),
			cmocka_unit_test(test_write_chatroom),
			cmocka_unit_test(test_write_answer),
			cmocka_unit_test(test_several_msrp_lines),
			cmocka_unit_test(test_write_active_answer),
			cmocka_unit_test(test_write_transports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
