/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * effects: see effects.h. Filled by the model's transitions, carried out by
 * the worker; knows what stands in it and nothing of what it means.
 */
#include <limits.h>
#include <stdlib.h>
#include "model/effects.h"

#define FIRST_SIZE 16


void effects_init(effects_t *fx)
{
	*fx = (effects_t){NULL, 0, 0, 0};
}


void effects_free(effects_t *fx)
{
	free(fx->item);
	effects_init(fx);
}


int effects_reserve(effects_t *fx, int more)
{
	int size = fx->size ? fx->size : FIRST_SIZE;
	effect_t *item;

	if(more <= fx->size - fx->count)
		return 0;
	while(size - fx->count < more && size <= INT_MAX / 2)
		size *= 2;
	item = size - fx->count < more
				   ? NULL
				   : realloc(fx->item, (size_t)size * sizeof(*item));
	if(item == NULL) {
		fx->failed = 1;
		return -1;
	}
	fx->item = item;
	fx->size = size;
	return 0;
}


void effects_add(effects_t *fx, effect_type_t type,
		struct participant *participant, end_reason_t reason)
{
	if(type == EFFECT_NOTIFY && fx->count > 0
			&& fx->item[fx->count - 1].type == EFFECT_NOTIFY)
		return;
	if(effects_reserve(fx, 1) < 0)
		return;
	fx->item[fx->count++] = (effect_t){type, participant, reason};
}
