/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tm_api: see the header.
 */
#include "sip/tm_api.h"

#include "core/cfg/cfg_struct.h"
#include "core/timer_ticks.h"
#include "imconf_compat.h"

tm_api_t tmb;
tm_xapi_t tmx;

int tm_bind(void)
{
	if(tm_load_api(&tmb) < 0 || tm_load_xapi(&tmx) < 0) {
		LM_ERR("the tm module is needed: load it before imconf\n");
		return -1;
	}
	compat_see_late_replies();
	return 0;
}

/* cfg_get_by_name() refuses variables that tm converts when they are set */
long tm_fr_timer(void)
{
	str group_name = str_init("tm"), name = str_init("fr_timer");
	cfg_group_t *group;
	cfg_mapping_t *variable;
	int ticks;

	if(cfg_lookup_var(&group_name, &name, &group, &variable) != 0)
		return 0;
	memcpy(&ticks, (char *)*group->handle + variable->offset, sizeof(ticks));
	return TICKS_TO_MS((long)ticks);
}

void tm_clear(void)
{
	tmb.t_sett(T_UNDEFINED, T_BR_UNDEFINED);
}
