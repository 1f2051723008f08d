/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * conference_info: see conference_info.h. Called by the notifier; knows
 * nothing of subscriptions.
 */
#include "wire/conference_info.h"

#define NAMESPACE "urn:ietf:params:xml:ns:conference-info"

static const str tail = str_init("</users>\r\n</conference-info>\r\n");


static const char *status_name(const conference_info_t *d, info_status_t status)
{
	switch(status) {
		case INFO_CONNECTED:
			return "connected";
		case INFO_ALERTING:
			return d->pending ? "pending" : "alerting";
		case INFO_DISCONNECTED:
		case INFO_DELETED:
			break;
	}
	return "disconnected";
}


static const char *departure_name(info_departure_t departure)
{
	switch(departure) {
		case DEPARTURE_DEPARTED:
			return "departed";
		case DEPARTURE_BOOTED:
			return "booted";
		case DEPARTURE_FAILED:
			return "failed";
		case DEPARTURE_BUSY:
			return "busy";
		case DEPARTURE_NONE:
			break;
	}
	return NULL;
}


/* `text` between two tags, or after the opening and before the closing quote
 * of an attribute */
static void add_between(
		buffer_t *out, const char *before, const str *text, const char *behind)
{
	buffer_add_text(out, before);
	buffer_add_xml(out, text);
	buffer_add_text(out, behind);
}


void conference_info_init(conference_info_t *d)
{
	*d = (conference_info_t){0};
	buffer_init(&d->text, 0);
	buffer_init(&d->marks, 0);
	buffer_init(&d->yourown, 0);
}


void conference_info_free(conference_info_t *d)
{
	buffer_free(&d->text);
	buffer_free(&d->marks);
	buffer_free(&d->yourown);
}


/* The namespace is declared where it is used, so that the rest of the document
 * is everybody's. */
static void set_options(conference_info_t *d, const info_options_t *options)
{
	info_yourown_t how = options->yourown;

	d->pending = options->pending;
	d->no_reasons = options->no_reasons;
	buffer_clear(&d->yourown);
	if(how == YOUROWN_BARE || how == YOUROWN_BOTH)
		buffer_add_text(&d->yourown, " yourown=\"true\"");
	if(how == YOUROWN_NAMESPACED || how == YOUROWN_BOTH) {
		add_between(&d->yourown, " xmlns:im=\"", &options->yourown_uri,
				"\" im:yourown=\"true\"");
	}
}


/* A full document must have one, if empty (RFC 4575 section 5.2). */
static void add_description(buffer_t *out, const info_head_t *head)
{
	buffer_add_text(out, "<conference-description>");
	if(head->subject.len > 0)
		add_between(out, "<subject>", &head->subject, "</subject>");
	if(head->max_users > 0)
		buffer_printf(out, "<maximum-user-count>%d</maximum-user-count>",
				head->max_users);
	buffer_add_text(out, "</conference-description>\r\n");
}


void conference_info_begin(conference_info_t *d, const info_head_t *head,
		const info_options_t *options)
{
	const char *state = head->partial ? "partial" : "full";
	buffer_t *out = &d->text;

	set_options(d, options);
	buffer_clear(&d->marks);
	buffer_clear(out);
	buffer_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n");
	add_between(out, "<conference-info xmlns=\"" NAMESPACE "\" entity=\"",
			&head->entity, "\"");
	buffer_printf(out, " state=\"%s\" version=\"", state);
	d->version = out->len;
	buffer_add_text(out, "\">\r\n");
	if(!head->partial)
		add_description(out, head);
	/* said even if it is no more than the default, which for a partial
	 * document would flush everybody (section 4.4) */
	buffer_printf(out, "<users state=\"%s\">\r\n", state);
	d->head = out->len;
}


static void add_departure(conference_info_t *d, const info_user_t *user)
{
	const char *method = departure_name(user->departure);

	if(user->status != INFO_DISCONNECTED || method == NULL || d->no_reasons)
		return;
	buffer_printf(&d->text, "<disconnection-method>%s</disconnection-method>",
			method);
	if(user->reason_code > 0)
		buffer_printf(&d->text,
				"<disconnection-info><reason>Reason: SIP;cause=%d</reason>"
				"</disconnection-info>",
				user->reason_code);
}


/* The status comes before anything a client might take for another one, and
 * no state attribute is left to a default that clients read differently. */
static void add_endpoint(conference_info_t *d, const info_user_t *user)
{
	buffer_t *out = &d->text;

	add_between(out, "<endpoint entity=\"", &user->entity,
			"\" state=\"full\"><status>");
	buffer_add_text(out, status_name(d, user->status));
	buffer_add_text(out, "</status>");
	add_departure(d, user);
	buffer_add_text(out, "</endpoint>");
}


static void add_full_user(
		conference_info_t *d, const info_user_t *user, info_mark_t *mark)
{
	buffer_t *out = &d->text;

	buffer_add_text(out, " state=\"full\"");
	mark->own = out->len;
	buffer_add_text(out, ">");
	if(user->display.len > 0)
		add_between(out, "<display-text>", &user->display, "</display-text>");
	add_endpoint(d, user);
	buffer_add_text(out, "</user>\r\n");
}


void conference_info_add(conference_info_t *d, const info_user_t *user)
{
	info_mark_t mark = {.id = user->id, .revision = user->revision};

	add_between(&d->text, "<user entity=\"", &user->entity, "\"");
	if(user->status == INFO_DELETED)
		buffer_add_text(&d->text, " state=\"deleted\"/>\r\n");
	else
		add_full_user(d, user, &mark);
	mark.end = d->text.len;
	buffer_add(&d->marks, &mark, sizeof(mark));
}


static const info_mark_t *mark_at(const conference_info_t *d, int index)
{
	return (const info_mark_t *)(const void *)d->marks.s + index;
}


int conference_info_users(const conference_info_t *d)
{
	return (int)(d->marks.len / sizeof(info_mark_t));
}


int conference_info_failed(const conference_info_t *d)
{
	return buffer_failed(&d->text) || buffer_failed(&d->marks)
		   || buffer_failed(&d->yourown);
}


/* The same for all its watchers, or the next documents would part. */
int conference_info_fit(const conference_info_t *d, size_t max)
{
	size_t around = sizeof("4294967295") - 1 + d->yourown.len + tail.len;
	int users = conference_info_users(d), low = 1, high = users;

	if(max == 0 || users == 0 || mark_at(d, users - 1)->end + around <= max)
		return users;
	while(low < high) {
		int middle = (low + high + 1) / 2;

		if(mark_at(d, middle - 1)->end + around <= max)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}


unsigned conference_info_revision(const conference_info_t *d, int index)
{
	return mark_at(d, index)->revision;
}


/* Where the yourown goes, 0: nowhere. */
static size_t find_own(const conference_info_t *d, unsigned own, int users)
{
	if(own == 0 || d->yourown.len == 0)
		return 0;
	for(int i = 0; i < users; i++) {
		if(mark_at(d, i)->id == own)
			return mark_at(d, i)->own;
	}
	return 0;
}


void conference_info_write(const conference_info_t *d, uint32_t version,
		unsigned own, int users, buffer_t *out)
{
	size_t end = users > 0 ? mark_at(d, users - 1)->end : d->head;
	size_t mine = find_own(d, own, users), from = d->version;

	buffer_reserve(out, end + d->yourown.len + tail.len + 16);
	buffer_add(out, d->text.s, d->version);
	buffer_printf(out, "%u", (unsigned)version);
	if(mine) {
		buffer_add(out, d->text.s + from, mine - from);
		buffer_add(out, d->yourown.s, d->yourown.len);
		from = mine;
	}
	buffer_add(out, d->text.s + from, end - from);
	buffer_add(out, tail.s, tail.len);
}
