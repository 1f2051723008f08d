/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * passing: hands a message on to those the verdict named, whole or piece by
 * piece. The ruling of `m` is made before.
 */
#ifndef IMCONF_SWITCH_PASSING_H
#define IMCONF_SWITCH_PASSING_H

#include "switch/message.h"

/** `m` streams from now on. Returns 0, or the code that refused it. */
int passing_begin(message_t *m);

/** Passes on what the buffer of a streaming message holds; `flag` as in
 * RFC 4975: '+', '$' or '#', with which nothing but the flag goes out. Returns
 * 0, or the code that refused it: memory is out. */
int passing_emit(message_t *m, char flag);

/** A streaming message is over: whoever waited for its end need no longer.
 * Harmless for others. */
void passing_end(message_t *m);

/** Passes on a collected message. Returns 0, or the code that refused it. */
int passing_whole(message_t *m);

#endif
