/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * show_groups: the worker's answers to questions about groups, as JSON, for
 * RPC imconf.groups and imconf.reload_group. Called by answers.c.
 */
#ifndef IMCONF_ADMIN_SHOW_GROUPS_H
#define IMCONF_ADMIN_SHOW_GROUPS_H

#include "admin/json.h"

/** What is remembered of how many groups, and of the first `limit` of them in
 * particular. The caller's. */
json_object *show_groups(const json_object *arg);

/** Forgets the document of `group`, and says whether there was one. */
json_object *show_reload(const json_object *arg);

#endif
