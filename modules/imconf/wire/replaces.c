/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * replaces: see replaces.h. Called by the focus for INVITEs, their lists, and
 * REFERs.
 */
#include <string.h>
#include "wire/header_params.h"
#include "wire/replaces.h"
#include "wire/sip_uri.h"


/* RFC 3261 25.1: word [ "@" word ]; and the '=' of those that are base64 */
static int is_call_id(const str *s)
{
	int at = 0;

	for(int i = 0; i < s->len; i++) {
		char c = s->s[i];

		at += c == '@';
		if(c <= ' ' || c >= 0x7f || strchr(",;", c) != NULL)
			return 0;
	}
	return s->len > 0 && s->len <= REPLACES_PART_MAX && at <= 1
		   && s->s[0] != '@' && s->s[s->len - 1] != '@';
}


/* The first of its kind only; no quoted one */
static int take_tag(str *tag, const str *value)
{
	if(tag->s || value->len == 0 || value->s[0] == '"'
			|| value->len > REPLACES_PART_MAX)
		return REPLACES_BROKEN;
	*tag = *value;
	return 0;
}


static int take_param(replaces_t *replaces, const str *name, const str *value)
{
	if(text_eq_nocase(name, &TEXT("to-tag")))
		return take_tag(&replaces->to_tag, value);
	if(text_eq_nocase(name, &TEXT("from-tag")))
		return take_tag(&replaces->from_tag, value);
	if(text_eq_nocase(name, &TEXT("early-only")))
		replaces->early_only = 1;
	return 0;
}


int replaces_parse(const str *value, replaces_t *replaces)
{
	str rest = *value, name, param;
	int more;

	memset(replaces, 0, sizeof(*replaces));
	/* a Call-ID may have quotes and brackets in it that mean nothing */
	if(!text_next(&rest, ';', &replaces->call_id)
			|| !is_call_id(&replaces->call_id))
		return REPLACES_BROKEN;
	rest = text_trim(&rest);
	while((more = header_params_next(&rest, &name, &param)) > 0) {
		if(take_param(replaces, &name, &param) < 0)
			return REPLACES_BROKEN;
	}
	if(more < 0 || !replaces->to_tag.s || !replaces->from_tag.s)
		return REPLACES_BROKEN;
	return 0;
}


void replaces_write(const replaces_t *replaces, buffer_t *out)
{
	buffer_printf(out, "Replaces: %.*s;to-tag=%.*s;from-tag=%.*s%s\r\n",
			TEXT_ARG(&replaces->call_id), TEXT_ARG(&replaces->to_tag),
			TEXT_ARG(&replaces->from_tag),
			replaces->early_only ? ";early-only" : "");
}


static int add_replaces(const str *value, buffer_t *out)
{
	replaces_t replaces;

	if(replaces_parse(value, &replaces) < 0)
		return REPLACES_BROKEN;
	replaces_write(&replaces, out);
	return 0;
}


/* A Contribution-ID: visible octets */
static int add_session_replaces(const str *value, buffer_t *out)
{
	for(int i = 0; i < value->len; i++) {
		if(value->s[i] <= ' ' || value->s[i] >= 0x7f)
			return REPLACES_BROKEN;
	}
	if(value->len == 0 || value->len > REPLACES_PART_MAX)
		return REPLACES_BROKEN;
	buffer_printf(out, "Session-Replaces: %.*s\r\n", TEXT_ARG(value));
	return 0;
}


typedef int (*add_line_t)(const str *value, buffer_t *out);


static int add_unescaped(const str *escaped, add_line_t add, buffer_t *out)
{
	str value = {NULL, 0}, trimmed;
	int rc = REPLACES_BROKEN;

	if(sip_unescape(escaped, &value) == 0) {
		trimmed = text_trim(&value);
		rc = add(&trimmed, out);
	}
	text_free(&value);
	return rc;
}


int replaces_of_invitee(const str *headers, buffer_t *out)
{
	static const add_line_t adders[] = {add_replaces, add_session_replaces};
	static const str names[] = {
			STR_STATIC_INIT("Replaces"), STR_STATIC_INIT("Session-Replaces")};
	int seen[] = {0, 0}, lines = 0;
	str rest = *headers, item, key;

	while(text_next(&rest, '&', &item)) {
		if(!text_next(&item, '=', &key))
			continue;
		for(int i = 0; i < 2; i++) {
			if(!text_eq_nocase(&key, &names[i]))
				continue;
			if(seen[i]++ || add_unescaped(&item, adders[i], out) < 0)
				return REPLACES_BROKEN;
			lines++;
		}
	}
	return buffer_failed(out) ? REPLACES_MEMORY : lines;
}
