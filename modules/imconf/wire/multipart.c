/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * multipart: see multipart.h. Called by the focus for bodies of requests and
 * replies; knows no document that may be in a part.
 */
#include <string.h>
#include "wire/multipart.h"

#define BOUNDARY_MAX 200 /* RFC 2046 says 70 */

typedef enum line_kind
{
	LINE_OTHER,
	LINE_DELIMITER,
	LINE_CLOSE
} line_kind_t;


/* Takes a line with its end off the front of `rest`; 0 when nothing is left */
static int take_line(str *rest, str *line)
{
	int end;

	if(rest->len <= 0)
		return 0;
	end = text_find_char(rest, '\n');
	*line = (str){rest->s, end < 0 ? rest->len : end + 1};
	*rest = text_from(rest, line->len);
	return 1;
}


/* Where the parameters begin: behind the first ';' */
static str split_value(const str *value, str *params)
{
	int at = text_find_char(value, ';');
	str head = {value->s, at < 0 ? value->len : at};

	*params = (str){NULL, 0};
	if(at >= 0) {
		*params = text_from(value, at + 1);
		*params = text_trim(params);
	}
	return text_trim(&head);
}


/* Takes `name`, `name=token` or `name="quoted"` off the front of `rest` */
static void take_param(str *rest, str *name, str *value)
{
	int i = 0, quoted = 0, equal = -1;

	for(; i < rest->len && (quoted || rest->s[i] != ';'); i++) {
		if(rest->s[i] == '"')
			quoted = !quoted;
		else if(rest->s[i] == '\\' && quoted)
			i++;
		else if(rest->s[i] == '=' && equal < 0)
			equal = i;
	}
	if(i > rest->len)
		i = rest->len;
	*name = (str){rest->s, equal < 0 ? i : equal};
	*name = text_trim(name);
	*value = (str){NULL, 0};
	if(equal >= 0) {
		*value = (str){rest->s + equal + 1, i - equal - 1};
		*value = text_trim(value);
	}
	*rest = text_from(rest, i + 1);
}


static str unquote(str value)
{
	if(value.len >= 2 && value.s[0] == '"' && value.s[value.len - 1] == '"')
		return (str){value.s + 1, value.len - 2};
	return value;
}


int mime_param(const str *params, const str *name, str *value)
{
	str rest = *params, key;

	while(rest.len > 0) {
		take_param(&rest, &key, value);
		if(key.len > 0 && text_eq_nocase(&key, name)) {
			*value = unquote(*value);
			return 1;
		}
	}
	*value = (str){NULL, 0};
	return 0;
}


static int is_optional(const str *params)
{
	str handling;

	return mime_param(params, &TEXT("handling"), &handling)
		   && text_eq_nocase(&handling, &TEXT("optional"));
}


static void set_type(body_part_t *part, const str *value)
{
	part->type = split_value(value, &part->params);
}


static void set_disposition(body_part_t *part, const str *value)
{
	str params;

	part->disposition = split_value(value, &params);
	part->optional = is_optional(&params);
}


static void set_content_id(body_part_t *part, const str *value)
{
	str id = *value;

	if(id.len >= 2 && id.s[0] == '<' && id.s[id.len - 1] == '>')
		id = (str){id.s + 1, id.len - 2};
	part->content_id = id;
}


static void set_header(body_part_t *part, const str *name, const str *value)
{
	if(text_eq_nocase(name, &TEXT("Content-Type")))
		set_type(part, value);
	else if(text_eq_nocase(name, &TEXT("Content-Disposition")))
		set_disposition(part, value);
	else if(text_eq_nocase(name, &TEXT("Content-ID")))
		set_content_id(part, value);
	else if(text_eq_nocase(name, &TEXT("Content-Transfer-Encoding")))
		part->encoding = *value;
}


/* Takes a header and the lines folded into it. 0: the blank line or the end,
 * -1: no header. */
static int take_header(str *rest, str *name, str *value)
{
	str line, more, folded;
	int colon;

	if(!take_line(rest, &line))
		return 0;
	folded = text_trim(&line);
	if(folded.len == 0)
		return 0;
	while(rest->len > 0 && (rest->s[0] == ' ' || rest->s[0] == '\t')) {
		take_line(rest, &more);
		line.len += more.len;
	}
	colon = text_find_char(&line, ':');
	if(colon <= 0)
		return -1;
	*name = (str){line.s, colon};
	*name = text_trim(name);
	*value = text_from(&line, colon + 1);
	*value = text_trim(value);
	return 1;
}


static int parse_leaf(const str *text, body_part_t *part)
{
	str name, value;
	int rc;

	memset(part, 0, sizeof(*part));
	part->type = TEXT("text/plain");
	part->body = *text;
	while((rc = take_header(&part->body, &name, &value)) > 0)
		set_header(part, &name, &value);
	return rc;
}


/* 1 for the kinds that are opened; the others are for the caller to know */
static int is_container(const str *type)
{
	static const str known[] = {
			STR_STATIC_INIT("multipart/mixed"),
			STR_STATIC_INIT("multipart/related"),
			STR_STATIC_INIT("multipart/alternative"),
	};

	for(size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if(text_eq_nocase(type, &known[i]))
			return 1;
	}
	return 0;
}


static line_kind_t line_kind(const str *line, const str *boundary)
{
	line_kind_t kind = LINE_DELIMITER;
	str rest;

	if(line->len < boundary->len + 2 || memcmp(line->s, "--", 2) != 0
			|| memcmp(line->s + 2, boundary->s, boundary->len) != 0)
		return LINE_OTHER;
	rest = text_from(line, boundary->len + 2);
	if(rest.len >= 2 && memcmp(rest.s, "--", 2) == 0) {
		rest = text_from(&rest, 2);
		kind = LINE_CLOSE;
	}
	/* another boundary may begin like ours */
	rest = text_trim(&rest);
	return rest.len == 0 ? kind : LINE_OTHER;
}


/* What is before the next delimiter, without the line end that belongs to
 * it. LINE_OTHER: no delimiter is left. */
static line_kind_t take_content(str *rest, const str *boundary, str *content)
{
	line_kind_t kind;
	str line;

	*content = (str){rest->s, 0};
	while(take_line(rest, &line)) {
		kind = line_kind(&line, boundary);
		if(kind == LINE_OTHER)
			continue;
		content->len = (int)(line.s - content->s);
		if(content->len > 0 && content->s[content->len - 1] == '\n')
			content->len--;
		if(content->len > 0 && content->s[content->len - 1] == '\r')
			content->len--;
		return kind;
	}
	return LINE_OTHER;
}


static int parse_container(
		const body_part_t *whole, int depth, body_parts_t *parts);


static int add_part(const body_part_t *part, int depth, body_parts_t *parts)
{
	if(is_container(&part->type))
		return parse_container(part, depth + 1, parts);
	if(parts->count == MULTIPART_PARTS_MAX)
		return -1;
	parts->part[parts->count++] = *part;
	return 0;
}


static int parse_container(
		const body_part_t *whole, int depth, body_parts_t *parts)
{
	str boundary, content, rest = whole->body;
	body_part_t part;
	line_kind_t kind;

	if(depth > MULTIPART_DEPTH_MAX
			|| !mime_param(&whole->params, &TEXT("boundary"), &boundary)
			|| boundary.len == 0 || boundary.len > BOUNDARY_MAX)
		return -1;
	if(take_content(&rest, &boundary, &content) != LINE_DELIMITER)
		return -1;
	do {
		kind = take_content(&rest, &boundary, &content);
		if(kind == LINE_OTHER)
			return -1;
		if(parse_leaf(&content, &part) < 0 || add_part(&part, depth, parts) < 0)
			return -1;
	} while(kind != LINE_CLOSE);
	return 0;
}


int body_parts_parse(const str *content_type, const str *disposition,
		const str *body, body_parts_t *parts)
{
	body_part_t whole = {.body = *body};

	parts->count = 0;
	set_type(&whole, content_type);
	set_disposition(&whole, disposition);
	if(whole.type.len == 0 && body->len <= 0)
		return 0;
	return add_part(&whole, 0, parts);
}


void multipart_add(buffer_t *out, const char *boundary, const char *type,
		const char *disposition, const str *body)
{
	buffer_printf(out, "--%s\r\nContent-Type: %s\r\n", boundary, type);
	if(disposition)
		buffer_printf(out, "Content-Disposition: %s\r\n", disposition);
	/* no RFC asks for the length, but every deployed client writes it */
	buffer_printf(out, "Content-Length: %d\r\n\r\n", body->len);
	buffer_add_str(out, body);
	buffer_add_text(out, "\r\n");
}


void multipart_end(buffer_t *out, const char *boundary)
{
	buffer_printf(out, "--%s--\r\n", boundary);
}
