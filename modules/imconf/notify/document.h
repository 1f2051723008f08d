/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * document: what the roster of a conference says, in the words of RFC 4575;
 * the part common to all watchers built once, then written for each. Clauses
 * N2-N4, N8-N11. Knows model/ and wire/ alone: no subscription, no settings.
 *
 *   document_is(d, c, full, &told) || document_build(d, c, o, full, &told)
 *   next = told;
 *   document_write(d, watcher, version, max, &next, out)
 *   ... and when the NOTIFY was answered 200: told = next
 */
#ifndef IMCONF_NOTIFY_DOCUMENT_H
#define IMCONF_NOTIFY_DOCUMENT_H

#include "model/roster.h"
#include "wire/conference_info.h"

/** What the operator chose (notify/ makes one of the settings). Strings must
 * outlive the documents. */
typedef struct document_options
{
	roster_view_t view;	 /* departure, alerting_status none */
	info_options_t info; /* yourown, alerting_status pending */
	int session_entity;	 /* entity_source: Session Identity even of a group */
} document_options_t;

/** The last one built; one per conference does (see document_is()). */
typedef struct document
{
	conference_info_t info;
	const conference_t *conference; /* NULL: none built */
	unsigned revision;				/* it was built at */
	int full;
	roster_told_t told; /* trimmed: whom it serves */
} document_t;

/** None is built yet; document_free() frees what was built. */
void document_init(document_t *d);
void document_free(document_t *d);

/** 1 when `d` is the document that somebody who was told `told` gets now. */
int document_is(const document_t *d, const conference_t *c, int full,
		const roster_told_t *told);

/** Builds it, in place of the one before. Returns 0, or -1 when memory is out
 * (document_is() is false then). */
int document_build(document_t *d, const conference_t *c,
		const document_options_t *options, int full, const roster_told_t *told);

/**
 * Appends the document for one watcher (NULL: no participant, or nobody it
 * could be) to `out`. `told` is what the watcher was told, and becomes what it
 * will have been told once it takes this. At most `max` bytes (0: no limit)
 * hold what fits, one user at least; returns 1 then if there is more, which is
 * the next partial document's. Returns 0 when this is all; failures stick to
 * `out`.
 */
int document_write(const document_t *d, const participant_t *watcher,
		uint32_t version, size_t max, roster_told_t *told, buffer_t *out);

#endif
