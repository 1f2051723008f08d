/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * cache: see the header.
 */
#include "xdms/cache.h"

#include <stdlib.h>
#include <string.h>
#include "settings.h"

struct group_ref
{
	int holders;
	group_document_t *document;
};

TAILQ_HEAD(entry_list, entry);

static map_t entries;
static struct entry_list by_use; /* first: the next to go */
static size_t bytes;

/* ---- references ---- */

const group_document_t *group_ref_document(const group_ref_t *ref)
{
	return ref->document;
}

group_ref_t *group_ref_hold(group_ref_t *ref)
{
	ref->holders++;
	return ref;
}

void group_ref_release(group_ref_t *ref)
{
	if(!ref || --ref->holders > 0)
		return;
	group_document_free(ref->document);
	free(ref);
}

/* takes the document over, also when it fails */
static group_ref_t *group_ref_create(group_document_t *document)
{
	group_ref_t *ref = calloc(1, sizeof(*ref));

	if(!ref) {
		group_document_free(document);
		return NULL;
	}
	ref->holders = 1;
	ref->document = document;
	return ref;
}

/* ---- entries ---- */

void cache_open(void)
{
	map_init(&entries);
	TAILQ_INIT(&by_use);
	bytes = 0;
}

static int close_entry(void *value, void *arg)
{
	entry_t *e = value;

	cache_drop(e);
	cache_release(e);
	return 0;
}

void cache_close(void)
{
	map_each(&entries, close_entry, NULL);
	map_free(&entries);
}

entry_t *cache_find(const str *uri)
{
	return map_get(&entries, uri);
}

entry_t *cache_add(const str *uri)
{
	entry_t *e = calloc(1, sizeof(*e));

	if(!e)
		return NULL;
	TAILQ_INIT(&e->waits);
	if(text_copy(&e->uri, uri) < 0
			|| map_put(&entries, &e->node, &e->uri, e) < 0) {
		text_free(&e->uri);
		free(e);
		return NULL;
	}
	return e;
}

void cache_release(entry_t *e)
{
	if(e->known || e->load)
		return;
	map_remove(&entries, &e->node);
	text_free(&e->uri);
	free(e);
}

void cache_drop(entry_t *e)
{
	if(!e->known)
		return;
	TAILQ_REMOVE(&by_use, e, link);
	bytes -= e->bytes;
	group_ref_release(e->ref);
	e->ref = NULL;
	sources_free(&e->sources);
	e->known = e->stale = 0;
	e->hits = 0;
}

void cache_touch(entry_t *e)
{
	TAILQ_REMOVE(&by_use, e, link);
	TAILQ_INSERT_TAIL(&by_use, e, link);
}

void cache_trim(void)
{
	entry_t *e, *next;

	TAILQ_FOREACH_SAFE(e, &by_use, link, next)
	{
		if(bytes <= (size_t)settings.xdms_cache_max)
			return;
		/* what a load is about to confirm stays until it has */
		if(e->load)
			continue;
		cache_drop(e);
		cache_release(e);
	}
}

static size_t size_of(const entry_t *e)
{
	size_t size = sizeof(*e) + e->uri.len;
	int i;

	for(i = 0; i < e->sources.count; i++)
		size += sizeof(source_t) + e->sources.at[i].url.len
				+ e->sources.at[i].etag.len;
	return e->ref ? size + e->ref->document->bytes : size;
}

static void keep(entry_t *e, groups_result_t verdict)
{
	e->known = 1;
	e->verdict = verdict;
	e->bytes = size_of(e);
	bytes += e->bytes;
}

int cache_keep_document(
		entry_t *e, group_document_t *document, const sources_t *sources)
{
	unsigned long hits = e->hits;
	sources_t mine = *sources;

	cache_drop(e);
	e->ref = group_ref_create(document);
	if(!e->ref) {
		sources_free(&mine);
		return -1;
	}
	e->sources = mine;
	e->hits = hits;
	keep(e, GROUPS_OK);
	TAILQ_INSERT_TAIL(&by_use, e, link);
	return 0;
}

/* they go before any document: nobody shall empty the cache by asking for
 * groups that do not exist */
void cache_keep_verdict(entry_t *e, groups_result_t verdict)
{
	cache_drop(e);
	keep(e, verdict);
	TAILQ_INSERT_HEAD(&by_use, e, link);
}

/* ---- looking in ---- */

typedef struct walk
{
	void (*fn)(const entry_t *e, void *arg);
	void *arg;
} walk_t;

static int visit(void *value, void *arg)
{
	const walk_t *walk = arg;

	walk->fn(value, walk->arg);
	return 0;
}

void cache_each(void (*fn)(const entry_t *e, void *arg), void *arg)
{
	walk_t walk = {fn, arg};

	map_each(&entries, visit, &walk);
}
