/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * lifetime: the clocks that end a conference: idle_timeout and max_duration.
 * Started by create.c, stopped with the focus' book of the conference.
 */
#include "focus/focus.h"
#include "focus/session.h"
#include "settings.h"

static void too_long(void *arg)
{
	focus_end(arg, END_DURATION);
}

static int64_t last_sign_of_life(const conference_t *c)
{
	const room_book_t *book = c->focus;

	return c->spoken ? c->spoken : book->began;
}

/* messages only leave their time: the clock looks when it might be over */
static void maybe_idle(void *arg)
{
	conference_t *c = arg;
	room_book_t *book = c->focus;
	int64_t left =
			last_sign_of_life(c) + book->idle_timeout * 1000L - schedule_now();

	if(left > 0)
		alarm_start(&book->idle, left, maybe_idle, c);
	else
		focus_end(c, END_IDLE);
}

void lifetime_start(conference_t *c)
{
	room_book_t *book = c->focus;

	book->began = schedule_now();
	book->idle_timeout = settings.idle_timeout;
	if(book->idle_timeout)
		alarm_start(&book->idle, book->idle_timeout * 1000L, maybe_idle, c);
	if(settings.max_duration)
		alarm_start(
				&book->duration, settings.max_duration * 1000L, too_long, c);
}

void lifetime_stop(conference_t *c)
{
	room_book_t *book = c->focus;

	alarm_stop(&book->idle);
	alarm_stop(&book->duration);
}
