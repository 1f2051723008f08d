/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * dialog: one participant's SIP dialog with the focus, as the load client
 * holds it: a creator (UAC) or an invited user (UAS). Writes its messages and
 * repeats them until they are answered (RFC 3261 section 17). Called by
 * conferences.c and watchers.c, which know whose a datagram is.
 */
#ifndef BENCH_DIALOG_H
#define BENCH_DIALOG_H

#include "endpoint.h"

typedef enum dialog_state
{
	DIALOG_IDLE,
	DIALOG_CALLING,	 /* our INVITE waits for its final answer */
	DIALOG_ANSWERED, /* our 200 waits for its ACK */
	DIALOG_IN,
	DIALOG_LEAVING, /* our BYE waits for its answer */
	DIALOG_LEFT
} dialog_state_t;

typedef struct dialog
{
	dialog_state_t state;
	char name[48]; /* the user part, which finds the dialog again */
	char uri[96];  /* its Contact */
	char from[96]; /* the user's address */
	char call_id[160];
	char local[256]; /* From or To value with its tag */
	char remote[256];
	char target[256]; /* the focus' Contact */
	char routes[1024];
	char msrp_path[160]; /* our own */
	char remote_path[256], remote_host[64], remote_port[16];
	int cseq;

	char *pending; /* is sent again until it is answered */
	size_t pending_len;
	double resend_at, interval, give_up_at;
} dialog_t;

/** Names the participant; `d` may have been used before. `user`: the user part
 * of its address when that is another one than `name`, or NULL. */
void dialog_init(dialog_t *d, const char *name, const char *user);
void dialog_clear(dialog_t *d);

/** Sends an INVITE to `factory` with a list of `count` users, whose names
 * `name_of` writes (no list when 0). */
void dialog_invite(dialog_t *d, const char *factory, int count,
		void (*name_of)(const dialog_t *d, int i, char *out, size_t size));

/** The 200 to our INVITE: sends its ACK, and again for a repeated one. */
void dialog_invite_answered(dialog_t *d, const sip_text_t *m);

/** Answers an invitation with 200, and a repeated one with the same. Returns
 * -1 when it has no usable MSRP offer. */
int dialog_accept(dialog_t *d, const sip_text_t *m);

/** Sends a REFER about `count` users from number `first` on, as a list. */
void dialog_refer(dialog_t *d, int first, int count,
		void (*name_of)(const dialog_t *d, int i, char *out, size_t size));

/** Subscribes to the conference state, in a dialog of its own. */
void dialog_subscribe(dialog_t *d);

/** Sends BYE. */
void dialog_leave(dialog_t *d);

/** What was sent last has been answered. */
void dialog_answered(dialog_t *d);

/** Sends again what is due at `now`. Returns -1 when it has been tried for
 * 32 seconds. */
int dialog_tick(dialog_t *d, double now);

/** Answers request `m` without a body, in or outside of any dialog. */
void reply_plainly(const sip_text_t *m, const char *status);

#endif
