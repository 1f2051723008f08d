/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ports: which transport of MSRP is served where. Each has a range of its own
 * with one port for each worker, so that nothing is guessed from first bytes.
 */
#ifndef IMCONF_SWITCH_PORTS_H
#define IMCONF_SWITCH_PORTS_H

#include "wire/msrp_uri.h"

/** The port of worker `index` for this transport, 0: it is not served. */
int ports_of(msrp_transport_t transport, int index);

/** The transport of our offers. */
msrp_transport_t ports_offered(void);

/** Do the ranges fit below 65536 and beside one another? In mod_init. Returns
 * 0, or -1 (said in the log). */
int ports_check(void);

#endif
