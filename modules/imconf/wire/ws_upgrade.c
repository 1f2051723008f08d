/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ws_upgrade: see ws_upgrade.h. Called by the switch for every byte that comes
 * to a WebSocket port; may not know what becomes of the answer.
 */
#include <string.h>

#include "wire/ws_upgrade.h"

#define KEY_LEN 24 /* 16 octets in base64 */
#define FIELDS_MAX 64

/* What the header fields said; a bit for each that is needed. */
enum
{
	HAS_HOST = 1,
	HAS_UPGRADE = 2,
	HAS_CONNECTION = 4,
	HAS_KEY = 8,
	HAS_VERSION = 16,
	HAS_PROTOCOL = 32
};


static int refuse(ws_upgrade_t *u, int code, const char *why)
{
	u->code = code;
	u->why = why;
	return 1;
}


/* 1 when a comma separated list has this token. */
static int has_token(const str *value, const str *token)
{
	str rest = *value, one;

	while(text_next(&rest, ',', &one)) {
		if(text_eq_nocase(&one, token))
			return 1;
	}
	return 0;
}


/* 16 octets in base64: 22 digits and "==" */
static int is_key(const str *value)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
								 "abcdefghijklmnopqrstuvwxyz0123456789+/";

	if(value->len != KEY_LEN || memcmp(value->s + KEY_LEN - 2, "==", 2) != 0)
		return 0;
	for(int i = 0; i < KEY_LEN - 2; i++) {
		if(!memchr(digits, value->s[i], sizeof(digits) - 1))
			return 0;
	}
	return 1;
}


static unsigned read_field(ws_upgrade_t *u, const str *name, const str *value)
{
	if(text_eq_nocase(name, &TEXT("Host")))
		return value->len > 0 ? HAS_HOST : 0;
	if(text_eq_nocase(name, &TEXT("Upgrade")))
		return has_token(value, &TEXT("websocket")) ? HAS_UPGRADE : 0;
	if(text_eq_nocase(name, &TEXT("Connection")))
		return has_token(value, &TEXT("upgrade")) ? HAS_CONNECTION : 0;
	if(text_eq_nocase(name, &TEXT("Sec-WebSocket-Version")))
		return text_eq(value, &TEXT("13")) ? HAS_VERSION : 0;
	if(text_eq_nocase(name, &TEXT("Sec-WebSocket-Protocol")))
		return has_token(value, &TEXT("msrp")) ? HAS_PROTOCOL : 0;
	if(text_eq_nocase(name, &TEXT("Origin")))
		u->origin = *value;
	if(!text_eq_nocase(name, &TEXT("Sec-WebSocket-Key")) || !is_key(value))
		return 0;
	u->key = *value;
	return HAS_KEY;
}


static int is_text(const str *line)
{
	for(int i = 0; i < line->len; i++) {
		unsigned char c = line->s[i];

		if((c < ' ' && c != '\t') || c == 127)
			return 0;
	}
	return 1;
}


/* name ":" value; a folded line is none. Returns -1 when it is broken. */
static int take_field(ws_upgrade_t *u, const str *line, unsigned *has)
{
	int colon = text_find_char(line, ':');
	str name = {line->s, colon}, value;
	unsigned what;

	if(colon < 1 || !is_text(line) || text_trim(&name).len != colon)
		return -1;
	value = text_from(line, colon + 1);
	value = text_trim(&value);
	/* a body would be taken for frames */
	if(text_eq_nocase(&name, &TEXT("Transfer-Encoding"))
			|| (text_eq_nocase(&name, &TEXT("Content-Length"))
					&& !text_eq(&value, &TEXT("0"))))
		return -1;
	what = read_field(u, &name, &value);
	/* two keys, and we should answer which? */
	if(what == HAS_KEY && (*has & HAS_KEY))
		return -1;
	*has |= what;
	return 0;
}


static int conclude(ws_upgrade_t *u, unsigned has)
{
	if(!(has & HAS_HOST))
		return refuse(u, 400, "it names no host");
	if(!(has & HAS_UPGRADE) || !(has & HAS_CONNECTION))
		return refuse(u, 426, "it does not ask for a WebSocket");
	if(!(has & HAS_VERSION))
		return refuse(u, 426, "it wants another version of WebSocket");
	if(!(has & HAS_KEY))
		return refuse(u, 400, "it has no key");
	if(!(has & HAS_PROTOCOL))
		return refuse(u, 400, "it does not offer the subprotocol msrp");
	u->code = 101;
	return 1;
}


/* GET <target> HTTP/1.1. Returns 1 when that is refused already. */
static int read_first_line(ws_upgrade_t *u, const str *line)
{
	str rest = *line, method, target;

	if(!is_text(line) || !text_next(&rest, ' ', &method)
			|| !text_next(&rest, ' ', &target) || target.len == 0)
		return refuse(u, 400, "it is no HTTP");
	if(text_eq(&rest, &TEXT("HTTP/1.1")))
		return text_eq(&method, &TEXT("GET"))
					   ? 0
					   : refuse(u, 405, "its method is not GET");
	if(rest.len > 5 && memcmp(rest.s, "HTTP/", 5) == 0)
		return refuse(u, 505, "it is not HTTP 1.1");
	return refuse(u, 400, "it is no HTTP");
}


static int read_lines(ws_upgrade_t *u, str head)
{
	unsigned has = 0;
	int fields = 0;
	str line;

	text_next(&head, '\n', &line);
	if(read_first_line(u, &line))
		return 1;
	while(text_next(&head, '\n', &line)) {
		if(++fields > FIELDS_MAX || take_field(u, &line, &has) < 0)
			return refuse(u, 400, "its header is broken");
	}
	return conclude(u, has);
}


/* What cannot become a request is not waited for: TLS on the wrong port. */
static int may_be_http(const str *text)
{
	return text->len == 0 || (text->s[0] >= 'A' && text->s[0] <= 'Z');
}


int ws_upgrade_parse(const str *text, ws_upgrade_t *u)
{
	str end = TEXT("\r\n\r\n"), head = *text;
	int at = text_find(text, &end);

	memset(u, 0, sizeof(*u));
	if(!may_be_http(text))
		return refuse(u, 400, "it is no HTTP");
	if(at < 0 || at + end.len > WS_UPGRADE_MAX)
		return text->len < WS_UPGRADE_MAX
					   ? 0
					   : refuse(u, 400, "its header is too long");
	u->length = at + end.len;
	head.len = at;
	return read_lines(u, head);
}
