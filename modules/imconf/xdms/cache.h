/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * cache: the answers of the XDMS that a worker remembers, bounded in bytes,
 * least recently used ones leaving first. Knows no HTTP and no clock; what is
 * fresh is decided by groups.c, its only caller.
 */
#ifndef IMCONF_XDMS_CACHE_H
#define IMCONF_XDMS_CACHE_H

#include "base/list.h"
#include "base/map.h"
#include "xdms/groups.h"
#include "xdms/load.h"

TAILQ_HEAD(waits, groups_wait);

/** A group: what is known of it, and who waits to know. */
typedef struct entry
{
	map_node_t node;
	TAILQ_ENTRY(entry) link; /* by use; while `known` */
	str uri;				 /* of the group; owned; the key */
	int known;
	groups_result_t verdict; /* GROUPS_OK: `ref` is there */
	group_ref_t *ref;
	sources_t sources;
	size_t bytes;
	int64_t fetched;	/* ms; when the XDMS last confirmed it */
	int64_t whole;		/* ms; when it came in full */
	int64_t good_until; /* ms */
	int stale;
	unsigned long hits;
	load_t *load; /* NULL: none under way */
	int unwanted; /* forgotten meanwhile: do not keep what `load` brings */
	struct waits waits;
} entry_t;

/** An empty cache; once for each worker. */
void cache_open(void);

/** Frees all; no load may be under way. */
void cache_close(void);

/** The entry of a group, or NULL. */
entry_t *cache_find(const str *uri);

/** A new entry, of which nothing is known. NULL when memory is out. */
entry_t *cache_add(const str *uri);

/** Makes it the most recently used. */
void cache_touch(entry_t *e);

/** Remembers a document, taking over what it is given, or another verdict; in
 * place of what was known. Returns 0, or -1 when memory is out (nothing is
 * known then; `document` and `sources` are taken all the same). */
int cache_keep_document(
		entry_t *e, group_document_t *document, const sources_t *sources);
void cache_keep_verdict(entry_t *e, groups_result_t verdict);

/** Forgets what is known. */
void cache_drop(entry_t *e);

/** Lets go of entries, least recently used first, until what is left fits
 * into `xdms_cache_max`. */
void cache_trim(void);

/** Frees the entry if nothing is known of it and no load is under way. */
void cache_release(entry_t *e);

/** Calls `fn` for every entry; it may not add or drop any. */
void cache_each(void (*fn)(const entry_t *e, void *arg), void *arg);

#endif
