/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: wire/sip_uri, all of its functions on the same text.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include "wire/sip_uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void expect(int truth)
{
	if(!truth)
		abort();
}


static void expect_inside(const str *part, const str *text)
{
	if(part->len > 0)
		expect(part->s >= text->s
				&& part->s + part->len <= text->s + text->len);
	expect(part->len >= 0);
}


static void try_uri(const str *text)
{
	uri_parts_t uri, again;
	str value;

	if(sip_uri_parse(text, &uri) < 0)
		return;
	expect_inside(&uri.user, text);
	expect_inside(&uri.host, text);
	expect_inside(&uri.port, text);
	expect_inside(&uri.params, text);
	expect_inside(&uri.headers, text);
	expect(uri.scheme == URI_TEL ? uri.user.len > 0 : uri.host.len > 0);
	/* what is left without headers is the same URI */
	expect(sip_uri_parse(&uri.core, &again) == 0);
	expect(text_eq(&uri.user, &again.user) && text_eq(&uri.host, &again.host));
	expect(again.headers.len == 0 && text_eq(&again.core, &uri.core));
	if(sip_uri_param(&uri.params, &TEXT("lr"), &value))
		expect_inside(&value, text);
	if(sip_uri_header(&uri.headers, &TEXT("Replaces"), &value))
		expect_inside(&value, text);
}


static void try_name_addr(const str *text)
{
	str display, uri, params;

	if(name_addr_parse(text, &display, &uri, &params) < 0)
		return;
	expect_inside(&display, text);
	expect_inside(&uri, text);
	expect_inside(&params, text);
	expect(text_find_char(&uri, '\r') < 0 && text_find_char(&uri, '\n') < 0);
	try_uri(&uri);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str text = {(char *)data, (int)size}, plain;

	try_uri(&text);
	try_name_addr(&text);
	if(sip_unescape(&text, &plain) == 0)
		expect(plain.len <= text.len);
	text_free(&plain);
	return 0;
}
