/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tls_keys: our certificate with its key, and the authorities that we trust:
 * the newest set, and older ones as long as a connection has them. Private to
 * tls.
 */
#ifndef IMCONF_SWITCH_TLS_KEYS_H
#define IMCONF_SWITCH_TLS_KEYS_H

#include <gnutls/gnutls.h>
#include "wire/fingerprint.h"

typedef struct tls_keys tls_keys_t;

/** The newest set, held for the caller; NULL before the first tls_load(). */
tls_keys_t *tls_keys_hold(void);

/** NULL is harmless. */
void tls_keys_release(tls_keys_t *keys);

/** For sessions that hold the set. */
gnutls_certificate_credentials_t tls_keys_credentials(const tls_keys_t *keys);

/** Computes `print->value` of a certificate by print->hash. Returns 0 or -1. */
int tls_keys_hash(const gnutls_datum_t *certificate, fingerprint_t *print);

#endif
