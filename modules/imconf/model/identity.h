/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * identity: one user's names (sip:, sips:, tel:, sip:...;user=phone) and when
 * two of them mean the same user. Ground floor.
 */
#ifndef IMCONF_MODEL_IDENTITY_H
#define IMCONF_MODEL_IDENTITY_H

#include "base/text.h"

/** A user as asserted: P-Asserted-Identity may give a sip and a tel name. */
#define IDENTITY_NAMES_MAX 4

/** What identity_init() fails with. */
#define IDENTITY_NO_URI (-1)
#define IDENTITY_MEMORY (-2)

typedef struct identity
{
	str uri; /* as first given, without a ?headers part; owned */
	str key; /* what equal names have in common; owned */
} identity_t;

/**
 * Makes an identity of a URI. The key ignores parameters, headers, password,
 * the default port, case of scheme and host, needless escapes, the difference
 * of sip and sips, and visual separators of a telephone number; a
 * `sip:+33...@any;user=phone` has the key of `tel:+33...`. Of a number, ext,
 * isub and phone-context do count: they lead to another user. RFC 3261
 * 19.1.4, RFC 3966 4. Returns 0, IDENTITY_NO_URI when `uri` is no sip, sips or
 * tel URI, or IDENTITY_MEMORY (`id` is empty then).
 */
int identity_init(identity_t *id, const str *uri);

/** Frees its texts and leaves it empty, which is harmless to free again. */
void identity_free(identity_t *id);

/** 1 when both name the same user. Anonymous identities equal nobody. */
int identity_eq(const identity_t *a, const identity_t *b);

/** 1 for a URI whose host is anonymous.invalid. */
int identity_is_anonymous(const identity_t *id);

#endif
