/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * command: see the header. Called by rpc.c and its like; command_refusal() by
 * the worker's side.
 */
#include "admin/command.h"

#include "admin/json.h"
#include "base/text.h"

/* members of a worker's answer that make it a refusal */
#define FAULT_CODE "fault_code"
#define FAULT_TEXT "fault_text"

/* A parameter that was not read is not there, or of another type. */
static int absent(rpc_t *rpc, void *ctx, str *text, const char *format)
{
	double number;
	str any;

	*text = (str){NULL, 0};
	if(rpc->scan(ctx, (char *)format, format[2] == 'f' ? (void *)&number : &any)
			!= 1)
		return 0;
	rpc->fault(ctx, 400,
			"A parameter is of the wrong type: say it as a text, "
			"to kamcmd with s: in front");
	return -1;
}

static int check_length(rpc_t *rpc, void *ctx, const str *text)
{
	if(text->len <= COMMAND_TEXT_MAX)
		return 1;
	rpc->fault(
			ctx, 413, "A parameter is longer than %d octets", COMMAND_TEXT_MAX);
	return -1;
}

int command_text(rpc_t *rpc, void *ctx, str *text)
{
	/* left alone, it may hold anything afterwards */
	if(rpc->scan(ctx, "*.S", text) == 1 && text->s)
		return check_length(rpc, ctx, text);
	return absent(rpc, ctx, text, "*.f");
}

int command_words(rpc_t *rpc, void *ctx, str *text)
{
	if(rpc->scan(ctx, "*S", text) == 1 && text->s)
		return check_length(rpc, ctx, text);
	return absent(rpc, ctx, text, "*.S");
}

int command_number(
		rpc_t *rpc, void *ctx, const char *what, int min, int max, int *number)
{
	uint64_t value;
	str text;
	int rc = command_text(rpc, ctx, &text);

	if(rc <= 0)
		return rc;
	if(text_to_uint(&text, max, &value) == 0 && value >= (uint64_t)min) {
		*number = (int)value;
		return 0;
	}
	rpc->fault(
			ctx, 400, "The %s must be a number from %d to %d", what, min, max);
	return -1;
}

static int add_members(rpc_t *rpc, void *structure, json_object *object);

/* Of objects or of words. */
static int add_array(
		rpc_t *rpc, void *structure, const char *name, json_object *array)
{
	size_t i, count = json_object_array_length(array);
	void *list, *item;

	if(rpc->struct_add(structure, "[", (char *)name, &list) < 0)
		return -1;
	for(i = 0; i < count; i++) {
		json_object *value = json_object_array_get_idx(array, i);
		if(json_object_get_type(value) != json_type_object) {
			rpc->array_add(list, "s", (char *)json_object_get_string(value));
			continue;
		}
		if(rpc->array_add(list, "{", &item) < 0
				|| add_members(rpc, item, value) < 0)
			return -1;
	}
	return 0;
}

/* Numbers of more than 31 bits go as RPC's 64 bit type, a double. */
static int add_number(
		rpc_t *rpc, void *structure, const char *name, int64_t value)
{
	if(value == (int)value)
		return rpc->struct_add(structure, "d", (char *)name, (int)value);
	return rpc->struct_add(structure, "L", (char *)name, (long long)value);
}

static int add_value(
		rpc_t *rpc, void *structure, const char *name, json_object *value)
{
	void *inner;

	switch(json_object_get_type(value)) {
		case json_type_int:
			return add_number(
					rpc, structure, name, json_object_get_int64(value));
		case json_type_array:
			return add_array(rpc, structure, name, value);
		case json_type_object:
			if(rpc->struct_add(structure, "{", (char *)name, &inner) < 0)
				return -1;
			return add_members(rpc, inner, value);
		default:
			return rpc->struct_add(structure, "s", (char *)name,
					(char *)json_object_get_string(value));
	}
}

static int add_members(rpc_t *rpc, void *structure, json_object *object)
{
	json_object_object_foreach(object, name, value)
	{
		if(add_value(rpc, structure, name, value) < 0)
			return -1;
	}
	return 0;
}

void command_answer(rpc_t *rpc, void *ctx, json_object *object)
{
	void *structure;

	if(rpc->add(ctx, "{", &structure) < 0
			|| add_members(rpc, structure, object) < 0)
		rpc->fault(ctx, 500,
				"The answer is too long for this transport: ask for fewer");
}

json_object *command_refusal(int code, const char *sentence)
{
	json_object *object = json_object_new_object();

	json_add_number(object, FAULT_CODE, code);
	json_add_word(object, FAULT_TEXT, sentence);
	return object;
}

json_object *command_ask(rpc_t *rpc, void *ctx, int index, question_kind_t kind,
		json_object *arg)
{
	str text = {(char *)json_object_to_json_string(arg), 0}, why;
	json_object *object;
	char *answer;
	int code;

	text.len = (int)strlen(text.s);
	if(text.len > QUESTION_ARG_MAX) {
		rpc->fault(ctx, 413, "The command is too long");
		return NULL;
	}
	answer = question_ask(index, kind, &text);
	object = answer ? json_tokener_parse(answer) : NULL;
	question_free_answer(answer);
	if(!object) {
		rpc->fault(ctx, 504, "Worker %d does not answer", index);
		return NULL;
	}
	code = (int)json_get_number(object, FAULT_CODE, 0);
	if(code == 0)
		return object;
	why = json_get_text(object, FAULT_TEXT);
	rpc->fault(ctx, code, "%.*s", TEXT_ARG(&why));
	json_object_put(object);
	return NULL;
}
