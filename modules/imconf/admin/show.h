/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * show: conferences as JSON, for the RPC commands that look and change
 * nothing. Called by answers.c, in the worker. All objects are the caller's.
 */
#ifndef IMCONF_ADMIN_SHOW_H
#define IMCONF_ADMIN_SHOW_H

#include "admin/json.h"
#include "model/conference.h"

/** One conference in a line. */
json_object *show_brief(const conference_t *c);

/** Up to `limit` conferences with serials above `after` that match `filter`
 * (empty: all), and as `next` the serial to go on after; 0: that was all. It
 * may find fewer than there are: no more than a thousand are looked at. */
json_object *show_list(const json_object *arg);

/** All of one: up to `limit` participants with numbers above `after`, up to
 * `limit` subscriptions, the policy in force. */
json_object *show_conference(const conference_t *c, const json_object *arg);

/** Up to `limit` subscriptions after the first `after`. */
json_object *show_subscriptions(const conference_t *c, const json_object *arg);

#endif
