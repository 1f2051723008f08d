/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * switch: see switch.h. Called by the worker at start; carries out what the
 * model wants of legs.
 */
#include "settings.h"
#include "switch/announce.h"
#include "switch/advertise.h"
#include "switch/door.h"
#include "switch/leg.h"
#include "switch/listener.h"
#include "switch/ports.h"
#include "switch/room.h"
#include "switch/switch.h"
#include "switch/tls.h"
#include "worker/effect_runner.h"


static void enter(conference_t *c, participant_t *p, end_reason_t reason)
{
	if(p->leg)
		leg_enter(p->leg);
}


static void leave(conference_t *c, participant_t *p, end_reason_t reason)
{
	leg_destroy(p->leg);
}


static void end(conference_t *c, participant_t *none, end_reason_t reason)
{
	participant_t *p;

	TAILQ_FOREACH(p, &c->participants, link)
	leg_destroy(p->leg);
	room_destroy(c);
}


int switch_check(void)
{
	if(ports_check() < 0 || door_check() < 0 || tls_check() < 0
			|| advertise_check() < 0)
		return -1;
	for(int i = 0; i < settings.workers; i++) {
		if(listener_check(i) < 0)
			return -1;
	}
	return 0;
}


int switch_start(void)
{
	effects_on(EFFECT_ENTER, enter);
	effects_on(EFFECT_LEAVE, leave);
	effects_on(EFFECT_END, end);
	announce_start();
	door_start();
	if(tls_load() < 0)
		return -1;
	return listener_open();
}
