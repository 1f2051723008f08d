/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * verdict: what a message's CPIM headers decide: may it pass, as it is or
 * with headers of ours in front, and to whom. RFC 3862, RFC 7701 sections 6.1
 * and 6.2; clauses A4, A7.
 */
#ifndef IMCONF_SWITCH_VERDICT_H
#define IMCONF_SWITCH_VERDICT_H

#include "base/buffer.h"
#include "switch/leg.h"

/** The headers are not complete yet. */
#define VERDICT_LATER 1

typedef struct ruling
{
	int made;
	size_t replaced;   /* octets of the message that `front` stands for */
	buffer_t front;	   /* headers written by us; empty: it passes as it is */
	size_t judged;	   /* octets that the verdict was about */
	participant_t *to; /* NULL: the room */
	str wrapper;	   /* with `to`: CPIM headers of reports; owned */
	char kind[CARGO_KIND_MAX]; /* type inside the CPIM; "": unknown */
	int notice; /* delivery notification or is-composing: follows by itself
				   from what others say */
} ruling_t;

/** Nothing is ruled yet; ruling_free() frees what it owns. */
void ruling_init(ruling_t *r);
void ruling_free(ruling_t *r);

/** How many octets longer (or shorter) the message is when it goes out. */
int64_t ruling_shift(const ruling_t *r);

/**
 * Rules on a message of `sender` that begins with `data` (all of it when
 * `whole`). Returns 0, VERDICT_LATER, or the code that refuses the message,
 * the reason being in the log then:
 * 400 no CPIM, 403 From is somebody else or To is several, 404 To is nobody
 * who is in, 428 it takes no private messages (but notices, which clients send
 * to each other whatever they say of private messages).
 */
int verdict_cpim(leg_t *sender, const str *data, int whole, ruling_t *r);

/** 1 when a Content-Type is message/cpim. */
int verdict_is_cpim(const str *content_type);

/** The words of a response code. */
const char *verdict_comment(int code);

#endif
