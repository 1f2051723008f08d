/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session_timer: the arithmetic of session timers (RFC 4028), as UAS and as
 * UAC: what Session-Expires and Min-SE say, what is agreed upon, what we
 * write, and when something is due. Clauses G7, G10, M3. No state of its own.
 */
#ifndef IMCONF_WIRE_SESSION_TIMER_H
#define IMCONF_WIRE_SESSION_TIMER_H

#include "base/buffer.h"

typedef enum refresher
{
	REFRESHER_ANY, /* not said */
	REFRESHER_UAC,
	REFRESHER_UAS
} refresher_t;

/** What a message says of session timers. */
typedef struct session_words
{
	int supported;		   /* the option tag `timer` stands in it */
	unsigned expires;	   /* of Session-Expires; 0: it has none */
	refresher_t refresher; /* of the same */
	unsigned min_se;	   /* 0: it has no Min-SE */
} session_words_t;

/** What we want, of everybody. Seconds. */
typedef struct session_rules
{
	unsigned expires; /* asked for, and the most that is granted; 0: we ask
						 for no timer, and grant any */
	unsigned min_se;  /* the least that is granted */
	int we_refresh;	  /* where the choice is ours */
} session_rules_t;

/** What holds in one dialog. Zeroed: nothing is agreed yet. */
typedef struct session_timer
{
	unsigned interval; /* 0: no timer */
	unsigned asked;	   /* in our request under way */
	unsigned min_se;   /* the largest one heard, 0: none */
	unsigned repeats;  /* 422s in a row */
	int we_refresh;	   /* else the peer does */
	int peer_knows;	   /* the peer supports timers */
} session_timer_t;

/** Reads Session-Expires: `1800;refresher=uac`. What is too large for an
 * unsigned becomes the largest one. Returns 0, or -1 when it is malformed. */
int session_expires_parse(
		const str *value, unsigned *seconds, refresher_t *refresher);

/** Reads Min-SE: `90`, perhaps with parameters. As above. */
int min_se_parse(const str *value, unsigned *seconds);

/**
 * A request asks (section 9): sets the timer that our 2xx tells. An interval
 * is never raised, lowered to the rules' but not below the request's Min-SE
 * (unless that is absurd, more than a day); Table 2 says who refreshes. Returns 0, or -1 when it must be refused with
 * 422 (nothing changed then).
 */
int session_timer_answer(session_timer_t *t, const session_rules_t *rules,
		const session_words_t *request);

/** Session-Expires and Require lines of that 2xx; none without a timer. */
void session_timer_write_answer(const session_timer_t *t, buffer_t *out);

/** Session-Expires and Min-SE lines of our request (7.1, 7.4), and notes what
 * is asked. */
void session_timer_write_request(
		session_timer_t *t, const session_rules_t *rules, buffer_t *out);

/** A 2xx to it (7.2). Who supports no timers is refreshed by us; who raises
 * the interval is not believed, and we refresh by our own. */
void session_timer_take(session_timer_t *t, const session_rules_t *rules,
		const session_words_t *reply);

/** A 422 to it (7.3). Returns 0 when it should be sent once more, or -1: its
 * Min-SE is none that helps, is absurd, or this goes on for too long. */
int session_timer_take_422(session_timer_t *t, const session_words_t *reply);

/** Milliseconds from a refresh on until we send the next one (half of it). */
int64_t session_timer_refresh_ms(const session_timer_t *t);

/** Milliseconds from a refresh on until the session is given up: when it ends,
 * or a little before that when it was up to the peer (section 10). */
int64_t session_timer_expiry_ms(const session_timer_t *t);

/** Milliseconds to wait after a 491 (RFC 3261 14.1): 2.1 to 4 s for whoever
 * made the Call-ID, else up to 2 s; `dice` is any random number. */
int64_t session_timer_glare_ms(int own_call_id, unsigned dice);

#endif
