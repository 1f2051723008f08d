/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * fingerprint: the hash of a certificate in a session description. RFC 8122
 * section 5, RFC 4975 section 14.4. No state.
 */
#ifndef IMCONF_WIRE_FINGERPRINT_H
#define IMCONF_WIRE_FINGERPRINT_H

#include "base/buffer.h"

#define FINGERPRINT_MAX 64 /* octets of the longest hash */

/** The hash functions, the better one being greater. */
typedef enum fingerprint_hash
{
	FINGERPRINT_SHA1,
	FINGERPRINT_SHA256,
	FINGERPRINT_SHA384,
	FINGERPRINT_SHA512,
	FINGERPRINT_HASHES
} fingerprint_hash_t;

typedef struct fingerprint
{
	fingerprint_hash_t hash;
	unsigned char value[FINGERPRINT_MAX];
} fingerprint_t;

/** Octets of that hash. */
int fingerprint_length(fingerprint_hash_t hash);

/** Reads the value of an a=fingerprint ("SHA-256 4A:AD:..."). Returns 0, or
 * -1: malformed, or of a hash function that we do not know (or trust). */
int fingerprint_parse(const str *text, fingerprint_t *print);

/** Writes one as such a value. */
void fingerprint_write(const fingerprint_t *print, buffer_t *out);

/** Reads `count` values and keeps, at the front of `print` (with room for
 * `count`), those of the best hash function among them. Returns their
 * number; 0: none was of use. */
int fingerprint_best(const str *text, int count, fingerprint_t *print);

#endif
