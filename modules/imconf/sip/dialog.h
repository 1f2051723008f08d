/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * dialog: what RFC 3261 section 12 calls a dialog, for INVITE and SUBSCRIBE
 * alike: identifiers, sequence numbers, targets, the way requests go. Lives
 * inside a session or a subscription.
 */
#ifndef IMCONF_SIP_DIALOG_H
#define IMCONF_SIP_DIALOG_H

#include "base/buffer.h"
#include "base/map.h"
#include "sip/ended.h"
#include "sip/outgoing.h"
#include "sip/request.h"

typedef enum dialog_kind
{
	DIALOG_SESSION,		 /* owner: the focus' session_t */
	DIALOG_SUBSCRIPTION, /* owner: the notifier's subscription_t */
	DIALOG_REFERRAL,	 /* owner: the focus', of referral.c */
	DIALOG_KINDS
} dialog_kind_t;

typedef struct dialog
{
	map_node_t node;
	str key; /* call-id;local-tag, in this worker's table of dialogs */
	dialog_kind_t kind;
	void *owner;
	str call_id, local_tag, remote_tag; /* all owned */
	str local_uri, remote_uri; /* of From and To, as they stood, no tag */
	str remote_target;		   /* its Contact */
	str routes;			 /* our Route set, comma separated, in our order */
	str contact;		 /* our Contact header value */
	str agent;			 /* what the peer calls its software; may be empty */
	unsigned local_cseq; /* of the last request we sent */
	unsigned remote_cseq;
	int has_remote_cseq;
	str charging;			  /* the conference's, may be empty */
	struct receive_info peer; /* where its last request or reply came from */
	int has_peer;
	int referred;	  /* a REFER in it made a subscription */
	int peer_trusted; /* by the script: the peer need not be in a network */
} dialog_t;

/** The URI of a message's Contact that can be a dialog's target, borrowed.
 * Returns 0, or -1 when it has none. */
int dialog_target(struct sip_msg *msg, str *uri);

/**
 * A dialog from a request that we answer (RFC 3261 12.1.1): takes ids, route
 * set, target and where it came from, gives it a fresh local tag and enters
 * it into the table. `contact`: our Contact header value, copied. Returns 0,
 * or -1 (no memory, no usable Contact; nothing is left behind).
 */
int dialog_init_uas(dialog_t *d, dialog_kind_t kind, void *owner,
		const sip_request_t *rq, const str *contact);

/**
 * A dialog from an INVITE that we are about to send: fresh Call-ID and tag,
 * the route set of the parameter outbound_route. `local_uri`, `target` and
 * `contact` are copied. Returns 0 or -1.
 */
int dialog_init_uac(dialog_t *d, dialog_kind_t kind, void *owner,
		const str *local_uri, const str *target, const str *contact);

/** Takes remote tag, route set, target and peer from a 1xx or 2xx to our
 * INVITE (12.1.2). Returns 0, or -1 when the reply has no tag or Contact. */
int dialog_take_reply(dialog_t *d, struct sip_msg *reply);

/** The dialog that another phone's 2xx to the INVITE of `d` made (13.2.2.4).
 * Not in the table: good for an ACK and a BYE. Returns 0 or -1. */
int dialog_init_fork(dialog_t *fork, const dialog_t *d, struct sip_msg *reply);

/** Our socket, "address:port", that the peer reaches; empty: not known. Good
 * for ever. */
str dialog_socket(const dialog_t *d);

/** Leaves the table and frees what it owns. Zeroed memory is harmless. */
void dialog_free(dialog_t *d);

/** The dialog of these names; one that has no remote tag yet, whatever that
 * is. NULL when there is none. */
dialog_t *dialog_of(const dialog_id_t *id);

/** The dialog that an in-dialog request belongs to, or NULL (481). */
dialog_t *dialog_find(const sip_request_t *rq);

typedef enum dialog_check
{
	DIALOG_OK = 0,
	DIALOG_OLD_CSEQ = -1 /* 500 (RFC 3261 12.2.2); ACK: ignore */
} dialog_check_t;

/** Checks and takes over the CSeq of an in-dialog request, and its source;
 * with `refresh` also its Contact as the new target. */
dialog_check_t dialog_take_request(
		dialog_t *d, const sip_request_t *rq, int refresh);

/** Takes the Contact of a target refresh request that we accept, or of its
 * 2xx, as the new target (12.2); without a usable one the target stays. */
void dialog_refresh_target(dialog_t *d, struct sip_msg *msg);

/**
 * Sends a request in the dialog (not ACK; INVITE: dialog_invite()): next
 * CSeq, route set or, when its next hop is no numeric address, where the peer's requests came
 * from. `headers`: complete lines, without Contact. `fn` as in outgoing.h.
 * Returns the request's id, or 0 when it could not be sent (logged).
 */
uint64_t dialog_request(dialog_t *d, const char *method, const str *headers,
		const str *body, outcome_fn_t fn, void *arg);

/**
 * 1 when requests in the dialog may be of any size: they go over a stream
 * anyway, or the peer takes one beside UDP: its Contact or the first route
 * says transport=tcp, or its last request came by one. RFC 3261 18.1.1.
 */
int dialog_takes_stream(const dialog_t *d);

/** As dialog_request(), but over a stream even if requests in the dialog go
 * by UDP; only when dialog_takes_stream() says so. */
uint64_t dialog_request_by_stream(dialog_t *d, const char *method,
		const str *headers, const str *body, outcome_fn_t fn, void *arg);

/** Sends an INVITE in the dialog (RFC 3261 14.1), as dialog_request(); its
 * outcomes come as those of every INVITE, and its 2xx want dialog_ack(). */
uint64_t dialog_invite(dialog_t *d, const str *headers, const str *body,
		outcome_fn_t fn, void *arg);

/** Acknowledges `reply`, a 2xx to an INVITE of ours (13.2.2.4), from whichever
 * of several answering phones the dialog holds. Again for every copy of that
 * 2xx. Returns 0 or -1. */
int dialog_ack(dialog_t *d, const struct sip_msg *reply);

/** Fills in everything of `o` but headers and body, Route and Contact lines
 * into `lines`. `hop` gives room for a next hop (NEXT_HOP_SIZE). */
void dialog_address(const dialog_t *d, outgoing_t *o, const char *method,
		buffer_t *lines, char *hop);

#endif
