/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * show: the worker's answers to questions: conferences as JSON objects.
 */
#ifndef IMCONF_ADMIN_SHOW_H
#define IMCONF_ADMIN_SHOW_H

#include <json-c/json.h>
#include "model/conference.h"

/** A room adds what it knows: to a conference's or a participant's object. */
typedef void (*show_conference_t)(const conference_t *c, json_object *object);
typedef void (*show_participant_t)(const participant_t *p, json_object *object);

void show_on_conference(show_conference_t fn);
void show_on_participant(show_participant_t fn);

/** Hangs itself into the mailbox; in the worker at start. */
void show_start(void);

#endif
