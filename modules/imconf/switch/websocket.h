/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * websocket: the server's end of a WebSocket between MSRP and its connection:
 * the upgrade, and the frames, which libwslay reads. Every MSRP request or
 * response goes out as one binary message. With settings.msrp_ws_ping an open
 * one is pinged, and closed when two pings in a row bring nothing back. RFC
 * 6455, RFC 7977.
 */
#ifndef IMCONF_SWITCH_WEBSOCKET_H
#define IMCONF_SWITCH_WEBSOCKET_H

#include "switch/connection.h"

#define WEBSOCKET_ORIGINS_MAX 32

typedef struct websocket websocket_t;

/** Allows pages of this origin to connect; without one, all may. At start.
 * Returns 0, or -1 when there are too many. */
int websocket_add_origin(const char *origin);

/** Makes one for a connection that is to be upgraded. NULL: no memory. */
websocket_t *websocket_create(void);

/** NULL is harmless. */
void websocket_destroy(websocket_t *w);

/**
 * Takes what the connection has read of the upgrade request, and answers it.
 * Returns 0 while more is to come, 1 when frames may pass (`rest` are the
 * first octets of them, good until the next call), or -1, `why` saying so.
 */
int websocket_upgrade(
		connection_t *c, const str *input, str *rest, const char **why);

/** Takes frames apart and hands what is in them to connection_input(); answers
 * pings. Dooms the connection when they are not as RFC 6455 wants them. */
void websocket_feed(connection_t *c, const str *input);

/** Says that nothing more will come. */
void websocket_bye(connection_t *c);

/** Sends slices as one message; as connection_send(). */
int websocket_send(connection_t *c, const slice_t *slice, int count);

#endif
