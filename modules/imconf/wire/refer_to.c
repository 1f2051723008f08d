/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * refer_to: see refer_to.h. Called by the focus for REFER; knows no message
 * and no list.
 */
#include <stdlib.h>
#include <string.h>
#include "wire/refer_to.h"
#include "wire/replaces.h"
#include "wire/sip_uri.h"

#define CID_MAX 256

static const str method_name = STR_STATIC_INIT("method");


/* One more place that may name a method: all that do must agree. */
static void take_method(const str *value, int *said, refer_method_t *method)
{
	refer_method_t named = REFER_OTHER;

	if(text_eq_nocase(value, &TEXT("INVITE")))
		named = REFER_INVITE;
	else if(text_eq_nocase(value, &TEXT("BYE")))
		named = REFER_BYE;
	if(*said && named != *method)
		named = REFER_OTHER;
	*method = named;
	*said = 1;
}


static refer_method_t find_method(
		const uri_parts_t *uri, const str *headers, const str *params)
{
	refer_method_t method = REFER_INVITE;
	int said = 0;
	str value;

	if(sip_uri_param(&uri->params, &method_name, &value))
		take_method(&value, &said, &method);
	if(sip_uri_header(headers, &method_name, &value))
		take_method(&value, &said, &method);
	if(sip_uri_param(params, &method_name, &value))
		take_method(&value, &said, &method);
	return method;
}


static int is_method(const str *param)
{
	str rest = *param, key;

	return text_next(&rest, '=', &key) && text_eq_nocase(&key, &method_name);
}


static void append(str *dst, const str *src)
{
	if(src->len > 0)
		memcpy(dst->s + dst->len, src->s, src->len);
	dst->len += src->len;
	dst->s[dst->len] = '\0';
}


/* RFC 3261 19.1.1: a Request-URI has no method parameter. */
static int copy_uri(const uri_parts_t *uri, str *dst)
{
	str rest = uri->params, head = uri->core, param;

	if(rest.len > 0)
		head.len = (int)(rest.s - head.s) - 1;
	dst->s = malloc(uri->core.len + 1);
	dst->len = 0;
	if(dst->s == NULL)
		return REFER_TO_MEMORY;
	append(dst, &head);
	while(text_next(&rest, ';', &param)) {
		if(param.len == 0 || is_method(&param))
			continue;
		append(dst, &TEXT(";"));
		append(dst, &param);
	}
	return 0;
}


/* E2: what goes into its invitation, if it is to be invited at all */
static int take_invitation(refer_target_t *t)
{
	buffer_t lines;
	str text;
	int rc;

	if(t->method != REFER_INVITE || t->headers.len == 0)
		return 0;
	buffer_init(&lines, 0);
	rc = replaces_of_invitee(&t->headers, &lines);
	text = buffer_str(&lines);
	if(rc >= 0 && text_copy(&t->invitation, &text) < 0)
		rc = REPLACES_MEMORY;
	buffer_free(&lines);
	if(rc >= 0)
		return 0;
	return rc == REPLACES_MEMORY ? REFER_TO_MEMORY : REFER_TO_BROKEN;
}


/* `params`: of the header that the URI stands in. */
static int init_target(refer_target_t *t, const str *uri, const str *headers,
		const str *params)
{
	uri_parts_t parts;
	int rc;

	memset(t, 0, sizeof(*t));
	if(sip_uri_parse(uri, &parts) < 0)
		return REFER_TO_BROKEN;
	t->headers = parts.headers.len > 0 ? parts.headers : *headers;
	t->method = find_method(&parts, &t->headers, params);
	rc = take_invitation(t);
	if(rc == 0)
		rc = copy_uri(&parts, &t->uri);
	if(rc < 0)
		refer_target_free(t);
	return rc;
}


int refer_target_init(refer_target_t *t, const str *uri, const str *headers)
{
	str none = {NULL, 0};

	return init_target(t, uri, headers, &none);
}


void refer_target_free(refer_target_t *t)
{
	text_free(&t->uri);
	text_free(&t->invitation);
	t->headers = (str){NULL, 0};
}


/* RFC 2392: a Content-ID, escaped as a URL needs it. */
static int take_cid(const str *uri, str *cid)
{
	str id = text_from(uri, 4);

	if(id.len > CID_MAX || sip_unescape(&id, cid) < 0)
		return REFER_TO_BROKEN;
	return cid->len > 0 ? 0 : REFER_TO_BROKEN;
}


static int is_cid(const str *uri)
{
	return text_starts_nocase(uri, &TEXT("cid:"));
}


int refer_to_parse(const str *value, refer_to_t *to)
{
	str text = text_trim(value), display, uri, params, none = {NULL, 0};

	memset(to, 0, sizeof(*to));
	if(name_addr_parse(&text, &display, &uri, &params) < 0)
		return REFER_TO_BROKEN;
	if(is_cid(&uri))
		return take_cid(&uri, &to->cid);
	if(text_find_char(&text, '<') < 0)
		return init_target(&to->target, &text, &none, &none);
	return init_target(&to->target, &uri, &none, &params);
}


void refer_to_free(refer_to_t *to)
{
	text_free(&to->cid);
	refer_target_free(&to->target);
}
