/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tls: TLS below MSRP, by GnuTLS (OpenSSL in a process of a Kamailio that has
 * tls.so shares its allocator with it and frees memory twice). Nothing here
 * waits: what cannot go on says so. RFC 4975 sections 14.2 and 14.4.
 */
#ifndef IMCONF_SWITCH_TLS_H
#define IMCONF_SWITCH_TLS_H

#include <sys/types.h>
#include <sys/uio.h>
#include "wire/fingerprint.h"

typedef struct tls tls_t;

typedef enum tls_progress
{
	TLS_FAILED = -1, /* tls_error() says why */
	TLS_DONE,
	TLS_WANTS_READ,
	TLS_WANTS_WRITE
} tls_progress_t;

/** Can the certificate, its key and the authorities be used? In mod_init; 0
 * when no secure transport is served, too. Returns 0, or -1 (said in the
 * log). */
int tls_check(void);

/** Loads them in this worker, in place of those in use, which connections
 * that have them keep. Returns 0, or -1: nothing changed (said in the log). */
int tls_load(void);

/** The value of our a=fingerprint by this hash; empty before tls_load(). Good
 * until the next one. */
str tls_own_fingerprint(fingerprint_hash_t hash);

/** Begins TLS on a connected socket, which stays the caller's: as the server
 * or, with `calling`, as the client; a server asks for a certificate when
 * `asking`. NULL when memory is out or nothing is loaded. */
tls_t *tls_create(int fd, int calling, int asking);

/** Says goodbye: nothing more will be written. Once. */
void tls_bye(tls_t *tls);

/** Says goodbye when `polite` and it was not said, and frees it. NULL is
 * harmless. */
void tls_destroy(tls_t *tls, int polite);

/** Goes on with the handshake. */
tls_progress_t tls_handshake(tls_t *tls);

/** As recv() and sendmsg() on a non-blocking socket: what was read or taken,
 * 0 at the end of what is read; -1 with errno EAGAIN, or EPROTO for all else.
 * What was taken may still wait: tls_pending(). */
ssize_t tls_read(tls_t *tls, void *space, size_t max);
ssize_t tls_write(tls_t *tls, const struct iovec *iov, int count);

/** 1 while octets that tls_write() took have not gone out; it is called again
 * when the socket is writable, with more or with nothing. */
int tls_pending(const tls_t *tls);

/** 1 when octets that were read are still to be had from tls_read(). */
int tls_has_more(const tls_t *tls);

/** Why it failed, a sentence. */
const char *tls_error(const tls_t *tls);

/** 1 when the peer showed a certificate with one of these fingerprints. */
int tls_matches(const tls_t *tls, const fingerprint_t *print, int count);

/** 1 when the peer's certificate is by one of tls_ca's authorities and for
 * `host`, a name or an address. */
int tls_is_trusted(const tls_t *tls, const str *host);

#endif
