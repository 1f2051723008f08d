/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * curl_loop: libcurl's multi interface on a worker's libevent loop. Knows
 * neither what is fetched nor why; fetch.c is its only caller.
 */
#ifndef IMCONF_XDMS_CURL_LOOP_H
#define IMCONF_XDMS_CURL_LOOP_H

#include <curl/curl.h>
#include <event2/event.h>

/** A transfer has ended; it still has to be removed. Never called from within
 * curl_loop_add() or curl_loop_remove(). */
typedef void (*curl_loop_done_t)(CURL *easy, CURLcode code);

/** Starts it, once, in the worker itself: libcurl's state does not outlive a
 * fork. `connections` bounds how many are open, idle ones included. Needs
 * schedule_init(). Returns 0 or -1. */
int curl_loop_start(
		struct event_base *base, int connections, curl_loop_done_t done);

/** Closes all connections; every transfer was removed before. */
void curl_loop_stop(void);

/** Begins a transfer. Returns 0 or -1. Not from within libcurl's callbacks. */
int curl_loop_add(CURL *easy);

/** Takes a transfer out, ended or not. Not from within libcurl's callbacks. */
void curl_loop_remove(CURL *easy);

#endif
