/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * show_groups: see the header. Runs in the worker.
 */
#include "admin/show_groups.h"

#include "xdms/groups.h"

typedef struct listing
{
	json_object *array;
	uint64_t left;
	int total;
	size_t bytes;
} listing_t;

static void add_number(json_object *object, const char *name, int64_t value)
{
	json_object_object_add(object, name, json_object_new_int64(value));
}

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
	json_object_object_add(object, "group",
			json_object_new_string_len(entry->uri.s, entry->uri.len));
	add_number(object, "members", entry->members);
	add_number(object, "bytes", (int64_t)entry->bytes);
	add_number(object, "age", entry->age);
	add_number(object, "absent", entry->absent);
	add_number(object, "stale", entry->stale);
	add_number(object, "hits", (int64_t)entry->hits);
	json_object_array_add(listing->array, object);
}

json_object *show_groups(const str *limit)
{
	listing_t listing = {json_object_new_array(), 0, 0, 0};
	json_object *object = json_object_new_object();

	text_to_uint(limit, UINT32_MAX, &listing.left);
	groups_each(add_group, &listing);
	add_number(object, "total", listing.total);
	add_number(object, "bytes", (int64_t)listing.bytes);
	json_object_object_add(object, "groups", listing.array);
	return object;
}

json_object *show_reload(const str *uri)
{
	json_object *object = json_object_new_object();

	add_number(object, "forgotten", groups_forget(uri));
	return object;
}
