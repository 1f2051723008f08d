/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of TLS and WebSockets below the switch: bytes cut anywhere, much
 * at a time, hostile ones, and ends that come too early.
 */
#define _GNU_SOURCE /* memmem */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include "switch/tls.h"
/* the stage has more than this program needs */
#pragma GCC diagnostic ignored "-Wunused-function"
#include "switch_stage.h"

#define ALICE (&cast[0])
#define BOB (&cast[1])
#define LARGE 60000
#define HOSTILE_RUNS 400
#define MANY 40

static const char *const two[] = {"alice", "bob"};
static char certificate[] = "/tmp/imconf-unit-cert-XXXXXX";
static char key[] = "/tmp/imconf-unit-key-XXXXXX";


/* Connects a blocking socket to this transport's port. */
static int dial_port(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_port = htons(port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}


/* ---- a certificate of our own ---- */

static void write_file(char *name, const gnutls_datum_t *data)
{
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data->data, data->size), data->size);
	close(fd);
}


static void make_certificate(void)
{
	gnutls_x509_privkey_t secret;
	gnutls_x509_crt_t crt;
	gnutls_datum_t out;

	gnutls_x509_privkey_init(&secret);
	gnutls_x509_privkey_generate(secret, GNUTLS_PK_ECDSA,
			GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	gnutls_x509_privkey_export2(secret, GNUTLS_X509_FMT_PEM, &out);
	write_file(key, &out);
	gnutls_free(out.data);
	gnutls_x509_crt_init(&crt);
	gnutls_x509_crt_set_version(crt, 3);
	gnutls_x509_crt_set_serial(crt, "\001", 1);
	gnutls_x509_crt_set_activation_time(crt, time(NULL) - 60);
	gnutls_x509_crt_set_expiration_time(crt, time(NULL) + 3600);
	gnutls_x509_crt_set_dn(crt, "CN=unit", NULL);
	gnutls_x509_crt_set_key(crt, secret);
	gnutls_x509_crt_sign2(crt, crt, secret, GNUTLS_DIG_SHA256, 0);
	gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &out);
	write_file(certificate, &out);
	gnutls_free(out.data);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(secret);
}


static int prepare(void **state)
{
	static char address[] = "127.0.0.1";

	make_certificate();
	settings.msrps_port = free_port(address);
	settings.msrp_ws_port = free_port(address);
	settings.tls_certificate = certificate;
	settings.tls_key = key;
	return 0;
}


static int clean_up(void **state)
{
	unlink(certificate);
	unlink(key);
	return 0;
}


static int setup(void **state)
{
	settings_t kept = settings;

	set_defaults();
	settings.msrps_port = kept.msrps_port;
	settings.msrp_ws_port = kept.msrp_ws_port;
	settings.tls_certificate = certificate;
	settings.tls_key = key;
	settings.msrp_unbound_max = 10000;
	settings.msrp_connections_max = 10000;
	if(!worker.base)
		settings.msrp_address = "127.0.0.1";
	stage_open(two, 2);
	all_come_in();
	return 0;
}


static int teardown(void **state)
{
	stage_close();
	return 0;
}


/* The empty SEND by which `cl` opens its session. */
static str opening_of(const client_t *cl)
{
	static char text[512];
	str s = {text, 0};

	s.len = snprintf(text, sizeof(text),
			"MSRP bind SEND\r\nTo-Path: %s\r\n"
			"From-Path: msrp://127.0.0.1:9999/%s;tcp\r\n"
			"Message-ID: b\r\n-------bind$\r\n",
			path_of(cl), cl->session);
	return s;
}


/* A message of about LARGE octets; the caller's. */
static char *large_message(const client_t *cl, int *len)
{
	char *text = malloc(LARGE + 1024);
	int at = sprintf(text,
			"MSRP big0 SEND\r\nTo-Path: %s\r\n"
			"From-Path: msrp://127.0.0.1:9999/%s;tcp\r\nMessage-ID: m\r\n"
			"Byte-Range: 1-*/*\r\nContent-Type: message/cpim\r\n\r\n%s",
			path_of(cl), cl->session, cpim(cl, ""));

	memset(text + at, 'x', LARGE);
	*len = at + LARGE;
	*len += sprintf(text + *len, "\r\n-------big0$\r\n");
	return text;
}


/* ---- WebSocket ---- */

static const char upgrade[] =
		"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Protocol: msrp\r\n\r\n";


/* Sends a masked frame (by a mask of zeros, which changes nothing). */
static void send_ws(client_t *cl, int head, const char *data, int len)
{
	char first[14] = {(char)head};
	int octets = len < 126 ? 0 : len < 65536 ? 2 : 8;

	first[1] = (char)(0x80 | (octets == 0 ? len : octets == 2 ? 126 : 127));
	for(int i = 0; i < octets; i++)
		first[2 + i] = (char)((uint64_t)len >> 8 * (octets - 1 - i));
	send_raw(cl, first, 2 + octets + 4);
	send_raw(cl, data, len);
}


static void open_ws(client_t *cl)
{
	cl->fd = dial_port(settings.msrp_ws_port);
	send_raw(cl, upgrade, sizeof(upgrade) - 1);
	await(cl, "\r\n\r\n");
	assert_true(has(cl, "HTTP/1.1 101 "));
	assert_true(has(cl, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
	buffer_clear(&cl->in);
}


/* So many bytes come, and nothing else; these are the first. */
static void await_bytes(client_t *cl, const char *first, size_t len)
{
	AWAIT(take(cl) && cl->in.len >= len);
	assert_int_equal(cl->in.len, len);
	assert_memory_equal(cl->in.s, first, len - 1);
}


static void test_websocket_byte_by_byte(void **state)
{
	str bind;

	open_leg(BOB);
	ALICE->fd = dial_port(settings.msrp_ws_port);
	for(size_t i = 0; i < sizeof(upgrade) - 1; i++) {
		send_raw(ALICE, upgrade + i, 1);
		turn(1);
	}
	await(ALICE, "\r\n\r\n");
	bind = opening_of(ALICE);
	for(int i = 0; i < bind.len; i++) {
		send_ws(ALICE,
				i == 0			   ? 0x02
				: i < bind.len - 1 ? 0x00
								   : 0x80,
				bind.s + i, 1);
		if(i % 16 == 0)
			turn(1);
	}
	await(ALICE, "MSRP bind 200");
	say(BOB, "b1", cpim(BOB, "hello"));
	await(ALICE, "hello");
}


static void test_websocket_large_both_ways(void **state)
{
	str bind;
	char *text;
	int len;

	open_leg(BOB);
	open_ws(ALICE);
	bind = opening_of(ALICE);
	send_ws(ALICE, 0x81, bind.s, bind.len);
	await(ALICE, "MSRP bind 200");
	text = large_message(ALICE, &len);
	send_ws(ALICE, 0x82, text, len);
	free(text);
	await(BOB, "xxx\r\n-------");
	text = large_message(BOB, &len);
	send_raw(BOB, text, len);
	free(text);
	await(ALICE, "xxx\r\n-------");
	/* a length of two octets behind FIN and binary */
	assert_true(memmem(ALICE->in.s, ALICE->in.len, "\x82\x7e", 2) != NULL);
	assert_true(ALICE->in.len > LARGE);
}


static void test_websocket_goes_down_with_its_leg(void **state)
{
	str bind;

	open_ws(ALICE);
	bind = opening_of(ALICE);
	send_ws(ALICE, 0x82, bind.s, bind.len);
	await(ALICE, "MSRP bind 200");
	send_ws(ALICE, 0x88, "\x03\xe8", 2);
	await(ALICE, "\x88\x02\x03\xe8");
	await_close(ALICE);
	AWAIT(statistics[STAT_LEGS] == 0);
}


/* Whoever answers our pings may be silent otherwise; who does not loses its
 * leg, and may come back. */
static void test_websocket_pings(void **state)
{
	str bind;

	settings.msrp_ws_ping = 1;
	open_ws(ALICE);
	bind = opening_of(ALICE);
	send_ws(ALICE, 0x82, bind.s, bind.len);
	await(ALICE, "MSRP bind 200");
	buffer_clear(&ALICE->in);
	await_bytes(ALICE, "\x89", 2);
	send_ws(ALICE, 0x8a, "", 0);
	buffer_clear(&ALICE->in);
	assert_string_equal(media.state(ALICE->p), "bound");
	await_bytes(ALICE, "\x89\0\x89", 4);
	await_close(ALICE);
	assert_string_equal(media.state(ALICE->p), "lost");
	assert_int_equal(ALICE->p->state, PARTICIPANT_CONNECTED);
	open_ws(ALICE);
	send_ws(ALICE, 0x82, bind.s, bind.len);
	await(ALICE, "MSRP bind 200");
}


/* Appends frames of `cl`, each of which asks for an answer. */
static int add_frames(const client_t *cl, int count, char *text)
{
	char head[] = "\x82\xfe\0\0\0\0\0";
	str bind = opening_of(cl);
	int len = 0;

	head[2] = (char)(bind.len >> 8);
	head[3] = (char)bind.len;
	for(int i = 0; i < count; i++) {
		memcpy(text + len, head, sizeof(head));
		memcpy(text + len + sizeof(head), bind.s, bind.len);
		len += sizeof(head) + bind.len;
	}
	return len;
}


/* Before the upgrade is answered nobody may send frames; who does is served
 * as if they had come later. */
static void test_websocket_frames_behind_the_upgrade(void **state)
{
	static char text[65536];
	int len = sizeof(upgrade) - 1;

	memcpy(text, upgrade, len);
	len += add_frames(ALICE, MANY, text + len);
	ALICE->fd = dial_port(settings.msrp_ws_port);
	send_raw(ALICE, text, len);
	await_times(ALICE, "MSRP bind 200", MANY);
}


/* What was done is answered, and why it ends is said. */
static void test_websocket_answers_before_it_ends(void **state)
{
	static char text[65536];
	int len = add_frames(ALICE, MANY, text);

	open_ws(ALICE);
	/* not masked */
	memcpy(text + len, "\x82\x01x", 3);
	send_raw(ALICE, text, len + 3);
	await_times(ALICE, "MSRP bind 200", MANY);
	await(ALICE, "\x88\x02\x03\xea");
	await_close(ALICE);
}


/* RFC 6455 section 5.5.1: who is to close says so. */
static void test_websocket_says_goodbye(void **state)
{
	effects_t fx;
	str bind;

	open_ws(ALICE);
	bind = opening_of(ALICE);
	send_ws(ALICE, 0x82, bind.s, bind.len);
	await(ALICE, "MSRP bind 200");
	effects_init(&fx);
	conference_left(ALICE->p, DEPARTED_LEFT, &fx);
	effects_run(stage, &fx);
	await(ALICE, "\x88\x02\x03\xe8");
	await_close(ALICE);
}


/* Whatever comes behind the upgrade: the connection ends, the switch lives. */
static void test_websocket_hostile_bytes(void **state)
{
	char noise[300];
	unsigned seed = 1;

	open_leg(BOB);
	for(int n = 0; n < HOSTILE_RUNS; n++) {
		for(size_t i = 0; i < sizeof(noise); i++)
			noise[i] = (char)rand_r(&seed);
		open_ws(ALICE);
		/* half of them begin well */
		if(n % 2)
			send_ws(ALICE, 0x82, noise, n % 200);
		send(ALICE->fd, noise, sizeof(noise), MSG_NOSIGNAL);
		turn(1);
		hang_up(ALICE);
		buffer_clear(&ALICE->in);
	}
	send_frame(BOB, path_of(BOB), "end", "SEND", "Message-ID: e\r\n", '$');
	await(BOB, "MSRP end 200");
}


/* ---- TLS ---- */

typedef struct secure
{
	gnutls_session_t session;
	gnutls_certificate_credentials_t mine;
} secure_t;


static int step(int rc)
{
	if(rc < 0 && rc != GNUTLS_E_AGAIN && rc != GNUTLS_E_INTERRUPTED)
		fail_msg("TLS: %s", gnutls_strerror(rc));
	turn(1);
	return rc;
}


static void open_tls(client_t *cl, secure_t *s)
{
	cl->fd = dial_port(settings.msrps_port);
	gnutls_certificate_allocate_credentials(&s->mine);
	gnutls_init(&s->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK);
	gnutls_set_default_priority(s->session);
	gnutls_credentials_set(s->session, GNUTLS_CRD_CERTIFICATE, s->mine);
	gnutls_transport_set_int(s->session, cl->fd);
	while(step(gnutls_handshake(s->session)) < 0)
		;
}


static void close_tls(secure_t *s)
{
	gnutls_deinit(s->session);
	gnutls_certificate_free_credentials(s->mine);
}


static void send_tls(secure_t *s, const char *text, int len)
{
	int done = 0, rc;

	while(done < len) {
		rc = step(gnutls_record_send(s->session, text + done, len - done));
		done += rc > 0 ? rc : 0;
	}
}


static void await_tls(client_t *cl, secure_t *s, const char *text)
{
	int64_t deadline = schedule_now() + WAIT_MS;
	char space[4096];
	int rc;

	while(!has(cl, text)) {
		rc = step(gnutls_record_recv(s->session, space, sizeof(space)));
		if(rc > 0)
			buffer_add(&cl->in, space, rc);
		if(schedule_now() > deadline || rc == 0)
			fail_msg("%s never came", text);
	}
}


static void bind_tls(client_t *cl, secure_t *s)
{
	str bind;

	open_tls(cl, s);
	bind = opening_of(cl);
	send_tls(s, bind.s, bind.len);
	await_tls(cl, s, "MSRP bind 200");
}


static void test_tls_large_both_ways(void **state)
{
	secure_t s;
	char *text;
	int len;

	open_leg(BOB);
	bind_tls(ALICE, &s);
	text = large_message(ALICE, &len);
	send_tls(&s, text, len);
	free(text);
	await(BOB, "xxx\r\n-------");
	text = large_message(BOB, &len);
	send_raw(BOB, text, len);
	free(text);
	await_tls(ALICE, &s, "xxx\r\n-------");
	close_tls(&s);
}


/* More than the socket takes: records that wait, then the queue, all in
 * order once it reads again. */
static void test_tls_reads_late(void **state)
{
	char id[16], want[64];
	secure_t s;

	settings.leg_queue_max = 64 << 20;
	open_leg(BOB);
	bind_tls(ALICE, &s);
	for(int n = 0; n < 120; n++) {
		char *body = malloc(LARGE);
		int head = sprintf(body, "%smessage %d ", cpim(BOB, ""), n);

		memset(body + head, 'a' + n % 26, LARGE - head);
		snprintf(id, sizeof(id), "late%d", n);
		send_chunk(BOB, id, id, 1, LARGE, body, LARGE, '$');
		free(body);
		snprintf(want, sizeof(want), "MSRP %s 200", id);
		await(BOB, want);
		buffer_clear(&BOB->in);
	}
	say(BOB, "last", cpim(BOB, "the very last"));
	await_tls(ALICE, &s, "the very last");
	for(int n = 0, at = 0; n < 120; n++) {
		const char *hit;

		snprintf(want, sizeof(want), "message %d ", n);
		hit = memmem(ALICE->in.s + at, ALICE->in.len - at, want, strlen(want));
		assert_non_null(hit);
		at = (int)(hit - ALICE->in.s);
	}
	assert_true(ALICE->in.len > 120 * (LARGE - 100));
	close_tls(&s);
}


/* A client that vanishes at any point of its handshake. */
static void test_tls_ends_too_early(void **state)
{
	char hello[2048];
	ssize_t len;
	int pair[2];
	secure_t s;

	socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair);
	gnutls_certificate_allocate_credentials(&s.mine);
	gnutls_init(&s.session, GNUTLS_CLIENT | GNUTLS_NONBLOCK);
	gnutls_set_default_priority(s.session);
	gnutls_credentials_set(s.session, GNUTLS_CRD_CERTIFICATE, s.mine);
	gnutls_transport_set_int(s.session, pair[0]);
	gnutls_handshake(s.session);
	len = recv(pair[1], hello, sizeof(hello), 0);
	assert_true(len > 100);
	for(ssize_t cut = 0; cut <= len; cut += 7) {
		int fd = dial_port(settings.msrps_port);

		send(fd, hello, cut, MSG_NOSIGNAL);
		turn(1);
		close(fd);
		turn(1);
	}
	close_tls(&s);
	close(pair[0]);
	close(pair[1]);
	AWAIT(statistics[STAT_HANDSHAKES_FAILED] > len / 7 - 2);
	bind_tls(ALICE, &s);
	close_tls(&s);
}


static void test_tls_hostile_bytes(void **state)
{
	char noise[500];
	unsigned seed = 2;
	secure_t s;

	bind_tls(ALICE, &s);
	for(size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)rand_r(&seed);
	/* below TLS, so to speak: a record that nobody encrypted */
	send(ALICE->fd, noise, sizeof(noise), MSG_NOSIGNAL);
	AWAIT(statistics[STAT_LEGS] == 0);
	close_tls(&s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
			TEST(test_websocket_byte_by_byte),
			TEST(test_websocket_large_both_ways),
			TEST(test_websocket_goes_down_with_its_leg),
			TEST(test_websocket_pings),
			TEST(test_websocket_frames_behind_the_upgrade),
			TEST(test_websocket_answers_before_it_ends),
			TEST(test_websocket_says_goodbye),
			TEST(test_websocket_hostile_bytes),
			TEST(test_tls_large_both_ways),
			TEST(test_tls_reads_late),
			TEST(test_tls_ends_too_early),
			TEST(test_tls_hostile_bytes),
	};

	return cmocka_run_group_tests(tests, prepare, clean_up);
}
