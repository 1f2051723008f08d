/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * mailing: see the header. Made by create.c and refer.c, passed on by
 * expand.c, written by dialout.c.
 */
#include "focus/mailing.h"

#include <stdlib.h>
#include "core/dprint.h"

#define HISTORY_MAX 16384

mailing_t *mailing_create(int max_forwards)
{
	mailing_t *m = calloc(1, sizeof(*m));

	if(!m)
		return NULL;
	m->references = 1;
	m->max_forwards = max_forwards;
	return m;
}

mailing_t *mailing_hold(mailing_t *m)
{
	m->references++;
	return m;
}

void mailing_release(mailing_t *m)
{
	if(!m || --m->references > 0)
		return;
	text_free(&m->referred_by);
	text_free(&m->history);
	free(m);
}

/* It is optional, goes into every invitation, and tm 5.6 can neither ACK nor
 * CANCEL an INVITE of more than 32,767 bytes: a long one is left out */
int mailing_add_history(
		mailing_t *m, const resource_list_t *list, const str *whose)
{
	buffer_t out;
	str text;
	int rc;

	buffer_init(&out, 0);
	rc = resource_list_write_history(list, &out);
	text = buffer_str(&out);
	if(rc > 0 && text.len > HISTORY_MAX)
		LM_INFO("%.*s: a recipient list of %d bytes is left out of its "
				"invitations\n",
				TEXT_ARG(whose), text.len);
	else if(rc > 0)
		rc = text_copy(&m->history, &text);
	buffer_free(&out);
	return rc < 0 ? -1 : 0;
}

void mailing_assign(mailing_t *m, const effects_t *fx)
{
	int i;

	for(i = 0; i < fx->count; i++) {
		participant_t *p = fx->item[i].participant;
		if(fx->item[i].type != EFFECT_INVITE)
			continue;
		mailing_release(p->mailing);
		p->mailing = mailing_hold(m);
	}
}
