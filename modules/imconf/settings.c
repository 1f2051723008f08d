/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * settings: the parameters' values, their defaults and ranges. Filled by
 * Kamailio through the table in imconf_mod.c, checked once in mod_init.
 */
#include "settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "base/text.h"
#include "core/dprint.h"
#include "sip/own_uri.h"
#include "sip/tm_api.h"
#include "wire/group_document.h"
#include "wire/xcap_path.h"
#include "worker/mailboxes.h"

#define XDMS_TIMEOUT_MARGIN 5000 /* ms */

settings_t settings = {
		.session_prefix = {"conf-", 5},
		.msrp_port = 2855,
		.msrp_unbound_max = 1000,
		.msrp_ws_ping = 30,
		.msrp_offer = "tcp",
		.max_participants = 100,
		.max_parallel_invites = 50,
		.invite_timeout = 180,
		.session_expires = 1800,
		.min_se = 90,
		.session_refresher = "client",
		.mailbox_size = 4096,
		.leg_queue_max = 1048576,
		.collect_max = 65536,
		.message_max = 10485760,
		.message_timeout = 540,
		.message_burst = 20,
		.interleave = 1,
		.nicknames = 1,
		.announce_joined = {"%s has joined", 13},
		.announce_left = {"%s has left", 11},
		.private_messages = "yes",
		.leg_lost_timeout = 60,
		.min_expires = 60,
		.max_expires = 7200,
		.default_expires = 3600,
		.server_token = {"IM-serv/OMA1.0", 14},
		.trusted_flag = -1,
		.feature_tags = {"+g.oma.sip-im", 13},
		.accept_contact = {"*;+g.oma.sip-im", 15},
		.size_refusal_code = 486,
		.no_ruleset = "members",
		.adhoc_invite = "participants",
		.anonymity_refusal_code = 403,
		.xdms_down_code = 480,
		.overload_code = 480,
		.event_queue_size = 4096,
		.xdms_path = {XCAP_GROUP_PATH, sizeof(XCAP_GROUP_PATH) - 1},
		.xdms_verify = 1,
		.xdms_timeout = 5000,
		.xdms_connect_timeout = 2000,
		.xdms_parallel = 40,
		.xdms_ttl = 60,
		.xdms_negative_ttl = 10,
		.xdms_max_stale = 86400,
		.xdms_cache_max = 64 << 20,
		.xdms_document_max = 4 << 20,
		.notify_profile = "oma",
		.notify_min_interval = 5000,
		.notify_min_rate_interval = 30000,
		.notify_max_body = 3000,
};

static const setting_range_t ranges[] = {
		{"conference_workers", &settings.workers, 0, WORKERS_MAX},
		{"msrp_port", &settings.msrp_port, 1, 65535},
		{"msrps_port", &settings.msrps_port, 0, 65535},
		{"msrp_ws_port", &settings.msrp_ws_port, 0, 65535},
		{"msrp_wss_port", &settings.msrp_wss_port, 0, 65535},
		{"msrp_connections_max", &settings.msrp_connections_max, 0, 1 << 20},
		{"msrp_unbound_max", &settings.msrp_unbound_max, 1, 1 << 20},
		{"msrp_ws_ping", &settings.msrp_ws_ping, 0, 3600},
		{"trust_from", &settings.trust_from, 0, 1},
		{"trusted_flag", &settings.trusted_flag, -1, 31},
		{"max_participants", &settings.max_participants, 2, 10000},
		{"max_parallel_invites", &settings.max_parallel_invites, 1, 10000},
		{"session_expires", &settings.session_expires, 0, 86400},
		{"min_se", &settings.min_se, 1, 3600},
		{"invite_timeout", &settings.invite_timeout, 1, 3600},
		{"min_participants", &settings.min_participants, 0, 10000},
		{"end_with_creator", &settings.end_with_creator, 0, 1},
		{"require_replaces", &settings.require_replaces, 0, 1},
		{"idle_timeout", &settings.idle_timeout, 0, 31536000},
		{"max_duration", &settings.max_duration, 0, 31536000},
		{"mailbox_size", &settings.mailbox_size, 16, 1048576},
		{"leg_queue_max", &settings.leg_queue_max, 4096, 1 << 30},
		{"collect_max", &settings.collect_max, 1024, 16 << 20},
		{"message_max", &settings.message_max, 1024, 1 << 30},
		{"message_timeout", &settings.message_timeout, 1, 86400},
		{"message_rate", &settings.message_rate, 0, 100000},
		{"message_burst", &settings.message_burst, 1, 100000},
		{"interleave", &settings.interleave, 0, 1},
		{"nicknames", &settings.nicknames, 0, 1},
		{"announce", &settings.announce, 0, 1},
		{"media_timeout", &settings.media_timeout, 0, 86400},
		{"leg_lost_timeout", &settings.leg_lost_timeout, 1, 86400},
		{"min_expires", &settings.min_expires, 1, 86400},
		{"max_expires", &settings.max_expires, 1, 604800},
		{"default_expires", &settings.default_expires, 1, 604800},
		{"size_refusal_code", &settings.size_refusal_code, 400, 699},
		{"anonymity_refusal_code", &settings.anonymity_refusal_code, 403, 433},
		{"overload_code", &settings.overload_code, 480, 503},
		{"xdms_down_code", &settings.xdms_down_code, 480, 503},
		{"public_linger", &settings.public_linger, 0, 86400},
		{"max_conferences", &settings.max_conferences, 0, 10000000},
		{"max_subscriptions", &settings.max_subscriptions, 0, 100000000},
		{"user_conferences_per_minute", &settings.user_conferences_per_minute,
				0, 1000000},
		{"user_refers_per_minute", &settings.user_refers_per_minute, 0,
				1000000},
		{"worker_memory_max", &settings.worker_memory_max, 0, 1048576},
		{"event_message", &settings.event_message, 0, 1},
		{"event_queue_size", &settings.event_queue_size, 16, 1048576},
		{"xdms_verify", &settings.xdms_verify, 0, 1},
		{"xdms_timeout", &settings.xdms_timeout, 100, 300000},
		{"xdms_connect_timeout", &settings.xdms_connect_timeout, 10, 300000},
		{"xdms_parallel", &settings.xdms_parallel, 1, 1000},
		{"xdms_ttl", &settings.xdms_ttl, 0, 86400},
		{"xdms_negative_ttl", &settings.xdms_negative_ttl, 0, 86400},
		{"xdms_max_stale", &settings.xdms_max_stale, 0, 31536000},
		{"xdms_cache_max", &settings.xdms_cache_max, 0, 1 << 30},
		{"xdms_document_max", &settings.xdms_document_max, 1024, 8 << 20},
		{"xdms_redirects", &settings.xdms_redirects, 0, 10},
		{"xdms_external_hosts", &settings.xdms_external_hosts, 0, 1},
		{"notify_min_interval", &settings.notify_min_interval, 0, 3600000},
		{"notify_max_rate_interval", &settings.notify_max_rate_interval, 0,
				86400000},
		{"notify_min_rate_interval", &settings.notify_min_rate_interval, 0,
				86400000},
		{"notify_max_body", &settings.notify_max_body, 600, 60000},
};

const setting_range_t *settings_ranges(int *count)
{
	*count = sizeof(ranges) / sizeof(ranges[0]);
	return ranges;
}

static int check_ranges(void)
{
	size_t i;

	for(i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if(*ranges[i].value >= ranges[i].min
				&& *ranges[i].value <= ranges[i].max)
			continue;
		LM_ERR("parameter %s is %d, it must be between %d and %d\n",
				ranges[i].name, *ranges[i].value, ranges[i].min, ranges[i].max);
		return -1;
	}
	return 0;
}

static int check_codes(void)
{
	int down = settings.xdms_down_code;

	if(settings.anonymity_refusal_code != 403
			&& settings.anonymity_refusal_code != 433) {
		LM_ERR("parameter anonymity_refusal_code is %d, it must be 403 or "
			   "433\n",
				settings.anonymity_refusal_code);
		return -1;
	}
	if(settings.overload_code != 480 && settings.overload_code != 503) {
		LM_ERR("parameter overload_code is %d, it must be 480 or 503\n",
				settings.overload_code);
		return -1;
	}
	if(down != 480 && down != 500 && down != 503) {
		LM_ERR("parameter xdms_down_code is %d, it must be 480, 500 or 503\n",
				down);
		return -1;
	}
	return 0;
}

/* an INVITE waits for its group in a transaction that tm ends by itself */
static int check_xdms_timeout(void)
{
	long limit = tm_fr_timer() - XDMS_TIMEOUT_MARGIN;

	if(tm_fr_timer() == 0 || settings.xdms_timeout < limit)
		return 0;
	LM_ERR("parameter xdms_timeout is %d, it must be below tm's fr_timer "
		   "(%ld) by more than %d ms\n",
			settings.xdms_timeout, tm_fr_timer(), XDMS_TIMEOUT_MARGIN);
	return -1;
}

static int check_pairs(void)
{
	if(settings.session_expires > 0
			&& settings.session_expires < settings.min_se) {
		LM_ERR("parameter session_expires is %d, it must be 0 or not below "
			   "min_se (%d)\n",
				settings.session_expires, settings.min_se);
		return -1;
	}
	if(settings.min_expires > settings.max_expires) {
		LM_ERR("parameter min_expires is above max_expires\n");
		return -1;
	}
	if(settings.notify_max_rate_interval > 0
			&& settings.notify_max_rate_interval
					   < settings.notify_min_interval) {
		LM_ERR("parameter notify_max_rate_interval is below "
			   "notify_min_interval\n");
		return -1;
	}
	if(settings.message_max < settings.collect_max) {
		LM_ERR("parameter message_max is below collect_max\n");
		return -1;
	}
	return 0;
}

int settings_check_values(void)
{
	if(check_pairs() < 0 || check_codes() < 0)
		return -1;
	return settings.xdms_root.len ? check_xdms_timeout() : 0;
}

/* what members and others may do in a group that says nothing about it */
static int check_no_ruleset(void)
{
	const unsigned usual = MAY_INITIATE | MAY_JOIN | MAY_WATCH;

	settings.default_members = usual;
	settings.default_others = 0;
	if(strcmp(settings.no_ruleset, "members") == 0)
		return 0;
	if(strcmp(settings.no_ruleset, "everybody") == 0) {
		settings.default_others = usual;
		return 0;
	}
	settings.default_members = 0;
	if(strcmp(settings.no_ruleset, "nobody") == 0)
		return 0;
	LM_ERR("parameter no_ruleset is %s, it must be members, everybody or "
		   "nobody\n",
			settings.no_ruleset);
	return -1;
}

static int check_announcement(const char *name, const str *words)
{
	int at = text_find(words, &TEXT("%s"));
	str rest = text_from(words, at + 2);

	if(at >= 0 && words->len <= 512 && text_find_char(&rest, '%') < 0)
		return 0;
	LM_ERR("parameter %s is %.*s, it must have one %%s in it, for the name, "
		   "and at most 512 octets\n",
			name, TEXT_ARG(words));
	return -1;
}

static int check_announcements(void)
{
	if(check_announcement("announce_joined", &settings.announce_joined) < 0)
		return -1;
	return check_announcement("announce_left", &settings.announce_left);
}

/* R7 */
static int check_adhoc_invite(void)
{
	settings.creator_invites = strcmp(settings.adhoc_invite, "creator") == 0;
	if(settings.creator_invites
			|| strcmp(settings.adhoc_invite, "participants") == 0)
		return 0;
	LM_ERR("parameter adhoc_invite is %s, it must be participants or creator\n",
			settings.adhoc_invite);
	return -1;
}

static int check_private_messages(void)
{
	static const char *const words[] = {
			[PRIVATE_YES] = "yes", [PRIVATE_NO] = "no", [PRIVATE_ANY] = "any"};
	int i;

	for(i = PRIVATE_YES; i <= PRIVATE_ANY; i++) {
		settings.private_policy = i;
		if(strcasecmp(settings.private_messages, words[i]) == 0)
			return 0;
	}
	LM_ERR("parameter private_messages is %s, it must be yes, no or any\n",
			settings.private_messages);
	return -1;
}

static int check_session_timer(void)
{
	const char *who = settings.session_refresher;

	settings.we_refresh = strcmp(who, "focus") == 0;
	if(settings.we_refresh || strcmp(who, "client") == 0)
		return 0;
	LM_ERR("parameter session_refresher is %s, it must be client or focus\n",
			who);
	return -1;
}

static int complete_warning(void)
{
	static char line[512];
	str quote = TEXT("\"");
	int len;

	if(!settings.anonymity_warning.len)
		return 0;
	len = snprintf(line, sizeof(line), "Warning: 399 %.*s \"%.*s\"\r\n",
			TEXT_ARG(&settings.conference_domain),
			TEXT_ARG(&settings.anonymity_warning));
	if(len >= (int)sizeof(line)
			|| text_find(&settings.anonymity_warning, &quote) >= 0) {
		LM_ERR("parameter anonymity_warning is too long or has a quote in "
			   "it\n");
		return -1;
	}
	settings.anonymity_headers = line;
	return 0;
}

static int check_names(void)
{
	if(!settings.conference_domain.len) {
		LM_ERR("parameter conference_domain is missing: the host of "
			   "conferences' addresses\n");
		return -1;
	}
	if(own_uri_set_domain(&settings.conference_domain) < 0) {
		LM_ERR("parameter conference_domain is %.*s, it must be a host or "
			   "host:port\n",
				TEXT_ARG(&settings.conference_domain));
		return -1;
	}
	if(own_uri_factories() == 0) {
		LM_ERR("parameter factory_uri is missing: the address that makes "
			   "conferences\n");
		return -1;
	}
	if(!settings.session_prefix.len) {
		LM_ERR("parameter session_prefix must not be empty\n");
		return -1;
	}
	return 0;
}

static int check_xdms_auth(void)
{
	static const char *const words[] = {
			[XDMS_AUTH_NONE] = "none",
			[XDMS_AUTH_BASIC] = "basic",
			[XDMS_AUTH_DIGEST] = "digest",
			[XDMS_AUTH_ANY] = "any",
	};
	int i;

	settings.xdms_auth_method = XDMS_AUTH_ANY;
	if(!settings.xdms_auth)
		return 0;
	for(i = XDMS_AUTH_NONE; i <= XDMS_AUTH_ANY; i++) {
		if(strcasecmp(settings.xdms_auth, words[i]) != 0)
			continue;
		settings.xdms_auth_method = i;
		return 0;
	}
	LM_ERR("parameter xdms_auth is %s, it must be basic, digest, any or none\n",
			settings.xdms_auth);
	return -1;
}

static int check_xdms(void)
{
	str *root = &settings.xdms_root;

	if(check_xdms_auth() < 0)
		return -1;
	if(!root->len)
		return 0;
	if(!xcap_root_valid(root)) {
		LM_ERR("parameter xdms_root is %.*s, it must be an http or https URL\n",
				TEXT_ARG(root));
		return -1;
	}
	if(!xcap_path_valid(&settings.xdms_path)) {
		LM_ERR("parameter xdms_path is %.*s, it must be a path with one %%s "
			   "for the group's URI\n",
				TEXT_ARG(&settings.xdms_path));
		return -1;
	}
	if(settings.xdms_ca_file && access(settings.xdms_ca_file, R_OK) < 0) {
		LM_ERR("parameter xdms_ca_file is %s, which cannot be read: %s\n",
				settings.xdms_ca_file, strerror(errno));
		return -1;
	}
	return 0;
}

int settings_check(void)
{
	if(check_ranges() < 0 || settings_check_values() < 0 || check_names() < 0
			|| settings_check_network() < 0 || check_no_ruleset() < 0
			|| check_adhoc_invite() < 0 || check_session_timer() < 0
			|| check_private_messages() < 0 || check_announcements() < 0
			|| complete_warning() < 0 || check_xdms() < 0)
		return -1;
	if(settings.workers == 0)
		settings.workers = (int)sysconf(_SC_NPROCESSORS_ONLN);
	if(settings.workers < 1 || settings.workers > WORKERS_MAX)
		settings.workers = settings.workers < 1 ? 1 : WORKERS_MAX;
	return 0;
}
