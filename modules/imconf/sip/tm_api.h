/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tm_api: Kamailio's transaction module, bound once in mod_init and inherited
 * by every process. Used by sip/ (worker) and gate/ (SIP workers).
 */
#ifndef IMCONF_SIP_TM_API_H
#define IMCONF_SIP_TM_API_H

#include "modules/tm/tm_load.h"

extern tm_api_t tmb;
extern tm_xapi_t tmx;

/** Binds both; from mod_init. Returns 0 or -1 (logged). */
int tm_bind(void);

/** tm's fr_timer in ms, as configured; 0 when tm is not there. Once tm's own
 * mod_init has run. */
long tm_fr_timer(void);

/** tm's look-ups leave T set; this process must not keep it. */
void tm_clear(void);

#endif
