/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * statistics: see the header.
 */
#include "admin/statistics.h"

#include "core/counters.h"
#include "core/dprint.h"

static const char *const names[STATISTIC_COUNT] = {
		[STAT_CONFERENCES] = "conferences",
		[STAT_PARTICIPANTS] = "participants",
		[STAT_SUBSCRIPTIONS] = "subscriptions",
		[STAT_LEGS] = "legs",
		[STAT_CREATED] = "created",
		[STAT_ENDED] = "ended",
		[STAT_REFUSED] = "refused",
		[STAT_INVITES] = "invites",
		[STAT_INVITES_ANSWERED] = "invites_answered",
		[STAT_INVITES_FAILED] = "invites_failed",
		[STAT_NOTIFIES] = "notifies",
		[STAT_NOTIFIES_FAILED] = "notifies_failed",
		[STAT_MESSAGES] = "messages",
		[STAT_DELIVERIES] = "deliveries",
		[STAT_BYTES] = "bytes",
		[STAT_DROPS] = "drops",
		[STAT_LEGS_DROPPED] = "legs_dropped",
		[STAT_CONNECTIONS_REFUSED] = "connections_refused",
		[STAT_MESSAGES_REFUSED] = "messages_refused",
		[STAT_WITHHELD] = "withheld",
		[STAT_REPORTS] = "reports",
		[STAT_MAILBOX_FULL] = "mailbox_full",
		[STAT_XDMS_FETCHES] = "xdms_fetches",
		[STAT_XDMS_HITS] = "xdms_hits",
		[STAT_XDMS_ERRORS] = "xdms_errors",
		[STAT_XDMS_LATENCY_MS] = "xdms_latency_ms",
};

static stat_var *counters[STATISTIC_COUNT];

void count(statistic_t which, long n)
{
	update_stat(counters[which], n);
}

int statistics_register(void)
{
	int i;

	for(i = 0; i < STATISTIC_COUNT; i++) {
		/* those that go down again must not be reset by an operator */
		int flags = i <= STAT_LEGS ? STAT_NO_RESET : 0;
		if(register_stat("imconf", (char *)names[i], &counters[i], flags) < 0) {
			LM_ERR("cannot register the statistic %s\n", names[i]);
			return -1;
		}
	}
	return 0;
}
