/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * rename: carries out NICKNAME requests. RFC 7701 section 7; clause N8.
 */
#ifndef IMCONF_SWITCH_RENAME_H
#define IMCONF_SWITCH_RENAME_H

#include "switch/leg.h"
#include "wire/msrp_frame.h"

/** The participant of `leg` wants another nickname, or none. Returns the code
 * of the response: 200; 403 nicknames are switched off, or too many requests;
 * 424 no nickname; 425 somebody else has it. Then the old one stays. */
int rename_participant(leg_t *leg, const msrp_head_t *head);

#endif
