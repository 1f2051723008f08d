/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * effects: what a transition of the model asks the rooms above to do, in
 * order. Ground floor: a list, nothing more.
 */
#ifndef IMCONF_MODEL_EFFECTS_H
#define IMCONF_MODEL_EFFECTS_H

struct conference;
struct participant;

typedef enum effect_type
{
	EFFECT_ANSWER, /* focus: 200 to the participant's INVITE */
	EFFECT_INVITE, /* focus: invite the participant */
	EFFECT_CANCEL, /* focus: give up the participant's ringing */
	EFFECT_BYE,	   /* focus: end the participant's session */
	EFFECT_ENTER,  /* switch: the participant's leg hears and is heard */
	EFFECT_LEAVE,  /* switch: close the participant's leg */
	EFFECT_NOTIFY, /* notifier: the roster changed */
	EFFECT_EMPTY,  /* focus: nobody is present, but the conference stays */
	EFFECT_END,	   /* everyone: the conference is over; the last one */
	EFFECT_TYPES
} effect_type_t;

/** Why we end a session: becomes the BYE's Reason. */
typedef enum end_reason
{
	END_NONE,	  /* no Reason header */
	END_NO_ACK,	  /* our 200 was never acknowledged */
	END_NO_MEDIA, /* the leg was never opened, or lost for too long */
	END_ADMIN,	  /* an operator's word */
	END_EXPELLED, /* a participant's who may expel (R8) */
	END_REPLACED, /* the same user came by another session */
	END_EXPIRED,  /* its session timer ran out, or our refresh in vain */
	/* of whole conferences */
	END_EMPTY,		  /* nobody is left */
	END_TOO_FEW,	  /* fewer than min_participants */
	END_CREATOR_LEFT, /* or the last key participant */
	END_KEY_LEFT,
	END_IDLE,	  /* nobody said anything for idle_timeout */
	END_DURATION, /* max_duration is over */
	END_REASONS
} end_reason_t;

typedef struct effect
{
	effect_type_t type;
	struct participant *participant; /* NULL for NOTIFY and END */
	end_reason_t reason;			 /* of BYE and END */
} effect_t;

typedef struct effects
{
	effect_t *item;
	int count;
	int size;
	int failed; /* memory ran out while adding */
} effects_t;

/** An empty list takes no memory; effects_free() leaves it empty again. */
void effects_init(effects_t *fx);
void effects_free(effects_t *fx);

/** Makes room for `more`, so that adding them cannot fail. Returns 0, or -1
 * when memory is out (failed is set). */
int effects_reserve(effects_t *fx, int more);

/** Appends one. A NOTIFY that would follow a NOTIFY is left out. */
void effects_add(effects_t *fx, effect_type_t type,
		struct participant *participant, end_reason_t reason);

#endif
