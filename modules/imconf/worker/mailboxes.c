/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * mailboxes: see the header.
 */
#include "worker/mailboxes.h"

static mailbox_t *boxes[WORKERS_MAX];
static int box_count;

int mailboxes_create(int workers, int size)
{
	for(box_count = 0; box_count < workers; box_count++) {
		boxes[box_count] = mailbox_create(size);
		if(!boxes[box_count])
			return -1;
	}
	return 0;
}

int mailboxes_count(void)
{
	return box_count;
}

mailbox_t *mailboxes_get(int index)
{
	return boxes[index];
}
