/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * transport: see transport.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "transport.h"

#define RAW_SIZE 32768
#define MESSAGE_MAX 65536
#define CONTROL 8 /* opcodes from here on carry no MSRP */
#define UPGRADE                                                 \
	"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r" \
	"\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"    \
	"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"           \
	"Sec-WebSocket-Protocol: msrp\r\n\r\n"

struct transport
{
	int fd;
	gnutls_session_t tls; /* NULL: none */
	int web;
	unsigned char head[10]; /* of the WebSocket frame that comes in */
	size_t head_len;
	size_t left; /* of its payload */
	int control; /* it is no message */
};

static gnutls_certificate_credentials_t credentials;


static ssize_t raw_recv(transport_t *t, char *out, size_t size)
{
	ssize_t n;

	if(t->tls == NULL)
		return recv(t->fd, out, size, 0);
	n = gnutls_record_recv(t->tls, out, size);
	if(n >= 0)
		return n;
	errno = gnutls_error_is_fatal((int)n) ? EIO : EAGAIN;
	return -1;
}


/* All of it: little goes this way, and the socket may be waited for. */
static int raw_send(transport_t *t, const char *data, size_t len)
{
	ssize_t n;

	while(len > 0) {
		n = t->tls != NULL ? gnutls_record_send(t->tls, data, len)
						   : send(t->fd, data, len, MSG_NOSIGNAL);
		if(n > 0) {
			data += n;
			len -= n;
		} else if(t->tls != NULL ? gnutls_error_is_fatal((int)n)
								 : errno != EAGAIN && errno != EINTR) {
			return -1;
		}
	}
	return 0;
}


static int open_tls(transport_t *t)
{
	int rc;

	if(credentials == NULL
			&& gnutls_certificate_allocate_credentials(&credentials) < 0)
		return -1;
	if(gnutls_init(&t->tls, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL) < 0)
		return -1;
	gnutls_set_default_priority(t->tls);
	gnutls_credentials_set(t->tls, GNUTLS_CRD_CERTIFICATE, credentials);
	gnutls_transport_set_int(t->tls, t->fd);
	do {
		rc = gnutls_handshake(t->tls);
	} while(rc < 0 && !gnutls_error_is_fatal(rc));
	return rc;
}


/* The server says nothing more before we do. */
static int open_web(transport_t *t)
{
	char answer[2048];
	size_t len = 0;
	ssize_t n;

	if(raw_send(t, UPGRADE, sizeof(UPGRADE) - 1) < 0)
		return -1;
	do {
		n = raw_recv(t, answer + len, sizeof(answer) - 1 - len);
		if(n <= 0 && errno != EAGAIN)
			return -1;
		len += n > 0 ? n : 0;
		answer[len] = 0;
	} while(strstr(answer, "\r\n\r\n") == NULL && len < sizeof(answer) - 1);
	t->web = 1;
	return strncmp(answer, "HTTP/1.1 101", 12) == 0 ? 0 : -1;
}


int transport_open(int fd, const char *path, transport_t **out)
{
	int secure = strncmp(path, "msrps:", 6) == 0;
	int web = strstr(path, ";ws") != NULL;
	transport_t *t;

	*out = NULL;
	if(!secure && !web)
		return 0;
	t = calloc(1, sizeof(*t));
	if(t == NULL)
		return -1;
	t->fd = fd;
	if((secure && open_tls(t) < 0) || (web && open_web(t) < 0)) {
		transport_close(t);
		return -1;
	}
	*out = t;
	return 0;
}


/* Takes one octet of a frame's head; sets up the payload with the last. */
static void take_head(transport_t *t, unsigned char octet)
{
	size_t wanted = 2, i;

	t->head[t->head_len++] = octet;
	if(t->head_len < 2)
		return;
	if((t->head[1] & 0x7f) >= 126)
		wanted = (t->head[1] & 0x7f) == 126 ? 4 : 10;
	if(t->head_len < wanted)
		return;
	t->left = t->head[1] & 0x7f;
	if(wanted > 2)
		for(t->left = 0, i = 2; i < wanted; i++)
			t->left = t->left << 8 | t->head[i];
	t->control = (t->head[0] & 0x0f) >= CONTROL;
	t->head_len = 0;
}


static size_t unwrap(transport_t *t, const char *raw, size_t len, char *out)
{
	size_t at = 0, written = 0, part;

	while(at < len) {
		if(t->left == 0) {
			take_head(t, raw[at++]);
			continue;
		}
		part = len - at < t->left ? len - at : t->left;
		if(!t->control) {
			memcpy(out + written, raw + at, part);
			written += part;
		}
		at += part;
		t->left -= part;
	}
	return written;
}


ssize_t transport_recv(transport_t *t, char *out, size_t size)
{
	char raw[RAW_SIZE];
	ssize_t n;

	if(!t->web)
		return raw_recv(t, out, size);
	n = raw_recv(t, raw, size < sizeof(raw) ? size : sizeof(raw));
	if(n <= 0)
		return n;
	n = unwrap(t, raw, n, out);
	if(n == 0) {
		errno = EAGAIN;
		return -1;
	}
	return n;
}


int transport_pending(const transport_t *t)
{
	return t->tls != NULL && gnutls_record_check_pending(t->tls) > 0;
}


ssize_t transport_send(transport_t *t, const char *data, size_t len)
{
	static char message[MESSAGE_MAX + 8];
	size_t head = len < 126 ? 6 : 8;

	if(!t->web)
		return raw_send(t, data, len) < 0 ? -1 : (ssize_t)len;
	if(len >= MESSAGE_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	memset(message, 0, head);
	message[0] = (char)0x82;
	message[1] = (char)(0x80 | (len < 126 ? len : 126));
	if(len >= 126) {
		message[2] = (char)(len >> 8);
		message[3] = (char)len;
	}
	memcpy(message + head, data, len);
	return raw_send(t, message, head + len) < 0 ? -1 : (ssize_t)len;
}


void transport_close(transport_t *t)
{
	if(t == NULL)
		return;
	if(t->tls != NULL)
		gnutls_deinit(t->tls);
	free(t);
}
