/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * json: json-c with the module's texts: members of objects, written and read.
 * What is no UTF-8 becomes U+FFFD on its way in, so that every text we make
 * is JSON.
 */
#ifndef IMCONF_ADMIN_JSON_H
#define IMCONF_ADMIN_JSON_H

#include <json-c/json.h>
#include "base/text.h"

/** Add a member: an str, a text that ends with a NUL, a number; values are
 * copied. */
void json_add_text(json_object *object, const char *name, const str *value);
void json_add_word(json_object *object, const char *name, const char *value);
void json_add_number(json_object *object, const char *name, int64_t value);

/** A member as a text, empty when there is none; borrowed from the object. */
str json_get_text(const json_object *object, const char *name);

/** A member as a number, `otherwise` when there is none. */
int64_t json_get_number(
		const json_object *object, const char *name, int64_t otherwise);

#endif
