/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * sdp: the MSRP media line of a session description, in and out. RFC 8866,
 * RFC 4975 section 8, RFC 6135, RFC 6714, RFC 7701 section 8. Clause A4.
 * No state.
 */
#ifndef IMCONF_WIRE_SDP_H
#define IMCONF_WIRE_SDP_H

#include "base/buffer.h"
#include "wire/msrp_uri.h"

#define SDP_PATH_MAX 8		   /* URIs in one a=path */
#define SDP_FINGERPRINTS_MAX 4 /* looked at, of one m-line or the session */
#define SDP_MEDIA_MAX 16	   /* m= lines looked at */
#define SDP_FURTHER_MAX 3	   /* MSRP lines kept beside the first */

typedef enum sdp_setup
{
	SETUP_NONE, /* no a=setup: RFC 4975 rule, the offerer connects */
	SETUP_ACTIVE,
	SETUP_PASSIVE,
	SETUP_ACTPASS
} sdp_setup_t;

typedef enum sdp_direction
{
	SDP_SENDRECV,
	SDP_SENDONLY,
	SDP_RECVONLY,
	SDP_INACTIVE
} sdp_direction_t;

/** What one MSRP m-line says; everything points into the text. */
typedef struct sdp_msrp
{
	int index;					/* its place among the m-lines, from 0 */
	str host;					/* of its c=, else the session's c= */
	unsigned port;				/* of the m-line; 0: refused */
	str proto;					/* "TCP/MSRP" as written */
	msrp_transport_t transport; /* that says, and the first URI of the path */
	str path[SDP_PATH_MAX];		/* a=path URIs in order */
	int path_count;
	str accept_types;		  /* value of a=accept-types */
	str accept_wrapped_types; /* value, empty when absent */
	sdp_setup_t setup;
	sdp_direction_t direction;
	uint64_t max_size; /* a=max-size (or maxsize); 0: none */
	int cema;		   /* a=msrp-cema */
	str fingerprint[SDP_FINGERPRINTS_MAX]; /* values of a=fingerprint */
	int fingerprint_count;
	str chatroom; /* value of a=chatroom */
	int has_chatroom;
} sdp_msrp_t;

typedef struct sdp
{
	sdp_msrp_t msrp; /* the first usable MSRP line (port not 0) */
	sdp_msrp_t further[SDP_FURTHER_MAX]; /* the next ones */
	int further_count;
	int media_count;		  /* all m-lines, ours included */
	str media[SDP_MEDIA_MAX]; /* each m-line's text after "m=", for refusals */
} sdp_t;

typedef enum sdp_result
{
	SDP_OK = 0,
	SDP_BROKEN = -1, /* no v=, no m= grammar, too many lines: 400 */
	SDP_NO_MSRP = -2 /* well formed, but nothing for us in it: 488 */
} sdp_result_t;

/** Parses `text`; tolerates LF line ends and attributes in any order. An
 * MSRP line is usable when its port is not 0 and every URI of its a=path is
 * well formed. a=setup, a=fingerprint and the direction may stand at session
 * level. Besides RFC 4975's and RFC 7977's protocols, TCP/WS/MSRP and
 * TCP/WSS/MSRP are known: clients of RFC 7977's drafts say so. */
sdp_result_t sdp_parse(const str *text, sdp_t *sdp);

/** The usable MSRP lines in order: `n` from 0; NULL: there is no such. */
const sdp_msrp_t *sdp_line(const sdp_t *sdp, int n);

/** 1 when `types` (a space separated list) names `type`, all subtypes of its
 * kind or `*` (RFC 4975 section 8.6); compared without case and parameters, a
 * `*` may stand anywhere. */
int sdp_accepts(const str *types, const char *type);

/** What our own description says. */
typedef struct sdp_own
{
	str address;   /* numeric, for o=, c= and (bracketed) the path */
	unsigned port; /* the real one; an active side says 9 in m= */
	msrp_transport_t transport;
	str session;		  /* MSRP session id */
	sdp_setup_t setup;	  /* ACTPASS in offers, PASSIVE or ACTIVE in answers */
	uint64_t id;		  /* o= session id */
	uint64_t version;	  /* o= version */
	uint64_t max_size;	  /* a=max-size; 0: none said */
	str fingerprint;	  /* value of a=fingerprint; empty: none said */
	int cema;			  /* a=msrp-cema is said */
	const char *chatroom; /* tokens of a=chatroom; NULL: none said */
} sdp_own_t;

/** Writes an offer with our one MSRP m-line. */
void sdp_write_offer(const sdp_own_t *own, buffer_t *out);

/** Writes the answer to `offer`: our line in the place of `theirs`, one of its
 * lines (with that one's protocol and the opposite of its direction), every
 * other m-line refused with port 0. RFC 3264 section 6. */
void sdp_write_answer(const sdp_own_t *own, const sdp_t *offer,
		const sdp_msrp_t *theirs, buffer_t *out);

/** The MSRP URI of `own`: msrp://address:port/session;tcp, or as its transport
 * has it. */
void sdp_write_path(const sdp_own_t *own, buffer_t *out);

#endif
