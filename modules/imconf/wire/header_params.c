/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * header_params: see the header. Called by charging_vector.c, and for the
 * parameters that hold such lists.
 */
#include "wire/header_params.h"

#include <string.h>

static int is_token_octet(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
		   || (c >= '0' && c <= '9') || (c && strchr("-.!%*_+`'~", c));
}

static int is_value_octet(char c)
{
	return c > ' ' && c < 0x7f && !strchr(";,\"<>\\", c);
}

static str skip_space(const str *s)
{
	int i = 0;

	while(i < s->len && (s->s[i] == ' ' || s->s[i] == '\t'))
		i++;
	return text_from(s, i);
}

/* what of `s` satisfies `fits`; `rest` becomes what follows it and white
 * space */
static str take(str *rest, int (*fits)(char c))
{
	str taken = *rest, after;

	taken.len = 0;
	while(taken.len < rest->len && fits(rest->s[taken.len]))
		taken.len++;
	after = text_from(rest, taken.len);
	*rest = skip_space(&after);
	return taken;
}

/* a quoted string with its quotes; empty when it does not end, or holds a
 * control character, be it behind a backslash */
static str take_quoted(str *rest)
{
	str taken = *rest, after;
	int i, escaped = 0;

	for(i = 1; i < rest->len && (escaped || rest->s[i] != '"'); i++) {
		if((unsigned char)rest->s[i] < ' ' || rest->s[i] == 0x7f)
			return (str){NULL, 0};
		escaped = !escaped && rest->s[i] == '\\';
	}
	if(i >= rest->len)
		return (str){NULL, 0};
	taken.len = i + 1;
	after = text_from(rest, taken.len);
	*rest = skip_space(&after);
	return taken;
}

/* one parameter, up to whatever follows it */
static int take_param(str *rest, str *name, str *value)
{
	*value = (str){NULL, 0};
	*name = take(rest, is_token_octet);
	if(name->len == 0)
		return -1;
	if(rest->len == 0 || rest->s[0] != '=')
		return 1;
	*rest = text_from(rest, 1);
	*rest = skip_space(rest);
	if(rest->len > 0 && rest->s[0] == '"')
		*value = take_quoted(rest);
	else
		*value = take(rest, is_value_octet);
	return value->len > 0 ? 1 : -1;
}

int header_params_next(str *rest, str *name, str *value)
{
	*rest = skip_space(rest);
	if(rest->len == 0)
		return 0;
	if(take_param(rest, name, value) < 0)
		return -1;
	if(rest->len == 0)
		return 1;
	if(rest->s[0] != ';' || rest->len == 1)
		return -1;
	*rest = text_from(rest, 1);
	return 1;
}

int header_params_valid(const str *params)
{
	str rest = *params, name, value;
	int rc, count = 0;

	while((rc = header_params_next(&rest, &name, &value)) > 0)
		count++;
	return rc == 0 && count > 0;
}

/* the asterisk and its parameters */
static int skip_accepted(str *rest)
{
	str name, value;

	*rest = skip_space(rest);
	if(rest->len == 0 || rest->s[0] != '*')
		return -1;
	*rest = text_from(rest, 1);
	*rest = skip_space(rest);
	while(rest->len > 0 && rest->s[0] == ';') {
		*rest = text_from(rest, 1);
		*rest = skip_space(rest);
		if(take_param(rest, &name, &value) < 0)
			return -1;
	}
	return 0;
}

int header_params_accept_valid(const str *text)
{
	str rest = *text;

	while(skip_accepted(&rest) == 0) {
		if(rest.len == 0)
			return 1;
		if(rest.s[0] != ',')
			return 0;
		rest = text_from(&rest, 1);
	}
	return 0;
}
