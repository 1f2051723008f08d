/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * receipt: see receipt.h. Made by messages, held by blocks. Reports go out
 * from the backlog: what is said of a receipt is said in the middle of other
 * connections' work.
 */
#include <stdlib.h>
#include "base/random.h"
#include "admin/statistics.h"
#include "switch/leg.h"
#include "switch/receipt.h"
#include "switch/verdict.h"

#define REPORT_ID_BITS 64

struct receipt
{
	unsigned holders;
	leg_t *sender; /* held */
	str message_id;
	str to_path; /* back to the sender */
	str wrapper; /* CPIM headers of the report, or empty */
	int wants_failure;
	int wants_success;
	int code;		  /* 0: all is well so far */
	int complete;	  /* the sender gave us all of it */
	int told;		  /* its report is on its way, or out */
	uint64_t octets;  /* of the message, or MSRP_UNKNOWN */
	work_t reporting; /* holds it */
};


static void destroy(receipt_t *r)
{
	leg_release(r->sender);
	text_free(&r->message_id);
	text_free(&r->to_path);
	text_free(&r->wrapper);
	free(r);
}


/* A report of failure besides those in so many words: "partial" leaves out
 * time-outs only, which those of ours are not. */
static int wants_failure(const msrp_head_t *head)
{
	return head->failure_report == REPORT_YES
		   || head->failure_report == REPORT_PARTIAL;
}


receipt_t *receipt_create(leg_t *sender, const msrp_head_t *head)
{
	int success = head->success_report == REPORT_YES;
	receipt_t *r;

	if((!success && !wants_failure(head)) || head->message_id.len == 0)
		return NULL;
	r = calloc(1, sizeof(*r));
	if(!r)
		return NULL;
	leg_hold(sender);
	r->holders = 1;
	r->sender = sender;
	r->wants_failure = wants_failure(head);
	r->wants_success = success;
	r->octets = MSRP_UNKNOWN;
	if(text_copy(&r->message_id, &head->message_id) == 0
			&& text_copy(&r->to_path, &head->from_path) == 0)
		return r;
	destroy(r);
	return NULL;
}


void receipt_wrap(receipt_t *r, const str *headers)
{
	if(r)
		text_replace(&r->wrapper, headers);
}


static void send_report(receipt_t *r)
{
	char id_space[REPORT_ID_BITS / 4 + 1];
	msrp_report_text_t text = {.id = {id_space, REPORT_ID_BITS / 4},
			.to_path = r->to_path,
			.from_path = r->sender->path,
			.message_id = r->message_id,
			.start = 1,
			.end = r->octets,
			.total = r->octets,
			.code = r->code ? r->code : 200,
			.comment = verdict_comment(r->code ? r->code : 200),
			.wrapper = r->wrapper};
	slice_t slice = {0};
	buffer_t b;
	str all;

	random_hex(id_space, REPORT_ID_BITS);
	buffer_init(&b, 0);
	msrp_write_report(&b, &text);
	all = buffer_str(&b);
	slice.len = all.len;
	if(!buffer_failed(&b) && (slice.block = block_create(&all, 1)) != NULL
			&& connection_send(r->sender->connection, &slice, 1) == 0)
		count(STAT_REPORTS, 1);
	block_release(slice.block);
	buffer_free(&b);
}


static void report(void *arg)
{
	receipt_t *r = arg;

	if(r->sender->participant && r->sender->state == LEG_BOUND)
		send_report(r);
	receipt_release(r);
}


static void tell(receipt_t *r)
{
	if(r->told)
		return;
	r->told = 1;
	receipt_hold(r);
	work_add(&r->reporting, report, r);
}


void receipt_complete(receipt_t *r, uint64_t total)
{
	if(!r)
		return;
	r->complete = 1;
	r->octets = total;
}


void receipt_fail(receipt_t *r, int code)
{
	if(!r || r->code)
		return;
	r->code = code;
	if(r->wants_failure)
		tell(r);
}


void receipt_hold(receipt_t *r)
{
	if(r)
		r->holders++;
}


void receipt_release(receipt_t *r)
{
	if(!r || --r->holders > 0)
		return;
	if(r->complete && !r->code && r->wants_success && !r->told)
		tell(r);
	else
		destroy(r);
}
