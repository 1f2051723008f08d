/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ended: the INVITE dialogs of this worker that ended a moment ago. tm forgets
 * an answered BYE after wt_timer (5 s), but one whose answers were lost is
 * repeated for 64*T1 = 32 s (RFC 3261 17.1.2.2) and has the same answer then;
 * and an INVITE that would replace such a dialog is declined (RFC 3891 3).
 * Bounded: the oldest go first.
 */
#ifndef IMCONF_SIP_ENDED_H
#define IMCONF_SIP_ENDED_H

#include <stdint.h>
#include "base/text.h"

#define ENDED_MAX 1024
#define ENDED_KEPT_MS 32000

/** What names a dialog, from our side of it. */
typedef struct dialog_id
{
	str call_id, local_tag, remote_tag;
} dialog_id_t;

/** It ended; `cseq`: of the last request that its peer sent, 0 for none.
 * `now`: schedule_now(). */
void ended_note(const dialog_id_t *id, unsigned cseq, int64_t now);

/** 1 when it ended less than ENDED_KEPT_MS ago. */
int ended_knows(const dialog_id_t *id, int64_t now);

/** The same, and this was the last CSeq of its peer. */
int ended_knows_request(const dialog_id_t *id, unsigned cseq, int64_t now);

#endif
