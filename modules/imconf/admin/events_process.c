/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * events_process: the process that runs the operator's event routes, one
 * event after the other, in the order of their coming. It may wait as long as
 * its script does: nobody waits for it.
 */
#include "admin/events.h"

#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>
#include "admin/events_queue.h"
#include "core/cfg/cfg_struct.h"
#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "script/event.h"
#include "script/route.h"
#include "settings.h"

#define ROUTE_MAX 32

static const char *const names[OBSERVED_KINDS] = {
		[OBSERVED_CREATED] = "created",
		[OBSERVED_JOINED] = "joined",
		[OBSERVED_LEFT] = "left",
		[OBSERVED_REFUSED] = "refused",
		[OBSERVED_MESSAGE] = "message",
		[OBSERVED_ENDED] = "ended",
};

static mailbox_t *queue;

mailbox_t *events_queue(void)
{
	return queue;
}

const char *events_name(observed_t what)
{
	return names[what];
}

static void name_route(observed_t what, char *route)
{
	snprintf(route, ROUTE_MAX, "imconf:%s", names[what]);
}

/* bits of those that somebody runs a route for */
static unsigned wanted(void)
{
	char route[ROUTE_MAX];
	unsigned kinds = 0;
	int what;

	for(what = 0; what < OBSERVED_KINDS; what++) {
		name_route(what, route);
		if((what != OBSERVED_MESSAGE || settings.event_message)
				&& route_exists(route))
			kinds |= 1U << what;
	}
	return kinds;
}

int events_create(void)
{
	unsigned kinds = wanted();

	if(!kinds)
		return 0;
	queue = mailbox_create(settings.event_queue_size);
	if(!queue)
		return -1;
	observer_set(events_tell, kinds);
	return 1;
}

static void run(const mail_t *mail)
{
	char route[ROUTE_MAX];
	json_object *event = json_tokener_parse(mail->block);

	name_route(mail->code, route);
	event_set(event);
	if(route_run(route, NULL) < 0)
		LM_ERR("event_route[%s] cannot be run\n", route);
	event_set(NULL);
	json_object_put(event);
	shm_free(mail->block);
}

void events_run(void)
{
	struct pollfd came = {.fd = mailbox_fd(queue), .events = POLLIN};
	mail_t mail;

	while(poll(&came, 1, -1) >= 0 || errno == EINTR) {
		while(mailbox_take(queue, &mail)) {
			cfg_update();
			run(&mail);
		}
	}
	LM_CRIT("the events process cannot wait: %s\n", strerror(errno));
	_exit(1);
}
