/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * announce: what the conference itself says to all: who came and went, when
 * settings.announce says so, and an operator's words.
 */
#ifndef IMCONF_SWITCH_ANNOUNCE_H
#define IMCONF_SWITCH_ANNOUNCE_H

#include "model/conference.h"

/** What an operator may say at a time. */
#define ANNOUNCE_MAX 4096

/** 1 when it can be sent as plain text: no control characters but line ends
 * and tabs, not empty, at most ANNOUNCE_MAX octets. */
int announce_is_text(const str *text);

/** Says it to everybody in the room but `except` (may be NULL), as text/plain
 * from the conference. Returns how many it is for, or -1 when memory is out. */
int announce_say(
		conference_t *c, const str *text, const struct participant *except);

/** In the worker at start, behind the switch's own handlers: announces who
 * comes and goes from now on, when the settings say so. */
void announce_start(void);

#endif
