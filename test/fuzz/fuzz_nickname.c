/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: wire/nickname. What is read once is read the same again, and
 * its key is its own key.
 */
#include <stdlib.h>
#include <string.h>
#include "base/buffer.h"
#include "wire/nickname.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void expect_same_again(const str *name)
{
	buffer_t quoted;
	str value, again;

	buffer_init(&quoted, 0);
	buffer_add(&quoted, "\"", 1);
	for(int i = 0; i < name->len; i++) {
		if(name->s[i] == '"' || name->s[i] == '\\')
			buffer_add(&quoted, "\\", 1);
		buffer_add(&quoted, &name->s[i], 1);
	}
	buffer_add(&quoted, "\"", 1);
	value = buffer_str(&quoted);
	if(nickname_read(&value, &again) != 0 || !text_eq(name, &again))
		abort();
	text_free(&again);
	buffer_free(&quoted);
}


static void expect_stable_key(const str *name)
{
	str key, again;

	if(nickname_key(name, &key) != 0 || nickname_key(&key, &again) != 0
			|| !text_eq(&key, &again))
		abort();
	text_free(&key);
	text_free(&again);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str value = {(char *)data, (int)size}, name;

	if(nickname_read(&value, &name) == 0) {
		if(name.len > NICKNAME_MAX)
			abort();
		expect_same_again(&name);
		expect_stable_key(&name);
	}
	text_free(&name);
	expect_stable_key(&value);
	return 0;
}
