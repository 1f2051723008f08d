/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * rate: how often a watcher wants to be told: max-rate and min-rate of RFC
 * 6446, within the operator's bounds. Private to notify/. No state.
 */
#ifndef IMCONF_NOTIFY_RATE_H
#define IMCONF_NOTIFY_RATE_H

#include "base/buffer.h"

/** Milliseconds between NOTIFYs; 0: the watcher asked for nothing. */
typedef struct rate
{
	int64_t least; /* 1/max-rate: none earlier */
	int64_t most;  /* 1/min-rate: one at the latest */
} rate_t;

/**
 * Reads them from the parameters of an Event header. `lifetime`: ms that are
 * left of the subscription, the longest interval there is (RFC 6446 5.3).
 * What is malformed or zero was not asked for; min-rate is lowered to max-rate
 * (section 8).
 */
void rate_read(const str *params, int64_t lifetime, rate_t *rate);

/** Appends what was agreed to a Subscription-State value (sections 5.2, 6.2):
 * ";max-rate=..." and ";min-rate=...", or nothing. */
void rate_add(buffer_t *out, const rate_t *rate);

#endif
