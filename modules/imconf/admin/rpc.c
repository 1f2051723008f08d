/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * rpc: see the header. Runs in RPC processes: reads the parameters of the
 * commands and asks the workers, in pieces that hold none of them up.
 */
#include "admin/rpc.h"

#include <limits.h>
#include "admin/command.h"
#include "admin/json.h"
#include "admin/params.h"
#include "sip/own_uri.h"
#include "wire/sip_uri.h"
#include "worker/mailboxes.h"
#include "worker/worker.h"

#define PAGE_DEFAULT 100
#define PAGE_MAX 500
#define PIECE 100 /* conferences that a worker shows without a pause */

/* ---- what the commands have in common ---- */

static int read_limit(rpc_t *rpc, void *ctx, int *limit)
{
	*limit = PAGE_DEFAULT;
	return command_number(rpc, ctx, "limit", 1, PAGE_MAX, limit);
}

/* The worker of the conference that the command names, and `arg` with its
 * token. -1 after a fault. */
static int find_owner(rpc_t *rpc, void *ctx, json_object *arg)
{
	uri_parts_t uri;
	str token;
	int owner;

	if(command_text(rpc, ctx, &token) < 0)
		return -1;
	if(token.len == 0) {
		rpc->fault(ctx, 400, "Say which conference: its Session Identity");
		return -1;
	}
	if(sip_uri_parse(&token, &uri) == 0)
		token = uri.user;
	owner = worker_of_token(&token);
	if(owner < 0)
		rpc->fault(ctx, 404, "No such conference");
	json_add_text(arg, "token", &token);
	return owner;
}

static void ask_and_add(rpc_t *rpc, void *ctx, int worker, question_kind_t kind,
		json_object *arg)
{
	json_object *answer = command_ask(rpc, ctx, worker, kind, arg);

	if(answer)
		command_answer(rpc, ctx, answer);
	json_object_put(answer);
}

static void ask_all(
		rpc_t *rpc, void *ctx, question_kind_t kind, json_object *arg)
{
	json_object *answer;
	int i;

	for(i = 0; i < mailboxes_count(); i++) {
		answer = command_ask(rpc, ctx, i, kind, arg);
		if(!answer)
			return;
		command_answer(rpc, ctx, answer);
		json_object_put(answer);
	}
}

/* ---- conferences ---- */

static const char *list_doc[] = {
		"Lists running conferences. Optional parameters: how many at most "
		"(default 100); a text that identity, group or subject must contain, "
		"or a participant's URI; where to go on: `next` of the answer before",
		NULL};

/* a walk through the conferences of all workers */
typedef struct listing
{
	int worker;
	int64_t after;
	int left;
	str filter;
} listing_t;

static int read_listing(rpc_t *rpc, void *ctx, listing_t *l)
{
	str next, worker;
	uint64_t number = 0, after = 0;
	int rc;

	if(read_limit(rpc, ctx, &l->left) < 0
			|| command_text(rpc, ctx, &l->filter) < 0
			|| (rc = command_text(rpc, ctx, &next)) < 0)
		return -1;
	if(rc > 0
			&& (!text_next(&next, ':', &worker)
					|| text_to_uint(&worker, mailboxes_count() - 1, &number) < 0
					|| text_to_uint(&next, INT64_MAX, &after) < 0)) {
		rpc->fault(ctx, 400, "The third parameter is no `next` of an answer");
		return -1;
	}
	l->worker = (int)number;
	l->after = (int64_t)after;
	return 0;
}

/* One piece of worker l->worker, added to `conferences`. 0 or -1 after a
 * fault; l->after is 0 when that was all of this worker. */
static int list_piece(rpc_t *rpc, void *ctx, listing_t *l, json_object *shown,
		json_object *conferences)
{
	json_object *arg = json_object_new_object(), *answer, *array;
	size_t i, count;

	json_add_number(arg, "limit", l->left < PIECE ? l->left : PIECE);
	json_add_number(arg, "after", l->after);
	json_add_text(arg, "filter", &l->filter);
	answer = command_ask(rpc, ctx, l->worker, QUESTION_LIST, arg);
	json_object_put(arg);
	if(!answer)
		return -1;
	l->after = json_get_number(answer, "next", 0);
	json_add_number(shown, "total", json_get_number(answer, "total", 0));
	json_object_object_get_ex(answer, "conferences", &array);
	count = json_object_array_length(array);
	for(i = 0; i < count; i++)
		json_object_array_add(conferences,
				json_object_get(json_object_array_get_idx(array, i)));
	l->left -= (int)count;
	json_object_put(answer);
	return 0;
}

/* where the next command goes on, when there is more */
static void add_next(json_object *shown, const listing_t *l)
{
	int last = l->worker == mailboxes_count() - 1;
	char next[48];

	if(l->left > 0 || (l->after == 0 && last))
		return;
	if(l->after)
		snprintf(next, sizeof(next), "%d:%lld", l->worker, (long long)l->after);
	else
		snprintf(next, sizeof(next), "%d:0", l->worker + 1);
	json_add_word(shown, "next", next);
}

static int list_worker(rpc_t *rpc, void *ctx, listing_t *l)
{
	json_object *shown = json_object_new_object();
	json_object *conferences = json_object_new_array();
	int rc;

	json_add_number(shown, "worker", l->worker);
	do
		rc = list_piece(rpc, ctx, l, shown, conferences);
	while(rc == 0 && l->after && l->left > 0);
	json_object_object_add(shown, "conferences", conferences);
	if(rc == 0) {
		add_next(shown, l);
		command_answer(rpc, ctx, shown);
	}
	json_object_put(shown);
	return rc;
}

static void rpc_list(rpc_t *rpc, void *ctx)
{
	listing_t l = {0};

	if(read_listing(rpc, ctx, &l) < 0)
		return;
	while(l.worker < mailboxes_count() && l.left > 0) {
		if(list_worker(rpc, ctx, &l) < 0)
			return;
		l.worker++;
		l.after = 0;
	}
}

static const char *show_doc[] = {
		"Shows one conference with participants, subscriptions and policy. "
		"Parameters: its Session Identity, or the user part of it; how many "
		"participants and subscriptions at most (default 100); the number of "
		"the participant to go on after",
		NULL};

/* a conference, a page of it */
static void rpc_page(rpc_t *rpc, void *ctx, question_kind_t kind)
{
	json_object *arg = json_object_new_object();
	int owner = find_owner(rpc, ctx, arg);
	int limit, after = 0;

	if(owner >= 0 && read_limit(rpc, ctx, &limit) == 0
			&& command_number(rpc, ctx, "third parameter", 0, INT_MAX, &after)
					   == 0) {
		json_add_number(arg, "limit", limit);
		json_add_number(arg, "after", after);
		ask_and_add(rpc, ctx, owner, kind, arg);
	}
	json_object_put(arg);
}

static void rpc_show(rpc_t *rpc, void *ctx)
{
	rpc_page(rpc, ctx, QUESTION_SHOW);
}

static const char *subscriptions_doc[] = {
		"Lists the subscriptions to one conference. Parameters: as of "
		"imconf.show, but after how many of them to go on",
		NULL};

static void rpc_subscriptions(rpc_t *rpc, void *ctx)
{
	rpc_page(rpc, ctx, QUESTION_SUBSCRIPTIONS);
}

static const char *end_doc[] = {
		"Ends one conference: everybody gets BYE, who still rings CANCEL. "
		"Parameter: as of imconf.show",
		NULL};

static void rpc_end(rpc_t *rpc, void *ctx)
{
	json_object *arg = json_object_new_object();
	int owner = find_owner(rpc, ctx, arg);

	if(owner >= 0)
		ask_and_add(rpc, ctx, owner, QUESTION_END, arg);
	json_object_put(arg);
}

static const char *kick_doc[] = {
		"Removes somebody from a conference, for good: BYE, or CANCEL while it "
		"rings. Parameters: the conference as of imconf.show; the "
		"participant's URI, or its entity in imconf.show",
		NULL};

static void rpc_kick(rpc_t *rpc, void *ctx)
{
	json_object *arg = json_object_new_object();
	int owner = find_owner(rpc, ctx, arg);
	str user;

	if(owner >= 0 && command_text(rpc, ctx, &user) >= 0) {
		json_add_text(arg, "user", &user);
		if(user.len == 0)
			rpc->fault(ctx, 400, "Say who shall go: a participant's URI");
		else
			ask_and_add(rpc, ctx, owner, QUESTION_KICK, arg);
	}
	json_object_put(arg);
}

/* everybody that the rest of the command names, in `arg`; -1 after a fault */
static int read_users(rpc_t *rpc, void *ctx, json_object *arg)
{
	json_object *users = json_object_new_array();
	uri_parts_t uri;
	str user;
	int rc;

	json_object_object_add(arg, "users", users);
	while((rc = command_text(rpc, ctx, &user)) > 0) {
		if(sip_uri_parse(&user, &uri) < 0 || own_uri_is_ours(&user)) {
			rpc->fault(
					ctx, 400, "Nobody can be invited by %.*s", TEXT_ARG(&user));
			return -1;
		}
		json_object_array_add(
				users, json_object_new_string_len(user.s, user.len));
	}
	if(rc < 0)
		return -1;
	if(json_object_array_length(users) > 0)
		return 0;
	rpc->fault(ctx, 400, "Say whom to invite: their URIs");
	return -1;
}

static const char *create_doc[] = {
		"Starts a conference and invites to it. Parameters: the URI in whose "
		"name (Referred-By; s: for nobody's), the subject, and one or more "
		"URIs of who is invited",
		NULL};

static void rpc_create(rpc_t *rpc, void *ctx)
{
	static unsigned next; /* the workers in turn */
	json_object *arg = json_object_new_object();
	str host, subject;
	uri_parts_t uri;

	if(command_text(rpc, ctx, &host) < 0
			|| command_text(rpc, ctx, &subject) < 0)
		goto out;
	json_add_text(arg, "host", &host);
	json_add_text(arg, "subject", &subject);
	if(host.len > 0 && sip_uri_parse(&host, &uri) < 0)
		rpc->fault(ctx, 400, "The first parameter must be a URI, or empty");
	else if(read_users(rpc, ctx, arg) == 0)
		ask_and_add(rpc, ctx, (int)(next++ % mailboxes_count()),
				QUESTION_CREATE, arg);
out:
	json_object_put(arg);
}

static const char *invite_doc[] = {
		"Invites to a running conference. Parameters: the conference as of "
		"imconf.show, and one or more URIs",
		NULL};

static void rpc_invite(rpc_t *rpc, void *ctx)
{
	json_object *arg = json_object_new_object();
	int owner = find_owner(rpc, ctx, arg);

	if(owner >= 0 && read_users(rpc, ctx, arg) == 0)
		ask_and_add(rpc, ctx, owner, QUESTION_INVITE, arg);
	json_object_put(arg);
}

static const char *drain_doc[] = {
		"Takes no new conferences any more, and says how many each worker has "
		"left. Optional parameter: `end` ends the running ones, too, with BYE "
		"to everybody; `off` takes new ones again; `status` only says",
		NULL};

/* what the word means, in `arg`; -1 for none that we know */
static int read_drain(const str *word, json_object *arg)
{
	if(word->len == 0 || text_eq_nocase(word, &TEXT("on")))
		json_add_number(arg, "on", 1);
	else if(text_eq_nocase(word, &TEXT("off")))
		json_add_number(arg, "on", 0);
	else if(text_eq_nocase(word, &TEXT("end"))) {
		json_add_number(arg, "on", 1);
		json_add_number(arg, "end", 1);
	} else if(!text_eq_nocase(word, &TEXT("status")))
		return -1;
	return 0;
}

static void rpc_drain(rpc_t *rpc, void *ctx)
{
	json_object *arg;
	str word;

	if(command_text(rpc, ctx, &word) < 0)
		return;
	arg = json_object_new_object();
	if(read_drain(&word, arg) < 0)
		rpc->fault(ctx, 400, "Say on, off, end or status");
	else
		ask_all(rpc, ctx, QUESTION_DRAIN, arg);
	json_object_put(arg);
}

/* ---- groups ---- */

static const char *groups_doc[] = {
		"Lists groups whose documents are cached. Optional parameter: how many "
		"of each worker at most (default 100)",
		NULL};

static void rpc_groups(rpc_t *rpc, void *ctx)
{
	json_object *arg;
	int limit;

	if(read_limit(rpc, ctx, &limit) < 0)
		return;
	arg = json_object_new_object();
	json_add_number(arg, "limit", limit);
	ask_all(rpc, ctx, QUESTION_GROUPS, arg);
	json_object_put(arg);
}

static const char *reload_doc[] = {
		"Forgets the cached document of a group, so that it is fetched when it "
		"is needed next. Parameter: the group's URI",
		NULL};

static void rpc_reload_group(rpc_t *rpc, void *ctx)
{
	json_object *arg;
	uri_parts_t parts;
	str uri;

	if(command_text(rpc, ctx, &uri) < 0)
		return;
	if(sip_uri_parse(&uri, &parts) < 0) {
		rpc->fault(ctx, 400, "Say which group: its sip or tel URI");
		return;
	}
	arg = json_object_new_object();
	json_add_text(arg, "group", &uri);
	ask_and_add(rpc, ctx, own_uri_group_worker(&uri), QUESTION_RELOAD, arg);
	json_object_put(arg);
}

/* ---- transports ---- */

static const char *reload_tls_doc[] = {
		"Reads tls_certificate, tls_key and tls_ca again, for connections to "
		"come, and says the certificate's fingerprint",
		NULL};

static void rpc_reload_tls(rpc_t *rpc, void *ctx)
{
	json_object *arg = json_object_new_object();

	ask_all(rpc, ctx, QUESTION_RELOAD_TLS, arg);
	json_object_put(arg);
}

static const char *announce_doc[] = {
		"Says something to everybody in a conference, from the conference. "
		"Parameters: the conference as of imconf.show; the text, up to 4096 "
		"octets",
		NULL};

static void rpc_announce(rpc_t *rpc, void *ctx)
{
	json_object *arg = json_object_new_object();
	int owner = find_owner(rpc, ctx, arg);
	str text;

	if(owner >= 0 && command_words(rpc, ctx, &text) >= 0) {
		json_add_text(arg, "text", &text);
		text = text_trim(&text);
		if(text.len == 0)
			rpc->fault(ctx, 400, "Say what is to be said");
		else
			ask_and_add(rpc, ctx, owner, QUESTION_ANNOUNCE, arg);
	}
	json_object_put(arg);
}

rpc_export_t rpc_commands[] = {
		{"imconf.list", rpc_list, list_doc, RET_ARRAY},
		{"imconf.show", rpc_show, show_doc, 0},
		{"imconf.subscriptions", rpc_subscriptions, subscriptions_doc, 0},
		{"imconf.end", rpc_end, end_doc, 0},
		{"imconf.kick", rpc_kick, kick_doc, 0},
		{"imconf.announce", rpc_announce, announce_doc, 0},
		{"imconf.create", rpc_create, create_doc, 0},
		{"imconf.invite", rpc_invite, invite_doc, 0},
		{"imconf.drain", rpc_drain, drain_doc, RET_ARRAY},
		{"imconf.groups", rpc_groups, groups_doc, RET_ARRAY},
		{"imconf.reload_group", rpc_reload_group, reload_doc, 0},
		{"imconf.reload_tls", rpc_reload_tls, reload_tls_doc, RET_ARRAY},
		{"imconf.params", params_rpc, params_doc, 0},
		{NULL, NULL, NULL, 0},
};
