/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * block: see block.h. Called by the fan-out and the output queues; knows
 * nothing of what the bytes mean.
 */
#include <stdlib.h>
#include <string.h>
#include "switch/block.h"


block_t *block_create(const str *part, int count)
{
	size_t len = 0;
	block_t *b;

	for(int i = 0; i < count; i++)
		len += part[i].len;
	b = malloc(sizeof(*b) + len);
	if(!b)
		return NULL;
	b->holders = 1;
	b->receipt = NULL;
	b->len = 0;
	for(int i = 0; i < count; i++) {
		if(part[i].len > 0)
			memcpy(b->s + b->len, part[i].s, part[i].len);
		b->len += part[i].len;
	}
	return b;
}


void block_hold(block_t *b)
{
	b->holders++;
}


void block_release(block_t *b)
{
	if(!b || --b->holders > 0)
		return;
	receipt_release(b->receipt);
	free(b);
}
