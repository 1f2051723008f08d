/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * uas: see the header. Called by focus and notify, in the worker.
 */
#include "sip/uas.h"

#include "sip/headers.h"
#include "sip/tm_api.h"

int uas_reply(uas_t *uas, int code, const char *reason, const str *headers,
		const str *body, const str *to_tag)
{
	struct cell *t;
	buffer_t lines;
	str text = {(char *)reason, strlen(reason)};
	str all;
	int rc = -1;

	if(tmb.t_lookup_ident(&t, uas->hash, uas->label) < 0) {
		tm_clear();
		return -1;
	}
	buffer_init(&lines, 0);
	headers_server(&lines);
	if(headers)
		buffer_add_str(&lines, headers);
	all = buffer_str(&lines);
	if(!buffer_failed(&lines)
			&& tmb.t_reply_with_body(
					   t, code, &text, (str *)body, &all, (str *)to_tag)
					   >= 0)
		rc = 0;
	tm_clear();
	buffer_free(&lines);
	return rc;
}

int uas_is_open(const uas_t *uas)
{
	struct cell *t;
	int open = 0;

	if(tmb.t_lookup_ident(&t, uas->hash, uas->label) >= 0) {
		open = t->uas.status < 200;
		tmb.unref_cell(t);
	}
	tm_clear();
	return open;
}

int uas_hold(uas_t *uas)
{
	if(tmb.t_lookup_ident(&uas->held, uas->hash, uas->label) < 0) {
		uas->held = NULL;
		tm_clear();
		return -1;
	}
	tm_clear();
	return 0;
}

void uas_release(uas_t *uas)
{
	if(!uas->held)
		return;
	/* any other final answer tm repeats until its ACK, as it should */
	if(uas->held->uas.status / 100 == 2)
		tmb.t_release_transaction(uas->held);
	tmb.unref_cell(uas->held);
	uas->held = NULL;
}
