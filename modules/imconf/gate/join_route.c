/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * join_route: see the header. Called by gate.c; join_route_refuse() by the
 * script, out of the route.
 */
#include "gate/join_route.h"

#include <json-c/json.h>
#include <stdio.h>
#include "base/text.h"
#include "core/action.h"
#include "core/dprint.h"
#include "script/event.h"
#include "script/route.h"

#define ROUTE "imconf:join"

static struct
{
	int running;
	int code; /* 0: let in */
	char reason[128];
} verdict;

int join_route_refuse(int code, const str *reason)
{
	if(!verdict.running) {
		LM_ERR("imconf_refuse() is for event_route[imconf:join] alone\n");
		return -1;
	}
	if(code < 400 || code > 699) {
		LM_ERR("imconf_refuse(%d): a refusal is 400 to 699\n", code);
		return -1;
	}
	verdict.code = code;
	snprintf(verdict.reason, sizeof(verdict.reason), "%.*s",
			reason->len ? reason->len : 7, reason->len ? reason->s : "Refused");
	return 1;
}

static void add(json_object *event, const char *name, const str *value)
{
	json_object_object_add(event, name,
			json_object_new_string_len(value->s ? value->s : "", value->len));
}

static json_object *describe(struct sip_msg *msg, owner_kind_t owner)
{
	static const char *const targets[] = {[OWNER_NOBODY] = "",
			[OWNER_FACTORY] = "factory",
			[OWNER_GROUP] = "group",
			[OWNER_TOKEN] = "conference"};
	json_object *event = json_object_new_object();

	json_object_object_add(event, "version", json_object_new_int(1));
	json_object_object_add(event, "event", json_object_new_string("join"));
	json_object_object_add(
			event, "target", json_object_new_string(targets[owner]));
	add(event, "uri", GET_RURI(msg));
	add(event, "call_id", &msg->callid->body);
	return event;
}

int join_route_run(struct sip_msg *msg, owner_kind_t owner, const char **reason)
{
	json_object *event;
	int flags;

	if(!route_exists(ROUTE))
		return 0;
	event = describe(msg, owner);
	verdict.code = 0;
	verdict.running = 1;
	event_set(event);
	flags = route_run(ROUTE, msg);
	event_set(NULL);
	verdict.running = 0;
	json_object_put(event);
	*reason = verdict.reason;
	if(verdict.code == 0 && (flags & DROP_R_F)) {
		verdict.code = 403;
		*reason = "Forbidden";
	}
	return verdict.code;
}
