/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * statistics: see the header.
 */
#include "admin/statistics.h"

#include "core/counters.h"
#include "core/dprint.h"
#include "settings.h"

static const char *const names[STATISTIC_COUNT] = {
		[STAT_CONFERENCES] = "conferences",
		[STAT_PARTICIPANTS] = "participants",
		[STAT_SUBSCRIPTIONS] = "subscriptions",
		[STAT_LEGS] = "legs",
		[STAT_REFERRALS] = "referrals",
		[STAT_CREATED] = "created",
		[STAT_ENDED] = "ended",
		[STAT_ENDED_EMPTY] = "ended_empty",
		[STAT_ENDED_FEW] = "ended_few",
		[STAT_ENDED_CREATOR] = "ended_creator",
		[STAT_ENDED_KEY] = "ended_key",
		[STAT_ENDED_IDLE] = "ended_idle",
		[STAT_ENDED_DURATION] = "ended_duration",
		[STAT_ENDED_OPERATOR] = "ended_operator",
		[STAT_JOINS] = "joins",
		[STAT_REFUSED] = "refused",
		[STAT_REFUSED_MALFORMED] = "refused_malformed",
		[STAT_REFUSED_FORBIDDEN] = "refused_forbidden",
		[STAT_REFUSED_NOT_FOUND] = "refused_not_found",
		[STAT_REFUSED_UNSUPPORTED] = "refused_unsupported",
		[STAT_REFUSED_FULL] = "refused_full",
		[STAT_REFUSED_UNAVAILABLE] = "refused_unavailable",
		[STAT_REFUSED_OTHER] = "refused_other",
		[STAT_LIMITED_DRAINING] = "limited_draining",
		[STAT_LIMITED_MEMORY] = "limited_memory",
		[STAT_LIMITED_CONFERENCES] = "limited_conferences",
		[STAT_LIMITED_SUBSCRIPTIONS] = "limited_subscriptions",
		[STAT_LIMITED_RATE] = "limited_rate",
		[STAT_INVITES] = "invites",
		[STAT_INVITES_ANSWERED] = "invites_answered",
		[STAT_INVITES_FAILED] = "invites_failed",
		[STAT_INVITES_BUSY] = "invites_busy",
		[STAT_INVITES_DECLINED] = "invites_declined",
		[STAT_INVITES_UNANSWERED] = "invites_unanswered",
		[STAT_INVITES_UNKNOWN] = "invites_unknown",
		[STAT_INVITES_OTHER] = "invites_other",
		[STAT_NOTIFIES] = "notifies",
		[STAT_NOTIFIES_ANSWERED] = "notifies_answered",
		[STAT_NOTIFIES_FAILED] = "notifies_failed",
		[STAT_NOTIFIES_UNANSWERED] = "notifies_unanswered",
		[STAT_NOTIFIES_GONE] = "notifies_gone",
		[STAT_MESSAGES] = "messages",
		[STAT_DELIVERIES] = "deliveries",
		[STAT_BYTES] = "bytes",
		[STAT_DROPS] = "drops",
		[STAT_LEGS_DROPPED] = "legs_dropped",
		[STAT_CONNECTIONS_REFUSED] = "connections_refused",
		[STAT_MESSAGES_REFUSED] = "messages_refused",
		[STAT_WITHHELD] = "withheld",
		[STAT_REPORTS] = "reports",
		[STAT_HANDSHAKES_FAILED] = "handshakes_failed",
		[STAT_MAILBOX_FULL] = "mailbox_full",
		[STAT_EVENTS] = "events",
		[STAT_EVENTS_DROPPED] = "events_dropped",
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

static statistic_t refused_as(int code)
{
	if(code == settings.size_refusal_code)
		return STAT_REFUSED_FULL;
	switch(code) {
		case 400:
		case 483:
			return STAT_REFUSED_MALFORMED;
		case 403:
		case 433:
		case 603:
			return STAT_REFUSED_FORBIDDEN;
		case 404:
		case 410:
		case 481:
			return STAT_REFUSED_NOT_FOUND;
		case 480:
		case 503:
			return STAT_REFUSED_UNAVAILABLE;
		case 405:
		case 406:
		case 415:
		case 416:
		case 488:
		case 489:
			return STAT_REFUSED_UNSUPPORTED;
		default:
			return code >= 420 && code < 430 ? STAT_REFUSED_UNSUPPORTED
											 : STAT_REFUSED_OTHER;
	}
}

void count_refused(int code)
{
	count(STAT_REFUSED, 1);
	count(refused_as(code), 1);
}

static statistic_t invite_failed_as(int code)
{
	switch(code) {
		case 486:
		case 600:
			return STAT_INVITES_BUSY;
		case 403:
		case 433:
		case 603:
			return STAT_INVITES_DECLINED;
		case 408:
		case 480:
		case 487:
			return STAT_INVITES_UNANSWERED;
		case 404:
		case 410:
		case 484:
		case 604:
			return STAT_INVITES_UNKNOWN;
		default:
			return STAT_INVITES_OTHER;
	}
}

void count_invite_failed(int code)
{
	count(STAT_INVITES_FAILED, 1);
	count(invite_failed_as(code), 1);
}

void count_notify_failed(int code)
{
	count(STAT_NOTIFIES_FAILED, 1);
	if(code == 408)
		count(STAT_NOTIFIES_UNANSWERED, 1);
	else if(code == 404 || code == 410 || code == 481)
		count(STAT_NOTIFIES_GONE, 1);
}

int statistics_register(void)
{
	int i;

	for(i = 0; i < STATISTIC_COUNT; i++) {
		/* those that go down again must not be reset by an operator */
		int flags = i <= STAT_REFERRALS ? STAT_NO_RESET : 0;
		if(register_stat("imconf", (char *)names[i], &counters[i], flags) < 0) {
			LM_ERR("cannot register the statistic %s\n", names[i]);
			return -1;
		}
	}
	return 0;
}
