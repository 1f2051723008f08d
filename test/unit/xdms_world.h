/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A worker's loop with an XDMS stand-in beside it, and group documents for
 * it: what the tests of the xdms room share. Include once per program.
 */
#ifndef IMCONF_TEST_XDMS_WORLD_H
#define IMCONF_TEST_XDMS_WORLD_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "admin/statistics.h"
#include "http_stand.h"
#include "settings.h"
#include "wire/xcap_path.h"
#include "worker/schedule.h"
#include "worker/worker.h"

#define PATIENCE_MS 10000
#define XML_TYPE "Content-Type: application/vnd.oma.poc.groups+xml\r\n"
#define GROUP_PAGE "/xcap/org.openmobilealliance.groups/global/byGroupID/"

/* what the module's other rooms would bring along */
worker_t worker;
settings_t settings;
static long statistics[STATISTIC_COUNT];
static int64_t world_began;


void count(statistic_t which, long n)
{
	statistics[which] += n;
}


static void world_settings(void)
{
	static char root[64];

	snprintf(root, sizeof(root), "http://127.0.0.1:%d/xcap", stand_port);
	settings = (settings_t){
			.xdms_root = {root, (int)strlen(root)},
			.xdms_path = TEXT(XCAP_GROUP_PATH),
			.xdms_auth_method = XDMS_AUTH_ANY,
			.xdms_verify = 1,
			.xdms_timeout = 5000,
			.xdms_connect_timeout = 2000,
			.xdms_parallel = 40,
			.xdms_ttl = 60,
			.xdms_negative_ttl = 10,
			.xdms_max_stale = 86400,
			.xdms_cache_max = 1 << 20,
			.xdms_document_max = 65536,
			.server_token = TEXT("IM-serv/OMA1.0"),
	};
}


static int world_begin(void)
{
	memset(statistics, 0, sizeof(statistics));
	worker.base = event_base_new();
	if(!worker.base || schedule_init(worker.base) < 0
			|| stand_start(worker.base) < 0)
		return -1;
	world_settings();
	world_began = schedule_now();
	return 0;
}


static void world_end(void)
{
	stand_stop();
	event_base_free(worker.base);
}


/* Turns the loop until `*what` has come to `value`. */
static void until(const int *what, int value)
{
	struct timeval patience = {PATIENCE_MS / 1000, 0};
	int64_t end = schedule_now() + PATIENCE_MS;

	event_base_loopexit(worker.base, &patience);
	while(*what != value && schedule_now() < end)
		event_base_loop(worker.base, EVLOOP_ONCE);
	assert_int_equal(*what, value);
}

#endif
