/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * roster: the participants of a conference as its watchers may see them: all
 * of them, or what changed since a watcher was told. Clauses N2-N4, N9.
 * Ground floor.
 *
 * Lines come in the order of their last change, each with a revision of its
 * own. So a document that had to be cut after any line is no special case:
 * its watcher was told up to that line's `changed`, and what follows is an
 * ordinary difference.
 *
 * No line depends on the watcher. Who is anonymous is so to everybody, itself
 * included; the one thing that a watcher alone is told is which line it is
 * itself (N10), and a watcher can be compared with line->participant.
 */
#ifndef IMCONF_MODEL_ROSTER_H
#define IMCONF_MODEL_ROSTER_H

#include "model/conference.h"

typedef enum roster_status
{
	ROSTER_ALERTING,
	ROSTER_CONNECTED,
	ROSTER_DISCONNECTED,
	ROSTER_DELETED /* in differences only */
} roster_status_t;

/** How a watcher learns that somebody went. */
typedef enum roster_departure
{
	ROSTER_TWO_STEP,  /* disconnected, and deleted with the next document */
	ROSTER_DELETE,	  /* deleted at once, unless it came meanwhile, too */
	ROSTER_DISCONNECT /* disconnected, and never deleted */
} roster_departure_t;

/** What of the roster is told, and how. */
typedef struct roster_view
{
	roster_departure_t departure;
	int alerting; /* who is alerting is shown (N9) */
} roster_view_t;

/**
 * What a watcher was told, in revisions: changes of who is there, departures,
 * and deletions of who went. The three part ways because a departure is told
 * twice and a document may be cut. Copy it freely.
 */
typedef struct roster_told
{
	unsigned changes;
	unsigned departures;
	unsigned deletions;
} roster_told_t;

/** One line; strings belong to the participant. */
typedef struct roster_line
{
	const participant_t *participant;
	str entity;
	str display;
	roster_status_t status;
	departure_t departure; /* with ROSTER_DISCONNECTED */
	int code;
	unsigned changed; /* revision of this line; ascending */
} roster_line_t;

typedef void (*roster_fn_t)(const roster_line_t *line, void *arg);

/** A watcher's who subscribes now: everybody there is news (its first document
 * is full), departures so far are none. */
roster_told_t roster_told_nothing(const conference_t *c);

/**
 * What a watcher knows after a document, if it takes it: `told` is what it
 * knew before, `full` whether the document was, `until` the `changed` of the
 * last line if the document was cut, else the revision it was made at.
 */
roster_told_t roster_told_until(
		const roster_told_t *told, int full, unsigned until);

/**
 * Makes equal what makes no difference: two watchers whose next document is
 * the same have equal values afterwards. `full`: that document is full.
 */
void roster_told_trim(const conference_t *c, int full, roster_told_t *told);

/** Calls `fn` for everybody who is there, and for departures not told yet
 * (disconnected; none with ROSTER_DELETE): a full document. A refusal is shown
 * even if it came without a 180. */
void roster_full(const conference_t *c, const roster_view_t *view,
		const roster_told_t *told, roster_fn_t fn, void *arg);

/**
 * Calls `fn` for what changed since `told`: a partial document. Whoever came
 * and went, or went and came, or changed repeatedly meanwhile, is one line.
 * Deletions of who was told as disconnected are among them.
 */
void roster_difference(const conference_t *c, const roster_view_t *view,
		const roster_told_t *told, roster_fn_t fn, void *arg);

/** 1 when roster_difference() has a line that is worth a NOTIFY; a deletion
 * that is owed after a disconnected is not. */
int roster_has_news(const conference_t *c, const roster_view_t *view,
		const roster_told_t *told);

#endif
