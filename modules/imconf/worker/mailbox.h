/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * mailbox: how everybody else speaks to a conference worker. A ring of slots
 * in shared memory, made before the forks, woken by an eventfd. A slot holds
 * a small mail and may lead to one block of shared memory, which the worker
 * frees. The only lock of the module.
 */
#ifndef IMCONF_WORKER_MAILBOX_H
#define IMCONF_WORKER_MAILBOX_H

#include <stdint.h>

typedef enum mail_type
{
	MAIL_REQUEST,  /* a SIP request from outside; block: request_block_t */
	MAIL_OUTCOME,  /* a reply to a request of ours, or its end without one */
	MAIL_QUESTION, /* from the RPC process; block: question_t */
	MAIL_EVENT	   /* for the events process, not a worker; code: observed_t;
					* block: JSON */
} mail_type_t;

typedef struct mail
{
	mail_type_t type;
	int code;	 /* OUTCOME: status, 408 for time-outs */
	int last;	 /* OUTCOME: tm will say nothing more but late 2xx */
	uint64_t id; /* OUTCOME: which request */
	void *block; /* shared memory, owned by the mail; may be NULL */
} mail_t;

typedef struct mailbox mailbox_t;

/** Makes one with `size` slots; before the forks. NULL when memory is out. */
mailbox_t *mailbox_create(int size);
void mailbox_destroy(mailbox_t *box);

/** The descriptor that becomes readable when there is mail. */
int mailbox_fd(const mailbox_t *box);

/**
 * Posts from outside, into a slot nobody reserved. Any process. Returns 0, or
 * -1 when there is none (the block is still the caller's).
 */
int mailbox_post(mailbox_t *box, const mail_t *mail);

/** The worker sets a slot aside for the outcome of a request it is about to
 * send. Returns 0 or -1 when none is left. */
int mailbox_reserve(mailbox_t *box);

/** Gives a reserved slot back unused. */
void mailbox_release(mailbox_t *box);

/** Posts into a reserved slot: cannot fail. Once per mailbox_reserve(). */
void mailbox_post_reserved(mailbox_t *box, const mail_t *mail);

/** Takes the oldest mail; the worker only. Returns 1, or 0 when empty. */
int mailbox_take(mailbox_t *box, mail_t *mail);

#endif
