/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * group_policy: who may do what in a group's conference: RFC 4745 rules of a
 * group document put to one requester. Pure functions. Ground floor.
 */
#ifndef IMCONF_MODEL_GROUP_POLICY_H
#define IMCONF_MODEL_GROUP_POLICY_H

#include "model/conference.h"
#include "wire/group_document.h"

/** What the operator says for a group without a ruleset. */
typedef struct policy_defaults
{
	unsigned members; /* permission_t bits of its members */
	unsigned others;  /* of everybody else */
} policy_defaults_t;

/**
 * The permissions of `who` (any of its names; `anonymous`: it asked for
 * privacy, and is then matched with its true names but anonymous-request
 * holds) in `group`. Rules whose conditions all hold add up (OR); unknown
 * conditions do not hold; an identity condition holds only for who is known,
 * other-identity for who is known and in no identity, member or external-list
 * condition of any rule. external-list holds for who came with a list
 * (group_document_add_list) that the group refers to by that anchor or
 * another: lists are not told apart once they were added. Bits of
 * permission_t; none when memory is out.
 */
unsigned group_permissions(const group_document_t *group, const person_t *who,
		int anonymous, const policy_defaults_t *defaults);

/** 1 when one of its names is a member's. Anonymous names are nobody's. */
int group_has_member(const group_document_t *group, const person_t *who);

#endif
