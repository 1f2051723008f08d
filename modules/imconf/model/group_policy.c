/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * group_policy: see group_policy.h. Called by the focus and the notifier
 * before somebody starts, joins, invites, expels or watches; knows nothing of
 * requests.
 */
#include "model/group_policy.h"
#include "model/identity.h"
#include "wire/sip_uri.h"

/* one requester before the rules */
typedef struct asker
{
	const group_document_t *group;
	identity_t id[IDENTITY_NAMES_MAX];
	str domain[IDENTITY_NAMES_MAX]; /* of the name as given; borrowed */
	int names;						/* 0: not known */
	int anonymous;
	int member;
	int listed; /* and came with an external list */
} asker_t;


static void forget(asker_t *asker)
{
	for(int i = 0; i < asker->names; i++)
		identity_free(&asker->id[i]);
	asker->names = 0;
}


/* A name that tells who it is. Returns 0, or -1 when memory is out. */
static int take_name(asker_t *asker, const str *name)
{
	identity_t *id = &asker->id[asker->names];
	uri_parts_t uri;
	int rc = identity_init(id, name);

	if(rc < 0)
		return rc == IDENTITY_MEMORY ? -1 : 0;
	if(identity_is_anonymous(id)) {
		identity_free(id);
		return 0;
	}
	sip_uri_parse(name, &uri);
	asker->domain[asker->names++] = uri.host;
	return 0;
}


static int look_up(
		asker_t *asker, const group_document_t *group, const person_t *who)
{
	const group_member_t *member;

	*asker = (asker_t){.group = group};
	for(int i = 0; i < who->names && i < IDENTITY_NAMES_MAX; i++) {
		if(take_name(asker, &who->name[i]) < 0) {
			forget(asker);
			return -1;
		}
	}
	for(int i = 0; i < asker->names; i++) {
		member = group_document_find(group, &asker->id[i].key);
		asker->member |= member != NULL;
		asker->listed |= member != NULL && member->list > 0;
	}
	return 0;
}


/* ---- conditions ---- */

static int has_key(const asker_t *asker, const str *key)
{
	for(int i = 0; i < asker->names; i++) {
		if(text_eq(&asker->id[i].key, key))
			return 1;
	}
	return 0;
}


static int has_domain(const asker_t *asker, const str *domain)
{
	for(int i = 0; i < asker->names; i++) {
		if(domain->len > 0 && text_eq_nocase(&asker->domain[i], domain))
			return 1;
	}
	return 0;
}


/* The <many> at `at` and the exceptions behind it (RFC 4745 7.1.3) */
static int many_holds(const asker_t *asker, const group_rule_t *rule, int at)
{
	const str *domain = &rule->condition[at].value;

	if(asker->names == 0 || (domain->len > 0 && !has_domain(asker, domain)))
		return 0;
	for(int i = at + 1; i < rule->conditions; i++) {
		const group_condition_t *except = &rule->condition[i];

		if(except->type == CONDITION_EXCEPT_ID) {
			if(has_key(asker, &except->value))
				return 0;
		} else if(except->type == CONDITION_EXCEPT_DOMAIN) {
			if(has_domain(asker, &except->value))
				return 0;
		} else {
			break;
		}
	}
	return 1;
}


static int external_holds(const asker_t *asker, const str *anchor)
{
	const group_document_t *group = asker->group;

	for(int i = 0; asker->listed && i < group->externals; i++) {
		if(text_eq(&group->external[i], anchor))
			return 1;
	}
	return 0;
}


/* A condition that says who somebody is */
static int names_asker(const asker_t *asker, const group_rule_t *rule, int at)
{
	const group_condition_t *condition = &rule->condition[at];

	switch(condition->type) {
		case CONDITION_ONE:
			return has_key(asker, &condition->value);
		case CONDITION_MANY:
			return many_holds(asker, rule, at);
		case CONDITION_IS_MEMBER:
			return asker->member;
		case CONDITION_EXTERNAL:
			return external_holds(asker, &condition->value);
		default:
			return 0;
	}
}


static int is_named_anywhere(const asker_t *asker)
{
	for(int i = 0; i < asker->group->rules; i++) {
		const group_rule_t *rule = &asker->group->rule[i];

		for(int j = 0; j < rule->conditions; j++) {
			if(names_asker(asker, rule, j))
				return 1;
		}
	}
	return 0;
}


static int condition_holds(
		const asker_t *asker, const group_rule_t *rule, int at, int *is_other)
{
	switch(rule->condition[at].type) {
		case CONDITION_ANONYMOUS:
			return asker->anonymous;
		case CONDITION_OTHER:
			/* looked for once, and only when a document asks */
			if(*is_other < 0)
				*is_other = asker->names > 0 && !is_named_anywhere(asker);
			return *is_other;
		default:
			return names_asker(asker, rule, at);
	}
}


/* All conditions, each with its alternatives (RFC 4745 7) */
static int rule_holds(
		const asker_t *asker, const group_rule_t *rule, int *is_other)
{
	int at = 0, holds;

	while(at < rule->conditions) {
		holds = condition_holds(asker, rule, at++, is_other);
		while(at < rule->conditions && rule->condition[at].alternative) {
			holds = holds || condition_holds(asker, rule, at, is_other);
			at++;
		}
		if(!holds)
			return 0;
	}
	return 1;
}


/* ---- what is asked ---- */

unsigned group_permissions(const group_document_t *group, const person_t *who,
		int anonymous, const policy_defaults_t *defaults)
{
	unsigned permissions = 0;
	int is_other = -1;
	asker_t asker;

	if(look_up(&asker, group, who) < 0)
		return 0;
	asker.anonymous = anonymous;
	if(!group->has_rules)
		permissions = asker.member ? defaults->members : defaults->others;
	for(int i = 0; i < group->rules; i++) {
		/* the same again costs a look at every condition */
		if((group->rule[i].actions & ~permissions) != 0
				&& rule_holds(&asker, &group->rule[i], &is_other))
			permissions |= group->rule[i].actions;
	}
	forget(&asker);
	return permissions;
}


int group_has_member(const group_document_t *group, const person_t *who)
{
	asker_t asker;
	int member;

	if(look_up(&asker, group, who) < 0)
		return 0;
	member = asker.member;
	forget(&asker);
	return member;
}
