/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * observer: who wants to know what happens, besides those whose work it is:
 * the events. The rooms tell what no effect says; they do not know to whom.
 */
#ifndef IMCONF_WORKER_OBSERVER_H
#define IMCONF_WORKER_OBSERVER_H

#include "model/conference.h"

typedef enum observed
{
	OBSERVED_CREATED, /* conference, participant: its creator, or NULL */
	OBSERVED_JOINED,  /* conference, participant */
	OBSERVED_LEFT,	  /* conference, participant */
	OBSERVED_REFUSED, /* what `refused` says */
	OBSERVED_MESSAGE, /* conference, participant, what `message` says */
	OBSERVED_ENDED,	  /* conference */
	OBSERVED_KINDS
} observed_t;

/** A request that we refused. */
typedef struct observed_refusal
{
	str method, user, uri, call_id;
	int code;
	const char *reason, *why;
} observed_refusal_t;

/** A message that was taken from its sender. */
typedef struct observed_message
{
	str id, content_type;
	uint64_t bytes;
	const participant_t *to; /* NULL: the room */
	int recipients;			 /* whose connections took it, or will */
} observed_message_t;

typedef struct observation
{
	observed_t what;
	const conference_t *conference;
	const participant_t *participant;
	const observed_refusal_t *refused;
	const observed_message_t *message;
} observation_t;

typedef void (*observer_fn_t)(const observation_t *o);

/** Hangs in the one who wants to know of `kinds` (bits 1 << observed_t);
 * before the forks. */
void observer_set(observer_fn_t fn, unsigned kinds);

/** 1 when somebody wants to know of such. Any process. */
int observer_wants(observed_t what);

/** Tells it, if it is wanted. Everything is borrowed. Any process. */
void observer_tell(const observation_t *o);

#endif
