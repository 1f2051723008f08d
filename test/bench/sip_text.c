/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * sip_text: see sip_text.h. No state.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "sip_text.h"

#define SIP_VERSION "SIP/2.0 "
#define SIP_VERSION_LEN 8


int sip_status(const sip_text_t *m)
{
	return strncmp(m->s, SIP_VERSION, SIP_VERSION_LEN) == 0
				   ? atoi(m->s + SIP_VERSION_LEN)
				   : 0;
}


int sip_is(const sip_text_t *m, const char *method)
{
	char cseq[64];
	const char *space;

	if(sip_status(m) == 0) {
		size_t n = strlen(method);

		return strncmp(m->s, method, n) == 0 && m->s[n] == ' ';
	}
	sip_header(m, "CSeq", cseq, sizeof(cseq));
	space = strchr(cseq, ' ');
	return space != NULL && strcmp(space + 1, method) == 0;
}


static const char *body_of(const sip_text_t *m)
{
	const char *blank = strstr(m->s, "\r\n\r\n");

	return blank ? blank + 4 : m->s + m->len;
}


/* the value of the next `name` header after `*at`; moves `*at` behind it */
static const char *next_header(
		const char *end, const char *name, const char **at, size_t *len)
{
	size_t n = strlen(name);
	const char *line, *eol;

	for(line = *at; line < end; line = eol + 2) {
		eol = memmem(line, end - line, "\r\n", 2);
		if(eol == NULL)
			break;
		if(strncasecmp(line, name, n) != 0 || line[n] != ':')
			continue;
		*at = eol + 2;
		for(line += n + 1; line < eol && *line == ' '; line++)
			;
		*len = eol - line;
		return line;
	}
	return NULL;
}


static size_t copy(const char *value, size_t len, char *out, size_t size)
{
	if(value == NULL || len >= size)
		len = 0;
	if(len > 0)
		memcpy(out, value, len);
	out[len] = 0;
	return len;
}


size_t sip_header(const sip_text_t *m, const char *name, char *out, size_t size)
{
	const char *at = m->s, *value;
	size_t len = 0;

	value = next_header(body_of(m), name, &at, &len);
	return copy(value, len, out, size);
}


int sip_lines(const sip_text_t *m, const char *name, const char *as, char *out,
		size_t size)
{
	const char *at = m->s, *end = body_of(m), *value;
	size_t len = 0, used = 0;

	out[0] = 0;
	while((value = next_header(end, name, &at, &len)) != NULL) {
		used += snprintf(
				out + used, size - used, "%s: %.*s\r\n", as, (int)len, value);
		if(used >= size)
			return -1;
	}
	return (int)used;
}


size_t sip_body_line(
		const sip_text_t *m, const char *prefix, char *out, size_t size)
{
	const char *line = body_of(m), *end = m->s + m->len, *eol;
	size_t n = strlen(prefix);

	out[0] = 0;
	while(line < end) {
		eol = memmem(line, end - line, "\r\n", 2);
		if(eol == NULL)
			eol = end;
		if((size_t)(eol - line) >= n && memcmp(line, prefix, n) == 0)
			return copy(line + n, eol - line - n, out, size);
		line = eol + 2;
	}
	return 0;
}
