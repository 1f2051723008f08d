/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: wire/resource_list, in, out as history and in again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include "wire/resource_list.h"

#define ENTRIES_MAX 50

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void write_and_read(const resource_list_t *list)
{
	resource_list_t again;
	buffer_t out;
	str xml;
	int written;

	buffer_init(&out, 0);
	written = resource_list_write_history(list, &out);
	xml = buffer_str(&out);
	if(written < 0 || resource_list_parse(&xml, 0, &again, NULL, 0) != LIST_OK)
		abort();
	/* the anonymous one may stand for both kinds, or be in the list itself */
	if(again.count > written || again.count < written - 2)
		abort();
	resource_list_free(&again);
	buffer_free(&out);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str xml = {(char *)data, (int)size};
	resource_list_t list;
	char why[64];

	if(resource_list_parse(&xml, ENTRIES_MAX, &list, why, sizeof(why))
			== LIST_OK) {
		if(list.count > ENTRIES_MAX)
			abort();
		write_and_read(&list);
	} else if(list.entry != NULL || list.count != 0) {
		abort();
	}
	resource_list_free(&list);
	return 0;
}
