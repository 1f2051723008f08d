/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * pace: see pace.h. Called by passing.c for each piece of a stream; knows how
 * much waits, not what.
 */
#include "core/dprint.h"
#include "settings.h"
#include "switch/pace.h"

#define LOOK_MS 20
/* parts of leg_queue_max: what may wait, and how little has to be left */
#define FULL_PART 2
#define LOW_PART 4


static int is_ahead(const message_t *m, int part)
{
	return audience_is_behind(&m->audience, settings.leg_queue_max / part,
			schedule_now() - PACE_STALL_MS);
}


static void look(void *arg)
{
	message_t *m = arg;

	/* it is not its sender who keeps it waiting */
	m->touched = schedule_now();
	m->waited += LOOK_MS;
	if(m->waited < PACE_PATIENCE_MS && is_ahead(m, LOW_PART))
		alarm_start(&m->pace, LOOK_MS, look, m);
	else
		pace_end(m);
}


static int is_alone(const leg_t *leg)
{
	const leg_list_t *legs = &leg->connection->legs;

	return TAILQ_FIRST(legs) == leg && !TAILQ_NEXT(leg, link);
}


void pace_keep(message_t *m)
{
	leg_t *leg = m->leg;

	if(m->tally.queued <= (size_t)settings.leg_queue_max / FULL_PART || m->paced
			|| m->waited >= PACE_PATIENCE_MS || !leg->connection
			|| !is_alone(leg) || !is_ahead(m, FULL_PART))
		return;
	LM_DBG(LEG_FMT " is read no further for now\n", LEG_ARG(leg));
	m->paced = leg->connection;
	connection_pause(m->paced);
	alarm_start(&m->pace, LOOK_MS, look, m);
}


void pace_end(message_t *m)
{
	if(!m->paced)
		return;
	alarm_stop(&m->pace);
	connection_resume(m->paced);
	m->paced = NULL;
}
