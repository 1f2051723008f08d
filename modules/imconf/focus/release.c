/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * release: our side ends sessions and conferences. Carries out EFFECT_BYE and
 * the focus' part of EFFECT_END.
 */
#include "admin/statistics.h"
#include "focus/focus.h"
#include "focus/referral.h"
#include "focus/session.h"
#include "worker/capacity.h"
#include "worker/effect_runner.h"

static const char *const reasons[] = {
		[END_NONE] = "",
		[END_NO_ACK] = "Reason: SIP;cause=408;text=\"No ACK\"\r\n",
		[END_NO_MEDIA] = "Reason: SIP;cause=480;text=\"No media\"\r\n",
		[END_ADMIN] = "Reason: SIP;cause=480;text=\"Ended by operator\"\r\n",
		[END_EXPELLED] = "Reason: SIP;cause=480;text=\"Removed\"\r\n",
		[END_EXPIRED] = "Reason: SIP;cause=408;text=\"Session timer\"\r\n",
		[END_REPLACED] = "Reason: SIP;cause=200;text=\"Replaced\"\r\n",
		[END_EMPTY] = "",
		/* clients take 410 for a chat that is over, and a BYE without reason
		 * for one that may be taken up again */
		[END_TOO_FEW] = "Reason: SIP;cause=410;text=\"Gone\"\r\n",
		[END_CREATOR_LEFT] = "Reason: SIP;cause=480;text=\"Creator left\"\r\n",
		[END_KEY_LEFT] =
				"Reason: SIP;cause=480;text=\"Key participant left\"\r\n",
		[END_IDLE] = "",
		[END_DURATION] = "Reason: SIP;cause=480;text=\"Time is over\"\r\n",
};

/* why conferences end */
static const struct
{
	statistic_t statistic;
	const char *words;
} ends[END_REASONS] = {
		[END_NONE] = {STAT_ENDED_EMPTY, "nobody is left"},
		[END_EMPTY] = {STAT_ENDED_EMPTY, "nobody is left"},
		[END_ADMIN] = {STAT_ENDED_OPERATOR, "an operator ended it"},
		[END_TOO_FEW] = {STAT_ENDED_FEW, "fewer than min_participants"},
		[END_CREATOR_LEFT] = {STAT_ENDED_CREATOR, "its creator left"},
		[END_KEY_LEFT] = {STAT_ENDED_KEY, "its last key participant left"},
		[END_IDLE] = {STAT_ENDED_IDLE, "no message for idle_timeout"},
		[END_DURATION] = {STAT_ENDED_DURATION, "max_duration is over"},
};

static void bye_outcome(void *arg, const outcome_t *o)
{
	session_destroy(arg);
}

static void send_bye(void *arg)
{
	session_t *s = arg;
	str headers = {(char *)reasons[s->reason], strlen(reasons[s->reason])};

	outgoing_forget(s->request);
	s->request =
			dialog_request(&s->dialog, "BYE", &headers, NULL, bye_outcome, s);
	if(!s->request)
		session_destroy(s);
}

/* the session has no participant any more and ends with a BYE, paced by the
 * backlog */
void release_now(session_t *s)
{
	alarm_stop(&s->timer);
	s->state = SESSION_ENDING;
	work_add(&s->work, send_bye, s);
}

/* the ACK for our 200 came, or never will */
void release_after_ack(session_t *s)
{
	if(!s->work.queued)
		release_now(s);
}

/* RFC 3261 15: no BYE from the callee before the ACK */
void release_bye(conference_t *c, participant_t *p, end_reason_t reason)
{
	session_t *s = p->session;

	if(!s)
		return;
	s->reason = reason;
	session_detach(s);
	if(s->state == SESSION_ANSWERED)
		s->state = SESSION_ENDING;
	else
		release_now(s);
}

void focus_end(conference_t *c, end_reason_t reason)
{
	effects_t fx;

	effects_init(&fx);
	conference_end(c, reason, &fx);
	effects_run(c, &fx);
	effects_free(&fx);
}

/* EFFECT_END: nothing of the focus may point to the conference any more */
void release_end(conference_t *c, participant_t *p, end_reason_t reason)
{
	room_book_t *book = c->focus;

	LM_INFO("%.*s ended after %ld s: %s\n", TEXT_ARG(&c->identity),
			(long)(schedule_now() - book->began) / 1000, ends[reason].words);
	TAILQ_FOREACH(p, &c->participants, link)
	{
		if(p->session)
			session_destroy(p->session);
		mailing_release(p->mailing);
		p->mailing = NULL;
		referral_left(c, p, reason);
	}
	while(!TAILQ_EMPTY(&book->incoming))
		admit_over(TAILQ_FIRST(&book->incoming));
	room_book_destroy(c);
	capacity_conference_over();
	count(STAT_CONFERENCES, -1);
	count(STAT_ENDED, 1);
	count(ends[reason].statistic, 1);
}
