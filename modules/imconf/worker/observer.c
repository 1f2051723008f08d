/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * observer: see the header.
 */
#include "worker/observer.h"

static observer_fn_t observer;
static unsigned wanted;

void observer_set(observer_fn_t fn, unsigned kinds)
{
	observer = fn;
	wanted = kinds;
}

int observer_wants(observed_t what)
{
	return (wanted & 1U << what) != 0;
}

void observer_tell(const observation_t *o)
{
	if(observer_wants(o->what))
		observer(o);
}
