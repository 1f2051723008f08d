/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * map: a hash table over byte strings whose nodes live inside the objects
 * they lead to. Keyed hash, so that nobody outside can choose collisions.
 * Ground floor; one process, no lock.
 */
#ifndef IMCONF_BASE_MAP_H
#define IMCONF_BASE_MAP_H

#include "base/text.h"

typedef struct map_node
{
	struct map_node *next;
	uint64_t hash;
	str key;	 /* borrowed: must live and stay while the node is in */
	void *value; /* the object */
} map_node_t;

typedef struct map
{
	map_node_t **slots;
	size_t size;  /* a power of two, 0 before the first put */
	size_t count; /* nodes in the table */
} map_t;

/** Sets the key of all hashes of this process tree; call before the forks,
 * with 16 random bytes. Without it the hash is unkeyed. */
void map_seed(const unsigned char key[16]);

/** The keyed hash (SipHash-2-4) of `s`. */
uint64_t map_hash(const str *s);

/** Makes it empty; takes no memory. */
void map_init(map_t *m);

/** Frees the table, not the objects. */
void map_free(map_t *m);

/**
 * Puts `value` under `key` (borrowed). Equal keys may stand side by side; the
 * newest is found first. `value` is not NULL. Returns 0, or -1 when memory is
 * out.
 */
int map_put(map_t *m, map_node_t *node, const str *key, void *value);

/** The object under `key`, or NULL. */
void *map_get(const map_t *m, const str *key);

/** Calls `fn` for every object under `key`, the newest first, until it returns
 * non-zero; that object, or NULL. `fn` leaves the table as it is. */
void *map_find(const map_t *m, const str *key,
		int (*fn)(void *value, void *arg), void *arg);

/** Takes `node` out; harmless when it is not in (value is NULL then). */
void map_remove(map_t *m, map_node_t *node);

/**
 * Calls `fn` for every object until it returns non-zero, which is returned.
 * `fn` may remove the node it was called for, nothing else.
 */
int map_each(map_t *m, int (*fn)(void *value, void *arg), void *arg);

#endif
