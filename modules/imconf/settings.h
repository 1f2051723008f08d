/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * settings: the module's parameters, checked and completed at start and never
 * changed afterwards. Set by imconf_mod.c before the forks, read everywhere
 * above the ground floor.
 */
#ifndef IMCONF_SETTINGS_H
#define IMCONF_SETTINGS_H

#include "core/str.h"

#define FACTORY_URIS_MAX 16
#define TRUSTED_PEERS_MAX 64
#define GROUP_EXPRESSIONS_MAX 16

struct socket_info;

typedef enum xdms_auth
{
	XDMS_AUTH_NONE,
	XDMS_AUTH_BASIC,
	XDMS_AUTH_DIGEST,
	XDMS_AUTH_ANY /* digest where the server offers it */
} xdms_auth_t;

typedef enum private_policy
{
	PRIVATE_YES, /* to whom RFC 7701 lets them: who says it takes them */
	PRIVATE_NO,
	PRIVATE_ANY /* to everybody */
} private_policy_t;

typedef struct settings
{
	str conference_domain; /* host[:port] of Session Identities */
	str session_prefix;
	int workers;
	char *msrp_address; /* numeric, without brackets */
	int msrp_port;		/* of worker 0; worker i has this + i */
	int msrps_port, msrp_ws_port, msrp_wss_port; /* the same; 0: off */
	char *msrp_offer; /* transport of our offers, as given */
	char *tls_certificate, *tls_key, *tls_ca; /* PEM files, NULL: none */
	int msrp_connections_max;				  /* of one worker */
	int msrp_unbound_max; /* of one source, without a session */
	int msrp_ws_ping;	  /* seconds between pings to a WebSocket; 0: none */
	int trust_from;
	int trusted_flag;		 /* of messages whose sender is trusted, -1: none */
	char *outbound_proxy;	 /* sip URI with a numeric host */
	str outbound_route;		 /* Route of what begins a dialog; may be empty */
	int outbound_originates; /* its first entry says orig */
	char *send_socket;		 /* as given, and what it means; NULL: any */
	struct socket_info *send_socket_info;
	str feature_tags;	/* in our Contact, beside isfocus */
	str accept_contact; /* of our invitations */
	str charging_ioi;	/* who we are in charging records, may be empty */
	int max_participants;
	int max_parallel_invites; /* of one conference */
	int session_expires;	  /* seconds, 0: no session timers of ours */
	int min_se;				  /* seconds */
	char *session_refresher;  /* client | focus, and what that says */
	int we_refresh;
	int invite_timeout;	  /* seconds */
	int min_participants; /* below 2: off */
	int end_with_creator;
	int require_replaces;			/* of invitations that replace a session */
	int idle_timeout, max_duration; /* seconds, 0: for ever */
	int mailbox_size;				/* slots of one worker */
	int leg_queue_max;				/* bytes */
	int collect_max;				/* bytes */
	int message_max;				/* bytes */
	int message_timeout;			/* seconds without a further octet */
	int message_rate;				/* of one sender a second; 0: any */
	int message_burst;
	int interleave;
	int nicknames;
	int announce;		 /* who comes and goes */
	str announce_joined; /* what is said then, %s being who */
	str announce_left;
	char *private_messages; /* as given, and what it means */
	private_policy_t private_policy;
	int media_timeout;							   /* seconds, 0: for ever */
	int leg_lost_timeout;						   /* seconds */
	int min_expires, max_expires, default_expires; /* seconds */
	str server_token;
	int size_refusal_code;
	str xdms_root; /* http(s) URL; empty: no groups */
	str xdms_path; /* from the root on; %s: the group's URI */
	str xdms_user, xdms_password;
	char *xdms_ca_file; /* NULL: the system's */
	char *xdms_auth;	/* as given, and what it means */
	xdms_auth_t xdms_auth_method;
	int xdms_verify;
	int xdms_timeout;		  /* ms, of a group with all it refers to */
	int xdms_connect_timeout; /* ms */
	int xdms_parallel;		  /* requests of one worker */
	int xdms_ttl, xdms_negative_ttl, xdms_max_stale; /* seconds */
	int xdms_cache_max;								 /* bytes, of one worker */
	int xdms_document_max;							 /* bytes */
	int xdms_redirects;
	int xdms_external_hosts;
	char *no_ruleset; /* who may use a group without rules: members | nobody |
						 everybody */
	unsigned default_members, default_others; /* what that says, as bits */
	int max_conferences, max_subscriptions;	  /* of all workers; 0: any */
	int user_conferences_per_minute, user_refers_per_minute; /* 0: any */
	int worker_memory_max;									 /* MiB, 0: any */
	int overload_code;										 /* 480 or 503 */
	char *adhoc_invite;	  /* who may add people to an ad-hoc conference:
						   participants | creator */
	int creator_invites;  /* what that says */
	str event_callback;	  /* KEMI's function for event routes; empty: none */
	int event_message;	  /* event_route[imconf:message] is run */
	int event_queue_size; /* events that may wait for the routes */
	int public_linger;	  /* seconds an empty public conference is kept */
	int anonymity_refusal_code;
	str anonymity_warning;	 /* text of a Warning header, empty: none */
	char *anonymity_headers; /* that header line, NULL: none */
	int xdms_down_code;		 /* 480, 500 or 503 */
	/* of NOTIFY; names are read by notify/profile.c, NULL: the profile's */
	char *notify_profile;
	char *notify_state;
	char *notify_full_for; /* POSIX extended regular expression */
	char *entity_source;
	char *yourown;
	char *yourown_namespace;
	char *alerting_status;
	char *departure;
	int notify_min_interval;	  /* ms between ticks of a conference */
	int notify_max_rate_interval; /* ms, the longest max-rate may ask; 0: any */
	int notify_min_rate_interval; /* ms, the shortest min-rate may ask; 0: none */
	int notify_max_body;		  /* bytes of a document in a datagram */
} settings_t;

extern settings_t settings;

/** A number, and what it may be. */
typedef struct setting_range
{
	const char *name;
	int *value;
	int min, max;
} setting_range_t;

/** All of them; `*count` is how many. */
const setting_range_t *settings_ranges(int *count);

/** Whether numbers fit each other, and codes are among those that may be said;
 * their ranges are not looked at. 0, or -1 after a sentence in the log. */
int settings_check_values(void);

/** Checks and completes them; in mod_init. Returns 0, or -1 after a sentence
 * in the log that names the parameter. */
int settings_check(void);

/** The part that is about our place in a network (settings_network.c). */
int settings_check_network(void);

#endif
