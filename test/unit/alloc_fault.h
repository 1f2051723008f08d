/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Makes the n-th allocation from now on fail. For test programs whose name
 * ends in _memory: those are linked with the allocator wrapped.
 */
#ifndef IMCONF_TEST_ALLOC_FAULT_H
#define IMCONF_TEST_ALLOC_FAULT_H

#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);

/* allocations until the one that fails; 0: none does */
static long fail_after;


static int fails_now(void)
{
	return fail_after > 0 && --fail_after == 0;
}


void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}


void *__wrap_calloc(size_t count, size_t size)
{
	return fails_now() ? NULL : __real_calloc(count, size);
}


void *__wrap_realloc(void *old, size_t size)
{
	return fails_now() ? NULL : __real_realloc(old, size);
}

#endif
