/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * answers: the worker's side of RPC: takes questions from the mailbox, does
 * or shows what they ask for and answers in JSON.
 */
#ifndef IMCONF_ADMIN_ANSWERS_H
#define IMCONF_ADMIN_ANSWERS_H

/** Hangs itself into mailbox and effect runner; in the worker at start. */
void answers_start(void);

#endif
