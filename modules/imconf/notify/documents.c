/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * documents: see documents.h. Called by the notifier; knows no subscription.
 */
#include "notify/documents.h"

#include "notify/profile.h"


void documents_init(documents_t *all)
{
	for(int i = 0; i < DOCUMENTS_KEPT; i++)
		document_init(&all->kept[i].document);
	all->next = 0;
}


void documents_free(documents_t *all)
{
	for(int i = 0; i < DOCUMENTS_KEPT; i++)
		document_free(&all->kept[i].document);
}


/* Was it built for somebody who had been told exactly this? Then it does even
 * if there were changes since. */
static int was_asked(const struct kept *kept, const conference_t *c, int full,
		const roster_told_t *told)
{
	return kept->document.conference == c && kept->document.full == full
		   && kept->asked.changes == told->changes
		   && kept->asked.departures == told->departures
		   && kept->asked.deletions == told->deletions;
}


const document_t *documents_get(documents_t *all, const conference_t *c,
		int full, int latest, const roster_told_t *told)
{
	struct kept *kept;

	for(int i = 0; i < DOCUMENTS_KEPT; i++) {
		kept = &all->kept[i];
		if(document_is(&kept->document, c, full, told)
				|| (!latest && was_asked(kept, c, full, told)))
			return &kept->document;
	}
	kept = &all->kept[all->next];
	all->next = (all->next + 1) % DOCUMENTS_KEPT;
	kept->asked = *told;
	if(document_build(&kept->document, c, &profile.document, full, told) < 0)
		return NULL;
	return &kept->document;
}
