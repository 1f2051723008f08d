/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * header_name: see the header. Called by sip/request for every header that is
 * looked for.
 */
#include "wire/header_name.h"

/* IANA's registry of SIP header fields, those with a compact form */
/* clang-format off */
static const struct
{
	char compact;
	str full;
} forms[] = {
	{'a', STR_STATIC_INIT("Accept-Contact")},
	{'b', STR_STATIC_INIT("Referred-By")},
	{'c', STR_STATIC_INIT("Content-Type")},
	{'d', STR_STATIC_INIT("Request-Disposition")},
	{'e', STR_STATIC_INIT("Content-Encoding")},
	{'f', STR_STATIC_INIT("From")},
	{'i', STR_STATIC_INIT("Call-ID")},
	{'j', STR_STATIC_INIT("Reject-Contact")},
	{'k', STR_STATIC_INIT("Supported")},
	{'l', STR_STATIC_INIT("Content-Length")},
	{'m', STR_STATIC_INIT("Contact")},
	{'o', STR_STATIC_INIT("Event")},
	{'r', STR_STATIC_INIT("Refer-To")},
	{'s', STR_STATIC_INIT("Subject")},
	{'t', STR_STATIC_INIT("To")},
	{'u', STR_STATIC_INIT("Allow-Events")},
	{'v', STR_STATIC_INIT("Via")},
	{'x', STR_STATIC_INIT("Session-Expires")},
	{'y', STR_STATIC_INIT("Identity")},
};
/* clang-format on */


static int is_compact_form(char c, const str *full)
{
	char lower = c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;

	for(size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if(forms[i].compact == lower)
			return text_eq_nocase(&forms[i].full, full);
	}
	return 0;
}


int header_is(const str *name, const str *full)
{
	return text_eq_nocase(name, full)
		   || (name->len == 1 && is_compact_form(name->s[0], full));
}
