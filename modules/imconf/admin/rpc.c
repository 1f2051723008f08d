/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * rpc: see the header. Runs in RPC processes; asks the workers and shows
 * their JSON as RPC structures.
 */
#include "admin/rpc.h"

#include <json-c/json.h>
#include "admin/question.h"
#include "sip/own_uri.h"
#include "wire/sip_uri.h"
#include "worker/mailboxes.h"
#include "worker/worker.h"

#define LIST_DEFAULT 100
#define LIST_MAX 10000

static void add_array(
		rpc_t *rpc, void *structure, const char *name, json_object *array);

static void add_value(
		rpc_t *rpc, void *structure, const char *name, json_object *value)
{
	switch(json_object_get_type(value)) {
		case json_type_int:
			rpc->struct_add(
					structure, "d", (char *)name, json_object_get_int(value));
			break;
		case json_type_array:
			add_array(rpc, structure, name, value);
			break;
		default:
			rpc->struct_add(structure, "s", (char *)name,
					(char *)json_object_get_string(value));
	}
}

static void add_members(rpc_t *rpc, void *structure, json_object *object)
{
	json_object_object_foreach(object, name, value)
	{
		add_value(rpc, structure, name, value);
	}
}

/* arrays hold objects only */
static void add_array(
		rpc_t *rpc, void *structure, const char *name, json_object *array)
{
	size_t i, count = json_object_array_length(array);
	void *list, *item;

	if(rpc->struct_add(structure, "[", (char *)name, &list) < 0)
		return;
	for(i = 0; i < count; i++) {
		if(rpc->array_add(list, "{", &item) < 0)
			return;
		add_members(rpc, item, json_object_array_get_idx(array, i));
	}
}

static json_object *ask(int worker, question_kind_t kind, const str *arg)
{
	char *answer = question_ask(worker, kind, arg);
	json_object *object = answer ? json_tokener_parse(answer) : NULL;

	question_free_answer(answer);
	return object;
}

static const char *list_doc[] = {
		"Lists running conferences; optional parameter: how many of each "
		"worker at most (default 100)",
		NULL};

/* asks every worker for a listing of at most so many items each */
static void rpc_listing(rpc_t *rpc, void *ctx, question_kind_t kind)
{
	int i, limit = LIST_DEFAULT;
	char text[16];
	str arg = {text, 0};

	rpc->scan(ctx, "*d", &limit);
	if(limit < 1 || limit > LIST_MAX) {
		rpc->fault(ctx, 400, "The limit must be between 1 and 10000");
		return;
	}
	arg.len = snprintf(text, sizeof(text), "%d", limit);
	for(i = 0; i < mailboxes_count(); i++) {
		json_object *object = ask(i, kind, &arg);
		void *structure;

		if(!object) {
			rpc->fault(ctx, 504, "Worker %d does not answer", i);
			return;
		}
		if(rpc->add(ctx, "{", &structure) == 0) {
			rpc->struct_add(structure, "d", "worker", i);
			add_members(rpc, structure, object);
		}
		json_object_put(object);
	}
}

static void rpc_list(rpc_t *rpc, void *ctx)
{
	rpc_listing(rpc, ctx, QUESTION_LIST);
}

static const char *show_doc[] = {
		"Shows one conference; parameter: its Session Identity, or the user "
		"part of it",
		NULL};

/* asks the worker of the conference that the command names */
static void rpc_conference(rpc_t *rpc, void *ctx, question_kind_t kind)
{
	json_object *object;
	uri_parts_t uri;
	str token;
	void *structure;
	int owner;

	if(rpc->scan(ctx, "S", &token) < 1) {
		rpc->fault(ctx, 400, "Say which conference: its Session Identity");
		return;
	}
	if(sip_uri_parse(&token, &uri) == 0)
		token = uri.user;
	owner = worker_of_token(&token);
	if(owner < 0) {
		rpc->fault(ctx, 404, "No such conference");
		return;
	}
	object = ask(owner, kind, &token);
	if(!object)
		rpc->fault(ctx, 504, "Worker %d does not answer", owner);
	else if(json_object_object_length(object) == 0)
		rpc->fault(ctx, 404, "No such conference");
	else if(rpc->add(ctx, "{", &structure) == 0)
		add_members(rpc, structure, object);
	json_object_put(object);
}

static void rpc_show(rpc_t *rpc, void *ctx)
{
	rpc_conference(rpc, ctx, QUESTION_SHOW);
}

static const char *end_doc[] = {
		"Ends one conference: everybody gets BYE, who still rings CANCEL; "
		"parameter as of imconf.show",
		NULL};

static void rpc_end(rpc_t *rpc, void *ctx)
{
	rpc_conference(rpc, ctx, QUESTION_END);
}

static const char *groups_doc[] = {
		"Lists groups whose documents are cached; optional parameter: how many "
		"of each worker at most (default 100)",
		NULL};

static void rpc_groups(rpc_t *rpc, void *ctx)
{
	rpc_listing(rpc, ctx, QUESTION_GROUPS);
}

static const char *reload_doc[] = {
		"Forgets the cached document of a group, so that it is fetched when it "
		"is needed next; parameter: the group's URI",
		NULL};

static void rpc_reload_group(rpc_t *rpc, void *ctx)
{
	json_object *object;
	void *structure;
	uri_parts_t parts;
	str uri;
	int owner;

	if(rpc->scan(ctx, "S", &uri) < 1 || sip_uri_parse(&uri, &parts) < 0) {
		rpc->fault(ctx, 400, "Say which group: its sip or tel URI");
		return;
	}
	owner = own_uri_group_worker(&uri);
	object = ask(owner, QUESTION_RELOAD, &uri);
	if(!object) {
		rpc->fault(ctx, 504, "Worker %d does not answer", owner);
		return;
	}
	if(rpc->add(ctx, "{", &structure) == 0)
		add_members(rpc, structure, object);
	json_object_put(object);
}

rpc_export_t rpc_commands[] = {
		{"imconf.list", rpc_list, list_doc, RET_ARRAY},
		{"imconf.show", rpc_show, show_doc, 0},
		{"imconf.end", rpc_end, end_doc, 0},
		{"imconf.groups", rpc_groups, groups_doc, RET_ARRAY},
		{"imconf.reload_group", rpc_reload_group, reload_doc, 0},
		{NULL, NULL, NULL, 0},
};
