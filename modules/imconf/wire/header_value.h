/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * header_value: what the values of SIP headers have in common: pieces parted
 * by commas and semicolons, of which quoted strings and angle brackets hold
 * more that count for nothing. RFC 3261 25.1. No state.
 */
#ifndef IMCONF_WIRE_HEADER_VALUE_H
#define IMCONF_WIRE_HEADER_VALUE_H

#include "base/text.h"

/**
 * Takes the piece up to `sep`, or the end, off the front of `rest`, trimmed.
 * A quoted string or angle bracket that is never closed goes to the end.
 * Returns 1, or 0 when `rest` is empty (no piece left).
 */
int header_next(str *rest, char sep, str *piece);

/** The value of a parameter in `params` (pieces parted by semicolons; name
 * compared without case), as it stands, often empty. Returns 1, or 0 when it
 * is absent. */
int header_param(const str *params, const str *name, str *value);

/** 1 when it is a token: one octet at least, and none but those. */
int header_is_token(const str *s);

#endif
