/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * show: the worker's answers to questions: conferences as JSON texts.
 */
#ifndef IMCONF_ADMIN_SHOW_H
#define IMCONF_ADMIN_SHOW_H

/** Hangs itself into the mailbox; in the worker at start. */
void show_start(void);

#endif
