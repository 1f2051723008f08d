/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tests of groups share: documents in one line.
 */
#ifndef IMCONF_TEST_GROUP_HELPERS_H
#define IMCONF_TEST_GROUP_HELPERS_H

#include <string.h>
#include "wire/group_document.h"

#define NS_GROUP "xmlns=\"urn:oma:xml:poc:list-service\" "
#define NS_OTHERS                                         \
	"xmlns:rl=\"urn:ietf:params:xml:ns:resource-lists\" " \
	"xmlns:cr=\"urn:ietf:params:xml:ns:common-policy\" "  \
	"xmlns:ocp=\"urn:oma:xml:xdm:common-policy\" "        \
	"xmlns:oxe=\"urn:oma:xml:xdm:extensions\" "           \
	"xmlns:pe=\"urn:oma:xml:poc:poc2.0-shared-group-ext\""
#define GROUP_HEAD                                 \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" \
	"<group " NS_GROUP NS_OTHERS ">"
#define SERVICE(inside) \
	"<list-service uri=\"sip:team@x\">" inside "</list-service>"
#define GROUP(inside) GROUP_HEAD SERVICE(inside) "</group>"
#define LIST(entries) "<list>" entries "</list>"
#define ENTRY(uri) "<entry uri=\"" uri "\"/>"
#define RULES(rules) "<cr:ruleset>" rules "</cr:ruleset>"
#define RULE(conditions, actions)                  \
	"<cr:rule id=\"r\"><cr:conditions>" conditions \
	"</cr:conditions><cr:actions>" actions "</cr:actions></cr:rule>"
#define LISTS(inside)                                                         \
	"<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\">" inside \
	"</resource-lists>"


__attribute__((unused)) static group_result_t read_group(
		const char *xml, group_document_t **group)
{
	str text = {(char *)xml, (int)strlen(xml)};

	return group_document_parse(&text, &TEXT("sip:team@x"), group, NULL, 0);
}

#endif
