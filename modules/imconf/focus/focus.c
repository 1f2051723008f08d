/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * focus: see the header. Nothing but the wiring.
 */
#include "focus/focus.h"

#include "admin/statistics.h"
#include "core/parser/parse_methods.h"
#include "focus/referral.h"
#include "focus/session.h"
#include "sip/router.h"
#include "worker/effect_runner.h"

/* somebody who came by INVITE is counted when tm took our 200 */
static void count_entered(
		conference_t *c, participant_t *p, end_reason_t reason)
{
	session_t *s = p->session;

	if(!s || s->counted)
		return;
	s->counted = 1;
	count(STAT_PARTICIPANTS, 1);
	count(STAT_JOINS, 1);
}

static void tell_referrers(
		conference_t *c, participant_t *p, end_reason_t reason)
{
	referral_reached(p, 200);
}

str focus_user_agent(const participant_t *p)
{
	const session_t *s = p->session;
	str none = {NULL, 0};

	return s ? s->dialog.agent : none;
}

void focus_start(void)
{
	router_on_initial(METHOD_INVITE, invite_on_request);
	router_on_initial(METHOD_OPTIONS, options_on_request);
	router_on_initial(METHOD_REFER, refer_on_request);
	router_on_dialog(DIALOG_REFERRAL, referral_on_request);
	router_on_dialog(DIALOG_SESSION, in_dialog_on_request);
	router_on_cancel(in_dialog_on_cancel);
	effects_on(EFFECT_ANSWER, admit_answer);
	effects_on(EFFECT_ENTER, count_entered);
	effects_on(EFFECT_ENTER, tell_referrers);
	effects_on(EFFECT_LEAVE, referral_left);
	effects_on(EFFECT_INVITE, dialout_invite);
	effects_on(EFFECT_CANCEL, dialout_cancel);
	effects_on(EFFECT_BYE, release_bye);
	effects_on(EFFECT_EMPTY, group_empty);
	effects_on(EFFECT_END, release_end);
}
