/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * random: unguessable tokens (Session Identities, MSRP session ids, tags).
 * Ground floor.
 */
#ifndef IMCONF_BASE_RANDOM_H
#define IMCONF_BASE_RANDOM_H

#include <stddef.h>

/** Fills `dst` with `len` random bytes from the kernel, read ahead in blocks;
 * a forked process never repeats its parent's. Ends the process when the
 * kernel has none: an id that can be guessed is worse than none. */
void random_bytes(void *dst, size_t len);

/** Writes `bits`/4 lower-case hex digits and a zero; dst needs bits/4+1. */
void random_hex(char *dst, int bits);

#endif
