/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: wire/charging_vector, and wire/header_params below it. What is
 * taken is written as one header line that reads the same.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "wire/charging_vector.h"
#include "wire/header_params.h"

#define HEADER_NAME "P-Charging-Vector: "

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void expect(int truth)
{
	if(!truth)
		abort();
}


static void expect_same(const charging_vector_t *a, const charging_vector_t *b)
{
	expect(text_eq(&a->icid, &b->icid));
	expect(text_eq(&a->generated_at, &b->generated_at));
	expect(text_eq(&a->orig_ioi, &b->orig_ioi));
	expect(text_eq(&a->term_ioi, &b->term_ioi));
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str text = {(char *)data, (int)size}, line, end = TEXT("\r\n");
	charging_vector_t vector, again;
	buffer_t out;

	header_params_accept_valid(&text);
	if(charging_vector_parse(&text, &vector) < 0)
		return 0;
	expect(header_params_valid(&text));
	buffer_init(&out, 0);
	charging_vector_add(&out, &vector);
	line = buffer_str(&out);
	expect(text_find(&line, &end) == line.len - 2);
	line.len -= 2;
	line = text_from(&line, sizeof(HEADER_NAME) - 1);
	expect(charging_vector_parse(&line, &again) == 0);
	expect_same(&vector, &again);
	buffer_free(&out);
	return 0;
}
