/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * effect_runner: see effect_runner.h. Called by the rooms after each
 * transition; knows nothing of what the handlers do.
 */
#include <stdlib.h>
#include "core/dprint.h"
#include "worker/effect_runner.h"
#include "worker/worker.h"

/* the rooms that may want the same effect: focus, notifier, switch, RPC, events */
#define HANDLERS_MAX 8
#define QUEUE_FIRST 64

typedef struct pending
{
	conference_t *conference; /* NULL: it ended before its turn */
	effect_t effect;
} pending_t;

static effect_handler_t handlers[EFFECT_TYPES][HANDLERS_MAX];
static int running;

/* the effects not yet carried out: from next up to count */
static pending_t *queue;
static int next, count, size;


void effects_on(effect_type_t type, effect_handler_t handler)
{
	for(int i = 0; i < HANDLERS_MAX; i++) {
		if(!handlers[type][i]) {
			handlers[type][i] = handler;
			return;
		}
	}
	LM_BUG("more than %d handlers for effect %d\n", HANDLERS_MAX, type);
}


static int make_room(int more)
{
	int wanted = size ? size : QUEUE_FIRST;
	pending_t *grown;

	while(wanted - count < more)
		wanted *= 2;
	if(wanted == size)
		return 0;
	grown = realloc(queue, wanted * sizeof(*queue));
	if(!grown)
		return -1;
	queue = grown;
	size = wanted;
	return 0;
}


static void enqueue(conference_t *c, const effects_t *fx)
{
	if(make_room(fx->count) < 0 || fx->failed)
		LM_CRIT("no memory: conference %.*s loses effects\n",
				TEXT_ARG(&c->token));
	for(int i = 0; i < fx->count && count < size; i++)
		queue[count++] = (pending_t){c, fx->item[i]};
}


static void forget(const conference_t *c)
{
	for(int i = next; i < count; i++) {
		if(queue[i].conference == c)
			queue[i].conference = NULL;
	}
}


static void carry_out(const pending_t *p)
{
	const effect_t *e = &p->effect;

	if(!p->conference)
		return;
	for(int i = 0; i < HANDLERS_MAX && handlers[e->type][i]; i++)
		handlers[e->type][i](p->conference, e->participant, e->reason);
	if(e->type != EFFECT_END)
		return;
	forget(p->conference);
	worker_remove_conference(p->conference);
}


void effects_run(conference_t *c, effects_t *fx)
{
	pending_t now;

	enqueue(c, fx);
	effects_free(fx);
	if(running)
		return;
	running = 1;
	while(next < count) {
		/* a copy: the handlers may make the queue move */
		now = queue[next++];
		carry_out(&now);
	}
	next = count = 0;
	running = 0;
}
