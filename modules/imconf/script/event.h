/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * event: the event that this process' script is told of, as the script sees
 * it: $imconf(name) and $imconf(json). Knows JSON and no conference.
 */
#ifndef IMCONF_SCRIPT_EVENT_H
#define IMCONF_SCRIPT_EVENT_H

#include <json-c/json.h>
#include "core/pvar.h"

/** The event from now on, borrowed; NULL: none, its variables are null. */
void event_set(json_object *event);

/** For the module's table of pseudo-variables. */
int event_parse_name(pv_spec_p spec, str *name);
int event_get(sip_msg_t *msg, pv_param_t *param, pv_value_t *value);

#endif
