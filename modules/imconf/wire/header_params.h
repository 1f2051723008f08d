/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * header_params: the parameters of a header value, name[=value] with
 * semicolons between them, quoted strings among them. RFC 3261 25.1
 * (generic-param). No state.
 */
#ifndef IMCONF_WIRE_HEADER_PARAMS_H
#define IMCONF_WIRE_HEADER_PARAMS_H

#include "base/text.h"

/**
 * Takes the first parameter off the front of `rest` (which begins with its
 * name). `value` is as it stands, with its quotes; empty for a flag. Returns
 * 1, 0 when nothing is left, or -1 when what comes is no parameter: a name
 * that is no token, an open quote, or in an unquoted value white space, a
 * control character, a comma, a quote or an angle bracket.
 */
int header_params_next(str *rest, str *name, str *value);

/** 1 when `params` is a list of one or more parameters and nothing else. */
int header_params_valid(const str *params);

/** 1 when `text` is one or more lists of parameters, each behind an asterisk,
 * with commas between them: the value of Accept-Contact (RFC 3841 10). */
int header_params_accept_valid(const str *text);

#endif
