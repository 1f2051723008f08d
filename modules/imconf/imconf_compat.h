/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * imconf_compat: what differs between Kamailio 5.6 and later versions, and
 * nothing else.
 */
#ifndef IMCONF_COMPAT_H
#define IMCONF_COMPAT_H

#include "core/sr_module.h"

/* 6.0 dropped the old names of the parameter types */
#ifndef INT_PARAM
#define INT_PARAM PARAM_INT
#define STR_PARAM PARAM_STRING
#define USE_FUNC_PARAM PARAM_USE_FUNC
#endif

/** From 6.1 on tm looks away from further 2xx to an INVITE that was answered,
 * unless its parameter reply_matching is 0: neither would a lost ACK be
 * repeated nor another phone that answered be released (RFC 3261 section
 * 13.2.2.4). Does as before, in versions that have the parameter. Call it when
 * tm is there. */
static inline void compat_see_late_replies(void)
{
	modparam_t type;
	int *active = find_param_export(
			find_module_by_name("tm"), "reply_matching", PARAM_INT, &type);

	if(!active || !*active)
		return;
	LM_INFO("tm's reply_matching is set to 0: every 2xx to an INVITE of ours "
			"has to be acknowledged\n");
	*active = 0;
}

#endif
