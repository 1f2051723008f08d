/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * release: when a departure ends the conference. Pure; asked by the
 * transitions of conference.c and invitation.c. Ground floor.
 */
#ifndef IMCONF_MODEL_RELEASE_H
#define IMCONF_MODEL_RELEASE_H

#include "model/conference.h"

/**
 * Does it end the conference when `p`, who counts, goes? Returns why, or
 * END_NONE when it goes on. In this order:
 * END_EMPTY: nobody else is present, unless it `stays`;
 * END_KEY_LEFT: `p` is the last key participant present (is-key-participant);
 * END_CREATOR_LEFT: `p` is the creator, and the rules say so;
 * END_TOO_FEW: all others, those who are still invited among them, are fewer
 * than the rules' minimum.
 * One that only failed to come in, and that nobody saw, ends nothing but an
 * empty conference.
 */
end_reason_t release_due(const participant_t *p);

/** A key participant by its group's rules. To be asked when it enters. */
int release_is_key(const participant_t *p);

#endif
