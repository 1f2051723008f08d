/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * load: one group document got from the XDMS with all the lists it refers to,
 * bounded in time, depth, number and bytes; or the knowledge that nothing
 * about them has changed. groups.c starts loads and keeps what they bring.
 */
#ifndef IMCONF_XDMS_LOAD_H
#define IMCONF_XDMS_LOAD_H

#include "xdms/groups.h"

#define LOAD_DEPTH_MAX 4 /* lists that lists refer to */
#define SOURCES_MAX (1 + GROUP_EXTERNALS_MAX)

/** Where a document came from: itself first, then the lists merged into it. */
typedef struct source
{
	str url, etag; /* owned; etag may be empty */
} source_t;

typedef struct sources
{
	source_t *at; /* owned */
	int count;
} sources_t;

/** Frees them and leaves none. */
void sources_free(sources_t *s);

typedef struct load_outcome
{
	groups_result_t result;
	int unchanged;				/* GROUPS_OK: what you have is good */
	group_document_t *document; /* else the callee's to free */
	sources_t sources;			/* of `document`; the callee's to free */
} load_outcome_t;

/** Called once, never before load_start() has returned, unless load_cancel()
 * comes first. The load is gone when it returns. */
typedef void (*load_fn_t)(void *arg, const load_outcome_t *outcome);

typedef struct load load_t;

/**
 * Loads the document of `group_uri` on behalf of `user`. `known`: the sources
 * of the edition one has, or NULL; if all of them have an ETag, what has not
 * changed is not sent again. Takes `xdms_timeout` at most. What goes wrong is
 * logged here, but for an XDMS that is down. Returns NULL when memory is out.
 */
load_t *load_start(const str *group_uri, const str *user,
		const sources_t *known, load_fn_t fn, void *arg);

/** Gives it up: `fn` is not called, and the load is gone. */
void load_cancel(load_t *l);

#endif
