/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A subscriber to the conference package, by RFC 4575 section 4.6 and nothing
 * else: it keeps what it was sent as a tree and merges into it. It shares no
 * code with what writes the documents. `problem` says what no correct notifier
 * does. For unit tests only.
 */
#ifndef IMCONF_TEST_UNIT_CONFERENCE_READER_H
#define IMCONF_TEST_UNIT_CONFERENCE_READER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

typedef struct reader
{
	xmlDocPtr local; /* NULL: nothing received yet */
	unsigned long version;
	const char *problem; /* NULL: none so far */
} reader_t;

/* a row of the local user table; strings are good until reader_end_row() */
typedef struct reader_row
{
	xmlChar *entity, *display, *status, *method, *reason;
	int own;
} reader_row_t;


static int reader_is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE
		   && xmlStrEqual(node->name, BAD_CAST name);
}


static xmlNodePtr reader_child(const xmlNode *parent, const char *name)
{
	xmlNodePtr node = parent ? parent->children : NULL;

	while(node && !reader_is(node, name))
		node = node->next;
	return node;
}


static int reader_attribute_is(
		const xmlNode *node, const char *name, const char *value)
{
	xmlChar *text = xmlGetNoNsProp(node, BAD_CAST name);
	int is = text && xmlStrEqual(text, BAD_CAST value);

	xmlFree(text);
	return is;
}


/* Its state, which is full if it does not say (section 4.4). */
static int reader_state_is(const xmlNode *node, const char *state)
{
	if(!xmlHasProp(node, BAD_CAST "state"))
		return strcmp(state, "full") == 0;
	return reader_attribute_is(node, "state", state);
}


/* Users and endpoints have their entity for a key, octet by octet (4.5). */
static int reader_same_key(const xmlNode *a, const xmlNode *b)
{
	xmlChar *key;
	int same;

	if(!xmlStrEqual(a->name, b->name))
		return 0;
	if(!reader_is(a, "user") && !reader_is(a, "endpoint"))
		return 1;
	key = xmlGetNoNsProp(a, BAD_CAST "entity");
	same = key && reader_attribute_is(b, "entity", (char *)key);
	xmlFree(key);
	return same;
}


static xmlNodePtr reader_counterpart(
		const xmlNode *parent, const xmlNode *wanted)
{
	xmlNodePtr node = parent->children;

	while(node
			&& (node->type != XML_ELEMENT_NODE
					|| !reader_same_key(node, wanted)))
		node = node->next;
	return node;
}


static void reader_drop(xmlNodePtr node)
{
	xmlUnlinkNode(node);
	xmlFreeNode(node);
}


static void reader_copy_attributes(xmlNodePtr local, const xmlNode *received)
{
	for(xmlAttrPtr a = received->properties; a; a = a->next) {
		xmlChar *value = xmlGetNoNsProp(received, a->name);

		xmlSetProp(local, a->name, value);
		xmlFree(value);
	}
}


/* Steps 1 to 3 of section 4.6 for each sub-element of a partial element. */
static void reader_merge(xmlNodePtr local, const xmlNode *received)
{
	reader_copy_attributes(local, received);
	for(xmlNodePtr node = received->children; node; node = node->next) {
		xmlNodePtr mine;

		if(node->type != XML_ELEMENT_NODE)
			continue;
		mine = reader_counterpart(local, node);
		if(mine && reader_state_is(node, "partial")) {
			reader_merge(mine, node);
			continue;
		}
		if(mine)
			reader_drop(mine);
		if(!reader_state_is(node, "deleted"))
			xmlAddChild(local, xmlDocCopyNode(node, local->doc, 1));
	}
}


static int reader_has_state(const xmlNode *node, const char *state)
{
	for(; node; node = node->next) {
		if(node->type == XML_ELEMENT_NODE
				&& (reader_state_is(node, state)
						|| reader_has_state(node->children, state)))
			return 1;
	}
	return 0;
}


static void reader_blame(reader_t *r, int wrong, const char *problem)
{
	if(wrong && !r->problem)
		r->problem = problem;
}


static int reader_has_twins(const xmlNode *users)
{
	xmlNodePtr node = users ? users->children : NULL;

	for(; node; node = node->next) {
		if(reader_is(node, "user") && reader_counterpart(users, node) != node)
			return 1;
	}
	return 0;
}


/* What sections 4.4 and 5.2 ask of a document, and no schema can. */
static void reader_check(reader_t *r, const xmlNode *root)
{
	const xmlNode *users = reader_child(root, "users");

	reader_blame(r, users == NULL, "no <users>");
	reader_blame(r, reader_has_twins(users), "a user twice");
	if(reader_state_is(root, "full")) {
		reader_blame(r, !reader_child(root, "conference-description"),
				"full without <conference-description>");
		reader_blame(r,
				reader_has_state(root->children, "partial")
						|| reader_has_state(root->children, "deleted"),
				"something else than full within full");
		return;
	}
	reader_blame(r, users && !reader_attribute_is(users, "state", "partial"),
			"partial, and <users> is not");
	for(const xmlNode *u = users ? users->children : NULL; u; u = u->next)
		reader_blame(r,
				reader_is(u, "user") && !xmlHasProp(u, BAD_CAST "state"),
				"a user without state");
}


static void reader_apply(reader_t *r, xmlDocPtr received, unsigned long version)
{
	xmlNodePtr root = xmlDocGetRootElement(received);

	if(reader_state_is(root, "full")) {
		xmlFreeDoc(r->local);
		r->local = xmlCopyDoc(received, 1);
		r->version = version;
		return;
	}
	reader_blame(r, r->local == NULL, "partial at first");
	reader_blame(r, version > r->version + 1, "a version is missing");
	if(r->problem)
		return;
	r->version = version;
	reader_merge(xmlDocGetRootElement(r->local), root);
}


/** Takes a document. 0, or -1 when `problem` says why it cannot. */
__attribute__((unused)) static int reader_take(
		reader_t *r, const char *text, size_t len)
{
	xmlDocPtr doc = xmlReadMemory(text, (int)len, NULL, NULL, XML_PARSE_NONET);
	xmlNodePtr root = doc ? xmlDocGetRootElement(doc) : NULL;
	xmlChar *version = NULL;

	reader_blame(r, root == NULL, "no XML");
	if(root)
		version = xmlGetNoNsProp(root, BAD_CAST "version");
	reader_blame(r, version == NULL, "no version");
	if(version) {
		unsigned long number = strtoul((char *)version, NULL, 10);

		reader_check(r, root);
		reader_blame(r, r->local && number <= r->version, "an old version");
		if(!r->problem)
			reader_apply(r, doc, number);
	}
	xmlFree(version);
	xmlFreeDoc(doc);
	return r->problem ? -1 : 0;
}


__attribute__((unused)) static void reader_free(reader_t *r)
{
	xmlFreeDoc(r->local);
	*r = (reader_t){0};
}


static int reader_is_own(const xmlNode *user)
{
	for(const xmlAttr *a = user->properties; a; a = a->next) {
		if(xmlStrEqual(a->name, BAD_CAST "yourown"))
			return 1;
	}
	return 0;
}


static xmlChar *reader_text(const xmlNode *parent, const char *name)
{
	const xmlNode *node = reader_child(parent, name);

	return node ? xmlNodeGetContent(node) : NULL;
}


/** The row after `node`, NULL: the first. Returns its node, or NULL. */
__attribute__((unused)) static xmlNodePtr reader_next_row(
		const reader_t *r, xmlNodePtr node, reader_row_t *row)
{
	const xmlNode *endpoint;

	if(node)
		node = node->next;
	else if(r->local)
		node = reader_child(
				reader_child((xmlNodePtr)r->local, "conference-info"), "users")
					   ->children;
	while(node && !reader_is(node, "user"))
		node = node->next;
	if(!node)
		return NULL;
	endpoint = reader_child(node, "endpoint");
	row->entity = xmlGetNoNsProp(node, BAD_CAST "entity");
	row->display = reader_text(node, "display-text");
	row->status = reader_text(endpoint, "status");
	row->method = reader_text(endpoint, "disconnection-method");
	row->reason =
			reader_text(reader_child(endpoint, "disconnection-info"), "reason");
	row->own = reader_is_own(node);
	return node;
}


__attribute__((unused)) static void reader_end_row(reader_row_t *row)
{
	xmlFree(row->entity);
	xmlFree(row->display);
	xmlFree(row->status);
	xmlFree(row->method);
	xmlFree(row->reason);
}

#endif
