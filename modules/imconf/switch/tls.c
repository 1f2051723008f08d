/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tls: see tls.h. Sessions; called by the connection. The certificates are in
 * tls_keys.c.
 */
#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include "core/dprint.h"
#include "switch/tls.h"
#include "switch/tls_keys.h"

/* nothing older than TLS 1.2: RFC 8996 */
#define PRIORITIES \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE"
#define RECORD_MAX 16384
#define HOST_MAX 256

struct tls
{
	gnutls_session_t session;
	tls_keys_t *keys;
	size_t pending; /* octets of the record that waits for the socket */
	int error;
	int said_bye;
};


static int prepare(tls_t *tls, int fd, int calling, int asking)
{
	unsigned flags = GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS
					 | (calling ? GNUTLS_CLIENT : GNUTLS_SERVER);

	if(gnutls_init(&tls->session, flags) < 0)
		return -1;
	if(gnutls_priority_set_direct(tls->session, PRIORITIES, NULL) < 0
			|| gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE,
					   tls_keys_credentials(tls->keys))
					   < 0) {
		gnutls_deinit(tls->session);
		return -1;
	}
	if(asking && !calling)
		gnutls_certificate_server_set_request(
				tls->session, GNUTLS_CERT_REQUEST);
	gnutls_transport_set_int(tls->session, fd);
	gnutls_handshake_set_timeout(tls->session, GNUTLS_INDEFINITE_TIMEOUT);
	return 0;
}


tls_t *tls_create(int fd, int calling, int asking)
{
	tls_t *tls = calloc(1, sizeof(*tls));

	if(!tls)
		return NULL;
	tls->keys = tls_keys_hold();
	if(tls->keys && prepare(tls, fd, calling, asking) == 0)
		return tls;
	tls_keys_release(tls->keys);
	free(tls);
	return NULL;
}


void tls_bye(tls_t *tls)
{
	if(tls->said_bye || tls->error || tls->pending)
		return;
	tls->said_bye = 1;
	gnutls_bye(tls->session, GNUTLS_SHUT_WR);
}


void tls_destroy(tls_t *tls, int polite)
{
	if(!tls)
		return;
	if(polite)
		tls_bye(tls);
	gnutls_deinit(tls->session);
	tls_keys_release(tls->keys);
	free(tls);
}


static int is_passing(ssize_t rc)
{
	return rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED
		   || rc == GNUTLS_E_WARNING_ALERT_RECEIVED;
}


tls_progress_t tls_handshake(tls_t *tls)
{
	int rc;

	do {
		rc = gnutls_handshake(tls->session);
	} while(rc == GNUTLS_E_INTERRUPTED
			|| rc == GNUTLS_E_WARNING_ALERT_RECEIVED);
	if(rc == 0)
		return TLS_DONE;
	if(rc == GNUTLS_E_AGAIN)
		return gnutls_record_get_direction(tls->session) ? TLS_WANTS_WRITE
														 : TLS_WANTS_READ;
	tls->error = rc;
	gnutls_alert_send_appropriate(tls->session, rc);
	return TLS_FAILED;
}


static ssize_t failed(tls_t *tls, ssize_t rc)
{
	tls->error = (int)rc;
	errno = EPROTO;
	return -1;
}


ssize_t tls_read(tls_t *tls, void *space, size_t max)
{
	ssize_t got = gnutls_record_recv(tls->session, space, max);

	if(got >= 0)
		return got;
	if(is_passing(got)) {
		errno = EAGAIN;
		return -1;
	}
	/* many close the connection without a word; the end-lines say what was
	 * complete */
	if(got == GNUTLS_E_PREMATURE_TERMINATION)
		return 0;
	return failed(tls, got);
}


/* Copies what fits from `from` octets on; returns how much that is. */
static size_t gather(
		const struct iovec *iov, int count, size_t from, char *record)
{
	size_t len = 0;

	for(int i = 0; i < count && len < RECORD_MAX; i++) {
		size_t part;

		if(from >= iov[i].iov_len) {
			from -= iov[i].iov_len;
			continue;
		}
		part = iov[i].iov_len - from;
		if(part > RECORD_MAX - len)
			part = RECORD_MAX - len;
		memcpy(record + len, (char *)iov[i].iov_base + from, part);
		len += part;
		from = 0;
	}
	return len;
}


/* The record that was encrypted, but did not fit. Returns 1 when it is gone,
 * 0 when it still waits, -1. */
static int send_pending(tls_t *tls)
{
	ssize_t rc;

	if(tls->pending == 0)
		return 1;
	rc = gnutls_record_send(tls->session, NULL, 0);
	if(is_passing(rc))
		return 0;
	if(rc < 0)
		return (int)failed(tls, rc);
	tls->pending = 0;
	return 1;
}


ssize_t tls_write(tls_t *tls, const struct iovec *iov, int count)
{
	static char record[RECORD_MAX];
	size_t taken = 0, len;
	ssize_t rc;
	int gone;

	while((gone = send_pending(tls)) == 1) {
		len = gather(iov, count, taken, record);
		if(len == 0)
			break;
		rc = gnutls_record_send(tls->session, record, len);
		if(rc < 0 && !is_passing(rc))
			return failed(tls, rc);
		if(rc < 0)
			tls->pending = len;
		taken += rc < 0 ? len : (size_t)rc;
	}
	return gone < 0 ? -1 : (ssize_t)taken;
}


int tls_pending(const tls_t *tls)
{
	return tls->pending > 0;
}


int tls_has_more(const tls_t *tls)
{
	return gnutls_record_check_pending(tls->session) > 0;
}


const char *tls_error(const tls_t *tls)
{
	if(tls->error == GNUTLS_E_FATAL_ALERT_RECEIVED)
		return gnutls_alert_get_name(gnutls_alert_get(tls->session));
	return gnutls_strerror(tls->error);
}


int tls_matches(const tls_t *tls, const fingerprint_t *print, int count)
{
	unsigned n = 0;
	const gnutls_datum_t *chain =
			gnutls_certificate_get_peers(tls->session, &n);
	fingerprint_t shown;

	for(int i = 0; chain && n > 0 && i < count; i++) {
		shown.hash = print[i].hash;
		if(tls_keys_hash(&chain[0], &shown) == 0
				&& memcmp(shown.value, print[i].value,
						   fingerprint_length(shown.hash))
						   == 0)
			return 1;
	}
	return 0;
}


int tls_is_trusted(const tls_t *tls, const str *host)
{
	char name[HOST_MAX];
	unsigned status = 0;

	if(host->len <= 0 || host->len >= HOST_MAX)
		return 0;
	memcpy(name, host->s, host->len);
	name[host->len] = 0;
	return gnutls_certificate_verify_peers3(tls->session, name, &status) == 0
		   && status == 0;
}
