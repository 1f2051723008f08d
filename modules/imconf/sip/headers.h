/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * headers: the header lines that all our messages have in common. Clauses
 * G1-G4, G6.
 */
#ifndef IMCONF_SIP_HEADERS_H
#define IMCONF_SIP_HEADERS_H

#include "base/buffer.h"

/** The methods we serve, as they stand in Allow. */
#define SIP_ALLOW "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, SUBSCRIBE, REFER"
#define SIP_SUPPORTED                                          \
	"timer, recipient-list-invite, replaces, multiple-refer, " \
	"norefersub"
/** The bodies we take, as a whole Accept line. */
#define SIP_ACCEPT_LINE                                         \
	"Accept: application/sdp, application/resource-lists+xml, " \
	"multipart/mixed\r\n"

/** Allow: ... */
void headers_allow(buffer_t *out);
/** Supported: ... */
void headers_supported(buffer_t *out);
/** Server: token imconf/version (responses; uas_reply() adds it itself). */
void headers_server(buffer_t *out);
/** User-Agent likewise (requests; outgoing_send() adds it itself). */
void headers_user_agent(buffer_t *out);
/** Accept-Contact: as the parameter says (initial requests, G1). */
void headers_accept_contact(buffer_t *out);
/** Allow-Events: conference */
void headers_allow_events(buffer_t *out);
/** Contact: value */
void headers_contact(buffer_t *out, const str *value);
/** The Contact value of a conference: <identity>;isfocus and the feature tags
 * of the parameter (G4). */
void headers_conference_contact(buffer_t *out, const str *identity);
/** name: value (left out when empty); CR and LF in it become spaces. */
void headers_add(buffer_t *out, const char *name, const str *value);

#endif
