/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: wire/refer_to: what was taken is a URI that can be sent, says
 * no method any more, and is read the same again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include "wire/refer_to.h"
#include "wire/sip_uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void expect(int truth)
{
	if(!truth)
		abort();
}


static void check_target(const refer_target_t *t)
{
	str none = {NULL, 0}, value;
	refer_target_t again;
	uri_parts_t uri;

	expect(sip_uri_parse(&t->uri, &uri) == 0);
	expect(uri.headers.len == 0);
	expect(!sip_uri_param(&uri.params, &TEXT("method"), &value));
	expect(t->headers.len >= 0);
	expect(refer_target_init(&again, &t->uri, &none) == 0);
	expect(text_eq(&again.uri, &t->uri));
	expect(again.method == REFER_INVITE);
	refer_target_free(&again);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str text = {(char *)data, (int)size};
	refer_to_t to;

	if(refer_to_parse(&text, &to) == 0) {
		if(to.cid.len == 0)
			check_target(&to.target);
		for(int i = 0; i < to.cid.len; i++)
			expect((unsigned char)to.cid.s[i] >= ' ');
	}
	refer_to_free(&to);
	return 0;
}
