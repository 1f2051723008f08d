/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ws_upgrade: the HTTP request that opens a WebSocket for MSRP. RFC 6455
 * section 4.2.1, RFC 7977 section 4.1. No state.
 */
#ifndef IMCONF_WIRE_WS_UPGRADE_H
#define IMCONF_WIRE_WS_UPGRADE_H

#include "base/text.h"

#define WS_UPGRADE_MAX 8192 /* octets of the request */

typedef struct ws_upgrade
{
	int code;		 /* 101, or that of the refusal */
	const char *why; /* a sentence, static; NULL with 101 */
	int length;		 /* of the request; what follows is no part of it */
	str key;		 /* Sec-WebSocket-Key; points into the text */
	str origin;		 /* empty: none was said */
} ws_upgrade_t;

/**
 * Looks at what has come so far. Returns 0 while more is to come, 1 when `u`
 * says what is to be answered: 101, or 400 (broken, too much, or no subprotocol
 * msrp), 405 (no GET), 426 (another version of the protocol), 505.
 */
int ws_upgrade_parse(const str *text, ws_upgrade_t *u);

#endif
