/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * listener: this worker's own MSRP ports, one for each transport served.
 */
#ifndef IMCONF_SWITCH_LISTENER_H
#define IMCONF_SWITCH_LISTENER_H

/** Are the ports of worker `index` free on settings.msrp_address? Returns 0,
 * or -1 (said in the log). */
int listener_check(int index);

/** Listens on settings.msrp_address, at this worker's ports. Returns 0, or -1
 * (said in the log). */
int listener_open(void);

#endif
