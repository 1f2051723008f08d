/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: wire/ws_upgrade. The input is what came to a WebSocket port.
 * Whatever is accepted has a whole key inside the request, and the verdict
 * does not change when more follows.
 */
#include <stdlib.h>
#include <string.h>
#include "wire/ws_upgrade.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void expect(int truth)
{
	if(!truth)
		abort();
}


static void expect_inside(const str *part, const str *all, int length)
{
	if(part->len > 0)
		expect(part->s >= all->s && part->s + part->len <= all->s + length);
	expect(part->len >= 0);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str all = {(char *)data, (int)size}, cut;
	ws_upgrade_t u, again;

	if(!ws_upgrade_parse(&all, &u)) {
		expect(size < WS_UPGRADE_MAX);
		return 0;
	}
	expect((u.code == 101) == (u.why == NULL));
	if(u.code != 101)
		return 0;
	expect(u.length <= all.len && u.length <= WS_UPGRADE_MAX);
	expect(u.key.len == 24);
	expect_inside(&u.key, &all, u.length);
	expect_inside(&u.origin, &all, u.length);
	/* it goes into our answer */
	expect(text_find_char(&u.origin, '\n') < 0
			&& text_find_char(&u.origin, '\r') < 0);
	cut = all;
	cut.len = u.length;
	expect(ws_upgrade_parse(&cut, &again) == 1 && again.code == 101);
	return 0;
}
