/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * policy: who may do what. Pure functions of model and requester. Ad-hoc
 * conferences so far. Ground floor.
 */
#ifndef IMCONF_MODEL_POLICY_H
#define IMCONF_MODEL_POLICY_H

#include "model/conference.h"

/** S9: participants and invitees may watch an ad-hoc conference, also those
 * who went and may come back; not who was expelled. */
int policy_may_watch(const conference_t *c, const person_t *who);

/** J1: who was in or invited, and is not in a state of being invited. */
int policy_may_join(const conference_t *c, const person_t *who);

/** The same for a known participant: it is GONE, but not expelled, or is
 * CONNECTED and comes again (J2). */
int policy_may_return(const participant_t *p);

#endif
