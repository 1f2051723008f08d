/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * json: see the header. Used by all of admin/.
 */
#include "admin/json.h"

#include "base/buffer.h"

void json_add_text(json_object *object, const char *name, const str *value)
{
	buffer_t clean;

	buffer_init(&clean, 0);
	buffer_add_utf8(&clean, value);
	json_object_object_add(object, name,
			json_object_new_string_len(
					clean.len ? clean.s : "", (int)clean.len));
	buffer_free(&clean);
}

void json_add_word(json_object *object, const char *name, const char *value)
{
	json_object_object_add(object, name, json_object_new_string(value));
}

void json_add_number(json_object *object, const char *name, int64_t value)
{
	json_object_object_add(object, name, json_object_new_int64(value));
}

str json_get_text(const json_object *object, const char *name)
{
	json_object *member;
	str text = {NULL, 0};

	if(!json_object_object_get_ex(object, name, &member))
		return text;
	text.s = (char *)json_object_get_string(member);
	text.len = json_object_get_string_len(member);
	return text;
}

int64_t json_get_number(
		const json_object *object, const char *name, int64_t otherwise)
{
	json_object *member;

	if(!json_object_object_get_ex(object, name, &member))
		return otherwise;
	return json_object_get_int64(member);
}
