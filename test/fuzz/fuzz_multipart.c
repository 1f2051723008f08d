/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: wire/multipart. The first line of the input is the
 * Content-Type, the second the Content-Disposition, the rest the body.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include "wire/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static str take_line(str *rest)
{
	int end = text_find_char(rest, '\n');
	str line = {rest->s, end < 0 ? rest->len : end};

	*rest = text_from(rest, end < 0 ? rest->len : end + 1);
	return line;
}


static void expect_inside(const str *part, const str *text)
{
	if(part->len < 0)
		abort();
	if(part->len > 0
			&& (part->s < text->s || part->s + part->len > text->s + text->len))
		abort();
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str all = {(char *)data, (int)size}, body = all, value;
	str type = take_line(&body), disposition = take_line(&body);
	body_parts_t parts;

	mime_param(&type, &TEXT("boundary"), &value);
	expect_inside(&value, &all);
	if(body_parts_parse(&type, &disposition, &body, &parts) < 0)
		return 0;
	if(parts.count < 0 || parts.count > MULTIPART_PARTS_MAX)
		abort();
	for(int i = 0; i < parts.count; i++) {
		expect_inside(&parts.part[i].body, &body);
		expect_inside(&parts.part[i].params, &all);
		expect_inside(&parts.part[i].disposition, &all);
		expect_inside(&parts.part[i].content_id, &all);
		expect_inside(&parts.part[i].encoding, &all);
	}
	return 0;
}
