/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: model/identity, which reads the URIs of whoever asks. Both
 * lines of the input are names; being the same user is mutual, and what is
 * said of a user's name holds for the name as it is kept.
 */
#include <stdint.h>
#include <stdlib.h>
#include "model/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void expect_stable(const identity_t *id)
{
	identity_t again;

	if(identity_init(&again, &id->uri) != 0)
		abort();
	if(!text_eq(&again.key, &id->key)
			|| identity_is_anonymous(&again) != identity_is_anonymous(id)
			|| identity_eq(&again, id) == identity_is_anonymous(id))
		abort();
	identity_free(&again);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str rest = {(char *)data, (int)size}, line[2] = {{NULL, 0}, {NULL, 0}};
	identity_t id[2];
	int good[2];

	for(int i = 0; i < 2; i++) {
		text_next(&rest, '\n', &line[i]);
		good[i] = identity_init(&id[i], &line[i]) == 0;
		if(good[i])
			expect_stable(&id[i]);
	}
	if(good[0] && good[1]
			&& identity_eq(&id[0], &id[1]) != identity_eq(&id[1], &id[0]))
		abort();
	for(int i = 0; i < 2; i++) {
		if(good[i])
			identity_free(&id[i]);
	}
	return 0;
}
