/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: wire/replaces, reason and header_value on the same text. What
 * an invitee's URI gives its invitation is whole lines of the two headers it
 * may give, and what was written is read again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include "wire/header_value.h"
#include "wire/reason.h"
#include "wire/replaces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void expect(int truth)
{
	if(!truth)
		abort();
}


static void expect_line(const str *line)
{
	str name = TEXT("Replaces: "), rcs = TEXT("Session-Replaces: ");
	str value = text_from(line, name.len);
	replaces_t again;

	if(!text_starts_nocase(line, &name)) {
		expect(text_starts_nocase(line, &rcs));
		return;
	}
	expect(replaces_parse(&value, &again) == 0);
}


static void expect_lines(str rest)
{
	str crlf = TEXT("\r\n"), line;
	int end;

	while(rest.len > 0) {
		end = text_find(&rest, &crlf);
		expect(end > 0);
		line = (str){rest.s, end};
		rest = text_from(&rest, end + 2);
		expect(text_find_char(&line, '\n') < 0);
		expect(text_find_char(&line, '\r') < 0);
		expect_line(&line);
	}
}


static void try_invitee(const str *text)
{
	buffer_t out;

	buffer_init(&out, 0);
	if(replaces_of_invitee(text, &out) >= 0)
		expect_lines(buffer_str(&out));
	expect(out.len <= 8 * REPLACES_PART_MAX);
	buffer_free(&out);
}


static void try_replaces(const str *text)
{
	replaces_t replaces;
	buffer_t out;

	if(replaces_parse(text, &replaces) < 0)
		return;
	buffer_init(&out, 0);
	replaces_write(&replaces, &out);
	expect_lines(buffer_str(&out));
	buffer_free(&out);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str text = {(char *)data, (int)size}, rest = text, piece;
	int cause = reason_sip_cause(&text);

	expect(cause >= 0 && cause < 700);
	while(header_next(&rest, ',', &piece))
		expect(piece.len <= text.len);
	try_replaces(&text);
	try_invitee(&text);
	return 0;
}
