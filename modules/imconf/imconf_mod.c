/*
 * imconf: an OMA SIMPLE IM conference server as a Kamailio module
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * imconf_mod: the module's face: parameters, script functions, KEMI, RPC,
 * start-up order. No logic.
 */
#include "imconf_compat.h"

#include "admin/answers.h"
#include "admin/events.h"
#include "admin/params.h"
#include "admin/rpc.h"
#include "admin/statistics.h"
#include "base/map.h"
#include "base/random.h"
#include "core/cfg/cfg_struct.h"
#include "core/globals.h"
#include "core/kemi.h"
#include "core/mod_fix.h"
#include "core/route.h"
#include "focus/focus.h"
#include "gate/gate.h"
#include "gate/join_route.h"
#include "notify/notify.h"
#include "notify/profile.h"
#include "script/event.h"
#include "settings.h"
#include "settings_cfg.h"
#include "sip/outgoing.h"
#include "sip/own_uri.h"
#include "sip/router.h"
#include "sip/tickets.h"
#include "sip/tm_api.h"
#include "sip/trust.h"
#include "switch/advertise.h"
#include "switch/outbound.h"
#include "switch/switch.h"
#include "switch/websocket.h"
#include "worker/allotment.h"
#include "worker/capacity.h"
#include "worker/mailboxes.h"
#include "worker/quota.h"
#include "worker/worker.h"
#include "xdms/groups.h"

/* the module is built with hidden symbols; these are what Kamailio looks for */
#pragma GCC visibility push(default)
MODULE_VERSION
extern struct module_exports exports;
int mod_register(char *path, int *dlflags, void *p1, void *p2);
#pragma GCC visibility pop

static int events_processes;

static int mod_init(void);
static int child_init(int rank);

static int param_factory_uri(modparam_t type, void *value);
static int param_trusted_peer(modparam_t type, void *value);
static int param_group_uri(modparam_t type, void *value);
static int param_ws_origin(modparam_t type, void *value);
static int param_advertise(modparam_t type, void *value);
static int param_connect_allow(modparam_t type, void *value);

static int w_handle(struct sip_msg *msg, char *p1, char *p2);
static int w_create(struct sip_msg *msg, char *p1, char *p2);
static int w_join(struct sip_msg *msg, char *p1, char *p2);
static int w_dialog(struct sip_msg *msg, char *p1, char *p2);
static int w_cancel(struct sip_msg *msg, char *p1, char *p2);
static int w_subscribe(struct sip_msg *msg, char *p1, char *p2);
static int w_refer(struct sip_msg *msg, char *p1, char *p2);
static int w_options(struct sip_msg *msg, char *p1, char *p2);
static int w_refuse(struct sip_msg *msg, char *p1, char *p2);

/* clang-format off */
static cmd_export_t commands[] = {
	{"imconf_handle",    w_handle,    0, 0, 0, REQUEST_ROUTE},
	{"imconf_create",    w_create,    0, 0, 0, REQUEST_ROUTE},
	{"imconf_join",      w_join,      0, 0, 0, REQUEST_ROUTE},
	{"imconf_dialog",    w_dialog,    0, 0, 0, REQUEST_ROUTE},
	{"imconf_cancel",    w_cancel,    0, 0, 0, REQUEST_ROUTE},
	{"imconf_subscribe", w_subscribe, 0, 0, 0, REQUEST_ROUTE},
	{"imconf_refer",     w_refer,     0, 0, 0, REQUEST_ROUTE},
	{"imconf_options",   w_options,   0, 0, 0, REQUEST_ROUTE},
	{"imconf_refuse",    w_refuse,    2, fixup_igp_spve,
		fixup_free_igp_spve, EVENT_ROUTE},
	{0, 0, 0, 0, 0, 0}
};

static pv_export_t variables[] = {
	{{"imconf", sizeof("imconf") - 1}, PVT_OTHER, event_get, 0,
		event_parse_name, 0, 0, 0},
	{{0, 0}, 0, 0, 0, 0, 0, 0, 0}
};

static param_export_t params[] = {
	{"factory_uri", STR_PARAM | USE_FUNC_PARAM, param_factory_uri},
	{"group_uri", STR_PARAM | USE_FUNC_PARAM, param_group_uri},
	{"trusted_peers", STR_PARAM | USE_FUNC_PARAM, param_trusted_peer},
	{"conference_domain", PARAM_STR, &settings.conference_domain},
	{"session_prefix", PARAM_STR, &settings.session_prefix},
	{"conference_workers", INT_PARAM, &settings.workers},
	{"msrp_address", STR_PARAM, &settings.msrp_address},
	{"msrp_port", INT_PARAM, &settings.msrp_port},
	{"msrps_port", INT_PARAM, &settings.msrps_port},
	{"msrp_ws_port", INT_PARAM, &settings.msrp_ws_port},
	{"msrp_wss_port", INT_PARAM, &settings.msrp_wss_port},
	{"msrp_offer", STR_PARAM, &settings.msrp_offer},
	{"msrp_advertise", STR_PARAM | USE_FUNC_PARAM, param_advertise},
	{"msrp_connect_allow", STR_PARAM | USE_FUNC_PARAM, param_connect_allow},
	{"msrp_ws_origin", STR_PARAM | USE_FUNC_PARAM, param_ws_origin},
	{"tls_certificate", STR_PARAM, &settings.tls_certificate},
	{"tls_key", STR_PARAM, &settings.tls_key},
	{"tls_ca", STR_PARAM, &settings.tls_ca},
	{"msrp_connections_max", INT_PARAM, &settings.msrp_connections_max},
	{"msrp_unbound_max", INT_PARAM, &settings.msrp_unbound_max},
	{"msrp_ws_ping", INT_PARAM, &settings.msrp_ws_ping},
	{"trust_from", INT_PARAM, &settings.trust_from},
	{"trusted_flag", INT_PARAM, &settings.trusted_flag},
	{"outbound_proxy", STR_PARAM, &settings.outbound_proxy},
	{"outbound_route", PARAM_STR, &settings.outbound_route},
	{"send_socket", STR_PARAM, &settings.send_socket},
	{"feature_tags", PARAM_STR, &settings.feature_tags},
	{"accept_contact", PARAM_STR, &settings.accept_contact},
	{"charging_ioi", PARAM_STR, &settings.charging_ioi},
	{"max_participants", INT_PARAM, &settings.max_participants},
	{"max_parallel_invites", INT_PARAM, &settings.max_parallel_invites},
	{"invite_timeout", INT_PARAM, &settings.invite_timeout},
	{"min_participants", INT_PARAM, &settings.min_participants},
	{"end_with_creator", INT_PARAM, &settings.end_with_creator},
	{"require_replaces", INT_PARAM, &settings.require_replaces},
	{"idle_timeout", INT_PARAM, &settings.idle_timeout},
	{"max_duration", INT_PARAM, &settings.max_duration},
	{"mailbox_size", INT_PARAM, &settings.mailbox_size},
	{"leg_queue_max", INT_PARAM, &settings.leg_queue_max},
	{"collect_max", INT_PARAM, &settings.collect_max},
	{"message_max", INT_PARAM, &settings.message_max},
	{"message_timeout", INT_PARAM, &settings.message_timeout},
	{"message_rate", INT_PARAM, &settings.message_rate},
	{"message_burst", INT_PARAM, &settings.message_burst},
	{"interleave", INT_PARAM, &settings.interleave},
	{"nicknames", INT_PARAM, &settings.nicknames},
	{"announce", INT_PARAM, &settings.announce},
	{"announce_joined", PARAM_STR, &settings.announce_joined},
	{"announce_left", PARAM_STR, &settings.announce_left},
	{"private_messages", STR_PARAM, &settings.private_messages},
	{"session_expires", INT_PARAM, &settings.session_expires},
	{"min_se", INT_PARAM, &settings.min_se},
	{"session_refresher", STR_PARAM, &settings.session_refresher},
	{"media_timeout", INT_PARAM, &settings.media_timeout},
	{"leg_lost_timeout", INT_PARAM, &settings.leg_lost_timeout},
	{"min_expires", INT_PARAM, &settings.min_expires},
	{"max_expires", INT_PARAM, &settings.max_expires},
	{"default_expires", INT_PARAM, &settings.default_expires},
	{"server_token", PARAM_STR, &settings.server_token},
	{"size_refusal_code", INT_PARAM, &settings.size_refusal_code},
	{"no_ruleset", STR_PARAM, &settings.no_ruleset},
	{"adhoc_invite", STR_PARAM, &settings.adhoc_invite},
	{"max_conferences", INT_PARAM, &settings.max_conferences},
	{"max_subscriptions", INT_PARAM, &settings.max_subscriptions},
	{"user_conferences_per_minute", INT_PARAM,
		&settings.user_conferences_per_minute},
	{"user_refers_per_minute", INT_PARAM, &settings.user_refers_per_minute},
	{"worker_memory_max", INT_PARAM, &settings.worker_memory_max},
	{"overload_code", INT_PARAM, &settings.overload_code},
	{"event_callback", PARAM_STR, &settings.event_callback},
	{"event_message", INT_PARAM, &settings.event_message},
	{"event_queue_size", INT_PARAM, &settings.event_queue_size},
	{"public_linger", INT_PARAM, &settings.public_linger},
	{"anonymity_refusal_code", INT_PARAM, &settings.anonymity_refusal_code},
	{"anonymity_warning", PARAM_STR, &settings.anonymity_warning},
	{"xdms_down_code", INT_PARAM, &settings.xdms_down_code},
	{"xdms_root", PARAM_STR, &settings.xdms_root},
	{"xdms_path", PARAM_STR, &settings.xdms_path},
	{"xdms_user", PARAM_STR, &settings.xdms_user},
	{"xdms_password", PARAM_STR, &settings.xdms_password},
	{"xdms_auth", STR_PARAM, &settings.xdms_auth},
	{"xdms_ca_file", STR_PARAM, &settings.xdms_ca_file},
	{"xdms_verify", INT_PARAM, &settings.xdms_verify},
	{"xdms_timeout", INT_PARAM, &settings.xdms_timeout},
	{"xdms_connect_timeout", INT_PARAM, &settings.xdms_connect_timeout},
	{"xdms_parallel", INT_PARAM, &settings.xdms_parallel},
	{"xdms_ttl", INT_PARAM, &settings.xdms_ttl},
	{"xdms_negative_ttl", INT_PARAM, &settings.xdms_negative_ttl},
	{"xdms_max_stale", INT_PARAM, &settings.xdms_max_stale},
	{"xdms_cache_max", INT_PARAM, &settings.xdms_cache_max},
	{"xdms_document_max", INT_PARAM, &settings.xdms_document_max},
	{"xdms_redirects", INT_PARAM, &settings.xdms_redirects},
	{"xdms_external_hosts", INT_PARAM, &settings.xdms_external_hosts},
	{"notify_profile", STR_PARAM, &settings.notify_profile},
	{"notify_state", STR_PARAM, &settings.notify_state},
	{"notify_full_for", STR_PARAM, &settings.notify_full_for},
	{"entity_source", STR_PARAM, &settings.entity_source},
	{"yourown", STR_PARAM, &settings.yourown},
	{"yourown_namespace", STR_PARAM, &settings.yourown_namespace},
	{"alerting_status", STR_PARAM, &settings.alerting_status},
	{"departure", STR_PARAM, &settings.departure},
	{"notify_min_interval", INT_PARAM, &settings.notify_min_interval},
	{"notify_max_rate_interval", INT_PARAM, &settings.notify_max_rate_interval},
	{"notify_min_rate_interval", INT_PARAM, &settings.notify_min_rate_interval},
	{"notify_max_body", INT_PARAM, &settings.notify_max_body},
	{0, 0, 0}
};

struct module_exports exports = {
	.name = "imconf",
	.dlflags = DEFAULT_DLFLAGS,
	.cmds = commands,
	.params = params,
	.pv_items = variables,
	.init_mod_f = mod_init,
	.init_child_f = child_init,
};
/* clang-format on */

static int param_factory_uri(modparam_t type, void *value)
{
	str given = {value, (int)strlen(value)}, uri;

	params_note("factory_uri", value);
	if(text_copy(&uri, &given) == 0 && own_uri_add_factory(&uri) == 0)
		return 0;
	LM_ERR("parameter factory_uri is %s, it must be a sip URI with a user "
		   "part (at most %d of them)\n",
			given.s, FACTORY_URIS_MAX);
	return -1;
}

static int param_trusted_peer(modparam_t type, void *value)
{
	str network = {value, (int)strlen(value)};

	params_note("trusted_peers", value);
	if(trust_add_peer(&network) == 0)
		return 0;
	LM_ERR("parameter trusted_peers is %s, it must be an address or a network "
		   "(at most %d of them)\n",
			network.s, TRUSTED_PEERS_MAX);
	return -1;
}

static int param_group_uri(modparam_t type, void *value)
{
	params_note("group_uri", value);
	if(own_uri_add_group(value) == 0)
		return 0;
	LM_ERR("parameter group_uri is %s, it must be a regular expression (at "
		   "most %d of them)\n",
			(char *)value, GROUP_EXPRESSIONS_MAX);
	return -1;
}

static int param_ws_origin(modparam_t type, void *value)
{
	if(websocket_add_origin(value) == 0)
		return 0;
	LM_ERR("parameter msrp_ws_origin is given more than %d times\n",
			WEBSOCKET_ORIGINS_MAX);
	return -1;
}

static int param_advertise(modparam_t type, void *value)
{
	if(advertise_add(value) == 0)
		return 0;
	LM_ERR("parameter msrp_advertise is %s, it must be address[:port] or "
		   "SIP socket=address[:port], numeric (at most %d of them)\n",
			(char *)value, ADVERTISE_MAX);
	return -1;
}

static int param_connect_allow(modparam_t type, void *value)
{
	if(outbound_allow(value) == 0)
		return 0;
	LM_ERR("parameter msrp_connect_allow is %s, it must be an address or a "
		   "network (at most %d of them)\n",
			(char *)value, OUTBOUND_NETWORKS_MAX);
	return -1;
}

/* ---- script functions and KEMI ---- */

static int ki_handle(sip_msg_t *msg)
{
	return gate_take(msg, GATE_ANY);
}

static int ki_create(sip_msg_t *msg)
{
	return gate_take(msg, GATE_CREATE);
}

static int ki_join(sip_msg_t *msg)
{
	return gate_take(msg, GATE_JOIN);
}

static int ki_dialog(sip_msg_t *msg)
{
	return gate_take(msg, GATE_DIALOG);
}

static int ki_cancel(sip_msg_t *msg)
{
	return gate_take(msg, GATE_CANCEL);
}

static int ki_subscribe(sip_msg_t *msg)
{
	return gate_take(msg, GATE_SUBSCRIBE);
}

static int ki_refer(sip_msg_t *msg)
{
	return gate_take(msg, GATE_REFER);
}

static int ki_options(sip_msg_t *msg)
{
	return gate_take(msg, GATE_OPTIONS);
}

static int ki_refuse(sip_msg_t *msg, int code, str *reason)
{
	return join_route_refuse(code, reason);
}

static int w_refuse(struct sip_msg *msg, char *p1, char *p2)
{
	int code;
	str reason;

	if(get_int_fparam(&code, msg, (fparam_t *)p1) < 0
			|| get_str_fparam(&reason, msg, (fparam_t *)p2) < 0)
		return -1;
	return ki_refuse(msg, code, &reason);
}

static int w_handle(struct sip_msg *msg, char *p1, char *p2)
{
	return ki_handle(msg);
}

static int w_create(struct sip_msg *msg, char *p1, char *p2)
{
	return ki_create(msg);
}

static int w_join(struct sip_msg *msg, char *p1, char *p2)
{
	return ki_join(msg);
}

static int w_dialog(struct sip_msg *msg, char *p1, char *p2)
{
	return ki_dialog(msg);
}

static int w_cancel(struct sip_msg *msg, char *p1, char *p2)
{
	return ki_cancel(msg);
}

static int w_subscribe(struct sip_msg *msg, char *p1, char *p2)
{
	return ki_subscribe(msg);
}

static int w_refer(struct sip_msg *msg, char *p1, char *p2)
{
	return ki_refer(msg);
}

static int w_options(struct sip_msg *msg, char *p1, char *p2)
{
	return ki_options(msg);
}

/* clang-format off */
#define KEMI(name, function)                                         \
	{str_init("imconf"), str_init(name), SR_KEMIP_INT, function,     \
		{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, \
			SR_KEMIP_NONE, SR_KEMIP_NONE}}

static sr_kemi_t kemi_exports[] = {
	KEMI("handle", ki_handle),
	KEMI("create", ki_create),
	KEMI("join", ki_join),
	KEMI("dialog", ki_dialog),
	KEMI("cancel", ki_cancel),
	KEMI("subscribe", ki_subscribe),
	KEMI("refer", ki_refer),
	KEMI("options", ki_options),
	{str_init("imconf"), str_init("refuse"), SR_KEMIP_INT, ki_refuse,
		{SR_KEMIP_INT, SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE}},
	{{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}
};
/* clang-format on */

int mod_register(char *path, int *dlflags, void *p1, void *p2)
{
	sr_kemi_modules_add(kemi_exports);
	return 0;
}

/* ---- start ---- */

static void seed_hashes(void)
{
	unsigned char key[16];

	random_bytes(key, sizeof(key));
	map_seed(key);
}

static void warn_of_script_in_workers(void)
{
	if(route_lookup(&event_rt, "tm:local-request") >= 0)
		LM_WARN("event_route[tm:local-request] runs in the conference "
				"workers: while it waits, their conferences wait\n");
}

static int mod_init(void)
{
	if(settings_check() < 0 || profile_prepare() < 0 || tm_bind() < 0
			|| statistics_register() < 0 || switch_check() < 0
			|| settings_cfg_declare() < 0)
		return -1;
	if(rpc_register_array(rpc_commands) != 0) {
		LM_ERR("cannot register the RPC commands\n");
		return -1;
	}
	params_table(params);
	seed_hashes();
	if(mailboxes_create(settings.workers, settings.mailbox_size) < 0
			|| tickets_create(settings.workers, settings.mailbox_size) < 0
			|| quota_create() < 0 || allotment_create() < 0) {
		LM_ERR("no shared memory for the mailboxes of %d workers\n",
				settings.workers);
		return -1;
	}
	warn_of_script_in_workers();
	events_processes = events_create();
	if(events_processes < 0) {
		LM_ERR("no shared memory for %d events\n", settings.event_queue_size);
		return -1;
	}
	register_procs(settings.workers + events_processes);
	cfg_register_child(settings.workers + events_processes);
	return 0;
}

static int fork_events(void)
{
	int pid = fork_process(PROC_RPC, "imconf events", 1);

	if(pid < 0) {
		LM_ERR("cannot fork the events process\n");
		return -1;
	}
	if(pid > 0)
		return 0;
	if(cfg_child_init() < 0)
		_exit(1);
	events_run();
}

/* the child process: never returns */
static void be_worker(int index)
{
	/* our own Server and User-Agent replace the core's (G2) */
	server_signature = 0;
	if(cfg_child_init() < 0 || worker_start(index, mailboxes_get(index)) < 0
			|| outgoing_start() < 0 || notify_start() < 0 || switch_start() < 0
			|| groups_start() < 0) {
		LM_CRIT("conference worker %d cannot start\n", index);
		_exit(1);
	}
	router_start();
	focus_start();
	events_start();
	answers_start();
	capacity_start();
	worker_loop();
}

static int fork_worker(int index)
{
	char name[32];
	int pid;

	snprintf(name, sizeof(name), "imconf worker %d", index);
	pid = fork_process(PROC_RPC, name, 1);
	if(pid < 0) {
		LM_ERR("cannot fork conference worker %d\n", index);
		return -1;
	}
	if(pid == 0)
		be_worker(index);
	return 0;
}

static int child_init(int rank)
{
	int i;

	if(rank != PROC_MAIN)
		return 0;
	for(i = 0; i < settings.workers; i++) {
		if(fork_worker(i) < 0)
			return -1;
	}
	return events_processes ? fork_events() : 0;
}
