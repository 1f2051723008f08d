/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * abilities: see abilities.h. Filled by description.c, asked by the fan-out
 * and by verdicts.
 */
#include <stdlib.h>
#include "settings.h"
#include "switch/abilities.h"
#include "switch/leg.h"

/* a list of types longer than this is not believed to be one */
#define TYPES_MAX 4096

struct taste
{
	map_node_t node; /* by what it says */
	unsigned holders;
	str says; /* "max-size accept-types accept-wrapped-types"; owned */
	str types;
	uint64_t max_size; /* 0: any */
	uint64_t asked;	   /* the number of the last cargo */
	int refusal;	   /* what it was told */
};

static map_t tastes;


uint64_t cargo_number(void)
{
	static uint64_t last;

	return ++last;
}


void taste_release(taste_t *t)
{
	if(!t || --t->holders > 0)
		return;
	map_remove(&tastes, &t->node);
	text_free(&t->says);
	free(t);
}


static taste_t *create(const str *says, int at, uint64_t max_size)
{
	taste_t *t = calloc(1, sizeof(*t));

	if(!t || text_copy(&t->says, says) < 0
			|| map_put(&tastes, &t->node, &t->says, t) < 0) {
		if(t)
			text_free(&t->says);
		free(t);
		return NULL;
	}
	t->types = text_from(&t->says, at);
	t->max_size = max_size;
	return t;
}


/* Without a=accept-wrapped-types nothing is known of what may be wrapped. */
static int takes_every_type(const sdp_msrp_t *d)
{
	return d->accept_wrapped_types.len == 0
		   || sdp_accepts(&d->accept_types, "*")
		   || sdp_accepts(&d->accept_wrapped_types, "*")
		   || d->accept_types.len + d->accept_wrapped_types.len > TYPES_MAX;
}


/* What may stand alone may be wrapped, too. */
static int describe(const sdp_msrp_t *d, buffer_t *says)
{
	int at;

	buffer_printf(says, "%llu ", (unsigned long long)d->max_size);
	at = (int)says->len;
	if(takes_every_type(d)) {
		buffer_add(says, "*", 1);
		return at;
	}
	buffer_add_str(says, &d->accept_types);
	buffer_add(says, " ", 1);
	buffer_add_str(says, &d->accept_wrapped_types);
	return at;
}


static int find_taste(const sdp_msrp_t *d, taste_t **out)
{
	buffer_t says;
	str key;
	int at;

	*out = NULL;
	if(takes_every_type(d) && d->max_size == 0)
		return 0;
	buffer_init(&says, 0);
	at = describe(d, &says);
	key = buffer_str(&says);
	if(!buffer_failed(&says) && !(*out = map_get(&tastes, &key)))
		*out = create(&key, at, d->max_size);
	buffer_free(&says);
	if(!*out)
		return -1;
	(*out)->holders++;
	return 0;
}


static int has_token(const sdp_msrp_t *d, const char *name)
{
	str wanted = {(char *)name, (int)strlen(name)};
	str rest = d->chatroom, token;

	while(text_next(&rest, ' ', &token)) {
		if(text_eq_nocase(&token, &wanted))
			return 1;
	}
	return 0;
}


int abilities_learn(leg_t *leg, const sdp_msrp_t *description)
{
	taste_t *old = leg->taste;
	int rc = find_taste(description, &leg->taste);

	taste_release(old);
	leg->takes_private = has_token(description, "private-messages");
	return rc;
}


const char *abilities_of_rooms(void)
{
	int private = settings.private_policy != PRIVATE_NO;

	if(settings.nicknames)
		return private ? "nickname private-messages" : "nickname";
	return private ? "private-messages" : "";
}


static int judge(const taste_t *t, const cargo_t *cargo)
{
	if(t->max_size && cargo->size > t->max_size)
		return 413;
	if(*cargo->kind && !sdp_accepts(&t->types, cargo->kind))
		return 415;
	return 0;
}


int abilities_refuse(const leg_t *leg, const cargo_t *cargo)
{
	taste_t *t = leg->taste;

	if(!t)
		return 0;
	if(t->asked != cargo->number) {
		t->asked = cargo->number;
		t->refusal = judge(t, cargo);
	}
	return t->refusal;
}
