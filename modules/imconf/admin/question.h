/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * question: what an RPC process asks a worker and waits for, at most a
 * second. The block has two owners and goes with the last; a late answer
 * harms nobody.
 */
#ifndef IMCONF_ADMIN_QUESTION_H
#define IMCONF_ADMIN_QUESTION_H

#include "base/text.h"

#define QUESTION_ARG_MAX 65536
#define QUESTION_WAIT_MS 1000

/* what is asked; the argument is a JSON object, whose members are in brackets */
typedef enum question_kind
{
	QUESTION_LIST,			/* conferences [limit, after, filter] */
	QUESTION_SHOW,			/* [token, limit, after] */
	QUESTION_SUBSCRIPTIONS, /* [token, limit, after] */
	QUESTION_END,			/* [token] */
	QUESTION_KICK,			/* [token, user] */
	QUESTION_ANNOUNCE,		/* [token, text] */
	QUESTION_CREATE,		/* [host, subject, users] */
	QUESTION_INVITE,		/* [token, users] */
	QUESTION_DRAIN,			/* [on, end]; without `on` nothing changes */
	QUESTION_GROUPS,		/* [limit] */
	QUESTION_RELOAD,		/* [group] */
	QUESTION_RELOAD_TLS,	/* nothing */
	QUESTION_KINDS
} question_kind_t;

typedef struct question question_t;

/** The RPC process asks worker `index` and waits. Returns the answer, a JSON
 * text in shared memory that the caller frees with question_free_answer(), or
 * NULL: no answer in time, mailbox full, no memory. */
char *question_ask(int index, question_kind_t kind, const str *arg);
void question_free_answer(char *answer);

/** In the worker: what was asked, the answer (copied; "{}": nothing to say),
 * and letting go. */
question_kind_t question_what(const question_t *q);
str question_arg(const question_t *q);
void question_answer(question_t *q, const char *json);
void question_release(question_t *q);

#endif
