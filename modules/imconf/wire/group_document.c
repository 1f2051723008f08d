/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * group_document: see group_document.h. What a document is made of and who
 * owns it; group_read.c knows how it is written. Called by the cache of
 * groups and by model/group_policy.
 */
#include <stdlib.h>
#include <string.h>
#include "model/identity.h"
#include "wire/group_build.h"

#define HEAP_OVERHEAD 16 /* of one allocation, about */

/* A member's names in one piece: the URI as written, and the key behind it
 * where that is another text. The node leads to its own group_name, because
 * members move when there are more of them. */
typedef struct group_name
{
	map_node_t node;
	int index;
	char text[];
} group_name_t;


/* An empty document, or NULL when memory is out. */
static group_document_t *group_document_new(void)
{
	group_document_t *document = calloc(1, sizeof(*document));

	if(document)
		map_init(&document->by_key);
	return document;
}


static void free_members(group_document_t *document, int from)
{
	for(int i = from; i < document->members; i++) {
		map_remove(&document->by_key, &document->member[i].name->node);
		text_free(&document->member[i].display);
		free(document->member[i].name);
	}
	document->members = from;
}


static void free_rule(group_rule_t *rule)
{
	for(int i = 0; i < rule->conditions; i++)
		text_free(&rule->condition[i].value);
	free(rule->condition);
}


void group_document_clear(group_document_t *document)
{
	free_members(document, 0);
	free(document->member);
	map_free(&document->by_key);
	for(int i = 0; i < document->rules; i++)
		free_rule(&document->rule[i]);
	free(document->rule);
	for(int i = 0; i < document->externals; i++)
		text_free(&document->external[i]);
	text_free(&document->uri);
	text_free(&document->display);
	text_free(&document->subject);
	memset(document, 0, sizeof(*document));
	map_init(&document->by_key);
}


void group_document_free(group_document_t *document)
{
	if(document == NULL)
		return;
	group_document_clear(document);
	free(document);
}


/* ---- members ---- */

static group_name_t *name_new(const identity_t *id)
{
	int same = text_eq(&id->uri, &id->key);
	size_t size = sizeof(group_name_t) + id->uri.len + (same ? 0 : id->key.len);
	group_name_t *name = calloc(1, size);

	if(name == NULL)
		return NULL;
	memcpy(name->text, id->uri.s, id->uri.len);
	if(!same)
		memcpy(name->text + id->uri.len, id->key.s, id->key.len);
	return name;
}


static int make_room(group_document_t *document)
{
	int size = document->members_size ? document->members_size * 2 : 16;
	group_member_t *member;

	if(document->members < document->members_size)
		return 0;
	member = realloc(document->member, size * sizeof(*member));
	if(member == NULL)
		return -1;
	document->member = member;
	document->members_size = size;
	return 0;
}


static int append_member(group_document_t *document, const identity_t *id)
{
	group_name_t *name;
	group_member_t *member;
	str key;

	if(document->members >= GROUP_MEMBERS_MAX)
		return GROUP_TOO_LONG;
	name = make_room(document) < 0 ? NULL : name_new(id);
	if(name == NULL)
		return GROUP_MEMORY;
	key = (str){name->text, id->key.len};
	if(!text_eq(&id->uri, &id->key))
		key.s += id->uri.len;
	if(map_put(&document->by_key, &name->node, &key, name) < 0) {
		free(name);
		return GROUP_MEMORY;
	}
	member = &document->member[document->members];
	*member = (group_member_t){.uri = {name->text, id->uri.len}, .name = name};
	name->index = document->members;
	return document->members++;
}


static int find_or_append(
		group_document_t *document, const identity_t *id, int list)
{
	const group_name_t *name;
	int index;

	if(identity_is_anonymous(id))
		return GROUP_UNUSABLE;
	name = map_get(&document->by_key, &id->key);
	index = name ? name->index : append_member(document, id);
	if(index >= 0 && document->member[index].list == 0)
		document->member[index].list = list;
	return index;
}


int group_add_member(group_document_t *document, const str *uri, int list)
{
	identity_t id;
	int rc = identity_init(&id, uri);

	if(rc < 0)
		return rc == IDENTITY_MEMORY ? GROUP_MEMORY : GROUP_UNUSABLE;
	rc = find_or_append(document, &id, list);
	identity_free(&id);
	return rc;
}


/* Undoes what list number `list` brought; `members` were there before. */
static void group_drop_list(group_document_t *document, int list, int members)
{
	free_members(document, members);
	for(int i = 0; i < members; i++) {
		if(document->member[i].list == list)
			document->member[i].list = 0;
	}
}


const group_member_t *group_document_find(
		const group_document_t *document, const str *key)
{
	const group_name_t *name = map_get(&document->by_key, key);

	return name ? &document->member[name->index] : NULL;
}


/* ---- the rest ---- */

group_result_t group_add_anchor(
		str *anchors, int *count, int max, const str *text)
{
	for(int i = 0; i < *count; i++) {
		if(text_eq(&anchors[i], text))
			return GROUP_OK;
	}
	if(*count >= max)
		return GROUP_TOO_LONG;
	if(text_copy(&anchors[*count], text) < 0)
		return GROUP_MEMORY;
	(*count)++;
	return GROUP_OK;
}


/* Room for one more in an array of `count`: its size is a power of two */
static int grow(void **array, int count, size_t size)
{
	void *bigger;

	if((count & (count - 1)) != 0)
		return 0;
	bigger = realloc(*array, (count ? count * 2 : 1) * size);
	if(bigger == NULL)
		return -1;
	*array = bigger;
	return 0;
}


group_result_t group_add_rule(group_document_t *document)
{
	void *rules = document->rule;

	if(document->rules >= GROUP_RULES_MAX)
		return GROUP_TOO_LONG;
	if(grow(&rules, document->rules, sizeof(group_rule_t)) < 0)
		return GROUP_MEMORY;
	document->rule = rules;
	document->rule[document->rules++] = (group_rule_t){.condition = NULL};
	return GROUP_OK;
}


group_result_t group_add_condition(group_document_t *document,
		condition_type_t type, int alternative, const str *value)
{
	group_rule_t *rule = &document->rule[document->rules - 1];
	group_condition_t condition = {.type = type, .alternative = alternative};
	void *conditions = rule->condition;

	if(grow(&conditions, rule->conditions, sizeof(condition)) < 0)
		return GROUP_MEMORY;
	rule->condition = conditions;
	if(value && text_copy(&condition.value, value) < 0)
		return GROUP_MEMORY;
	rule->condition[rule->conditions++] = condition;
	return GROUP_OK;
}


static size_t text_bytes(const str *text)
{
	return text->s ? text->len + 1 + HEAP_OVERHEAD : 0;
}


static size_t member_bytes(const group_member_t *member)
{
	const map_node_t *node = &member->name->node;
	size_t key = node->key.s == member->uri.s ? 0 : node->key.len;

	return sizeof(group_name_t) + HEAP_OVERHEAD + member->uri.len + key
		   + text_bytes(&member->display);
}


static size_t rule_bytes(const group_rule_t *rule)
{
	size_t bytes = sizeof(*rule);

	for(int i = 0; i < rule->conditions; i++)
		bytes += sizeof(rule->condition[i])
				 + text_bytes(&rule->condition[i].value);
	return bytes;
}


/* Brings `bytes` up to date. */
static void group_count_bytes(group_document_t *document)
{
	size_t bytes = sizeof(*document) + text_bytes(&document->uri)
				   + text_bytes(&document->display)
				   + text_bytes(&document->subject)
				   + document->members_size * sizeof(*document->member)
				   + document->by_key.size * sizeof(map_node_t *);

	for(int i = 0; i < document->members; i++)
		bytes += member_bytes(&document->member[i]);
	for(int i = 0; i < document->rules; i++)
		bytes += rule_bytes(&document->rule[i]);
	for(int i = 0; i < document->externals; i++)
		bytes += text_bytes(&document->external[i]);
	document->bytes = bytes;
}


/* The array as large as what is in it: most documents never grow again */
static void fit_members(group_document_t *document)
{
	size_t size = document->members * sizeof(*document->member);
	group_member_t *member;

	if(document->members == 0 || document->members == document->members_size)
		return;
	member = realloc(document->member, size);
	if(member == NULL)
		return;
	document->member = member;
	document->members_size = document->members;
}


group_result_t group_document_parse(const str *xml, const str *uri,
		group_document_t **document, char *why, size_t why_size)
{
	group_document_t *made = group_document_new();
	group_result_t result;

	*document = NULL;
	if(made == NULL)
		return GROUP_MEMORY;
	result = group_read(made, xml, uri, why, why_size);
	if(result != GROUP_OK) {
		group_document_free(made);
		return result;
	}
	fit_members(made);
	group_count_bytes(made);
	*document = made;
	return GROUP_OK;
}


group_result_t group_document_add_list(group_document_t *document,
		const str *xml, str *further, int further_max, int *further_count,
		char *why, size_t why_size)
{
	int members = document->members;
	group_result_t result;

	*further_count = 0;
	result = group_read_list(
			document, xml, further, further_max, further_count, why, why_size);
	if(result == GROUP_OK) {
		document->lists++;
		fit_members(document);
	} else {
		group_drop_list(document, document->lists + 1, members);
		while(*further_count > 0)
			text_free(&further[--*further_count]);
	}
	group_count_bytes(document);
	return result;
}
