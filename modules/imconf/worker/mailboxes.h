/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * mailboxes: the mailboxes of all workers, made before the forks and found by
 * number from every process.
 */
#ifndef IMCONF_WORKER_MAILBOXES_H
#define IMCONF_WORKER_MAILBOXES_H

#include "worker/mailbox.h"

#define WORKERS_MAX 64

/** Makes `workers` boxes of `size` slots; in mod_init. Returns 0 or -1. */
int mailboxes_create(int workers, int size);

/** How many there are. */
int mailboxes_count(void);

/** The box of worker `index`, which must be below mailboxes_count(). */
mailbox_t *mailboxes_get(int index);

#endif
