/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: wire/group_document with model/group_policy, and wire/xcap_path
 * with the anchors found. What stands behind a zero octet is a list to add.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include "model/group_policy.h"
#include "wire/xcap_path.h"

#define FURTHER_MAX 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* Every member is found as one, and is one user */
static void look_up(const group_document_t *group)
{
	const policy_defaults_t defaults = {.members = MAY_JOIN, .others = 0};

	for(int i = 0; i < group->members; i++) {
		person_t who = {.name = {group->member[i].uri}, .names = 1};
		unsigned permissions = group_permissions(group, &who, 0, &defaults);

		if(!group_has_member(group, &who))
			abort();
		if(!group->has_rules && permissions != MAY_JOIN)
			abort();
	}
}


/* A URL of the root's host and nothing that ends a line */
static void resolve(const str *anchor)
{
	static const str root = STR_STATIC_INIT("http://xdms.example/root");
	static const str start = STR_STATIC_INIT("http://xdms.example");
	buffer_t url;
	str text;

	buffer_init(&url, 0);
	if(xcap_resolve(&root, anchor, 0, &url) == 0) {
		text = buffer_str(&url);
		if(text.len > XCAP_URL_MAX || !text_starts_nocase(&text, &start))
			abort();
		for(int i = 0; i < text.len; i++) {
			if(text.s[i] <= ' ' || text.s[i] == 0x7f)
				abort();
		}
	}
	buffer_clear(&url);
	xcap_group_url(&root, &TEXT(XCAP_GROUP_PATH), anchor, &url);
	buffer_free(&url);
}


static void add_list(group_document_t *group, const str *xml)
{
	str further[FURTHER_MAX];
	int members = group->members, count;

	if(group_document_add_list(
			   group, xml, further, FURTHER_MAX, &count, NULL, 0)
			!= GROUP_OK) {
		if(group->members != members || count != 0)
			abort();
	}
	while(count > 0) {
		resolve(&further[--count]);
		text_free(&further[count]);
	}
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str xml = {(char *)data, (int)size}, list;
	group_document_t *group;
	char why[64];
	int zero = text_find_char(&xml, '\0');

	list = text_from(&xml, zero + 1);
	if(zero >= 0)
		xml.len = zero;
	if(group_document_parse(&xml, &TEXT("sip:team@x"), &group, why, sizeof(why))
			!= GROUP_OK) {
		if(group != NULL || why[0] == '\0')
			abort();
		return 0;
	}
	look_up(group);
	for(int i = 0; i < group->externals; i++)
		resolve(&group->external[i]);
	add_list(group, &list);
	look_up(group);
	group_document_free(group);
	return 0;
}
