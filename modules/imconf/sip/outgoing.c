/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * outgoing: see the header. tm's callbacks at the end of this file run in
 * other processes; everything else in the worker.
 */
#include "sip/outgoing.h"

#include "base/buffer.h"
#include "core/msg_translator.h"
#include "core/receive.h"
#include "core/parser/parse_cseq.h"
#include "core/parser/parse_to.h"
#include "core/parser/parse_uri.h"
#include "settings.h"
#include "sip/headers.h"
#include "sip/next_hop.h"
#include "sip/tickets.h"
#include "sip/tm_api.h"
#include "worker/mailboxes.h"
#include "worker/request_block.h"
#include "worker/schedule.h"
#include "worker/worker.h"

#define LATE_2XX_MS 32000 /* 64*T1: how long another phone may answer */
#define GUARD_MS 45000	  /* beyond tm's own time-outs of non-INVITE */
#define REGUARD_MS 1000
/* tm 5.6 counts the bytes of an INVITE of its own in a short when it makes
 * the ACK or CANCEL; start line, Via, From, To and so on need some, too */
#define INVITE_MAX 30000

/* one request under way */
typedef struct pending
{
	uint64_t id;
	outcome_fn_t fn;
	void *arg;
	int is_invite;
	int done; /* the final outcome was delivered */
	struct cell *held;
	alarm_clock_t guard;
} pending_t;

static pending_t **pendings; /* by ticket number */

static void on_tm(struct cell *t, int type, struct tmcb_params *ps);

void outgoing_ignore(void *arg, const outcome_t *outcome)
{
}

static pending_t *pending_find(uint64_t id)
{
	pending_t *p = id ? pendings[ticket_number(id)] : NULL;

	return p && p->id == id ? p : NULL;
}

static void pending_free(pending_t *p)
{
	alarm_stop(&p->guard);
	if(p->held)
		tmb.unref_cell(p->held);
	if(ticket_use(p->id))
		mailbox_release(worker.mailbox);
	pendings[ticket_number(p->id)] = NULL;
	ticket_return(p->id);
	free(p);
}

static void deliver(pending_t *p, int code, int last, struct sip_msg *reply)
{
	outcome_t outcome = {p->id, code, last, reply};

	p->fn(p->arg, &outcome);
}

static void late_is_over(void *arg)
{
	pending_free(arg);
}

/* the final outcome of `id` was delivered; an INVITE that was answered stays
 * for the 2xx of other phones */
static void settle(uint64_t id, int code)
{
	pending_t *p = pending_find(id);

	if(!p)
		return;
	if(!p->is_invite || code >= 300) {
		pending_free(p);
		return;
	}
	p->done = 1;
	alarm_start(&p->guard, LATE_2XX_MS, late_is_over, p);
}

static void guard_fired(void *arg)
{
	pending_t *p = arg;
	uint64_t id = p->id;

	if(!ticket_use(id)) {
		/* its outcome lies in the mailbox */
		alarm_start(&p->guard, REGUARD_MS, guard_fired, p);
		return;
	}
	mailbox_release(worker.mailbox);
	LM_WARN("tm never told the outcome of a request: taken as timed out\n");
	deliver(p, 408, 1, NULL);
	settle(id, 408);
}

static pending_t *pending_create(outcome_fn_t fn, void *arg, int is_invite)
{
	pending_t *p;

	if(mailbox_reserve(worker.mailbox) < 0) {
		LM_WARN("the mailbox has no slot for the outcome of a request\n");
		return NULL;
	}
	p = calloc(1, sizeof(*p));
	if(!p || !(p->id = ticket_buy(worker.index))) {
		LM_ERR("no memory or ticket for a request\n");
		mailbox_release(worker.mailbox);
		free(p);
		return NULL;
	}
	p->fn = fn;
	p->arg = arg;
	p->is_invite = is_invite;
	pendings[ticket_number(p->id)] = p;
	return p;
}

/* what listens where `like` does, for another protocol; NULL: nothing */
static struct socket_info *socket_for(struct socket_info *like, int proto)
{
	if(like->proto == proto)
		return like;
	return find_si(&like->address, like->port_no, proto);
}

/* tm's view of a request; all strings stay `o`'s */
static void fill_dialog(dlg_t *dlg, const outgoing_t *o, const str *hop)
{
	struct sip_uri uri;

	memset(dlg, 0, sizeof(*dlg));
	dlg->id.call_id = o->call_id;
	dlg->id.loc_tag = o->local_tag;
	dlg->id.rem_tag = o->remote_tag;
	dlg->loc_uri = o->from;
	dlg->rem_uri = o->to;
	dlg->rem_target = o->request_uri;
	dlg->dst_uri = *hop;
	dlg->loc_seq.value = o->cseq;
	dlg->loc_seq.is_set = 1;
	dlg->state = o->remote_tag.len ? DLG_CONFIRMED : DLG_NEW;
	if(o->socket && parse_uri(hop->s, hop->len, &uri) == 0)
		dlg->send_sock = socket_for(
				o->socket, uri.transport.len ? uri.proto : PROTO_UDP);
}

static int is_invite_too_long(const outgoing_t *o)
{
	int size = o->headers.len + o->body.len;

	if(size <= INVITE_MAX || strcmp(o->method, "INVITE") != 0)
		return 0;
	LM_INFO("INVITE to %.*s not sent: it has %d bytes\n",
			TEXT_ARG(&o->request_uri), size);
	return 1;
}

/* hands a request to tm; `id` 0: an ACK, nobody listens. Returns 0 or -1 */
static int pass_on(
		const outgoing_t *o, uint64_t id, unsigned *hash, unsigned *label)
{
	char hop_room[NEXT_HOP_SIZE];
	str method = {(char *)o->method, strlen(o->method)};
	str hop, body = o->body, headers;
	buffer_t lines;
	uac_req_t rq;
	dlg_t dlg;
	int flags = 0, rc = -1;

	if(is_invite_too_long(o))
		return -1;
	hop = next_hop_for_size(
			&o->next_hop, o->headers.len + o->body.len, hop_room);
	if(!next_hop_is_numeric(&hop)) {
		LM_ERR("%s to %.*s not sent: next hop %.*s is no numeric address\n",
				o->method, TEXT_ARG(&o->request_uri), TEXT_ARG(&hop));
		return -1;
	}
	buffer_init(&lines, 0);
	headers_user_agent(&lines);
	buffer_add_str(&lines, &o->headers);
	headers = buffer_str(&lines);
	fill_dialog(&dlg, o, &hop);
	if(id && strcmp(o->method, "INVITE") == 0)
		flags = TMCB_LOCAL_RESPONSE_IN | TMCB_LOCAL_COMPLETED | TMCB_DONT_ACK;
	else if(id)
		flags = TMCB_LOCAL_COMPLETED;
	set_uac_req(&rq, &method, &headers, body.len ? &body : NULL, &dlg, flags,
			id ? on_tm : NULL, (void *)(uintptr_t)id);
	if(!buffer_failed(&lines) && tmb.t_uac_with_ids(&rq, hash, label) > 0)
		rc = 0;
	else
		LM_ERR("%s to %.*s could not be sent\n", o->method,
				TEXT_ARG(&o->request_uri));
	tm_clear();
	buffer_free(&lines);
	return rc;
}

static long guard_ms(const pending_t *p)
{
	return p->is_invite ? settings.invite_timeout * 1000L + GUARD_MS : GUARD_MS;
}

uint64_t outgoing_send(const outgoing_t *o, outcome_fn_t fn, void *arg)
{
	unsigned hash, label;
	pending_t *p = pending_create(fn, arg, strcmp(o->method, "INVITE") == 0);

	if(!p)
		return 0;
	if(pass_on(o, p->id, &hash, &label) < 0) {
		pending_free(p);
		return 0;
	}
	if(p->is_invite) {
		if(tmb.t_lookup_ident(&p->held, hash, label) < 0)
			p->held = NULL;
		tm_clear();
	}
	alarm_start(&p->guard, guard_ms(p), guard_fired, p);
	return p->id;
}

int outgoing_ack(const outgoing_t *o)
{
	unsigned hash, label;

	return pass_on(o, 0, &hash, &label);
}

void outgoing_cancel(uint64_t id)
{
	pending_t *p = pending_find(id);
	struct cancel_info info;

	if(!p || !p->held || p->done)
		return;
	init_cancel_info(&info);
	tmb.prepare_to_cancel(p->held, &info.cancel_bitmap, 0);
	tmb.cancel_uacs(p->held, &info, F_CANCEL_B_FORCE_RETR);
	tm_clear();
}

void outgoing_forget(uint64_t id)
{
	pending_t *p = pending_find(id);

	if(p)
		pending_free(p);
}

/* a reply came back through the mailbox */
static void take_outcome(const mail_t *mail)
{
	const request_block_t *block = mail->block;
	pending_t *p = pending_find(mail->id);
	struct sip_msg reply;
	int parsed = 0;

	if(!p || (mail->last && p->done))
		return;
	if(block
			&& build_sip_msg_from_buf(&reply, (char *)block->bytes,
					   block->buf_len, inc_msg_no())
					   == 0) {
		reply.rcv = block->rcv;
		parsed = parse_headers(&reply, HDR_EOH_F, 0) == 0 && reply.to
				 && get_to(&reply);
	}
	deliver(p, mail->code, mail->last, parsed ? &reply : NULL);
	if(block) {
		reply.buf = NULL;
		free_sip_msg(&reply);
	}
	if(mail->last)
		settle(mail->id, mail->code);
}

int outgoing_start(void)
{
	pendings = calloc(settings.mailbox_size, sizeof(*pendings));
	if(!pendings) {
		LM_ERR("no memory for the table of requests\n");
		return -1;
	}
	worker_on_mail(MAIL_OUTCOME, take_outcome);
	return 0;
}

/* ---- in whatever process tm calls ---- */

static request_block_t *copy_reply(const struct sip_msg *reply)
{
	request_block_t *block = shm_mallocxz(sizeof(*block) + reply->len + 1);

	if(!block)
		return NULL;
	block->rcv = reply->rcv;
	block->buf_len = reply->len;
	memcpy(block->bytes, reply->buf, reply->len);
	return block;
}

static void post(uint64_t id, int code, int final, const struct sip_msg *reply)
{
	mailbox_t *box = mailboxes_get(ticket_worker(id));
	mail_t mail = {MAIL_OUTCOME, code, 0, id, NULL};

	if(reply && reply != FAKED_REPLY)
		mail.block = copy_reply(reply);
	if(final && ticket_use(id)) {
		mail.last = 1;
		mailbox_post_reserved(box, &mail);
		return;
	}
	if(mailbox_post(box, &mail) < 0) {
		LM_WARN("mailbox full: a %d reply to a request of ours is lost\n",
				code);
		if(mail.block)
			shm_free(mail.block);
	}
}

/* provisional replies and every 2xx to an INVITE come as RESPONSE_IN (so does
 * the 200 to our CANCEL), all else as COMPLETED, from time-outs too */
static void on_tm(struct cell *t, int type, struct tmcb_params *ps)
{
	uint64_t id = (uint64_t)(uintptr_t)*ps->param;
	const struct sip_msg *reply = ps->rpl;
	int code = ps->code;

	if(type & TMCB_LOCAL_COMPLETED) {
		if(!is_invite(t) || code >= 300)
			post(id, code, 1, reply);
		return;
	}
	if(!reply || reply == FAKED_REPLY)
		return;
	code = reply->first_line.u.reply.statuscode;
	if(code <= 100 || code >= 300
			|| (parse_headers((struct sip_msg *)reply, HDR_CSEQ_F, 0) < 0)
			|| get_cseq(reply)->method_id != METHOD_INVITE)
		return;
	post(id, code, code >= 200, reply);
}
