/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * expand: invitees that turn out to be lists: groups hosted here, and those
 * of other servers, which answer 403 with P-Refused-URI-List (RFC 5318). And
 * the other side of it: another focus that invites a group of ours. Called by
 * dialout.c and group.c.
 */
#include <stdlib.h>
#include "base/random.h"
#include "focus/body.h"
#include "focus/referral.h"
#include "focus/session.h"
#include "model/group_policy.h"
#include "settings.h"
#include "sip/own_uri.h"
#include "sip/trust.h"
#include "wire/sip_uri.h"
#include "worker/effect_runner.h"
#include "xdms/groups.h"

/* lists in lists in lists */
#define DEPTH_MAX 3

/* the session of `p` is over; its members are invited in its stead */
static void replace(session_t *s, const person_t *members, int count)
{
	conference_t *c = s->conference;
	participant_t *p = s->participant;
	effects_t fx;
	int left_out;

	dialout_heard(s);
	session_detach(s);
	effects_init(&fx);
	left_out = conference_expand(p, members, count, &fx);
	mailing_assign(s->mailing, &fx);
	referral_reached(p, 200);
	LM_INFO("%.*s is a list: %d members invited to %.*s instead\n",
			TEXT_ARG(&p->entity), count - left_out, TEXT_ARG(&c->identity));
	if(left_out)
		LM_WARN("%d members of %.*s are left out of %.*s: no room\n", left_out,
				TEXT_ARG(&p->entity), TEXT_ARG(&c->identity));
	effects_run(c, &fx);
	effects_free(&fx);
}

static int is_own_group(const conference_t *c, const str *uri)
{
	identity_t id;
	int same;

	if(c->group.len == 0 || identity_init(&id, uri) < 0)
		return 0;
	same = text_eq(&id.key, &c->group_key);
	identity_free(&id);
	return same;
}

int expand_is_loop(const conference_t *c, const str *uri)
{
	return is_own_group(c, uri)
		   || (own_uri_is_ours(uri) && !own_uri_is_group(uri));
}

int expand_refused(session_t *s, struct sip_msg *reply)
{
	person_t *people;
	refusal_t refusal;
	body_t body;
	str header;
	int i, count = 0;

	if(!sip_header(reply, "P-Refused-URI-List", &header)
			|| s->participant->depth >= DEPTH_MAX)
		return 0;
	if(body_read(reply, &body, &refusal) < 0 || body.list.count == 0) {
		body_free(&body);
		return 0;
	}
	people = calloc(body.list.count, sizeof(*people));
	for(i = 0; people && i < body.list.count; i++) {
		const list_entry_t *e = &body.list.entry[i];
		if(expand_is_loop(s->conference, &e->uri))
			continue;
		people[count].name[0] = e->uri;
		people[count].names = 1;
		people[count++].display = e->display;
	}
	if(people)
		replace(s, people, count);
	free(people);
	body_free(&body);
	return people != NULL;
}

static void replace_by_members(session_t *s, const group_document_t *d)
{
	person_t *people = calloc(d->members + 1, sizeof(*people));
	int i, count = 0;

	if(!people)
		return;
	for(i = 0; i < d->members; i++) {
		const group_member_t *m = &d->member[i];
		if(expand_is_loop(s->conference, &m->uri))
			continue;
		people[count].name[0] = m->uri;
		people[count].names = 1;
		people[count++].display = m->display;
	}
	replace(s, people, count);
	free(people);
}

/* whose wish it is that the group comes */
static person_t inviter_of(const session_t *s)
{
	const participant_t *inviter = s->participant->inviter;
	person_t who = {.names = 0};
	int i;

	for(i = 0; inviter && i < inviter->names; i++)
		who.name[who.names++] = inviter->name[i].uri;
	return who;
}

static int may_see_members(const group_document_t *d, const person_t *who)
{
	policy_defaults_t defaults = {
			settings.default_members, settings.default_others};

	return (group_permissions(d, who, 0, &defaults)
				   & (MAY_INITIATE | MAY_WATCH))
		   != 0;
}

static void on_document(void *arg, groups_result_t result, group_ref_t *ref)
{
	session_t *s = arg;
	person_t who = inviter_of(s);

	s->expansion = NULL;
	dialout_heard(s);
	if(result != GROUPS_OK)
		dialout_fail(s, result == GROUPS_ABSENT ? 404 : 500);
	else if(s->participant->depth >= DEPTH_MAX
			|| !may_see_members(group_ref_document(ref), &who))
		dialout_fail(s, 403);
	else
		replace_by_members(s, group_ref_document(ref));
	session_destroy(s);
}

int expand_hosted(session_t *s)
{
	const str *uri = &s->participant->name[0].uri;
	person_t who = inviter_of(s);
	str nobody = {NULL, 0};
	groups_wait_t *wait;

	if(!own_uri_is_group(uri))
		return 0;
	/* when it calls back at once `s` is gone and there is no wait */
	wait = groups_get(uri, who.names ? &who.name[0] : &nobody, on_document, s);
	if(wait)
		s->expansion = wait;
	return 1;
}

int expand_is_focus(const sip_request_t *rq)
{
	str contact, display, uri, params, value, isfocus = TEXT("isfocus");

	return sip_header(&rq->msg, "Contact", &contact)
		   && name_addr_parse(&contact, &display, &uri, &params) == 0
		   && sip_uri_param(&params, &isfocus, &value);
}

/* for whom another focus asks, as far as we believe it */
static person_t asking_for(const sip_request_t *rq)
{
	person_t who = rq->requester;
	str referred_by, display, uri, params;

	if((settings.trust_from || rq->block->trusted)
			&& sip_header(&rq->msg, "Referred-By", &referred_by)
			&& name_addr_parse(&referred_by, &display, &uri, &params) == 0
			&& who.names < IDENTITY_NAMES_MAX)
		who.name[who.names++] = uri;
	return who;
}

static int write_members(const group_document_t *d, buffer_t *out)
{
	resource_list_t list = {0};
	str none = {NULL, 0};
	int i, rc = 0;

	for(i = 0; i < d->members && rc == 0; i++)
		rc = resource_list_add(&list, &d->member[i].uri, &none, COPY_TO, 0);
	if(rc == 0)
		rc = resource_list_write_history(&list, out);
	resource_list_free(&list);
	return rc > 0 ? 0 : -1;
}

void expand_refuse_focus(sip_request_t *rq, const group_document_t *d)
{
	person_t who = asking_for(rq);
	char hex[33];
	buffer_t body, lines;
	str text, headers;

	if(!may_see_members(d, &who)) {
		sip_refuse(rq, 403, "Forbidden",
				"another focus, and its user may not see the members", NULL);
		return;
	}
	random_hex(hex, 128);
	buffer_init(&body, 0);
	buffer_init(&lines, 0);
	buffer_printf(&lines,
			"P-Refused-URI-List: <%.*s>;members=\"cid:%s@%.*s\"\r\n"
			"Content-Type: application/resource-lists+xml\r\n"
			"Content-Disposition: recipient-list\r\n"
			"Content-ID: <%s@%.*s>\r\n",
			TEXT_ARG(&rq->uri), hex, TEXT_ARG(&settings.conference_domain), hex,
			TEXT_ARG(&settings.conference_domain));
	if(write_members(d, &body) < 0) {
		buffer_clear(&body);
		buffer_clear(&lines);
	}
	text = buffer_str(&body);
	headers = buffer_str(&lines);
	sip_refuse_with(rq, 403, "Forbidden",
			"another focus: it gets the members to invite them", &headers,
			&text);
	buffer_free(&body);
	buffer_free(&lines);
}
