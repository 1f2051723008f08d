/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * focus: the SIP side of conferences: who comes, who is invited, who goes.
 */
#ifndef IMCONF_FOCUS_FOCUS_H
#define IMCONF_FOCUS_FOCUS_H

#include "model/conference.h"

/** Hangs the focus into router and effect runner; in the worker at start. */
void focus_start(void);

/** What a participant calls its software; empty when it did not say, or has no
 * session. Borrowed. */
str focus_user_agent(const participant_t *p);

#endif
