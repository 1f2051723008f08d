/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * settings_cfg: see the header. What uses a parameter reads `settings` and
 * knows nothing of this.
 */
#include "settings_cfg.h"

#include <string.h>
#include "base/text.h"
#include "core/cfg/cfg.h"
#include "core/dprint.h"
#include "settings.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* read anew each time they are needed, so that any value may follow another */
static const struct
{
	const char *name, *what;
} changeable[] = {
		{"max_participants", "of conferences made from now on"},
		{"max_parallel_invites", "of one conference"},
		{"invite_timeout", "seconds an invitation may ring"},
		{"min_participants", "of conferences made from now on, 0: any"},
		{"end_with_creator", "of conferences made from now on"},
		{"require_replaces", "of invitations that replace a session"},
		{"idle_timeout", "seconds, of conferences made from now on, 0: never"},
		{"max_duration", "seconds, of conferences made from now on, 0: any"},
		{"session_expires", "seconds of a session timer, 0: none of ours"},
		{"min_se", "seconds, the shortest session timer"},
		{"leg_queue_max", "bytes that may wait for one receiver"},
		{"collect_max", "bytes of a message that is passed on whole"},
		{"message_max", "bytes of one message"},
		{"message_timeout", "seconds without a further octet"},
		{"message_rate", "messages a second of one sender, 0: any"},
		{"message_burst", "messages of one sender at once"},
		{"interleave", "0: others wait while a large message streams"},
		{"nicknames", "0: none may be taken"},
		{"announce", "1: the conference says who comes and goes"},
		{"msrp_unbound_max", "connections of one address without a session"},
		{"msrp_ws_ping", "seconds between pings to a WebSocket, 0: none"},
		{"media_timeout", "seconds to open MSRP, 0: any"},
		{"leg_lost_timeout", "seconds to come back by MSRP"},
		{"min_expires", "seconds of a subscription"},
		{"max_expires", "seconds of a subscription"},
		{"default_expires", "seconds of a subscription"},
		{"size_refusal_code", "answer to a list that is too long"},
		{"overload_code", "answer where a limit is reached: 480, 503"},
		{"anonymity_refusal_code", "answer to Privacy: id: 403, 433"},
		{"max_conferences", "of all workers, 0: any"},
		{"max_subscriptions", "of all workers, 0: any"},
		{"user_conferences_per_minute", "of one user, 0: any"},
		{"user_refers_per_minute", "of one user, 0: any"},
		{"worker_memory_max", "MiB of one worker, 0: any"},
		{"public_linger", "seconds that an empty public one is kept"},
		{"xdms_down_code", "answer while the XDMS is down: 480, 500, 503"},
		{"xdms_timeout", "ms, of a group with all it refers to"},
		{"xdms_connect_timeout", "ms"},
		{"xdms_document_max", "bytes of one document with its lists"},
		{"xdms_redirects", "how many are followed"},
		{"xdms_parallel", "requests of one worker"},
		{"xdms_ttl", "seconds"},
		{"xdms_negative_ttl", "seconds"},
		{"xdms_max_stale", "seconds"},
		{"xdms_cache_max", "bytes of one worker"},
		{"notify_min_interval", "ms between ticks of a conference"},
		{"notify_max_rate_interval", "ms, 0: any"},
		{"notify_min_rate_interval", "ms, 0: min-rate is not served"},
		{"notify_max_body", "bytes of a document in a datagram"},
};

static cfg_def_t definitions[COUNT(changeable) + 1];
static const setting_range_t *range[COUNT(changeable)];
static int first_values[COUNT(changeable)];
static void *values = first_values; /* int[], moved by the framework */

static const setting_range_t *find_range(const char *name)
{
	const setting_range_t *all;
	int i, count;

	all = settings_ranges(&count);
	for(i = 0; i < count; i++) {
		if(strcmp(all[i].name, name) == 0)
			return &all[i];
	}
	return NULL;
}

static int find(const str *name)
{
	size_t i;

	for(i = 0; i < COUNT(changeable); i++) {
		str known = {definitions[i].name, (int)strlen(definitions[i].name)};
		if(text_eq(name, &known))
			return (int)i;
	}
	return -1;
}

/* in the process that sets it: may it be? */
static int fits(void *handle, str *group, str *name, void **value)
{
	int i = find(name), before, rc;

	if(i < 0)
		return -1;
	before = *range[i]->value;
	*range[i]->value = (int)(long)*value;
	rc = settings_check_values();
	*range[i]->value = before;
	return rc;
}

/* in every process, out of its cfg_update() */
static void take_over(str *group, str *name)
{
	int i = find(name);

	if(i < 0)
		return;
	*range[i]->value = ((const int *)values)[i];
	LM_DBG("%.*s is %d now\n", TEXT_ARG(name), *range[i]->value);
}

int settings_cfg_declare(void)
{
	size_t i;

	for(i = 0; i < COUNT(changeable); i++) {
		range[i] = find_range(changeable[i].name);
		if(!range[i]) {
			LM_BUG("no parameter %s\n", changeable[i].name);
			return -1;
		}
		first_values[i] = *range[i]->value;
		definitions[i] = (cfg_def_t){
				.name = (char *)changeable[i].name,
				.type = CFG_VAR_INT,
				.min = range[i]->min,
				.max = range[i]->max,
				.on_change_cb = fits,
				.on_set_child_cb = take_over,
				.descr = (char *)changeable[i].what,
		};
	}
	return cfg_declare(
			"imconf", definitions, first_values, sizeof(first_values), &values);
}
