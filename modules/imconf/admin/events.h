/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * events: what happens, told to the operator's event routes. Workers make a
 * JSON object of it and post that to a queue of bounded length in shared
 * memory; one process of its own takes them out and runs the routes, so that a
 * slow script holds up nobody. Whatever finds the queue full is dropped,
 * counted and now and then logged.
 */
#ifndef IMCONF_ADMIN_EVENTS_H
#define IMCONF_ADMIN_EVENTS_H

/** Finds out which routes there are and makes the queue; in mod_init. Returns
 * how many processes events_run() needs (0 or 1), or -1. */
int events_create(void);

/** Hangs itself into the effect runner; in a worker at start. */
void events_start(void);

/** The events process, once forked: never returns. */
void events_run(void) __attribute__((noreturn));

#endif
