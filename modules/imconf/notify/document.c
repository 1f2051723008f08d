/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * document: see document.h. Called by the notifier; turns roster lines into
 * users of a document, and knows no message.
 */
#include "notify/document.h"

#include "notify/profile.h"

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


void documents_init(documents_t *all)
{
	for(int i = 0; i < DOCUMENTS_KEPT; i++) {
		all->kept[i].made = 0;
		conference_info_init(&all->kept[i].info);
	}
	all->next = 0;
}


void documents_free(documents_t *all)
{
	for(int i = 0; i < DOCUMENTS_KEPT; i++) {
		all->kept[i].made = 0;
		conference_info_free(&all->kept[i].info);
	}
}


static int same_told(const roster_told_t *a, const roster_told_t *b)
{
	return a->changes == b->changes && a->departures == b->departures
		   && a->deletions == b->deletions;
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
static void begin(const conference_t *c, int full, conference_info_t *info)
{
	info_head_t head = {
			.entity = profile.group_entity && c->group.len ? c->group
														   : c->identity,
			.partial = !full,
			.subject = c->subject,
			.max_users = c->max_participants,
	};

	conference_info_begin(info, &head, &profile.options);
}


static int make(common_t *common, const conference_t *c, int full,
		const roster_told_t *told)
{
	common->made = 0;
	common->full = full;
	common->asked = common->from = *told;
	roster_told_trim(c, full, &common->from);
	common->until = c->revision;
	begin(c, full, &common->info);
	if(full)
		roster_full(c, &profile.view, told, add_line, &common->info);
	else
		roster_difference(c, &profile.view, told, add_line, &common->info);
	common->made = !conference_info_failed(&common->info);
	return common->made ? 0 : -1;
}


/* An older one does for whom it was made for, unless it wants the latest. */
static int fits(const common_t *common, const subscription_t *s,
		const roster_told_t *trimmed, int full)
{
	if(!common->made || common->full != full)
		return 0;
	if(common->until == s->conference->revision)
		return same_told(&common->from, trimmed);
	return !s->urgent && same_told(&common->asked, &s->told);
}


/* The common part for `s`, or NULL when memory is out. */
static common_t *find_common(
		const subscription_t *s, documents_t *all, int full)
{
	roster_told_t trimmed = s->told;
	common_t *common;

	roster_told_trim(s->conference, full, &trimmed);
	for(int i = 0; i < DOCUMENTS_KEPT; i++) {
		if(fits(&all->kept[i], s, &trimmed, full))
			return &all->kept[i];
	}
	common = &all->kept[all->next];
	all->next = (all->next + 1) % DOCUMENTS_KEPT;
	return make(common, s->conference, full, &s->told) < 0 ? NULL : common;
}


/* Who came to watch before it was invited is a participant by now. */
static unsigned own_number(subscription_t *s)
{
	if(!s->watcher)
		s->watcher = conference_find_uri(s->conference, &s->name.uri);
	return s->watcher ? s->watcher->number : 0;
}


int document_write(
		subscription_t *s, documents_t *all, size_t max, document_t *document)
{
	int full = s->full || s->full_only, users, fitting;
	common_t *common;
	unsigned until;

	buffer_init(&document->text, 0);
	document->full = full;
	common = find_common(s, all, full);
	if(!common)
		return -1;
	users = conference_info_users(&common->info);
	fitting = max ? conference_info_fit(&common->info, max) : users;
	document->cut = fitting < users;
	until = document->cut ? conference_info_revision(&common->info, fitting - 1)
						  : common->until;
	document->telling = roster_told_until(&s->told, full, until);
	conference_info_write(&common->info, s->version + 1, own_number(s), fitting,
			&document->text);
	return buffer_failed(&document->text) ? -1 : 0;
}


void document_write_empty(
		const conference_t *c, uint32_t version, buffer_t *out)
{
	conference_info_t info;

	conference_info_init(&info);
	begin(c, 1, &info);
	if(!conference_info_failed(&info))
		conference_info_write(&info, version, 0, 0, out);
	conference_info_free(&info);
}


void document_free(document_t *document)
{
	buffer_free(&document->text);
}
