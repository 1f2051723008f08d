/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * nickname: the value of Use-Nickname, and when two nicknames are one. RFC
 * 7701 section 7.1: they are prepared and compared by the Nickname profile of
 * PRECIS, RFC 8266 (once RFC 7700): only characters of the FreeformClass
 * (controls, invisible, private and unassigned ones are refused), every kind
 * of space is a space, those at the ends and repeated ones do not count, nor do
 * case (full folding, as RFC 7700 has it) and what NFKC takes away. Shown is
 * what was asked for, with its spaces in order. Not looked at: the context that
 * a few characters want (CONTEXTO). No state.
 */
#ifndef IMCONF_WIRE_NICKNAME_H
#define IMCONF_WIRE_NICKNAME_H

#include "base/text.h"

#define NICKNAME_MAX 1023 /* octets */

#define NICKNAME_MALFORMED (-1) /* 424 */
#define NICKNAME_MEMORY (-2)

/**
 * Reads a quoted nickname; `name` is what is shown, owned by the caller, empty
 * for `""` (which removes one). Returns 0, or one of the above: no quotes, a
 * wrong escape, too long (by itself or in NFKC), no UTF-8, a character that is
 * not allowed, nothing but spaces.
 */
int nickname_read(const str *value, str *name);

/** What equal nicknames have in common, of one that nickname_read() gave or
 * any other text; owned by the caller. Returns 0 or NICKNAME_MEMORY. */
int nickname_key(const str *name, str *key);

#endif
