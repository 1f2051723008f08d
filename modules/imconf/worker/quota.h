/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * quota: how often each user did something within a minute, counted for all
 * workers together: a table of fixed size in shared memory, made before the
 * forks. When more users come than fit, the ones that did least are forgotten.
 */
#ifndef IMCONF_WORKER_QUOTA_H
#define IMCONF_WORKER_QUOTA_H

#include <stdint.h>
#include "base/text.h"

#define QUOTA_WINDOW 60 /* seconds, from the first time on */

typedef enum quota_kind
{
	QUOTA_CONFERENCES,
	QUOTA_REFERS
} quota_kind_t;

/** Makes the table; in mod_init. Returns 0 or -1. */
int quota_create(void);
void quota_destroy(void);

/**
 * `user` (an identity's key) does it once more, at `now` (seconds of a clock
 * that never goes back). Returns 0, and it counts; or, when it did so `limit`
 * times in its minute already, the seconds until it may again. Any process.
 */
int quota_take(quota_kind_t kind, const str *user, int limit, int64_t now);

#endif
