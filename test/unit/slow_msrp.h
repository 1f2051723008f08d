/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A second MSRP parser, for comparison: slow and obvious. It has the whole
 * stream before it, cuts it into lines and copies everything it finds. Shares
 * no code with wire/msrp_frame. RFC 4975 section 9, with the leniency that
 * msrp_frame.h promises. For streams of whole frames that begin with MSRP.
 */
#ifndef IMCONF_TEST_SLOW_MSRP_H
#define IMCONF_TEST_SLOW_MSRP_H

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SLOW_LINES 64
#define SLOW_TEXT 4096

typedef struct slow_frame
{
	char id[64];
	char what[64]; /* behind the id */
	char name[SLOW_LINES][256];
	char value[SLOW_LINES][512];
	int lines;
	int broken; /* a line that is no header */
	int has_body;
	char body[SLOW_TEXT];
	int body_len;
	char flag;
} slow_frame_t;


/* The next line without its end; returns where the one behind it begins. */
static const char *slow_line(
		const char *at, const char *end, char *line, size_t size)
{
	size_t n = 0;

	while(at < end && *at != '\n') {
		if(n + 1 < size)
			line[n++] = *at;
		at++;
	}
	if(n > 0 && line[n - 1] == '\r')
		n--;
	line[n] = 0;
	return at < end ? at + 1 : end;
}


static int slow_is_end(const slow_frame_t *f, const char *line)
{
	char want[128];

	for(int i = 0; i < 3; i++) {
		snprintf(want, sizeof(want), "-------%s%c", f->id, "$+#"[i]);
		if(strcmp(line, want) == 0)
			return "$+#"[i];
	}
	return 0;
}


static void slow_header(slow_frame_t *f, const char *line)
{
	const char *colon = strchr(line, ':');
	const char *value;
	int len = colon ? (int)(colon - line) : 0;
	char *end;

	if(len == 0 || memchr(line, ' ', len) || memchr(line, '\t', len)) {
		f->broken = 1;
		return;
	}
	snprintf(f->name[f->lines], sizeof(f->name[0]), "%.*s", len, line);
	for(value = colon + 1; *value == ' ' || *value == '\t'; value++)
		;
	snprintf(f->value[f->lines], sizeof(f->value[0]), "%s", value);
	end = f->value[f->lines] + strlen(f->value[f->lines]);
	while(end > f->value[f->lines] && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = 0;
	f->lines++;
}


/* The body ends where CRLF, the end-line and CRLF come first. */
static const char *slow_body(slow_frame_t *f, const char *at, const char *end)
{
	const char *begin = at, *end_line;
	char want[128];
	int len;

	f->has_body = 1;
	for(; at < end; at++) {
		for(int i = 0; i < 3; i++) {
			len = snprintf(
					want, sizeof(want), "\r\n-------%s%c\r\n", f->id, "$+#"[i]);
			/* an empty one has no CRLF of its own */
			end_line = at == begin ? want + 2 : want;
			len -= (int)(end_line - want);
			if(end - at >= len && memcmp(at, end_line, len) == 0) {
				f->flag = "$+#"[i];
				return at + len;
			}
			if(at == begin && end - at >= len + 2
					&& memcmp(at, want, len + 2) == 0) {
				f->flag = "$+#"[i];
				return at + len + 2;
			}
		}
		f->body[f->body_len++] = *at;
	}
	return NULL;
}


/* One frame from `at` on. Returns where the next begins, NULL at the end. */
static const char *slow_parse(slow_frame_t *f, const char *at, const char *end)
{
	char line[SLOW_TEXT];

	memset(f, 0, sizeof(*f));
	do {
		if(at >= end)
			return NULL;
		at = slow_line(at, end, line, sizeof(line));
	} while(line[0] == 0);
	if(sscanf(line, "MSRP %63s %63[^\n]", f->id, f->what) < 2)
		return NULL;
	while(at < end) {
		at = slow_line(at, end, line, sizeof(line));
		f->flag = (char)slow_is_end(f, line);
		if(f->flag)
			return at;
		if(line[0] == 0)
			return slow_body(f, at, end);
		slow_header(f, line);
	}
	return NULL;
}


/* The value of a header that stands once; NULL: not at all. `twice` is set
 * when it stands more often. */
static const char *slow_get(const slow_frame_t *f, const char *name, int *twice)
{
	const char *value = NULL;

	for(int i = 0; i < f->lines; i++) {
		if(strcasecmp(f->name[i], name) != 0)
			continue;
		if(value)
			*twice = 1;
		else
			value = f->value[i];
	}
	return value;
}


/* The value of a header that may stand more than once: the last counts. */
static const char *slow_last(const slow_frame_t *f, const char *name)
{
	for(int i = f->lines - 1; i >= 0; i--) {
		if(strcasecmp(f->name[i], name) == 0)
			return f->value[i];
	}
	return NULL;
}

#endif
