/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * groups: the group documents this worker needs, fetched from the XDMS over
 * HTTP and cached. Never waits: the answer comes by a callback, at once when
 * it is in the cache and fresh. A group belongs to one worker, so its
 * document is here and nowhere else.
 */
#ifndef IMCONF_XDMS_GROUPS_H
#define IMCONF_XDMS_GROUPS_H

#include "wire/group_document.h"

typedef enum groups_result
{
	GROUPS_OK = 0,
	GROUPS_ABSENT,	/* the XDMS says 404: no such group */
	GROUPS_DOWN,	/* no answer in time, 5xx, and nothing usable cached */
	GROUPS_BROKEN,	/* a document that does not parse, too large: 500 */
	GROUPS_REFUSED, /* 401/403 from the XDMS: 500, our credentials are wrong */
	GROUPS_UNRESOLVED /* a list it refers to cannot be had, ever: 502 */
} groups_result_t;

/** A reference to a parsed document; it stays while somebody holds it, also
 * when a newer one replaced it in the cache. */
typedef struct group_ref group_ref_t;

/** The document, as long as the reference is held; one holder more; one less,
 * NULL being harmless. */
const group_document_t *group_ref_document(const group_ref_t *ref);
group_ref_t *group_ref_hold(group_ref_t *ref);
void group_ref_release(group_ref_t *ref);

/** `ref` is the callee's to hold or leave; NULL unless GROUPS_OK. */
typedef void (*groups_fn_t)(
		void *arg, groups_result_t result, group_ref_t *ref);

/** A wait that is going on. */
typedef struct groups_wait groups_wait_t;

/**
 * Asks for the document of `group_uri` on behalf of `user`
 * (X-XCAP-Asserted-Identity; may be empty). Calls `fn` exactly once, maybe
 * before it returns (then the result is NULL), unless groups_cancel() comes
 * first. Several waits for one document are one fetch.
 */
groups_wait_t *groups_get(
		const str *group_uri, const str *user, groups_fn_t fn, void *arg);

/** Gives up waiting; the fetch goes on for the others and the cache. */
void groups_cancel(groups_wait_t *wait);

/** Drops a cached document so that the next groups_get() fetches it (RPC
 * imconf.reload_group). Returns 1 when there was one. */
int groups_forget(const str *group_uri);

/** What the cache holds, for RPC imconf.groups. */
typedef struct groups_entry
{
	str uri;
	int members;
	size_t bytes;
	long age;	/* seconds since it was fetched or revalidated */
	int absent; /* a remembered 404 */
	int stale;	/* used beyond its time because the XDMS is down */
	unsigned long hits;
} groups_entry_t;
void groups_each(void (*fn)(const groups_entry_t *entry, void *arg), void *arg);

/** In the worker at start, once its loop exists. Returns 0 or -1. */
int groups_start(void);

/** Ends all loads and forgets everything; nobody may be waiting. For tests. */
void groups_stop(void);

#endif
