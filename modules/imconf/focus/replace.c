/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * replace: an INVITE with Replaces that names a dialog of ours: its sender
 * moves to another session (clause E4, RFC 3891). Called by join.c, group.c
 * and create.c. It finds out whether that may be; moving is what a second
 * INVITE of who is in always does (J2).
 */
#include "core/parser/parse_to.h"
#include "focus/body.h"
#include "focus/invitees.h"
#include "focus/session.h"
#include "sip/ended.h"
#include "worker/effect_runner.h"
#include "worker/schedule.h"

static int count_values(const str *value, void *arg)
{
	(*(int *)arg)++;
	return 0;
}

/* Reads its Replaces: 1, 0 when there is none, or -1 and a refusal. */
static int replace_read(
		const sip_request_t *rq, replaces_t *r, refusal_t *refusal)
{
	int count = 0;
	str value;

	sip_header_tokens(&rq->msg, "Replaces", count_values, &count);
	if(!sip_header(&rq->msg, "Replaces", &value))
		return 0;
	if(count > 1)
		return refusal_set(refusal, 400, "Bad Request", NULL,
				"it would replace several dialogs");
	if(sip_header(&rq->msg, "Join", &value))
		return refusal_set(refusal, 400, "Bad Request", NULL,
				"it would replace a dialog and join one");
	sip_header(&rq->msg, "Replaces", &value);
	if(replaces_parse(&value, r) < 0)
		return refusal_set(refusal, 400, "Bad Request", NULL,
				"its Replaces cannot be read");
	return 1;
}

static dialog_id_t id_of(const replaces_t *r)
{
	return (dialog_id_t){r->call_id, r->to_tag, r->from_tag};
}

/* its phone has said who it is in a provisional answer */
static int is_early(const session_t *s, const replaces_t *r)
{
	return s->state == SESSION_INVITING && text_eq(&s->early_tag, &r->from_tag);
}

/* The session that it names: confirmed, ending, or ringing by our INVITE;
 * NULL when there is none here. */
static session_t *replace_find(const replaces_t *r)
{
	dialog_id_t id = id_of(r);
	dialog_t *d = dialog_of(&id);
	session_t *s;

	if(!d || d->kind != DIALOG_SESSION)
		return NULL;
	s = d->owner;
	if(s->state == SESSION_WAITING
			|| (s->state == SESSION_INVITING && !is_early(s, r)))
		return NULL;
	return s;
}

/* RFC 3891 3: of a dialog that just ended nobody wants a replacement */
static int refuse_unknown(const replaces_t *r, refusal_t *refusal)
{
	dialog_id_t id = id_of(r);

	if(ended_knows(&id, schedule_now()))
		return refusal_set(refusal, 603, "Decline", NULL,
				"the dialog that it would replace has ended");
	return refusal_set(refusal, 481, "Call/Transaction Does Not Exist", NULL,
			"it would replace no dialog of this conference");
}

/* 0 when `who` may replace it, or -1 and a refusal. */
static int replace_may(session_t *s, const replaces_t *r, const person_t *who,
		refusal_t *refusal)
{
	if(!s->participant)
		return refusal_set(refusal, 603, "Decline", NULL,
				"the dialog that it would replace is ending");
	if(conference_find(s->conference, who) != s->participant)
		return refusal_set(refusal, 403, "Forbidden", NULL,
				"it would replace somebody else's dialog");
	if(r->early_only && s->state != SESSION_INVITING)
		return refusal_set(refusal, 486, "Busy Here", NULL,
				"the dialog that it would replace is not early any more");
	return 0;
}

int replace_check(
		const sip_request_t *rq, const conference_t *c, refusal_t *refusal)
{
	replaces_t r = {0};
	session_t *s;
	int found = replace_read(rq, &r, refusal);

	if(found <= 0)
		return found;
	s = replace_find(&r);
	if(!s || (s->participant && s->conference != c))
		return refuse_unknown(&r, refusal);
	return replace_may(s, &r, &rq->requester, refusal);
}

int replace_at_factory(
		const sip_request_t *rq, invitees_t *in, refusal_t *refusal)
{
	replaces_t r = {0};
	dialog_id_t id;
	session_t *s;
	int found = replace_read(rq, &r, refusal);

	if(found <= 0)
		return found;
	id = id_of(&r);
	s = replace_find(&r);
	if(s)
		return replace_may(s, &r, &rq->requester, refusal);
	if(ended_knows(&id, schedule_now()))
		return refuse_unknown(&r, refusal);
	return invitees_replace(in, &r, refusal);
}

void replace_after_create(const sip_request_t *rq)
{
	session_t *now = session_of_invite(rq), *old = NULL;
	conference_t *c;
	refusal_t refusal;
	replaces_t r = {0};
	effects_t fx;

	if(now && now->participant && replace_read(rq, &r, &refusal) > 0)
		old = replace_find(&r);
	if(!old || old == now || !old->participant)
		return;
	c = old->conference;
	effects_init(&fx);
	conference_remove(old->participant, DEPARTED_LEFT, END_REPLACED, &fx);
	effects_run(c, &fx);
	effects_free(&fx);
}

void replace_note_early(session_t *s, const struct sip_msg *reply)
{
	const struct to_body *to = reply ? get_to(reply) : NULL;

	if(s->state == SESSION_INVITING && to && to->tag_value.len
			&& text_replace(&s->early_tag, &to->tag_value) < 0)
		LM_ERR("no memory for the early dialog of Call-ID %.*s\n",
				TEXT_ARG(&s->dialog.call_id));
}
