/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * capacity: see the header. Called by focus and notifier; drained by RPC.
 */
#include "worker/capacity.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>
#include "admin/statistics.h"
#include "core/dprint.h"
#include "model/identity.h"
#include "settings.h"
#include "worker/allotment.h"
#include "worker/quota.h"
#include "worker/schedule.h"

#define LOOK_MS 1000
#define TRIM_EVERY 10 /* looks at too much memory */
#define RETRY_SOON 5
#define RETRY_LATER 60

static int draining;
static long memory_mib; /* of this worker alone, as of the last look */
static alarm_clock_t look;
static const char *why = "";
static int retry_after;

const char *capacity_why(void)
{
	return why;
}

int capacity_retry_after(void)
{
	return retry_after;
}

static capacity_t refuse(
		capacity_t reason, statistic_t which, const char *sentence, int seconds)
{
	count(which, 1);
	why = sentence;
	retry_after = seconds;
	return reason;
}

capacity_t capacity_session(void)
{
	if(settings.worker_memory_max > 0
			&& memory_mib >= settings.worker_memory_max)
		return refuse(CAPACITY_MEMORY, STAT_LIMITED_MEMORY,
				"its worker has worker_memory_max in use", RETRY_SOON);
	return CAPACITY_FREE;
}

/* a user may do something `limit` times a minute; 0: always */
static capacity_t check_rate(
		quota_kind_t kind, const str *user, int limit, const char *sentence)
{
	identity_t id;
	int seconds;

	if(limit == 0 || !user || identity_init(&id, user) < 0)
		return CAPACITY_FREE;
	seconds = quota_take(kind, &id.key, limit, schedule_now() / 1000);
	identity_free(&id);
	if(seconds == 0)
		return CAPACITY_FREE;
	return refuse(CAPACITY_RATE, STAT_LIMITED_RATE, sentence, seconds);
}

capacity_t capacity_conference(const str *user)
{
	capacity_t memory, rate;

	if(draining)
		return refuse(CAPACITY_DRAINING, STAT_LIMITED_DRAINING,
				"the server is being drained", RETRY_LATER);
	memory = capacity_session();
	if(memory != CAPACITY_FREE)
		return memory;
	if(allotment_take(ALLOTMENT_CONFERENCES, settings.max_conferences) < 0)
		return refuse(CAPACITY_CONFERENCES, STAT_LIMITED_CONFERENCES,
				"there are max_conferences already", RETRY_LATER);
	rate = check_rate(QUOTA_CONFERENCES, user,
			settings.user_conferences_per_minute,
			"more than user_conferences_per_minute");
	if(rate != CAPACITY_FREE)
		capacity_conference_over();
	return rate;
}

void capacity_conference_over(void)
{
	allotment_return(ALLOTMENT_CONFERENCES);
}

capacity_t capacity_subscription(void)
{
	capacity_t memory = capacity_session();

	if(memory != CAPACITY_FREE)
		return memory;
	if(allotment_take(ALLOTMENT_SUBSCRIPTIONS, settings.max_subscriptions) < 0)
		return refuse(CAPACITY_SUBSCRIPTIONS, STAT_LIMITED_SUBSCRIPTIONS,
				"there are max_subscriptions already", RETRY_LATER);
	return CAPACITY_FREE;
}

capacity_t capacity_refer(const str *user)
{
	return check_rate(QUOTA_REFERS, user, settings.user_refers_per_minute,
			"more than user_refers_per_minute");
}

void capacity_drain(int on)
{
	draining = on;
}

int capacity_is_draining(void)
{
	return draining;
}

/* what is resident and not shared with other processes; 0 when unknown */
static long read_memory(void)
{
	long resident, shared;
	char line[128];
	ssize_t len;
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	if(fd < 0)
		return 0;
	len = read(fd, line, sizeof(line) - 1);
	close(fd);
	line[len > 0 ? len : 0] = '\0';
	if(sscanf(line, "%*d %ld %ld", &resident, &shared) != 2)
		return 0;
	return (resident - shared) * (sysconf(_SC_PAGESIZE) / 1024) / 1024;
}

/* What was freed may still be the heap's: it is given back, which takes a
 * moment, before anybody is refused for longer. */
static void look_at_memory(void *arg)
{
	static int looks;

	memory_mib = read_memory();
	if(settings.worker_memory_max > 0
			&& memory_mib >= settings.worker_memory_max
			&& looks++ % TRIM_EVERY == 0) {
		malloc_trim(0);
		memory_mib = read_memory();
	}
	alarm_start(&look, LOOK_MS, look_at_memory, NULL);
}

void capacity_start(void)
{
	look_at_memory(NULL);
}
