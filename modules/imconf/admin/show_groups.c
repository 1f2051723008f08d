/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * show_groups: see the header. Runs in the worker.
 */
#include "admin/show_groups.h"

#include "worker/worker.h"
#include "xdms/groups.h"

typedef struct listing
{
	json_object *array;
	uint64_t left;
	int total;
	size_t bytes;
} listing_t;

static void add_group(const groups_entry_t *entry, void *arg)
{
	listing_t *listing = arg;
	json_object *object;

	listing->total++;
	listing->bytes += entry->bytes;
	if(listing->left == 0)
		return;
	listing->left--;
	object = json_object_new_object();
	json_add_text(object, "group", &entry->uri);
	json_add_number(object, "members", entry->members);
	json_add_number(object, "bytes", (int64_t)entry->bytes);
	json_add_number(object, "age", entry->age);
	json_add_number(object, "absent", entry->absent);
	json_add_number(object, "stale", entry->stale);
	json_add_number(object, "hits", (int64_t)entry->hits);
	json_object_array_add(listing->array, object);
}

json_object *show_groups(const json_object *arg)
{
	listing_t listing = {json_object_new_array(),
			(uint64_t)json_get_number(arg, "limit", 0), 0, 0};
	json_object *object = json_object_new_object();

	groups_each(add_group, &listing);
	json_add_number(object, "worker", worker.index);
	json_add_number(object, "total", listing.total);
	json_add_number(object, "bytes", (int64_t)listing.bytes);
	json_object_object_add(object, "groups", listing.array);
	return object;
}

json_object *show_reload(const json_object *arg)
{
	json_object *object = json_object_new_object();
	str uri = json_get_text(arg, "group");

	json_add_number(object, "forgotten", groups_forget(&uri));
	return object;
}
