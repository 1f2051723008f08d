/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * route: the operator's event routes, in kamailio.cfg or, for KEMI, in the
 * function that the parameter event_callback names.
 */
#ifndef IMCONF_SCRIPT_ROUTE_H
#define IMCONF_SCRIPT_ROUTE_H

#include "core/parser/msg_parser.h"

/** 1 when there is one of that name ("imconf:joined"), or a function that
 * would be called for any. Any process, from mod_init on. */
int route_exists(const char *name);

/** Runs it, with `msg`, or a made up one when it is NULL. Returns the flags
 * that it left (DROP_R_F ...), or -1 when it could not be run. */
int route_run(const char *name, sip_msg_t *msg);

#endif
