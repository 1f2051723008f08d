/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * switch: the MSRP side of a conference worker: who hears what. Started by the
 * worker; from then on it is driven by sockets, by the effects of the model
 * and by what the focus asks through `media`.
 */
#ifndef IMCONF_SWITCH_SWITCH_H
#define IMCONF_SWITCH_SWITCH_H

/**
 * Can all workers have their MSRP ports and connections? Asked in mod_init, since a worker
 * that finds out later takes a running Kamailio down. Returns 0, or -1 (said
 * in the log).
 */
int switch_check(void);

/**
 * Opens this worker's MSRP ports, registers the handlers of ENTER, LEAVE and
 * END. In the worker process, once worker.base exists. Returns 0, or -1 when
 * a port cannot be had (said in the log).
 */
int switch_start(void);

#endif
