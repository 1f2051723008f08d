/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * events_queue: private to the events: the queue between those who tell and
 * the process that runs the routes.
 */
#ifndef IMCONF_ADMIN_EVENTS_QUEUE_H
#define IMCONF_ADMIN_EVENTS_QUEUE_H

#include "worker/mailbox.h"
#include "worker/observer.h"

/** NULL when no event is wanted. Its blocks are zero terminated JSON. */
mailbox_t *events_queue(void);

/** "created", "joined" ... */
const char *events_name(observed_t what);

/** Makes an event of an observation and posts it. Any process. */
void events_tell(const observation_t *o);

#endif
