/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * map: see map.h. Called from every floor; knows nothing above itself.
 */
#include <stdlib.h>
#include <string.h>
#include "base/map.h"

#define FIRST_SIZE 16

static uint64_t hash_key[2];


static uint64_t read_le64(const unsigned char *p, int len)
{
	uint64_t v = 0;

	for(int i = 0; i < len; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}


void map_seed(const unsigned char key[16])
{
	hash_key[0] = read_le64(key, 8);
	hash_key[1] = read_le64(key + 8, 8);
}


static uint64_t rotate(uint64_t v, int bits)
{
	return v << bits | v >> (64 - bits);
}


static void sip_rounds(uint64_t v[4], int rounds)
{
	while(rounds-- > 0) {
		v[0] += v[1];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[0] = rotate(v[0], 32);
		v[2] += v[3];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[2] = rotate(v[2], 32);
	}
}


static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_rounds(v, 2);
	v[0] ^= word;
}


uint64_t map_hash(const str *s)
{
	const unsigned char *p = (const unsigned char *)s->s;
	int left = s->len > 0 ? s->len : 0;
	/* the four words are SipHash's "somepseudorandomlygeneratedbytes" */
	uint64_t v[4] = {
			hash_key[0] ^ 0x736f6d6570736575ULL,
			hash_key[1] ^ 0x646f72616e646f6dULL,
			hash_key[0] ^ 0x6c7967656e657261ULL,
			hash_key[1] ^ 0x7465646279746573ULL,
	};
	uint64_t last = (uint64_t)(left & 0xff) << 56;

	for(; left >= 8; left -= 8, p += 8)
		sip_word(v, read_le64(p, 8));
	sip_word(v, last | read_le64(p, left));
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}


void map_init(map_t *m)
{
	memset(m, 0, sizeof(*m));
}


void map_free(map_t *m)
{
	free(m->slots);
	map_init(m);
}


/* Moves a chain to the ends of its new slots, so that equal keys keep their
 * order. Each old slot feeds two new ones that nobody else feeds. */
static void split_chain(map_node_t *chain, map_t *to)
{
	map_node_t **tail[2] = {NULL, NULL};
	map_node_t *next;

	for(; chain; chain = next) {
		map_node_t **slot = &to->slots[chain->hash & (to->size - 1)];
		int upper = (chain->hash & (to->size / 2)) != 0;

		next = chain->next;
		chain->next = NULL;
		if(tail[upper] == NULL)
			tail[upper] = slot;
		*tail[upper] = chain;
		tail[upper] = &chain->next;
	}
}


static int grow(map_t *m)
{
	map_t bigger = *m;

	bigger.size = m->size ? m->size * 2 : FIRST_SIZE;
	bigger.slots = calloc(bigger.size, sizeof(*bigger.slots));
	if(bigger.slots == NULL)
		return -1;
	for(size_t i = 0; i < m->size; i++)
		split_chain(m->slots[i], &bigger);
	free(m->slots);
	*m = bigger;
	return 0;
}


int map_put(map_t *m, map_node_t *node, const str *key, void *value)
{
	map_node_t **slot;

	/* a full table that cannot grow still works, only slower */
	if(m->count >= m->size && grow(m) < 0 && m->size == 0)
		return -1;
	node->key = *key;
	node->hash = map_hash(key);
	node->value = value;
	slot = &m->slots[node->hash & (m->size - 1)];
	node->next = *slot;
	*slot = node;
	m->count++;
	return 0;
}


void *map_find(const map_t *m, const str *key,
		int (*fn)(void *value, void *arg), void *arg)
{
	uint64_t hash;
	map_node_t *node;

	if(m->count == 0)
		return NULL;
	hash = map_hash(key);
	for(node = m->slots[hash & (m->size - 1)]; node; node = node->next) {
		if(node->hash == hash && text_eq(&node->key, key)
				&& fn(node->value, arg))
			return node->value;
	}
	return NULL;
}


static int any(void *value, void *arg)
{
	return 1;
}


void *map_get(const map_t *m, const str *key)
{
	return map_find(m, key, any, NULL);
}


void map_remove(map_t *m, map_node_t *node)
{
	map_node_t **at;

	if(node->value == NULL || m->size == 0)
		return;
	at = &m->slots[node->hash & (m->size - 1)];
	while(*at && *at != node)
		at = &(*at)->next;
	if(*at == NULL)
		return;
	*at = node->next;
	node->next = NULL;
	node->value = NULL;
	m->count--;
}


int map_each(map_t *m, int (*fn)(void *value, void *arg), void *arg)
{
	map_node_t *node, *next;
	int rc;

	for(size_t i = 0; i < m->size; i++) {
		for(node = m->slots[i]; node; node = next) {
			next = node->next;
			rc = fn(node->value, arg);
			if(rc != 0)
				return rc;
		}
	}
	return 0;
}
