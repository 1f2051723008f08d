/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * listener: this worker's own MSRP port.
 */
#ifndef IMCONF_SWITCH_LISTENER_H
#define IMCONF_SWITCH_LISTENER_H

/** Is settings.msrp_port + index free on settings.msrp_address? Returns 0, or
 * -1 (said in the log). */
int listener_check(int index);

/** Listens on settings.msrp_address, settings.msrp_port + worker.index.
 * Returns 0, or -1 (said in the log). */
int listener_open(void);

#endif
