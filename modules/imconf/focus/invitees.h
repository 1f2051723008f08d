/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * invitees: whom the URI list of an INVITE to the factory names, and what the
 * invitation of each of them says besides. Clauses A2, E1, E2. Private to the
 * focus.
 */
#ifndef IMCONF_FOCUS_INVITEES_H
#define IMCONF_FOCUS_INVITEES_H

#include "focus/refusal.h"
#include "wire/refer_to.h"
#include "wire/replaces.h"
#include "wire/resource_list.h"

typedef struct invitees
{
	person_t *person; /* points into the next, and into the list */
	refer_target_t *target;
	int count;
} invitees_t;

/**
 * Reads a list, whose entries lose what is not part of the address. Our own
 * addresses are left out. Returns 0, or -1 and a refusal. Free with
 * invitees_free() in any case.
 */
int invitees_read(invitees_t *in, resource_list_t *list, refusal_t *refusal);

/** E1: a Replaces of the INVITE itself is meant for the first who is listed,
 * if no entry brings one of its own. Returns 0, or -1 and a refusal. */
int invitees_replace(
		invitees_t *in, const replaces_t *replaces, refusal_t *refusal);

/** Frees what was read, not the struct; once, also after a failure. */
void invitees_free(invitees_t *in);

#endif
