/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * roster: the participants of a conference as one watcher may see them at one
 * time. Clauses N2-N4, N9. Ground floor.
 */
#ifndef IMCONF_MODEL_ROSTER_H
#define IMCONF_MODEL_ROSTER_H

#include "model/conference.h"

typedef enum roster_status
{
	ROSTER_ALERTING,
	ROSTER_CONNECTED,
	ROSTER_DISCONNECTED
} roster_status_t;

/** One line; strings belong to the participant. */
typedef struct roster_line
{
	const participant_t *participant;
	str entity;
	str display;
	roster_status_t status;
	departure_t departure;
	int code;
	int own; /* the watcher itself (N10) */
} roster_line_t;

/**
 * Calls `fn` for every participant that a full document shows to `watcher`
 * (NULL: nobody in particular): who is connected or alerting, and who went
 * after revision `since` (once disconnected, N9; with `since` = c->revision:
 * none). In the order of arrival. A refusal is shown even if it came without
 * a 180, once.
 */
void roster_each(const conference_t *c, const participant_t *watcher,
		unsigned since, void (*fn)(const roster_line_t *line, void *arg),
		void *arg);

#endif
