/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * conference_info: application/conference-info+xml documents, out only. RFC
 * 4575, clauses N2-N4, N8-N11. Knows no model; the caller says who is shown.
 *
 * A document is put together once for all its watchers and then written for
 * each of them: a copy, into which go the version and the mark on the
 * watcher's own <user>. It may be cut to a size.
 */
#ifndef IMCONF_WIRE_CONFERENCE_INFO_H
#define IMCONF_WIRE_CONFERENCE_INFO_H

#include "base/buffer.h"

typedef enum info_status
{
	INFO_CONNECTED,
	INFO_DISCONNECTED,
	INFO_ALERTING,
	INFO_DELETED /* state="deleted"; in partial documents only */
} info_status_t;

typedef enum info_departure
{
	DEPARTURE_NONE,
	DEPARTURE_DEPARTED,
	DEPARTURE_BOOTED,
	DEPARTURE_FAILED,
	DEPARTURE_BUSY
} info_departure_t;

/** How a watcher finds itself (ruling N10). */
typedef enum info_yourown
{
	YOUROWN_OFF,
	YOUROWN_BARE,		/* yourown="true", which no schema knows */
	YOUROWN_NAMESPACED, /* in a namespace; schema-valid */
	YOUROWN_BOTH
} info_yourown_t;

/** What differs between clients; strings are copied. */
typedef struct info_options
{
	info_yourown_t yourown;
	str yourown_uri; /* namespace; needed by _NAMESPACED and _BOTH */
	int pending;	 /* alerting is called "pending" (ruling N9) */
	int no_reasons;	 /* neither disconnection-method nor -info (N11) */
} info_options_t;

typedef struct info_user
{
	unsigned id;	   /* the caller's, to find its line again; not written */
	unsigned revision; /* the caller's, ascending; not written */
	str entity;
	str display; /* empty: none */
	info_status_t status;
	info_departure_t departure; /* with INFO_DISCONNECTED */
	int reason_code;			/* SIP code of a refusal, 0: none */
} info_user_t;

/** Of the <conference-info> element and, in a full one, the description. */
typedef struct info_head
{
	str entity; /* N3 */
	int partial;
	str subject;   /* empty: none */
	int max_users; /* 0: not said */
} info_head_t;

/* where one <user> stands in the text */
typedef struct info_mark
{
	unsigned id;
	unsigned revision;
	size_t own; /* where the yourown goes; 0: nowhere */
	size_t end;
} info_mark_t;

/** The part that all watchers have in common. All private. */
typedef struct conference_info
{
	buffer_t text;	  /* head and users */
	buffer_t marks;	  /* info_mark_t, one per user */
	buffer_t yourown; /* the attribute, with its leading space */
	size_t version;	  /* where the version goes */
	size_t head;	  /* where the users begin */
	int pending;
	int no_reasons;
} conference_info_t;

/** Empties `d`; conference_info_free() gives its memory back. */
void conference_info_init(conference_info_t *d);
void conference_info_free(conference_info_t *d);

/** Begins a new document in `d`, whatever was in it. */
void conference_info_begin(conference_info_t *d, const info_head_t *head,
		const info_options_t *options);

/** One more user with its single endpoint (N9: same entity), its state said
 * explicitly. Nothing of it is kept but its text. */
void conference_info_add(conference_info_t *d, const info_user_t *user);

/** How many users it has, and 1 when memory was out since begin. */
int conference_info_users(const conference_info_t *d);
int conference_info_failed(const conference_info_t *d);

/**
 * How many of its users, from the first, fit into a document of `max` bytes
 * (0: no limit) whoever it is written for; 1 at least, unless it has none.
 */
int conference_info_fit(const conference_info_t *d, size_t max);

/** The `revision` of its user `index`. */
unsigned conference_info_revision(const conference_info_t *d, int index);

/**
 * Appends the document with its first `users` users to `out`, for the watcher
 * whose line has the id `own` (0: for nobody in particular). Failures stick to
 * `out`.
 */
void conference_info_write(const conference_info_t *d, uint32_t version,
		unsigned own, int users, buffer_t *out);

#endif
