/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * refer_read: see refer.h. Called by refer.c; knows no rule about who may.
 */
#include "focus/refer.h"

#include <stdlib.h>

typedef struct found
{
	str value;
	int count;
} found_t;

static int take_value(const str *token, void *arg)
{
	found_t *found = arg;

	found->value = *token;
	found->count++;
	return 0;
}

static int refuse_refer_to(refusal_t *refusal, int rc)
{
	if(rc == REFER_TO_MEMORY)
		return refusal_no_memory(refusal);
	return refusal_set(refusal, 400, "Bad Request", NULL,
			"its Refer-To names nobody by a sip or tel URI");
}

static int find_refer_to(const refer_t *r, refer_to_t *to, refusal_t *refusal)
{
	found_t found = {.count = 0};
	int rc;

	sip_header_tokens(&r->rq->msg, "Refer-To", take_value, &found);
	if(found.count != 1)
		return refusal_set(refusal, 400, "Bad Request", NULL,
				"it has %d Refer-To values, not one", found.count);
	rc = refer_to_parse(&found.value, to);
	return rc < 0 ? refuse_refer_to(refusal, rc) : 0;
}

/* the entries keep their addresses alone: the list is passed on */
static int take_list(refer_t *r, refusal_t *refusal)
{
	resource_list_t *list = &r->body.list;
	int i, rc = 0;

	r->target = calloc(list->count, sizeof(*r->target));
	if(!r->target)
		return refusal_no_memory(refusal);
	for(i = 0; i < list->count && rc == 0; i++) {
		list_entry_t *e = &list->entry[i];
		refer_target_t *t = &r->target[r->count++];
		rc = refer_target_init(t, &e->uri, &e->headers);
		if(rc == 0 && text_replace(&e->uri, &t->uri) < 0)
			rc = REFER_TO_MEMORY;
	}
	return rc < 0 ? refuse_refer_to(refusal, rc) : 0;
}

/* the target goes over */
static int take_single(refer_t *r, refer_to_t *to, refusal_t *refusal)
{
	r->target = calloc(1, sizeof(*r->target));
	if(!r->target)
		return refusal_no_memory(refusal);
	r->target[0] = to->target;
	memset(&to->target, 0, sizeof(to->target));
	r->count = 1;
	r->single = 1;
	return 0;
}

/* RFC 5368: methods that are not supported must not be accepted */
static int count_methods(refer_t *r, refusal_t *refusal)
{
	int i;

	for(i = 0; i < r->count; i++) {
		r->adds += r->target[i].method == REFER_INVITE;
		r->expels += r->target[i].method == REFER_BYE;
	}
	if(r->adds + r->expels == r->count)
		return 0;
	return refusal_set(refusal, 400, "Bad Request", NULL,
			"it asks for other methods than INVITE and BYE");
}

static int is_false(const str *token, void *arg)
{
	str rest = *token, value, no = TEXT("false");

	return text_next(&rest, ';', &value) && text_eq_nocase(&value, &no);
}

/* R2-R4, RFC 4488, RFC 5368 8 */
static int wants_subscription(const refer_t *r)
{
	const struct sip_msg *msg = &r->rq->msg;

	return r->single && !sip_header_lists(msg, "Require", "norefersub")
		   && !sip_header_tokens(msg, "Refer-Sub", is_false, NULL);
}

int refer_read(refer_t *r, refusal_t *refusal)
{
	refer_to_t to = {0};
	int rc = find_refer_to(r, &to, refusal);

	if(rc < 0)
		return -1;
	if(to.cid.len)
		rc = body_read_pointed(&r->rq->msg, &to.cid, &r->body, refusal);
	if(rc == 0)
		rc = to.cid.len ? take_list(r, refusal) : take_single(r, &to, refusal);
	if(rc == 0)
		rc = count_methods(r, refusal);
	refer_to_free(&to);
	r->subscribes = rc == 0 && wants_subscription(r);
	return rc;
}

void refer_free(refer_t *r)
{
	int i;

	for(i = 0; i < r->count; i++)
		refer_target_free(&r->target[i]);
	free(r->target);
	body_free(&r->body);
}
