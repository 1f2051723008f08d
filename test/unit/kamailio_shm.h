/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kamailio's shared memory for unit tests: each block is a mapping of its own
 * that forked processes share, so that nothing of the core is needed. Include
 * once per program.
 */
#ifndef IMCONF_TEST_KAMAILIO_SHM_H
#define IMCONF_TEST_KAMAILIO_SHM_H

#include <sys/mman.h>
#include "core/mem/shm_mem.h"

#define SHM_HEAD 64 /* the mapping's size stands in front of the block */

sr_shm_api_t _shm_root;

/* blocks made and not freed yet, by this process */
static int shm_blocks;


static void *shm_block_make(void *root, size_t size, const char *file,
		const char *func, unsigned int line, const char *module)
{
	size_t all = size + SHM_HEAD;
	char *map = mmap(NULL, all, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if(map == MAP_FAILED)
		return NULL;
	*(size_t *)map = all;
	shm_blocks++;
	return map + SHM_HEAD;
}


static void shm_block_free(void *root, void *block, const char *file,
		const char *func, unsigned int line, const char *module)
{
	char *map = (char *)block - SHM_HEAD;

	munmap(map, *(size_t *)map);
	shm_blocks--;
}


static void shm_start(void)
{
	_shm_root.xmalloc = shm_block_make;
	_shm_root.xfree = shm_block_free;
}

#endif
