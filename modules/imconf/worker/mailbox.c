/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * mailbox: see mailbox.h. Called by the gate, by tm's callbacks, by RPC and
 * by the worker itself; knows nothing of what is in a mail.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "worker/mailbox.h"

struct mailbox
{
	gen_lock_t lock;
	int fd;
	int size;
	int head;	  /* slot of the oldest mail */
	int used;	  /* slots with mail */
	int reserved; /* slots promised; used + reserved <= size */
	mail_t slot[];
};


mailbox_t *mailbox_create(int size)
{
	mailbox_t *box;

	box = shm_malloc(sizeof(*box) + size * sizeof(box->slot[0]));
	if(!box) {
		LM_ERR("no shared memory for a mailbox of %d\n", size);
		return NULL;
	}
	memset(box, 0, sizeof(*box));
	box->size = size;
	box->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if(box->fd < 0) {
		LM_ERR("eventfd: %s\n", strerror(errno));
		goto error;
	}
	if(!lock_init(&box->lock)) {
		LM_ERR("cannot make the lock of a mailbox\n");
		goto error;
	}
	return box;

error:
	if(box->fd >= 0)
		close(box->fd);
	shm_free(box);
	return NULL;
}


void mailbox_destroy(mailbox_t *box)
{
	mail_t mail;

	if(!box)
		return;
	while(mailbox_take(box, &mail)) {
		if(mail.block)
			shm_free(mail.block);
	}
	lock_destroy(&box->lock);
	close(box->fd);
	shm_free(box);
}


int mailbox_fd(const mailbox_t *box)
{
	return box->fd;
}


/* The counter of an eventfd cannot overflow here, so a failure is a signal
 * in between at most. */
static void wake(const mailbox_t *box)
{
	uint64_t one = 1;
	ssize_t n;

	do {
		n = write(box->fd, &one, sizeof(one));
	} while(n < 0 && errno == EINTR);
}


static void unwake(const mailbox_t *box)
{
	uint64_t sum;
	ssize_t n;

	do {
		n = read(box->fd, &sum, sizeof(sum));
	} while(n < 0 && errno == EINTR);
}


/* Under the lock, and only when there is room. Returns 1 when the worker has
 * to be woken: otherwise somebody else's wake is still to be read. */
static int put(mailbox_t *box, const mail_t *mail)
{
	box->slot[(box->head + box->used) % box->size] = *mail;
	return box->used++ == 0;
}


int mailbox_post(mailbox_t *box, const mail_t *mail)
{
	int room, asleep = 0;

	lock_get(&box->lock);
	room = box->used + box->reserved < box->size;
	if(room)
		asleep = put(box, mail);
	lock_release(&box->lock);
	if(asleep)
		wake(box);
	return room ? 0 : -1;
}


int mailbox_reserve(mailbox_t *box)
{
	int room;

	lock_get(&box->lock);
	room = box->used + box->reserved < box->size;
	box->reserved += room;
	lock_release(&box->lock);
	return room ? 0 : -1;
}


void mailbox_release(mailbox_t *box)
{
	lock_get(&box->lock);
	box->reserved--;
	lock_release(&box->lock);
}


void mailbox_post_reserved(mailbox_t *box, const mail_t *mail)
{
	int asleep;

	lock_get(&box->lock);
	box->reserved--;
	asleep = put(box, mail);
	lock_release(&box->lock);
	if(asleep)
		wake(box);
}


/* The wake is read under the lock and only when the ring is empty: a mail put
 * in afterwards finds it empty and wakes again, so none is overslept. */
int mailbox_take(mailbox_t *box, mail_t *mail)
{
	int found;

	lock_get(&box->lock);
	found = box->used > 0;
	if(found) {
		*mail = box->slot[box->head];
		box->head = (box->head + 1) % box->size;
		box->used--;
	} else {
		unwake(box);
	}
	lock_release(&box->lock);
	return found;
}
