/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * route: see the header. Called by the events process and by the gate.
 */
#include "script/route.h"

#include <string.h>
#include "core/action.h"
#include "core/dprint.h"
#include "core/fmsg.h"
#include "core/kemi.h"
#include "core/route.h"
#include "settings.h"

static struct action *find(const char *name)
{
	int index = route_lookup(&event_rt, (char *)name);

	return index < 0 ? NULL : event_rt.rlist[index];
}

static int has_callback(void)
{
	return settings.event_callback.len > 0 && sr_kemi_eng_get() != NULL;
}

int route_exists(const char *name)
{
	return find(name) != NULL || has_callback();
}

static void run_callback(
		const char *name, sip_msg_t *msg, struct run_act_ctx *context)
{
	struct run_act_ctx *before = sr_kemi_act_ctx_get();
	str event = {(char *)name, (int)strlen(name)};

	sr_kemi_act_ctx_set(context);
	if(sr_kemi_route(sr_kemi_eng_get(), msg, EVENT_ROUTE,
			   &settings.event_callback, &event)
			< 0)
		LM_ERR("the function %s failed for %s\n", settings.event_callback.s,
				name);
	sr_kemi_act_ctx_set(before);
}

int route_run(const char *name, sip_msg_t *msg)
{
	struct action *route = find(name);
	struct run_act_ctx context;
	int before;

	if(!msg) {
		if(faked_msg_init() < 0)
			return -1;
		msg = faked_msg_next();
	}
	before = get_route_type();
	set_route_type(EVENT_ROUTE);
	init_run_actions_ctx(&context);
	if(route)
		run_top_route(route, msg, &context);
	else if(has_callback())
		run_callback(name, msg, &context);
	set_route_type(before);
	return context.run_flags;
}
