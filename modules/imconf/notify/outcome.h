/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * outcome: what becomes of a subscription when its NOTIFY was answered, was
 * not, or could not be sent. RFC 6665 4.2.2. Private to notify/.
 */
#ifndef IMCONF_NOTIFY_OUTCOME_H
#define IMCONF_NOTIFY_OUTCOME_H

#include "notify/subscription.h"

/** Of the NOTIFY in flight (an outcome_fn_t); `s` may be gone afterwards. */
void outcome_take(void *subscription, const outcome_t *outcome);

/** The NOTIFY was not sent at all: it is tried again, a few times. `s` may be
 * gone afterwards. */
void outcome_unsent(subscription_t *s);

/** No tick is for `s` before `ms` have gone by, or longer if it waits for
 * longer already. */
void outcome_wait(subscription_t *s, int64_t ms);

#endif
