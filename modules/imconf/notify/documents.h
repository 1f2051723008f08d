/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * documents: the documents that a conference's watchers have in common while a
 * tick is told: most know the same, some are a tick behind. Private to notify/.
 */
#ifndef IMCONF_NOTIFY_DOCUMENTS_H
#define IMCONF_NOTIFY_DOCUMENTS_H

#include "notify/document.h"

#define DOCUMENTS_KEPT 4

typedef struct documents
{
	struct kept
	{
		document_t document;
		roster_told_t asked; /* what the first who needed it was told */
	} kept[DOCUMENTS_KEPT];
	int next; /* the one to be given up next */
} documents_t;

/** Keeps none yet. */
void documents_init(documents_t *all);

/** Gives the memory back; they are built anew when needed. */
void documents_free(documents_t *all);

/**
 * The document, full or a difference, for somebody who was told `told`; built
 * if it is not there. With `latest` it tells of every change up to now, else
 * perhaps of those up to the last tick only. Good until the next call. Returns
 * NULL when memory is out.
 */
const document_t *documents_get(documents_t *all, const conference_t *c,
		int full, int latest, const roster_told_t *told);

#endif
