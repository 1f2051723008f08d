/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * cpim: finds the headers of a message/cpim and writes them anew. Called by
 * the switch for every message; may not know who the participants are. RFC
 * 3862, with LF line ends, missing headers and a missing blank line before
 * the MIME headers (as in RFC 7701's own samples) taken as they come.
 */
#include <string.h>
#include <time.h>

#include "wire/cpim.h"

typedef struct header_line
{
	str raw;	 /* with its line end */
	str content; /* without */
	str name;	 /* empty when it is no header */
	str value;
} header_line_t;

static void split_header(header_line_t *line)
{
	int colon = text_find_char(&line->content, ':');
	int i;

	line->name.s = line->content.s;
	line->name.len = colon > 0 ? colon : 0;
	for(i = 0; i < line->name.len; i++) {
		if(line->name.s[i] <= ' ' || line->name.s[i] > '~')
			line->name.len = 0;
	}
	line->value = text_from(&line->content, colon + 1);
	line->value = text_trim(&line->value);
}


/* Reads the line that begins at `at`. Returns 1, 0 when its end is not in
 * `data`, -1 when it is too long or hides a CR or a zero. */
static int read_line(const str *data, size_t at, header_line_t *line)
{
	size_t room = CPIM_HEADERS_MAX - at;
	size_t left = data->len - at;
	char *begin = data->s + at;
	char *lf = memchr(begin, '\n', left < room ? left : room);

	if(!lf)
		return left < room ? 0 : -1;
	line->raw.s = line->content.s = begin;
	line->raw.len = (int)(lf - begin + 1);
	line->content.len = (int)(lf - begin);
	if(lf > begin && lf[-1] == '\r')
		line->content.len--;
	if(memchr(begin, '\r', line->content.len)
			|| memchr(begin, 0, line->content.len))
		return -1;
	split_header(line);
	return 1;
}


/* Just behind the quoted string that begins `value`, 0 without one. */
static int skip_quoted(const str *value)
{
	int i;

	if(value->len == 0 || value->s[0] != '"')
		return 0;
	for(i = 1; i < value->len; i++) {
		if(value->s[i] == '\\')
			i++;
		else if(value->s[i] == '"')
			return i + 1;
	}
	return 0;
}


/* The URI in `Name <uri>`, `"Name" <uri>` or, against the RFC, `uri`. */
static str find_uri(const str *value)
{
	str rest = text_from(value, skip_quoted(value));
	int open = text_find_char(&rest, '<');
	str none = {NULL, 0};
	str uri = *value;
	int i;

	if(open >= 0) {
		uri = text_from(&rest, open + 1);
		uri.len = text_find_char(&uri, '>');
		return uri.len > 0 ? text_trim(&uri) : none;
	}
	for(i = 0; i < uri.len; i++) {
		if(uri.s[i] <= ' ' || uri.s[i] == ';' || uri.s[i] == '"')
			uri.len = i;
	}
	return text_find_char(&uri, ':') > 0 ? uri : none;
}


/* `<uri> ... <uri>`: against the RFC, but nobody may be overlooked. */
static int names_several(const str *value)
{
	str rest = text_from(value, skip_quoted(value));
	int end = text_find_char(&rest, '>');

	rest = text_from(&rest, end + 1);
	return end >= 0 && text_find_char(&rest, '<') >= 0;
}


static void note_from(cpim_t *cpim, const header_line_t *line)
{
	if(cpim->from_count++ > 0)
		return;
	cpim->from_line = line->raw;
	cpim->from = line->value;
	cpim->from_uri = find_uri(&line->value);
}


static void note_to(cpim_t *cpim, const header_line_t *line)
{
	int n = cpim->to_count;

	cpim->to_count += names_several(&line->value) ? 2 : 1;
	if(n >= CPIM_TO_MAX)
		return;
	cpim->to[n] = line->value;
	cpim->to_uri[n] = find_uri(&line->value);
}


static void note_header(cpim_t *cpim, const header_line_t *line)
{
	if(text_eq(&line->name, &TEXT("From")))
		note_from(cpim, line);
	else if(text_eq(&line->name, &TEXT("To")))
		note_to(cpim, line);
	else if(text_eq(&line->name, &TEXT("cc")))
		cpim->cc_count++;
	else if(text_eq(&line->name, &TEXT("DateTime")) && !cpim->date_time.s)
		cpim->date_time = line->value;
}


static cpim_result_t message_headers(const str *data, int whole, cpim_t *cpim)
{
	header_line_t line;
	size_t at = 0;
	int got;

	while((got = read_line(data, at, &line)) > 0) {
		cpim->headers_end = at + line.raw.len;
		if(line.content.len == 0)
			return CPIM_OK;
		if(line.name.len == 0)
			return CPIM_BROKEN;
		if(text_starts_nocase(&line.name, &TEXT("Content-"))) {
			cpim->headers_end = at;
			return CPIM_OK;
		}
		note_header(cpim, &line);
		at = cpim->headers_end;
	}
	return got < 0 || whole ? CPIM_BROKEN : CPIM_NEED_MORE;
}


static str without_params(const str *value)
{
	str type = *value;
	int at = text_find_char(value, ';');

	if(at >= 0)
		type.len = at;
	return text_trim(&type);
}


static cpim_result_t mime_headers(const str *data, int whole, cpim_t *cpim)
{
	header_line_t line;
	str type = {NULL, 0};
	size_t at = cpim->headers_end;
	int got, folded;

	while((got = read_line(data, at, &line)) > 0) {
		if(line.content.len == 0) {
			cpim->mime_end = at + line.raw.len;
			cpim->content_type = type;
			return CPIM_OK;
		}
		folded = at > cpim->headers_end
				 && (line.raw.s[0] == ' ' || line.raw.s[0] == '\t');
		if(!folded && line.name.len == 0)
			return CPIM_BROKEN;
		if(!type.s && text_eq_nocase(&line.name, &TEXT("Content-Type")))
			type = without_params(&line.value);
		at += line.raw.len;
	}
	if(got < 0)
		return CPIM_BROKEN;
	return whole ? CPIM_OK : CPIM_NEED_MORE;
}


cpim_result_t cpim_parse(const str *data, int whole, cpim_t *cpim)
{
	cpim_result_t result;

	memset(cpim, 0, sizeof(*cpim));
	if(data->len <= 0)
		return whole ? CPIM_BROKEN : CPIM_NEED_MORE;
	result = message_headers(data, whole, cpim);
	return result == CPIM_OK ? mime_headers(data, whole, cpim) : result;
}


static void add_header(
		buffer_t *out, const char *name, const str *uri, const str *line_end)
{
	buffer_add_text(out, name);
	buffer_add(out, ": <", 3);
	buffer_add_str(out, uri);
	buffer_add(out, ">", 1);
	buffer_add_str(out, line_end);
}


static void add_date_time(buffer_t *out, int64_t now, const str *line_end)
{
	time_t seconds = (time_t)now;
	struct tm utc;
	char text[40];

	if(!gmtime_r(&seconds, &utc))
		return;
	if(strftime(text, sizeof(text), "DateTime: %Y-%m-%dT%H:%M:%SZ", &utc) == 0)
		return;
	buffer_add_text(out, text);
	buffer_add_str(out, line_end);
}


/* What the message's own lines end with; CRLF when it has none. */
static str line_end_of(const str *data, const cpim_t *cpim)
{
	str headers = {data->s, (int)cpim->headers_end};
	int at = text_find_char(&headers, '\n');

	if(at < 0 || (at > 0 && headers.s[at - 1] == '\r'))
		return TEXT("\r\n");
	return TEXT("\n");
}


void cpim_write_headers(buffer_t *out, const str *data, const cpim_t *cpim,
		const str *from_uri, const str *to_uri, int64_t now)
{
	int keep = cpim->from_count == 1 && text_eq(&cpim->from_uri, from_uri);
	str end = line_end_of(data, cpim);
	header_line_t line = {0};
	size_t at;

	/* From leads, wherever it stood, and all that were there are gone */
	if(keep)
		buffer_add_str(out, &cpim->from_line);
	else
		add_header(out, "From", from_uri, &end);
	if(cpim->to_count == 0)
		add_header(out, "To", to_uri, &end);
	for(at = 0; at < cpim->headers_end; at += line.raw.len) {
		if(read_line(data, at, &line) <= 0 || line.content.len == 0)
			break;
		if(!text_eq(&line.name, &TEXT("From")))
			buffer_add_str(out, &line.raw);
	}
	if(!cpim->date_time.s)
		add_date_time(out, now, &end);
	buffer_add_str(out, &end);
}
