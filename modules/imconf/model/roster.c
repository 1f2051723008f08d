/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * roster: see roster.h. Called by the notifier and by RPC; knows the model
 * and no document.
 */
#include "model/participant.h"
#include "model/roster.h"


static int went_since(const participant_t *p, unsigned since)
{
	return p->was_shown && p->changed > since;
}


/* What `p` is shown as; 0 when it is not shown. */
static int status_of(
		const participant_t *p, unsigned since, roster_status_t *status)
{
	if(participant_is_connected(p)) {
		*status = ROSTER_CONNECTED;
		return 1;
	}
	*status = ROSTER_DISCONNECTED;
	switch(p->state) {
		case PARTICIPANT_ALERTING:
			*status = ROSTER_ALERTING;
			return 1;
		case PARTICIPANT_JOINING: /* until it is in again it is gone */
		case PARTICIPANT_GONE:
			return went_since(p, since);
		case PARTICIPANT_WAITING:
		case PARTICIPANT_INVITED:
		case PARTICIPANT_CONNECTED:
			break;
	}
	return 0;
}


void roster_each(const conference_t *c, const participant_t *watcher,
		unsigned since, void (*fn)(const roster_line_t *line, void *arg),
		void *arg)
{
	const participant_t *p;
	roster_line_t line;

	TAILQ_FOREACH(p, &c->participants, link)
	{
		line = (roster_line_t){.participant = p,
				.entity = p->entity,
				.display = p->display,
				.own = p == watcher};
		if(!status_of(p, since, &line.status))
			continue;
		if(line.status == ROSTER_DISCONNECTED) {
			line.departure = p->departure;
			line.code = p->code;
		}
		fn(&line, arg);
	}
}
