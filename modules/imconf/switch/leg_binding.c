/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * leg_binding: a leg comes onto a connection and off it, and how long it may
 * be without. Called by frames, outbound and the connection; a leg without
 * media for too long becomes a transition of the model.
 */
#include "core/dprint.h"
#include "admin/statistics.h"
#include "settings.h"
#include "switch/frame.h"
#include "switch/hold.h"
#include "switch/leg.h"
#include "switch/message.h"
#include "switch/outbound.h"
#include "switch/room.h"
#include "worker/effect_runner.h"


static void no_media(void *arg)
{
	leg_t *leg = arg;
	conference_t *c = leg->participant->conference;
	effects_t fx;

	LM_INFO(LEG_FMT " %s for too long, its session ends\n", LEG_ARG(leg),
			leg->state == LEG_LOST ? "was lost" : "was not opened");
	effects_init(&fx);
	conference_remove(leg->participant, DEPARTED_FAILED, END_NO_MEDIA, &fx);
	/* the leg goes with it */
	effects_run(c, &fx);
}


/* Before it entered, the SIP side has a deadline of its own. */
void leg_wait(leg_t *leg)
{
	int seconds = leg->state == LEG_LOST ? settings.leg_lost_timeout
										 : settings.media_timeout;

	if(leg->entered && leg->state != LEG_BOUND && seconds > 0)
		alarm_start(&leg->deadline, seconds * 1000L, no_media, leg);
}


static void bound(leg_t *leg)
{
	leg->state = LEG_BOUND;
	alarm_stop(&leg->deadline);
	count(STAT_LEGS, 1);
	LM_DBG(LEG_FMT " bound to %s\n", LEG_ARG(leg), leg->connection->peer);
}


void leg_bind(leg_t *leg, connection_t *c)
{
	leg->connection = c;
	TAILQ_INSERT_TAIL(&c->legs, leg, link);
	connection_in_use(c);
	if(c->stage == CONNECTION_OPEN)
		bound(leg);
}


void leg_connected(leg_t *leg)
{
	bound(leg);
	outbound_greet(leg);
	hold_release(leg);
}


void leg_unbind(leg_t *leg)
{
	connection_t *c = leg->connection;

	if(!c)
		return;
	if(leg->state == LEG_BOUND)
		count(STAT_LEGS, -1);
	if(leg->hears)
		leg->binding++;
	leg->hears = 0;
	leg->state = LEG_WAITING;
	leg->connection = NULL;
	TAILQ_REMOVE(&c->legs, leg, link);
	frame_forget(c, leg);
	messages_abort(leg);
	if(TAILQ_EMPTY(&c->legs))
		connection_finish(c);
	leg_wait(leg);
}


void leg_lost(leg_t *leg, const char *why)
{
	LM_INFO(LEG_FMT " lost: %s\n", LEG_ARG(leg), why);
	leg_unbind(leg);
	leg->state = LEG_LOST;
	leg_wait(leg);
}


void leg_enter(leg_t *leg)
{
	room_t *room;

	if(leg->entered)
		return;
	room = room_of(leg->participant->conference);
	if(!room || room_add(room, leg) < 0) {
		LM_ERR("no memory: " LEG_FMT " hears nothing\n", LEG_ARG(leg));
		return;
	}
	leg->entered = 1;
	leg_wait(leg);
	if(leg->active && !leg->connection)
		outbound_open(leg);
}
