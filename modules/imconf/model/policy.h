/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * policy: who may do what. Pure functions of model and requester. Ground
 * floor.
 */
#ifndef IMCONF_MODEL_POLICY_H
#define IMCONF_MODEL_POLICY_H

#include "model/conference.h"

/** What the rules of a group's conference give `who`: permission_t bits. For
 * conferences that have a document. */
unsigned policy_permissions(const conference_t *c, const person_t *who);

/** S9: participants and invitees may watch an ad-hoc conference, also those
 * who went and may come back (who left for good may not); in a group's
 * conference whom its rules let. Not who was expelled. */
int policy_may_watch(const conference_t *c, const person_t *who);

/** Who may change the subject: the creator; in a group's conference whoever
 * may start it. */
int policy_may_describe(const participant_t *p, const person_t *who);

/** J1: may who was in or invited come (again)? Not expelled, not just coming
 * in by another INVITE, and not gone for good, unless its group's rules let it
 * in (`admitted`). Who is invited or connected may come by itself (J2). */
int policy_may_return(const participant_t *p, int admitted);

/**
 * R7: may `p` add people? Who is connected may; in a group's conference if its
 * rules let it (allow-invite-users-dynamically), in an ad-hoc one unless that
 * is left to the creator. `anonymous`: it asks for privacy in doing so.
 */
int policy_may_invite(const participant_t *p, int anonymous);

/** R8: may `p` expel? Who is connected, and is the creator or holds
 * allow-expelling. */
int policy_may_expel(const participant_t *p, int anonymous);

/** G5: may `p` hide its name in what it does? In a group's conference if its
 * rules let it (allow-anonymity), in an ad-hoc one always. */
int policy_may_hide(const participant_t *p);

#endif
