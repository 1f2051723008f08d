/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * receipt: what the sender of a message is told of what became of it, when its
 * SEND asked for that in so many words. Held by the message and by every block
 * that carries it: success is when the last of these is gone and nobody missed
 * it, failure is the first who did. At most one REPORT comes of it. RFC 4975
 * section 7.1.2, RFC 7701 section 6.3.
 */
#ifndef IMCONF_SWITCH_RECEIPT_H
#define IMCONF_SWITCH_RECEIPT_H

#include "wire/msrp_frame.h"

struct leg;
typedef struct receipt receipt_t;

/** Made, and held once by the caller, when `head` asks for any report; NULL
 * when it does not, or when memory is out: then nothing is reported. */
receipt_t *receipt_create(struct leg *sender, const msrp_head_t *head);

/** The report of a private message carries these CPIM headers (RFC 7701
 * section 6.2). NULL is harmless, as in all that follows. */
void receipt_wrap(receipt_t *r, const str *headers);

/** The message is complete and has been passed on, `total` octets of it. */
void receipt_complete(receipt_t *r, uint64_t total);

/** A recipient will not have it, or not all of it: the code to be reported,
 * 408, 413 or 415. */
void receipt_fail(receipt_t *r, int code);

/** One holder more; one less, and with the last one success is reported
 * where it is due, and it is freed. NULL is harmless. */
void receipt_hold(receipt_t *r);
void receipt_release(receipt_t *r);

#endif
