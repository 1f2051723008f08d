/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * group_build: how a group document grows while it is read. For
 * group_document.c, which owns the memory, and group_read.c, which knows XML.
 */
#ifndef IMCONF_WIRE_GROUP_BUILD_H
#define IMCONF_WIRE_GROUP_BUILD_H

#include "wire/group_document.h"

/** Forgets everything that was built. */
void group_document_clear(group_document_t *document);

/**
 * Adds a member, or finds the one that is the same user; `list`: 0 or the
 * number of the list it comes with. Returns its index, GROUP_UNUSABLE for a
 * URI that invites nobody, GROUP_TOO_LONG or GROUP_MEMORY.
 */
#define GROUP_UNUSABLE (-10)
int group_add_member(group_document_t *document, const str *uri, int list);

/** Appends a copy of `text` unless it is there. */
group_result_t group_add_anchor(
		str *anchors, int *count, int max, const str *text);

/** Append; the rule is the last one. `value` may be NULL. */
group_result_t group_add_rule(group_document_t *document);
group_result_t group_add_condition(group_document_t *document,
		condition_type_t type, int alternative, const str *value);

/** Read a document (of the list-service `uri`) or a list into `document`. */
group_result_t group_read(group_document_t *document, const str *xml,
		const str *uri, char *why, size_t why_size);
group_result_t group_read_list(group_document_t *document, const str *xml,
		str *further, int further_max, int *further_count, char *why,
		size_t why_size);

#endif
