/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * visible: what the sanitizers could not see otherwise. Only in the module of
 * `make test-sanitized`, where it begins to work when Kamailio loads it; the
 * module itself does not know of it.
 *
 * - Kamailio's private memory is one block to the sanitizer. From the load of
 *   this module on every piece of it is one of malloc's.
 * - So is shared memory, and must stay. But what a worker takes out of its
 *   mailbox is its own: it gets a copy that is as long as it says.
 * - A worker never ends by itself, and its leaks would never be reported. At
 *   SIGUSR2 it looks for them and says in the log that it did.
 */
#include <event2/event.h>
#include <sanitizer/lsan_interface.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "core/dprint.h"
#include "core/globals.h"
#include "core/mem/pkg.h"
#include "core/mem/shm_mem.h"
#include "worker/mailbox.h"
#include "worker/request_block.h"
#include "worker/worker.h"

#define CALLER \
	const char *file, const char *func, unsigned int line, const char *module

static sr_pkg_api_t pool;
static sr_free_f shared_free;

/* ---- private memory ---- */

static int in_pool(const void *p)
{
	const char *start = pool.mem_pool;

	return (const char *)p >= start && (const char *)p < start + pkg_mem_size;
}

static void *seen_malloc(void *block, size_t size, CALLER)
{
	return malloc(size);
}

static void *seen_mallocxz(void *block, size_t size, CALLER)
{
	return calloc(1, size);
}

static void seen_free(void *block, void *p, CALLER)
{
	if(in_pool(p))
		pool.xfree(block, p, file, func, line, module);
	else
		free(p);
}

static void *seen_realloc(void *block, void *p, size_t size, CALLER)
{
	if(in_pool(p))
		return pool.xrealloc(block, p, size, file, func, line, module);
	return realloc(p, size);
}

static void *seen_reallocxf(void *block, void *p, size_t size, CALLER)
{
	void *moved = seen_realloc(block, p, size, file, func, line, module);

	if(!moved)
		seen_free(block, p, file, func, line, module);
	return moved;
}

/* What was there before the workers is Kamailio's: no leaks are asked of it.
 */
__attribute__((constructor)) static void begin(void)
{
	pool = _pkg_root;
	_pkg_root.xmalloc = seen_malloc;
	_pkg_root.xmallocxz = seen_mallocxz;
	_pkg_root.xfree = seen_free;
	_pkg_root.xrealloc = seen_realloc;
	_pkg_root.xreallocxf = seen_reallocxf;
	__lsan_disable();
}

/* ---- the mailbox ---- */

static void free_shared(void *block, void *p, CALLER)
{
	if(p && !shm_address_in(p))
		free(p);
	else
		shared_free(block, p, file, func, line, module);
}

static void *own_copy(void *shared)
{
	size_t size = request_block_size(shared);
	void *copy = malloc(size);

	memcpy(copy, shared, size);
	shm_free(shared);
	return copy;
}

int __real_mailbox_take(mailbox_t *box, mail_t *mail);
int __wrap_mailbox_take(mailbox_t *box, mail_t *mail);
void __real_worker_loop(void);
void __wrap_worker_loop(void);

int __wrap_mailbox_take(mailbox_t *box, mail_t *mail)
{
	int found = __real_mailbox_take(box, mail);

	if(found && mail->block && box == worker.mailbox
			&& (mail->type == MAIL_REQUEST || mail->type == MAIL_OUTCOME))
		mail->block = own_copy(mail->block);
	return found;
}

/* ---- leaks ---- */

static void look_for_leaks(evutil_socket_t fd, short what, void *arg)
{
	int found = __lsan_do_recoverable_leak_check();

	LM_INFO("sanitizer: leaks: %s\n", found ? "yes" : "none");
}

void __wrap_worker_loop(void)
{
	struct event *asked =
			evsignal_new(worker.base, SIGUSR2, look_for_leaks, NULL);

	shared_free = _shm_root.xfree;
	_shm_root.xfree = free_shared;
	__lsan_enable();
	if(!asked || event_add(asked, NULL) < 0)
		abort();
	__real_worker_loop();
}
