/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * profile: how documents look and whether they are partial, by the operator's
 * parameters; notify_profile sets what is not set by itself. Clauses N2, N3,
 * N9, N10. Made once at start, before the forks.
 */
#ifndef IMCONF_NOTIFY_PROFILE_H
#define IMCONF_NOTIFY_PROFILE_H

#include "notify/document.h"

typedef struct profile
{
	document_options_t document;
	int full; /* every document is full */
} profile_t;

/** As the parameters want it. */
extern profile_t profile;

/** Reads the parameters; in mod_init. Returns 0, or -1 after a sentence in the
 * log that names the parameter. */
int profile_prepare(void);

/** 1 when a watcher with this User-Agent takes every document as full and so
 * gets no other. */
int profile_full_for(const str *user_agent);

#endif
