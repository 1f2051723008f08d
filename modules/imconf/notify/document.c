/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * document: see document.h. Called by the notifier; turns roster lines into
 * users of a document.
 */
#include "notify/document.h"

static const info_status_t status_of[] = {
		[ROSTER_ALERTING] = INFO_ALERTING,
		[ROSTER_CONNECTED] = INFO_CONNECTED,
		[ROSTER_DISCONNECTED] = INFO_DISCONNECTED,
		[ROSTER_DELETED] = INFO_DELETED,
};

static const info_departure_t departure_of[] = {
		[DEPARTED_NOT] = DEPARTURE_NONE,
		[DEPARTED_LEFT] = DEPARTURE_DEPARTED,
		[DEPARTED_BOOTED] = DEPARTURE_BOOTED,
		[DEPARTED_FAILED] = DEPARTURE_FAILED,
		[DEPARTED_BUSY] = DEPARTURE_BUSY,
};


void document_init(document_t *d)
{
	conference_info_init(&d->info);
	d->conference = NULL;
}


void document_free(document_t *d)
{
	conference_info_free(&d->info);
	d->conference = NULL;
}


static int same_told(const roster_told_t *a, const roster_told_t *b)
{
	return a->changes == b->changes && a->departures == b->departures
		   && a->deletions == b->deletions;
}


int document_is(const document_t *d, const conference_t *c, int full,
		const roster_told_t *told)
{
	roster_told_t trimmed = *told;

	if(d->conference != c || d->revision != c->revision || d->full != full)
		return 0;
	roster_told_trim(c, full, &trimmed);
	return same_told(&d->told, &trimmed);
}


static void add_line(const roster_line_t *line, void *info)
{
	info_user_t user = {
			.id = line->participant->number,
			.revision = line->changed,
			.entity = line->entity,
			.display = line->display,
			.status = status_of[line->status],
			.departure = departure_of[line->departure],
			.reason_code = line->code,
	};

	conference_info_add(info, &user);
}


/* N3 */
static void begin(document_t *d, const conference_t *c,
		const document_options_t *options, int full)
{
	info_head_t head = {
			.entity = c->group.len && !options->session_entity ? c->group
															   : c->identity,
			.partial = !full,
			.subject = c->subject,
			.max_users = c->max_participants,
	};

	conference_info_begin(&d->info, &head, &options->info);
}


int document_build(document_t *d, const conference_t *c,
		const document_options_t *options, int full, const roster_told_t *told)
{
	d->conference = NULL;
	begin(d, c, options, full);
	if(full)
		roster_full(c, &options->view, told, add_line, &d->info);
	else
		roster_difference(c, &options->view, told, add_line, &d->info);
	if(conference_info_failed(&d->info))
		return -1;
	d->conference = c;
	d->revision = c->revision;
	d->full = full;
	d->told = *told;
	roster_told_trim(c, full, &d->told);
	return 0;
}


int document_write(const document_t *d, const participant_t *watcher,
		uint32_t version, size_t max, roster_told_t *told, buffer_t *out)
{
	int users = conference_info_users(&d->info);
	int fitting = conference_info_fit(&d->info, max);
	unsigned until = d->revision;

	if(fitting < users)
		until = conference_info_revision(&d->info, fitting - 1);
	conference_info_write(
			&d->info, version, watcher ? watcher->number : 0, fitting, out);
	*told = roster_told_until(told, d->full, until);
	return fitting < users;
}
