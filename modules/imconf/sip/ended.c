/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ended: see the header. Told by dialog.c, asked by the router and the focus.
 */
#include "sip/ended.h"

#include "base/buffer.h"
#include "base/map.h"

typedef struct ended
{
	uint64_t id; /* hash of the dialog's three names; 0: free */
	unsigned cseq;
	int64_t when;
} ended_t;

static ended_t ring[ENDED_MAX];
static int next;

static uint64_t hash_of(const dialog_id_t *id)
{
	uint64_t hash = 0;
	buffer_t text;
	str key;

	buffer_init(&text, 0);
	if(buffer_printf(&text, "%.*s;%.*s;%.*s", TEXT_ARG(&id->call_id),
			   TEXT_ARG(&id->local_tag), TEXT_ARG(&id->remote_tag))
			== 0) {
		key = buffer_str(&text);
		hash = map_hash(&key);
	}
	buffer_free(&text);
	return hash;
}

void ended_note(const dialog_id_t *id, unsigned cseq, int64_t now)
{
	ring[next] = (ended_t){hash_of(id), cseq, now};
	next = (next + 1) % ENDED_MAX;
}

static const ended_t *find(const dialog_id_t *id, int64_t now)
{
	uint64_t hash = hash_of(id);
	int i;

	for(i = 0; hash && i < ENDED_MAX; i++) {
		if(ring[i].id == hash && now - ring[i].when < ENDED_KEPT_MS)
			return &ring[i];
	}
	return NULL;
}

int ended_knows(const dialog_id_t *id, int64_t now)
{
	return find(id, now) != NULL;
}

int ended_knows_request(const dialog_id_t *id, unsigned cseq, int64_t now)
{
	const ended_t *found = find(id, now);

	return found && found->cseq == cseq;
}
