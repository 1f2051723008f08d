/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * params: see the header. Called by imconf_mod.c at start and by rpc.c.
 */
#include "admin/params.h"

#include <string.h>
#include "admin/command.h"

#define NOTED_MAX 256

static const param_export_t *table;
static struct
{
	const char *name;
	char *value;
} noted[NOTED_MAX];
static int noted_count;

const char *params_doc[] = {
		"Shows the parameters with the values in force. Optional parameter: "
		"the name of one",
		NULL};

void params_table(const param_export_t *exported)
{
	table = exported;
}

void params_note(const char *name, const char *value)
{
	char *copy = noted_count < NOTED_MAX ? strdup(value) : NULL;

	if(!copy)
		return;
	noted[noted_count].name = name;
	noted[noted_count++].value = copy;
}

/* given any number of times */
static json_object *all_noted(const char *name)
{
	json_object *array = json_object_new_array();
	int i;

	for(i = 0; i < noted_count; i++) {
		if(strcmp(noted[i].name, name) == 0)
			json_object_array_add(
					array, json_object_new_string(noted[i].value));
	}
	return array;
}

static json_object *value_of(const param_export_t *p)
{
	const str *text = p->param_pointer;
	char *const *zero_terminated = p->param_pointer;
	const char *shown;

	if(p->type & PARAM_USE_FUNC)
		return all_noted(p->name);
	if(p->type == PARAM_INT)
		return json_object_new_int(*(int *)p->param_pointer);
	shown = p->type == PARAM_STR ? text->s : *zero_terminated;
	if(!shown)
		shown = "";
	if(*shown && strstr(p->name, "password"))
		shown = "(set)";
	return json_object_new_string(shown);
}

void params_rpc(rpc_t *rpc, void *ctx)
{
	const param_export_t *p;
	json_object *object;
	str wanted, name;

	if(command_text(rpc, ctx, &wanted) < 0)
		return;
	object = json_object_new_object();
	for(p = table; p->name; p++) {
		name.s = p->name;
		name.len = (int)strlen(p->name);
		if(wanted.len == 0 || text_eq(&wanted, &name))
			json_object_object_add(object, p->name, value_of(p));
	}
	if(json_object_object_length(object) == 0)
		rpc->fault(ctx, 404, "No such parameter");
	else
		command_answer(rpc, ctx, object);
	json_object_put(object);
}
