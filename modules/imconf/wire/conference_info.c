/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * conference_info: see conference_info.h. Called by the notifier; knows
 * nothing of subscriptions.
 */
#include "wire/conference_info.h"


static const char *status_name(info_status_t status)
{
	switch(status) {
		case INFO_CONNECTED:
			return "connected";
		case INFO_ALERTING:
			return "alerting";
		case INFO_DISCONNECTED:
			break;
	}
	return "disconnected";
}


static const char *departure_name(info_departure_t departure)
{
	switch(departure) {
		case DEPARTURE_DEPARTED:
			return "departed";
		case DEPARTURE_BOOTED:
			return "booted";
		case DEPARTURE_FAILED:
			return "failed";
		case DEPARTURE_BUSY:
			return "busy";
		case DEPARTURE_NONE:
			break;
	}
	return NULL;
}


static void add_element(buffer_t *out, const char *name, const str *text)
{
	buffer_printf(out, "<%s>", name);
	buffer_add_xml(out, text);
	buffer_printf(out, "</%s>", name);
}


static void open_with_entity(buffer_t *out, const char *name, const str *entity)
{
	buffer_printf(out, "<%s entity=\"", name);
	buffer_add_xml(out, entity);
	buffer_add_text(out, "\"");
}


void conference_info_begin_full(buffer_t *out, const info_document_t *document)
{
	buffer_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n");
	open_with_entity(out,
			"conference-info "
			"xmlns=\"urn:ietf:params:xml:ns:conference-info\"",
			&document->entity);
	buffer_printf(out, " state=\"full\" version=\"%u\">\r\n",
			(unsigned)document->version);
	/* a full document must have one, if empty (RFC 4575 section 5.2) */
	buffer_add_text(out, "<conference-description>");
	if(document->subject.len > 0)
		add_element(out, "subject", &document->subject);
	if(document->max_users > 0)
		buffer_printf(out, "<maximum-user-count>%d</maximum-user-count>",
				document->max_users);
	buffer_add_text(out, "</conference-description>\r\n"
						 "<users state=\"full\">\r\n");
}


static void add_departure(buffer_t *out, const info_user_t *user)
{
	const char *method = departure_name(user->departure);

	if(user->status != INFO_DISCONNECTED || method == NULL)
		return;
	buffer_printf(
			out, "<disconnection-method>%s</disconnection-method>", method);
	if(user->reason_code > 0)
		buffer_printf(out,
				"<disconnection-info><reason>Reason: SIP;cause=%d</reason>"
				"</disconnection-info>",
				user->reason_code);
}


/* The status comes before anything a client might take for another one, and
 * no state attribute is left to a default that clients read differently. */
void conference_info_user(buffer_t *out, const info_user_t *user)
{
	open_with_entity(out, "user", &user->entity);
	buffer_add_text(out, user->yourown ? " state=\"full\" yourown=\"true\">"
									   : " state=\"full\">");
	if(user->display.len > 0)
		add_element(out, "display-text", &user->display);
	open_with_entity(out, "endpoint", &user->entity);
	buffer_printf(out, " state=\"full\"><status>%s</status>",
			status_name(user->status));
	add_departure(out, user);
	buffer_add_text(out, "</endpoint></user>\r\n");
}


void conference_info_end(buffer_t *out)
{
	buffer_add_text(out, "</users>\r\n</conference-info>\r\n");
}
