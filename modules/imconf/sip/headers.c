/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * headers: see the header.
 */
#include "sip/headers.h"

#include "imconf_version.h"
#include "settings.h"

void headers_allow(buffer_t *out)
{
	buffer_add_text(out, "Allow: " SIP_ALLOW "\r\n");
}

void headers_supported(buffer_t *out)
{
	buffer_add_text(out, "Supported: " SIP_SUPPORTED "\r\n");
}

static void product(buffer_t *out, const char *name)
{
	buffer_printf(out, "%s: %.*s imconf/" IMCONF_VERSION "\r\n", name,
			TEXT_ARG(&settings.server_token));
}

void headers_server(buffer_t *out)
{
	product(out, "Server");
}

void headers_user_agent(buffer_t *out)
{
	product(out, "User-Agent");
}

void headers_accept_contact(buffer_t *out)
{
	headers_add(out, "Accept-Contact", &settings.accept_contact);
}

void headers_allow_events(buffer_t *out)
{
	buffer_add_text(out, "Allow-Events: conference\r\n");
}

void headers_contact(buffer_t *out, const str *value)
{
	buffer_printf(out, "Contact: %.*s\r\n", TEXT_ARG(value));
}

void headers_conference_contact(buffer_t *out, const str *identity)
{
	buffer_printf(out, "<%.*s>;isfocus;%.*s", TEXT_ARG(identity),
			TEXT_ARG(&settings.feature_tags));
}

void headers_add(buffer_t *out, const char *name, const str *value)
{
	int i;

	if(value->len <= 0)
		return;
	buffer_printf(out, "%s: ", name);
	for(i = 0; i < value->len; i++) {
		char c = value->s[i];
		buffer_add(out, c == '\r' || c == '\n' ? " " : &c, 1);
	}
	buffer_add_text(out, "\r\n");
}
