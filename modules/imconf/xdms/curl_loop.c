/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * curl_loop: see the header. libcurl says which sockets and which time to
 * watch, libevent says when they are ready, libcurl does the rest.
 */
#include "xdms/curl_loop.h"

#include "core/dprint.h"
#include "worker/schedule.h"

static CURLM *multi;
static struct event_base *loop;
static alarm_clock_t timer;
static curl_loop_done_t on_done;

static void report_ends(void)
{
	CURLMsg *message;
	int left;

	while((message = curl_multi_info_read(multi, &left)) != NULL) {
		if(message->msg == CURLMSG_DONE)
			on_done(message->easy_handle, message->data.result);
	}
}

static void socket_ready(evutil_socket_t fd, short what, void *arg)
{
	int running;
	int action = (what & EV_READ ? CURL_CSELECT_IN : 0)
				 | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);

	curl_multi_socket_action(multi, fd, action, &running);
	report_ends();
}

static void time_out(void *arg)
{
	int running;

	curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
	report_ends();
}

static int watch_time(CURLM *m, long ms, void *arg)
{
	if(ms < 0)
		alarm_stop(&timer);
	else
		alarm_start(&timer, ms, time_out, NULL);
	return 0;
}

static void unwatch(struct event *event)
{
	if(event)
		event_free(event);
}

/* `event` is what we gave to curl_multi_assign() for this socket */
static int watch_socket(
		CURL *easy, curl_socket_t fd, int what, void *arg, void *event)
{
	short events = EV_PERSIST | (what & CURL_POLL_IN ? EV_READ : 0)
				   | (what & CURL_POLL_OUT ? EV_WRITE : 0);
	struct event *fresh = NULL;

	unwatch(event);
	if(what != CURL_POLL_REMOVE) {
		fresh = event_new(loop, fd, events, socket_ready, NULL);
		/* without it the transfer ends by its time-out */
		if(!fresh || event_add(fresh, NULL) < 0)
			LM_ERR("no memory to watch a connection to the XDMS\n");
	}
	curl_multi_assign(multi, fd, fresh);
	return 0;
}

int curl_loop_start(
		struct event_base *base, int connections, curl_loop_done_t done)
{
	loop = base;
	on_done = done;
	if(curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -1;
	multi = curl_multi_init();
	if(!multi)
		return -1;
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, watch_time);
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)connections);
	return 0;
}

void curl_loop_stop(void)
{
	curl_multi_cleanup(multi);
	multi = NULL;
	alarm_stop(&timer);
	timer = (alarm_clock_t){.ready = 0};
	curl_global_cleanup();
}

int curl_loop_add(CURL *easy)
{
	return curl_multi_add_handle(multi, easy) == CURLM_OK ? 0 : -1;
}

void curl_loop_remove(CURL *easy)
{
	curl_multi_remove_handle(multi, easy);
}
