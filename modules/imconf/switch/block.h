/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * block: bytes that many output queues share. Written once, then only held
 * and released. One process, no lock.
 */
#ifndef IMCONF_SWITCH_BLOCK_H
#define IMCONF_SWITCH_BLOCK_H

#include "base/text.h"
#include "switch/receipt.h"

typedef struct block
{
	unsigned holders;
	receipt_t *receipt; /* of the message it carries, held; often NULL */
	size_t len;
	char s[];
} block_t;

/** A stretch of a block on its way to a socket. */
typedef struct slice
{
	block_t *block;
	size_t from;
	size_t len;
	int ends_frame; /* a SEND of ours is complete with it */
} slice_t;

/** Joins `count` parts in a new block, held once by the caller. NULL when
 * memory is out. */
block_t *block_create(const str *part, int count);

/** One holder more. */
void block_hold(block_t *b);

/** Frees it with the last holder. NULL is harmless. */
void block_release(block_t *b);

#endif
