/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * rename: see rename.h. Called by frames; asks the model, and what comes of it
 * is a transition.
 */
#include "core/dprint.h"
#include "settings.h"
#include "switch/rename.h"
#include "wire/nickname.h"
#include "worker/effect_runner.h"


static int refuse(leg_t *leg, int code, const char *why)
{
	if(leg_may_say(leg))
		LM_INFO(LEG_FMT ": nickname refused with %d: %s\n", LEG_ARG(leg), code,
				why);
	return code;
}


static int is_too_soon(leg_t *leg)
{
	return settings.message_rate > 0
		   && !allowance_take(&leg->allowance, schedule_now(),
				   settings.message_rate, settings.message_burst);
}


static int call(leg_t *leg, const str *name)
{
	participant_t *p = leg->participant;
	effects_t fx;
	int failed;

	switch(conference_name_taken(p, name)) {
		case 0:
			break;
		case 1:
			return refuse(leg, 425, "somebody else has it");
		default:
			return refuse(leg, 413, "no memory");
	}
	effects_init(&fx);
	conference_rename(p, name, &fx);
	failed = fx.failed;
	effects_run(p->conference, &fx);
	return failed ? refuse(leg, 413, "no memory") : 200;
}


int rename_participant(leg_t *leg, const msrp_head_t *head)
{
	str name;
	int code;

	if(!settings.nicknames)
		return refuse(leg, 403, "the parameter nicknames is 0");
	if(leg->participant->state != PARTICIPANT_CONNECTED)
		return refuse(leg, 403, "it is not in yet");
	if(is_too_soon(leg))
		return refuse(leg, 403, "its sender exceeds message_rate");
	switch(nickname_read(&head->use_nickname, &name)) {
		case 0:
			break;
		case NICKNAME_MEMORY:
			return refuse(leg, 413, "no memory");
		default:
			return refuse(leg, 424, "Use-Nickname is no nickname");
	}
	code = call(leg, &name);
	text_free(&name);
	return code;
}
