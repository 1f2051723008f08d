/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tm_api: see the header.
 */
#include "sip/tm_api.h"

tm_api_t tmb;
tm_xapi_t tmx;

int tm_bind(void)
{
	if(tm_load_api(&tmb) < 0 || tm_load_xapi(&tmx) < 0) {
		LM_ERR("the tm module is needed: load it before imconf\n");
		return -1;
	}
	return 0;
}

void tm_clear(void)
{
	tmb.t_sett(T_UNDEFINED, T_BR_UNDEFINED);
}
