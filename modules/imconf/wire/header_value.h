/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * header_value: the values of a SIP header taken apart at commas or semicolons;
 * those in quoted strings and angle brackets part nothing. RFC 3261 25.1. Their
 * parameters are header_params.h's. No state.
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

#endif
