/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * frame: see frame.h. Knows neither sockets nor sessions.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "frame.h"

#define START "MSRP "
#define START_LEN 5
#define FIRST_LINE_MAX 128
#define END_DASHES "\r\n-------"
#define END_DASHES_LEN 9


/* "MSRP <id> <method or code>[ comment]"; returns the line's length without
 * its end, 0 when it is not complete yet, -1 when it is something else */
static int first_line(const char *buf, size_t len, frame_t *f)
{
	const char *eol, *id, *space;

	if(memcmp(buf, START, len < START_LEN ? len : START_LEN) != 0)
		return -1;
	eol = memmem(buf, len, "\r\n", 2);
	if(eol == NULL)
		return len < FIRST_LINE_MAX ? 0 : -1;
	id = buf + START_LEN;
	space = memchr(id, ' ', eol - id);
	if(space == NULL || space - id > FRAME_ID_MAX)
		return -1;
	memcpy(f->id, id, space - id);
	f->id[space - id] = 0;
	f->status = atoi(space + 1);
	f->is_send = eol - space == 5 && memcmp(space + 1, "SEND", 4) == 0;
	return eol - buf;
}


static int end_line(const char *buf, size_t len, size_t from, frame_t *f)
{
	char wanted[END_DASHES_LEN + FRAME_ID_MAX + 1];
	const char *end, *blank;
	int n;

	n = snprintf(wanted, sizeof(wanted), END_DASHES "%s", f->id);
	end = memmem(buf + from, len - from, wanted, n);
	if(end == NULL || end + n + 3 > buf + len)
		return 0;
	f->flag = end[n];
	if(memcmp(end + n + 1, "\r\n", 2) != 0)
		return -1;
	f->start = buf;
	f->len = end + n + 3 - buf;
	blank = memmem(buf + from, end - buf - from, "\r\n\r\n", 4);
	f->body = blank ? blank + 4 : NULL;
	f->body_len = blank ? (size_t)(end - f->body) : 0;
	return 1;
}


int frame_find(const char *buf, size_t len, frame_t *f)
{
	int n;

	if(len == 0)
		return 0;
	n = first_line(buf, len, f);
	return n <= 0 ? n : end_line(buf, len, n, f);
}


size_t frame_header(const frame_t *f, const char *name, const char **value)
{
	const char *end, *at, *eol;

	end = f->body ? f->body : f->start + f->len;
	at = memmem(f->start, end - f->start, name, strlen(name));
	if(at == NULL || at == f->start || at[-1] != '\n')
		return 0;
	at += strlen(name);
	while(at < end && *at == ' ')
		at++;
	eol = memchr(at, '\r', end - at);
	if(eol == NULL)
		return 0;
	*value = at;
	return eol - at;
}


size_t frame_answer(const frame_t *f, char *out, size_t size)
{
	const char *to = NULL, *from = NULL;
	size_t to_len, from_len;
	int n;

	to_len = frame_header(f, "To-Path:", &to);
	from_len = frame_header(f, "From-Path:", &from);
	if(to_len == 0 || from_len == 0)
		return 0;
	n = snprintf(out, size,
			"MSRP %s 200 OK\r\nTo-Path: %.*s\r\nFrom-Path: %.*s\r\n"
			"-------%s$\r\n",
			f->id, (int)from_len, from, (int)to_len, to, f->id);
	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}
