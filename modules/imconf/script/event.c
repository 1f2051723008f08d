/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * event: see the header. Set by the events process and by the gate; read by
 * Kamailio when a script asks.
 */
#include "script/event.h"

#include <limits.h>
#include <string.h>
#include "base/text.h"
#include "core/dprint.h"

/* every member that an event may have; docs/events.md says which has which */
static const char *const names[] = {"json", "version", "event", "time",
		"worker", "identity", "group", "subject", "contribution_id", "present",
		"participant", "user", "display", "anonymous", "number", "user_agent",
		"how", "code", "reason", "why", "method", "uri", "call_id", "target",
		"to", "message_id", "content_type", "bytes", "recipients", "seconds",
		"participants", NULL};

#define NAME_JSON 0

static json_object *event;

void event_set(json_object *now)
{
	event = now;
}

int event_parse_name(pv_spec_p spec, str *name)
{
	int i;

	for(i = 0; names[i]; i++) {
		str known = {(char *)names[i], (int)strlen(names[i])};
		if(!text_eq(name, &known))
			continue;
		spec->pvp.pvn.type = PV_NAME_INTSTR;
		spec->pvp.pvn.u.isname.type = 0;
		spec->pvp.pvn.u.isname.name.n = i;
		return 0;
	}
	LM_ERR("$imconf(%.*s): no event has that\n", TEXT_ARG(name));
	return -1;
}

static int get_text(sip_msg_t *msg, pv_param_t *param, pv_value_t *value,
		json_object *member)
{
	str text = {(char *)json_object_get_string(member), 0};

	text.len = text.s ? (int)strlen(text.s) : 0;
	return pv_get_strval(msg, param, value, &text);
}

/* numbers beyond an int are texts */
int event_get(sip_msg_t *msg, pv_param_t *param, pv_value_t *value)
{
	int name = (int)param->pvn.u.isname.name.n;
	json_object *member = event;
	int64_t number;

	if(!event
			|| (name != NAME_JSON
					&& !json_object_object_get_ex(event, names[name], &member)))
		return pv_get_null(msg, param, value);
	if(json_object_get_type(member) != json_type_int)
		return get_text(msg, param, value, member);
	number = json_object_get_int64(member);
	if(number > INT_MAX || number < INT_MIN)
		return get_text(msg, param, value, member);
	return pv_get_sintval(msg, param, value, (int)number);
}
