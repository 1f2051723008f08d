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

#endif
