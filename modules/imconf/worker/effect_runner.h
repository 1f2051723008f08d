/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * effect_runner: carries out what transitions ask for, in order, through the
 * handlers that the rooms registered. A handler may run further transitions
 * and hand in their effects: they queue up behind.
 */
#ifndef IMCONF_WORKER_EFFECT_RUNNER_H
#define IMCONF_WORKER_EFFECT_RUNNER_H

#include "model/conference.h"

/** `p` is NULL for NOTIFY and END. */
typedef void (*effect_handler_t)(
		conference_t *c, participant_t *p, end_reason_t reason);

/** Hangs a handler in; several per type are called in the order of coming. */
void effects_on(effect_type_t type, effect_handler_t handler);

/**
 * Takes all of `fx` (left empty) and carries it out, unless a run is going on
 * already, which then does it. After END the conference is gone: callers must
 * not touch `c` or its participants any more after this call.
 */
void effects_run(conference_t *c, effects_t *fx);

#endif
