/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * group_document: OMA shared group documents (list-service), in only. OMA
 * poc_listService 1.0 and its older forms, RFC 4745 rules. Clauses P1-P3, U1.
 * No state; who may do what is decided by model/policy.
 */
#ifndef IMCONF_WIRE_GROUP_DOCUMENT_H
#define IMCONF_WIRE_GROUP_DOCUMENT_H

#include "base/buffer.h"
#include "base/map.h"

#define GROUP_MEMBERS_MAX 100000
#define GROUP_RULES_MAX 1000
#define GROUP_CONDITIONS_MAX 100000 /* of all rules together */
#define GROUP_EXTERNALS_MAX 32

/* what the index of members is made of; group_document.c's own */
struct group_name;

typedef struct group_member
{
	str uri; /* as written, without ?headers (N6); owned */
	str display;
	int list; /* 0: the group's own; else came, too, with the list-th call of
				 group_document_add_list() */
	struct group_name *name;
} group_member_t;

/** Conditions of one rule; all that are there must hold (RFC 4745 7). */
typedef enum condition_type
{
	CONDITION_ONE,		 /* identity/one: the identity key of `id` */
	CONDITION_MANY,		 /* identity/many: `domain` (empty: anybody known) */
	CONDITION_EXCEPT_ID, /* of the many before it */
	CONDITION_EXCEPT_DOMAIN,
	CONDITION_IS_MEMBER, /* is-list-member */
	CONDITION_OTHER,	 /* other-identity */
	CONDITION_EXTERNAL,	 /* external-list entry: `id` is its anchor */
	CONDITION_ANONYMOUS, /* anonymous-request */
	CONDITION_FALSE		 /* one we do not know: never holds */
} condition_type_t;

typedef struct group_condition
{
	condition_type_t type;
	int alternative; /* or else this: one of several names in one <identity>,
						one of several lists; the first has it not */
	str value;		 /* owned */
} group_condition_t;

/** Permissions, as bits; several rules add up by OR. */
typedef enum permission
{
	MAY_INITIATE = 1 << 0,	   /* allow-initiate-conference */
	MAY_JOIN = 1 << 1,		   /* join-handling */
	MAY_INVITE = 1 << 2,	   /* allow-invite-users-dynamically */
	MAY_WATCH = 1 << 3,		   /* allow-conference-state */
	MAY_BE_ANONYMOUS = 1 << 4, /* allow-anonymity */
	IS_KEY = 1 << 5,		   /* is-key-participant */
	MAY_EXPEL = 1 << 6		   /* allow-expelling */
} permission_t;

typedef struct group_rule
{
	group_condition_t *condition;
	int conditions;
	int has_identity; /* an <identity> element is there (it may be empty) */
	unsigned actions; /* permission_t bits */
} group_rule_t;

typedef struct group_document
{
	str uri; /* of the list-service that was asked for */
	str display;
	str subject;
	group_member_t *member;
	int members, members_size;
	str external[GROUP_EXTERNALS_MAX]; /* anchors; owned */
	int externals;
	int invite_members;	  /* default 0 */
	int max_participants; /* 0: not said */
	int has_rules;		  /* a ruleset element is there, maybe empty */
	group_rule_t *rule;
	int rules;
	int unusable; /* entries left out: no sip or tel URI, or an anonymous one */
	int lists;	  /* that were added */
	size_t bytes; /* of memory, about; what a cache accounts */
	map_t by_key; /* members by identity key */
} group_document_t;

typedef enum group_result
{
	GROUP_OK = 0,
	GROUP_BROKEN = -1, /* not XML, a DTD, no list-service: 500 and a log line */
	GROUP_TOO_LONG = -2, /* beyond the limits above or 8 MiB */
	GROUP_MEMORY = -3
} group_result_t;

/**
 * Parses a document. Of several list-services the one whose uri equals `uri`
 * as an identity counts, else the first. By namespace and local name, never
 * by position; unknown elements are passed over; older forms (facts:
 * <is-list-member>true</...>, join-handling allow|block, booleans as 1/0 with
 * white space) are understood. No DTD, nothing is ever fetched. `why`: line
 * and reason of a failure. The result is the caller's: group_document_free().
 * Members that are one user are one member, as first written; an entry that
 * nobody can be invited by is left out and counted. What says less than it
 * should grants less: an unknown condition never holds, a boolean that is none
 * is false. A max-participant-count that is no number is broken.
 */
group_result_t group_document_parse(const str *xml, const str *uri,
		group_document_t **document, char *why, size_t why_size);

/**
 * Adds the members of a resource-lists document (or of a <list> alone, as a
 * node selector gives it) that an external anchor led to; users that are there
 * already are left out. The anchors of further <external> elements in it are
 * put into `further` (an array of `further_max`, whose texts the caller owns),
 * their count into `further_count`; more than that are GROUP_TOO_LONG. On
 * failure nothing was added and `further` is empty.
 */
group_result_t group_document_add_list(group_document_t *document,
		const str *xml, str *further, int further_max, int *further_count,
		char *why, size_t why_size);

/** The member with this identity key (model/identity), or NULL. */
const group_member_t *group_document_find(
		const group_document_t *document, const str *key);

/** NULL is harmless. */
void group_document_free(group_document_t *document);

#endif
