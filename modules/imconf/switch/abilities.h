/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * abilities: what a participant's description says it can take: types inside
 * message/cpim, how much at a time, private messages, nicknames. RFC 4975
 * sections 8.6 and 11 (max-size), RFC 7701 section 8. What it says of types
 * and size is shared by all who say the same, so that a message to a thousand
 * is compared once.
 */
#ifndef IMCONF_SWITCH_ABILITIES_H
#define IMCONF_SWITCH_ABILITIES_H

#include "wire/sdp.h"

struct leg;
typedef struct taste taste_t;

/** Types longer than that, with their zero, count as unknown. */
#define CARGO_KIND_MAX 128

/** A message as those who may not take it see it. */
typedef struct cargo
{
	const char *kind; /* type inside the CPIM; "": unknown */
	uint64_t size;	  /* octets, with the CPIM headers */
	uint64_t number;  /* its own, from cargo_number() */
} cargo_t;

/** A number that no other message of this worker has. */
uint64_t cargo_number(void);

/** Notes what the peer of `leg` says. Returns 0, or -1 when memory is out
 * (it then counts as taking everything). */
int abilities_learn(struct leg *leg, const sdp_msrp_t *description);

/** 0, or why `leg` may not be sent this: 415 its type, 413 its size. */
int abilities_refuse(const struct leg *leg, const cargo_t *cargo);

/** What our descriptions say of the room: tokens of a=chatroom. */
const char *abilities_of_rooms(void);

/** For leg_release(). NULL is harmless. */
void taste_release(taste_t *t);

#endif
