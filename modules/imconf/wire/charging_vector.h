/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * charging_vector: the value of P-Charging-Vector (RFC 7315 4.6, 5.6), in and
 * out. No state.
 */
#ifndef IMCONF_WIRE_CHARGING_VECTOR_H
#define IMCONF_WIRE_CHARGING_VECTOR_H

#include "base/buffer.h"

#define CHARGING_VECTOR_MAX 1024 /* octets of a whole value */
#define CHARGING_VALUE_MAX 256	 /* of one of its parameters */

/** Values as they stand, with their quotes; absent ones are empty. */
typedef struct charging_vector
{
	str icid; /* icid-value */
	str generated_at;
	str orig_ioi, term_ioi;
} charging_vector_t;

/**
 * Reads a value; everything points into `text`. Returns 0, or -1 when it is
 * too long, no list of parameters, or has not exactly one icid-value. Of
 * parameters that are of no use here (transit-ioi, related-icid ...) nothing
 * is kept.
 */
int charging_vector_parse(const str *text, charging_vector_t *vector);

/** Writes the header line. What `vector` has is written as it stands. */
void charging_vector_add(buffer_t *out, const charging_vector_t *vector);

#endif
