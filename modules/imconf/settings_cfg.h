/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * settings_cfg: the parameters that may change while Kamailio runs, in its cfg
 * framework as the group `imconf` (kamcmd cfg.set_now_int imconf ...).
 */
#ifndef IMCONF_SETTINGS_CFG_H
#define IMCONF_SETTINGS_CFG_H

/** Declares the group with the values as they are; in mod_init, after
 * settings_check(). Each process takes a change over into its `settings` with
 * cfg_update(). Returns 0 or -1. */
int settings_cfg_declare(void);

#endif
