/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * sipfrag: see sipfrag.h. Called by the focus.
 */
#include "wire/sipfrag.h"

/* clang-format off */
static const struct
{
	int code;
	const char *reason;
} phrases[] = {
	{100, "Trying"},
	{180, "Ringing"},
	{200, "OK"},
	{300, "Multiple Choices"},
	{400, "Bad Request"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{408, "Request Timeout"},
	{410, "Gone"},
	{415, "Unsupported Media Type"},
	{480, "Temporarily Unavailable"},
	{486, "Busy Here"},
	{487, "Request Terminated"},
	{488, "Not Acceptable Here"},
	{500, "Server Internal Error"},
	{503, "Service Unavailable"},
	{600, "Busy Everywhere"},
	{603, "Decline"},
	{604, "Does Not Exist Anywhere"},
	{606, "Not Acceptable"},
};
/* clang-format on */

static const char *const classes[] = {"Trying", "OK", "Multiple Choices",
		"Bad Request", "Server Internal Error", "Decline"};


static const char *phrase(int code)
{
	for(size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if(phrases[i].code == code)
			return phrases[i].reason;
	}
	return classes[code / 100 - 1];
}


void sipfrag_write(buffer_t *out, int code)
{
	if(code < 100 || code > 699)
		code = 500;
	buffer_printf(out, "SIP/2.0 %d %s\r\n", code, phrase(code));
}
