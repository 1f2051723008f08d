/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * resource_list: application/resource-lists+xml in and out. RFC 4826 lists,
 * RFC 5364 copyControl, RFC 5366 rules. Clauses A2, E2. No state.
 */
#ifndef IMCONF_WIRE_RESOURCE_LIST_H
#define IMCONF_WIRE_RESOURCE_LIST_H

#include "base/buffer.h"

typedef enum copy_control
{
	COPY_BCC, /* absent means bcc (RFC 5364 section 4) */
	COPY_CC,
	COPY_TO
} copy_control_t;

typedef struct list_entry
{
	str uri;	 /* as written, without its ?headers part; owned */
	str headers; /* the ?headers part, still escaped; owned, often empty */
	str display; /* display-name, cut at 256 octets; owned, often empty */
	copy_control_t copy;
	int anonymize; /* cp:anonymize="true" */
} list_entry_t;

typedef struct resource_list
{
	list_entry_t *entry;
	int count;
	int size;
} resource_list_t;

typedef enum list_result
{
	LIST_OK = 0,
	LIST_BROKEN = -1,	/* not XML, not a resource list, a DTD, too deep, an
						  entry without a URI we can use */
	LIST_TOO_LONG = -2, /* more than `max_entries` different entries */
	LIST_MEMORY = -3
} list_result_t;

/**
 * Parses a document into `list` (empty on failure). Nested lists are
 * flattened in document order; <external>, <entry-ref> and unknown elements
 * are passed over. No DTD, no external entity is ever loaded (a document that
 * has a DTD is broken), nesting at most 16, size at most 1 MiB. Entries that
 * are octet-equal in URI are merged (to before cc before bcc); comparing as
 * identities is the caller's. Namespaces of copyControl: `...:copycontrol`
 * and `...:copyControl`. `max_entries` 0: no limit but 10,000. The text is
 * UTF-8 (RFC 4826 section 3.1) whatever its declaration says.
 * libxml2 with its default allocator; errors silenced, the text of the first
 * one and its line are put into `why` (a buffer of `why_size`, may be NULL).
 */
list_result_t resource_list_parse(const str *xml, int max_entries,
		resource_list_t *list, char *why, size_t why_size);

/** Frees the entries, not the struct, which is empty then. */
void resource_list_free(resource_list_t *list);

/**
 * Appends an entry to a list being built (history). Copies; `display` may be
 * NULL. 0 or -1.
 */
int resource_list_add(resource_list_t *list, const str *uri, const str *display,
		copy_control_t copy, int anonymize);

/** Moves all entries of `from`, which is empty then, to the end of `list`.
 * Returns 0, or -1 when memory is out (nothing was moved). */
int resource_list_move(resource_list_t *list, resource_list_t *from);

/**
 * Writes the recipient-list-history document (RFC 5366 section 5): `to` and
 * `cc` entries only, anonymized ones as one `sip:anonymous@anonymous.invalid`
 * with cp:count per copy kind. Returns the number of entries written, -1 when
 * `out` failed.
 */
int resource_list_write_history(const resource_list_t *list, buffer_t *out);

#endif
