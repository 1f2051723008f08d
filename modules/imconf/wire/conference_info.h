/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * conference_info: application/conference-info+xml documents, out only. RFC
 * 4575, clauses N2-N4, N9-N11. No state; the caller says who is shown.
 */
#ifndef IMCONF_WIRE_CONFERENCE_INFO_H
#define IMCONF_WIRE_CONFERENCE_INFO_H

#include "base/buffer.h"

typedef enum info_status
{
	INFO_CONNECTED,
	INFO_DISCONNECTED,
	INFO_ALERTING
} info_status_t;

typedef enum info_departure
{
	DEPARTURE_NONE,
	DEPARTURE_DEPARTED,
	DEPARTURE_BOOTED,
	DEPARTURE_FAILED,
	DEPARTURE_BUSY
} info_departure_t;

typedef struct info_user
{
	str entity;
	str display; /* empty: none */
	info_status_t status;
	info_departure_t departure; /* with INFO_DISCONNECTED */
	int reason_code;			/* SIP code of a refusal, 0: none */
	int yourown;				/* N10, bare attribute */
} info_user_t;

typedef struct info_document
{
	str entity; /* N3 */
	uint32_t version;
	str subject;   /* empty: none */
	int max_users; /* 0: not said */
} info_document_t;

/** Opens a state="full" document, up to and with <users>. */
void conference_info_begin_full(buffer_t *out, const info_document_t *document);
/** One user with its single endpoint (N9: same entity), state="full". */
void conference_info_user(buffer_t *out, const info_user_t *user);
/** Closes the document. */
void conference_info_end(buffer_t *out);

#endif
