/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * refer: what a REFER asks for. Private to refer.c, which does it, and
 * refer_read.c, which reads it.
 */
#ifndef IMCONF_FOCUS_REFER_H
#define IMCONF_FOCUS_REFER_H

#include "focus/body.h"
#include "focus/session.h"
#include "wire/refer_to.h"

typedef struct refer
{
	sip_request_t *rq;
	dialog_t *dialog;	/* it came in; NULL outside dialogs */
	session_t *session; /* whose dialog that is; NULL: none's */
	conference_t *conference;
	participant_t *referrer;
	body_t body; /* with the list, when it points to one */
	refer_target_t *target;
	int count;
	int adds, expels; /* how many of them */
	int single;		  /* one user, no list */
	int subscribes;	  /* its sender wants to be told (R4) */
} refer_t;

/**
 * Reads whom and what. Returns 0, or -1 and a refusal: 400 unless there is one
 * Refer-To that we can do something with (RFC 3515 2.4.2), else as
 * body_read(). refer_free() in any case.
 */
int refer_read(refer_t *r, refusal_t *refusal);

/** Frees what was read, not the struct; once, also after a failure. */
void refer_free(refer_t *r);

#endif
