/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * chat: the MSRP side of the load client's participants: each connects and
 * binds its leg; one may say something, which the others hear. Called by
 * conferences.c; tells it what happened by three callbacks.
 */
#ifndef BENCH_CHAT_H
#define BENCH_CHAT_H

#include "dialog.h"

typedef struct chat_leg chat_leg_t;

typedef struct chat_callbacks
{
	void (*bound)(void *owner, dialog_t *d);
	void (*heard)(void *owner, dialog_t *d); /* a message, or our own's 200 */
} chat_callbacks_t;

/** Makes the one epoll of all legs; returns its descriptor, to be polled. */
int chat_start(const chat_callbacks_t *callbacks);

/** Serves whatever is readable now. Exits when a leg is refused. */
void chat_serve(void);

/** Connects the leg that `d` negotiated and sends its first SEND. `owner` is
 * for the callbacks. Returns NULL when there is no connection. */
chat_leg_t *chat_join(dialog_t *d, void *owner);

/** Sends one short message. */
void chat_say(chat_leg_t *leg);

/** Closes and frees; NULL is fine. */
void chat_leave(chat_leg_t *leg);

#endif
