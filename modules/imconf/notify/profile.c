/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * profile: see profile.h. Prepared by imconf_mod.c, read by the notifier;
 * knows the settings and no subscription.
 */
#include "notify/profile.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>
#include "core/dprint.h"
#include "settings.h"

#define USER_AGENT_MAX 256

/* registered nowhere: the module's own (N10) */
#define YOUROWN_NAMESPACE "urn:imconf:params:xml:ns:yourown"

profile_t profile;

static regex_t full_for;
static int has_full_for;

typedef struct choice
{
	const char *name;
	int value;
} choice_t;

static const choice_t states[] = {{"partial", 0}, {"full", 1}, {NULL, 0}};
static const choice_t sources[] = {{"group", 0}, {"session", 1}, {NULL, 0}};
static const choice_t yourowns[] = {{"bare", YOUROWN_BARE},
		{"namespaced", YOUROWN_NAMESPACED}, {"both", YOUROWN_BOTH},
		{"off", YOUROWN_OFF}, {NULL, 0}};
static const choice_t departures[] = {{"two-step", ROSTER_TWO_STEP},
		{"deleted", ROSTER_DELETE}, {"disconnected", ROSTER_DISCONNECT},
		{NULL, 0}};

enum
{
	ALERTING_NONE,
	ALERTING_PENDING,
	ALERTING_ALERTING
};
static const choice_t alertings[] = {{"alerting", ALERTING_ALERTING},
		{"pending", ALERTING_PENDING}, {"none", ALERTING_NONE}, {NULL, 0}};

/* What a profile means where a parameter says nothing. The clients of `rcs`
 * lose a whole document over "alerting" and over a <user> that is deleted
 * without an endpoint. */
static const struct
{
	const char *name;
	const char *state, *source, *yourown, *alerting, *departure;
} profiles[] = {
		{"oma", "partial", "group", "bare", "alerting", "two-step"},
		{"rcs", "partial", "group", "bare", "pending", "disconnected"},
};
#define PROFILES (sizeof(profiles) / sizeof(profiles[0]))


/* What `given`, or without it the profile's `usual`, stands for. Returns 0 or
 * -1. */
static int choose(const char *parameter, const char *given, const char *usual,
		const choice_t *choices, int *value)
{
	const char *name = given ? given : usual;
	char all[128] = "";
	int len = 0;

	for(const choice_t *c = choices; c->name; c++) {
		if(strcmp(c->name, name) == 0) {
			*value = c->value;
			return 0;
		}
		len += snprintf(all + len, sizeof(all) - len, " %s", c->name);
	}
	LM_ERR("parameter %s is %s, it must be one of:%s\n", parameter, name, all);
	return -1;
}


static int find_profile(void)
{
	for(size_t i = 0; i < PROFILES; i++) {
		if(strcmp(profiles[i].name, settings.notify_profile) == 0)
			return (int)i;
	}
	LM_ERR("parameter notify_profile is %s, it must be oma or rcs\n",
			settings.notify_profile);
	return -1;
}


/* What would end an attribute's value, or is no URI at all, is refused. */
static int take_namespace(void)
{
	const char *uri = settings.yourown_namespace;

	if(!uri)
		uri = YOUROWN_NAMESPACE;
	if(!strchr(uri, ':') || strpbrk(uri, " \t\r\n\"'<>&")) {
		LM_ERR("parameter yourown_namespace is %s, it must be a URI\n", uri);
		return -1;
	}
	profile.document.info.yourown_uri = (str){(char *)uri, (int)strlen(uri)};
	return 0;
}


static int compile_full_for(void)
{
	char why[128];
	int rc;

	has_full_for = 0;
	if(!settings.notify_full_for || !*settings.notify_full_for)
		return 0;
	rc = regcomp(&full_for, settings.notify_full_for, REG_EXTENDED | REG_NOSUB);
	if(rc != 0) {
		regerror(rc, &full_for, why, sizeof(why));
		LM_ERR("parameter notify_full_for is %s, it must be a POSIX extended "
			   "regular expression: %s\n",
				settings.notify_full_for, why);
		return -1;
	}
	has_full_for = 1;
	return 0;
}


int profile_prepare(void)
{
	int i = find_profile(), yourown, alerting, departure;

	if(i < 0
			|| choose("notify_state", settings.notify_state, profiles[i].state,
					   states, &profile.full)
					   < 0
			|| choose("entity_source", settings.entity_source,
					   profiles[i].source, sources,
					   &profile.document.session_entity)
					   < 0
			|| choose("yourown", settings.yourown, profiles[i].yourown,
					   yourowns, &yourown)
					   < 0
			|| choose("alerting_status", settings.alerting_status,
					   profiles[i].alerting, alertings, &alerting)
					   < 0
			|| choose("departure", settings.departure, profiles[i].departure,
					   departures, &departure)
					   < 0)
		return -1;
	profile.document.view.departure = departure;
	profile.document.view.alerting = alerting != ALERTING_NONE;
	profile.document.info.pending = alerting == ALERTING_PENDING;
	profile.document.info.yourown = yourown;
	return take_namespace() < 0 || compile_full_for() < 0 ? -1 : 0;
}


/* Its time is bounded by the length of the text: what is longer is cut. */
int profile_full_for(const str *user_agent)
{
	char text[USER_AGENT_MAX + 1];
	int len =
			user_agent->len < USER_AGENT_MAX ? user_agent->len : USER_AGENT_MAX;

	if(!has_full_for)
		return 0;
	if(len > 0)
		memcpy(text, user_agent->s, len);
	text[len > 0 ? len : 0] = 0;
	return regexec(&full_for, text, 0, NULL, 0) == 0;
}
