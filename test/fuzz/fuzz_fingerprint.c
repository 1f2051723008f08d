/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: wire/fingerprint. What is read is the same when it is written
 * and read again.
 */
#include <stdlib.h>
#include <string.h>
#include "wire/fingerprint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str all = {(char *)data, (int)size}, text;
	fingerprint_t print, again;
	buffer_t b;

	if(fingerprint_parse(&all, &print) < 0)
		return 0;
	buffer_init(&b, 0);
	fingerprint_write(&print, &b);
	text = buffer_str(&b);
	if(fingerprint_parse(&text, &again) < 0 || again.hash != print.hash
			|| memcmp(again.value, print.value, fingerprint_length(print.hash))
					   != 0)
		abort();
	buffer_free(&b);
	return 0;
}
