/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * invitees: see the header. Called by create.c and restart.c.
 */
#include "focus/invitees.h"

#include <stdlib.h>
#include "sip/own_uri.h"

static int refuse_entry(const list_entry_t *e, int result, refusal_t *refusal)
{
	if(result == REFER_TO_MEMORY)
		return refusal_no_memory(refusal);
	return refusal_set(refusal, 400, "Bad Request", NULL,
			"an entry of its list cannot be invited: %.*s", TEXT_ARG(&e->uri));
}

/* one entry, which keeps its address alone (the list is passed on) */
static int read_entry(invitees_t *in, list_entry_t *e, refusal_t *refusal)
{
	refer_target_t *t = &in->target[in->count];
	person_t *person = &in->person[in->count];
	int rc = refer_target_init(t, &e->uri, &e->headers);

	if(rc < 0)
		return refuse_entry(e, rc, refusal);
	in->count++;
	if(t->method != REFER_INVITE)
		return refuse_entry(e, REFER_TO_BROKEN, refusal);
	if(text_replace(&e->uri, &t->uri) < 0)
		return refusal_no_memory(refusal);
	person->name[0] = t->uri;
	person->names = 1;
	person->anonymous = e->anonymize;
	person->display = e->display;
	person->invitation = t->invitation;
	return 0;
}

int invitees_read(invitees_t *in, resource_list_t *list, refusal_t *refusal)
{
	int i;

	memset(in, 0, sizeof(*in));
	in->person = calloc(list->count + 1, sizeof(*in->person));
	in->target = calloc(list->count + 1, sizeof(*in->target));
	if(!in->person || !in->target)
		return refusal_no_memory(refusal);
	for(i = 0; i < list->count; i++) {
		list_entry_t *e = &list->entry[i];
		if(!own_uri_is_ours(&e->uri) && read_entry(in, e, refusal) < 0)
			return -1;
	}
	return 0;
}

static int has_own(const invitees_t *in)
{
	int i;

	for(i = 0; i < in->count; i++) {
		if(in->target[i].invitation.len)
			return 1;
	}
	return 0;
}

int invitees_replace(
		invitees_t *in, const replaces_t *replaces, refusal_t *refusal)
{
	buffer_t line;
	str text;
	int rc;

	if(in->count == 0 || has_own(in))
		return 0;
	buffer_init(&line, 0);
	replaces_write(replaces, &line);
	text = buffer_str(&line);
	rc = buffer_failed(&line) ? -1
							  : text_copy(&in->target[0].invitation, &text);
	buffer_free(&line);
	if(rc < 0)
		return refusal_no_memory(refusal);
	in->person[0].invitation = in->target[0].invitation;
	return 0;
}

void invitees_free(invitees_t *in)
{
	int i;

	for(i = 0; i < in->count; i++)
		refer_target_free(&in->target[i]);
	free(in->target);
	free(in->person);
	memset(in, 0, sizeof(*in));
}
