/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * worker: a conference worker process: one libevent loop and all the
 * conferences whose token begins with its number. The rooms above (focus,
 * notify, switch) hang their handlers into it at start; it knows none of them.
 */
#ifndef IMCONF_WORKER_WORKER_H
#define IMCONF_WORKER_WORKER_H

#include <event2/event.h>
#include "model/conference.h"
#include "worker/mailbox.h"

typedef TAILQ_HEAD(conference_list, conference) conference_list_t;

typedef struct worker
{
	int index;				 /* from 0 */
	struct event_base *base; /* NULL in every other process */
	mailbox_t *mailbox;
	map_t conferences;		/* token -> conference_t */
	map_t groups;			/* identity key of a group -> its conference_t */
	map_t contributions;	/* Contribution-ID -> ad-hoc conference_t */
	conference_list_t list; /* the same conferences, the oldest first */
	unsigned long last_serial;
} worker_t;

/** This process's worker. */
extern worker_t worker;

/** What the rooms do when mail comes. The block is freed afterwards, but that
 * of a question, which has two owners. */
typedef void (*mail_handler_t)(const mail_t *mail);
void worker_on_mail(mail_type_t type, mail_handler_t handler);

/** Enters a new conference into the tables. Returns 0, or -1 when memory is
 * out. It leaves them, and is destroyed, with its END effect. */
int worker_add_conference(conference_t *c);

/** Takes a conference out of the tables and destroys it. For the effect runner
 * alone, once all handlers of END have let go of it. */
void worker_remove_conference(conference_t *c);

/** The oldest conference whose serial is above `serial`, or NULL. The others
 * follow by `link`. */
conference_t *worker_conference_after(unsigned long serial);

/** The conference of a token, or NULL. */
conference_t *worker_find_conference(const str *token);

/** The newest ad-hoc conference with this Contribution-ID (as it keeps it) for
 * which `fn` returns non-zero, or NULL. */
conference_t *worker_find_contribution(
		const str *id, int (*fn)(void *conference, void *arg), void *arg);

/** The running conference of a group, or NULL (one at most: P1, U1). */
conference_t *worker_find_group(const str *group);

/** Makes a fresh, unguessable token and Session Identity of this worker (A6).
 * Both owned by the caller. Returns 0 or -1. */
int worker_new_identity(str *token, str *identity);

/** The worker whose token this is: the number before its last 32 characters.
 * -1 when it is no token of ours. Any process. */
int worker_of_token(const str *token);

/** Makes this process the worker `index`: loop, mailbox, tables. The rooms
 * start after it. Returns 0 or -1. */
int worker_start(int index, mailbox_t *box);

/** Runs the loop; never returns. */
void worker_loop(void) __attribute__((noreturn));

#endif
