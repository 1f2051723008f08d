/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * referral: the subscription that a REFER makes by itself: NOTIFYs that say
 * how far the invitation got, in the dialog of the REFER. RFC 3515 2.4.4,
 * RFC 6665, RFC 5057. Clause R4. Private to the focus.
 */
#ifndef IMCONF_FOCUS_REFERRAL_H
#define IMCONF_FOCUS_REFERRAL_H

#include "focus/refusal.h"
#include "focus/session.h"

typedef struct referral referral_t;

/**
 * Makes one of a REFER that is going to be accepted. `d`: the dialog that it
 * came in, of `s` when that is a session's; NULL outside dialogs: it gets a
 * dialog of its own then. NULL and a refusal when there are too many already,
 * no usable Contact or no memory.
 */
referral_t *referral_create(const sip_request_t *rq, dialog_t *d, session_t *s,
		const conference_t *c, refusal_t *refusal);

/** Forgets it without a word. */
void referral_destroy(referral_t *r);

/** The dialog that the REFER's answer has to name. */
const dialog_t *referral_dialog(const referral_t *r);

/** The REFER was answered: from now on its sender is told what becomes of
 * `target`, beginning with how it is now; NULL: it was done at once. */
void referral_begin(referral_t *r, const participant_t *target);

/** A SUBSCRIBE in a dialog: 200 and NOTIFY, when it is for a referral there,
 * else 481. */
void referral_on_subscribe(sip_request_t *rq, dialog_t *d);

/** What comes in the dialog that a REFER made. */
void referral_on_request(sip_request_t *rq, dialog_t *d);

/** `target` has got as far as `code` (180, 200): all who referred to it are
 * told. */
void referral_reached(const participant_t *target, int code);

/** EFFECT_LEAVE: it did not come. */
void referral_left(conference_t *c, participant_t *p, end_reason_t reason);

/** The session goes, and the referrals in its dialog with a last NOTIFY. */
void referral_end_session(const session_t *s);

#endif
