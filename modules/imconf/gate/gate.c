/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * gate: see the header. Called by the script functions in imconf_mod.c; of
 * the worker it knows the mailbox alone.
 */
#include "gate/gate.h"

#include "admin/statistics.h"
#include "base/text.h"
#include "core/data_lump_rpl.h"
#include "core/mem/shm_mem.h"
#include "core/parser/digest/digest.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"
#include "gate/join_route.h"
#include "gate/owner.h"
#include "sip/tm_api.h"
#include "sip/trust.h"
#include "worker/mailboxes.h"
#include "worker/observer.h"
#include "worker/request_block.h"

#define RETRY_AFTER "Retry-After: 5\r\n"

static int has_to_tag(struct sip_msg *msg)
{
	return get_to(msg) && get_to(msg)->tag_value.len > 0;
}

static int is_kind(struct sip_msg *msg, gate_kind_t kind, owner_kind_t owner)
{
	int method = msg->REQ_METHOD;

	switch(kind) {
		case GATE_ANY:
			return 1;
		case GATE_CREATE:
			return method == METHOD_INVITE && !has_to_tag(msg)
				   && owner == OWNER_FACTORY;
		case GATE_JOIN:
			return method == METHOD_INVITE && !has_to_tag(msg)
				   && owner != OWNER_FACTORY;
		case GATE_DIALOG:
			return method == METHOD_ACK
				   || (method != METHOD_CANCEL && has_to_tag(msg));
		case GATE_CANCEL:
			return method == METHOD_CANCEL;
		case GATE_SUBSCRIBE:
			return method == METHOD_SUBSCRIBE && !has_to_tag(msg);
		case GATE_REFER:
			return method == METHOD_REFER && !has_to_tag(msg);
		case GATE_OPTIONS:
			return method == METHOD_OPTIONS && !has_to_tag(msg);
	}
	return 0;
}

/* the user that the script authenticated, if it did */
static int digest_user(struct sip_msg *msg, struct username *user, str *realm)
{
	struct hdr_field *h = NULL;

	get_authorized_cred(msg->proxy_auth, &h);
	if(!h)
		get_authorized_cred(msg->authorization, &h);
	if(!h || !h->parsed)
		return 0;
	*user = ((auth_body_t *)h->parsed)->digest.username;
	*realm = ((auth_body_t *)h->parsed)->digest.realm;
	return user->user.len > 0;
}

static request_block_t *copy_request(struct sip_msg *msg)
{
	struct username user;
	str realm;
	int has_user = digest_user(msg, &user, &realm);
	int room = (has_user ? user.user.len + realm.len : 0) + 8
			   + (msg->new_uri.s ? msg->new_uri.len : 0);
	request_block_t *block = shm_mallocxz(sizeof(*block) + msg->len + 1 + room);

	if(!block) {
		LM_ERR("no shared memory for a request of %u bytes\n", msg->len);
		return NULL;
	}
	block->rcv = msg->rcv;
	block->trusted = trust_request(msg);
	block->buf_len = (int)msg->len;
	memcpy(block->bytes, msg->buf, msg->len);
	if(has_user)
		block->user_len = snprintf(block->bytes + msg->len + 1, room,
				"sip:%.*s@%.*s", TEXT_ARG(&user.user), TEXT_ARG(&realm));
	if(msg->new_uri.s) {
		block->uri_len = msg->new_uri.len;
		memcpy(request_block_uri(block).s, msg->new_uri.s, msg->new_uri.len);
	}
	return block;
}

static void tell_refusal(struct sip_msg *msg, int code, const char *reason)
{
	observed_refusal_t refused = {
			.method = msg->first_line.u.request.method,
			.uri = *GET_RURI(msg),
			.call_id = msg->callid->body,
			.code = code,
			.reason = reason,
			.why = "refused before a conference saw it",
	};
	observation_t o = {.what = OBSERVED_REFUSED, .refused = &refused};

	if(!observer_wants(OBSERVED_REFUSED))
		return;
	if(parse_from_header(msg) == 0)
		refused.user = get_from(msg)->uri;
	observer_tell(&o);
}

static void refuse(
		struct sip_msg *msg, int code, const char *reason, const char *header)
{
	LM_WARN("%.*s of Call-ID %.*s refused with %d %s\n",
			TEXT_ARG(&msg->first_line.u.request.method),
			TEXT_ARG(&msg->callid->body), code, reason);
	count_refused(code);
	tell_refusal(msg, code, reason);
	if(header)
		add_lump_rpl(msg, (char *)header, (int)strlen(header), LUMP_RPL_HDR);
	if(tmb.t_reply(msg, code, (char *)reason) < 0)
		LM_ERR("cannot answer Call-ID %.*s\n", TEXT_ARG(&msg->callid->body));
}

/* hands the request, whose transaction stands, to its worker; the slot is
 * reserved before so that nothing can fail once it is suspended */
static void post(struct sip_msg *msg, mailbox_t *box, request_block_t *block)
{
	mail_t mail = {MAIL_REQUEST, 0, 0, 0, block};
	int rc;

	rc = tmb.t_suspend(msg, &block->hash, &block->label);
	if(rc == 0) {
		mailbox_post_reserved(box, &mail);
		return;
	}
	mailbox_release(box);
	shm_free(block);
	if(rc > 0)
		refuse(msg, 487, "Request Terminated", NULL);
	else
		refuse(msg, 500, "Server Internal Error", NULL);
}

/* copies the request into a block, with a mailbox slot set aside for it */
static request_block_t *make_block(struct sip_msg *msg, mailbox_t *box)
{
	request_block_t *block;

	if(mailbox_reserve(box) < 0) {
		count(STAT_MAILBOX_FULL, 1);
		return NULL;
	}
	block = copy_request(msg);
	if(!block)
		mailbox_release(box);
	return block;
}

/* somebody wants in, or to start a conference */
static int is_join(struct sip_msg *msg)
{
	return msg->REQ_METHOD == METHOD_INVITE && !has_to_tag(msg);
}

/* `invite`: what a CANCEL cancels, NULL for everything else */
static void take_transaction(struct sip_msg *msg, mailbox_t *box,
		owner_kind_t owner, const struct cell *invite)
{
	request_block_t *block;
	const char *reason;
	int rc = tmb.t_newtran(msg);

	if(rc == 0)
		return; /* a retransmission, absorbed */
	if(rc < 0) {
		LM_ERR("no transaction for Call-ID %.*s (%d)\n",
				TEXT_ARG(&msg->callid->body), rc);
		return;
	}
	if(msg->REQ_METHOD == METHOD_CANCEL && !invite) {
		refuse(msg, 481, "Call/Transaction Does Not Exist", NULL);
		return;
	}
	if(is_join(msg) && (rc = join_route_run(msg, owner, &reason)) != 0) {
		refuse(msg, rc, reason, NULL);
		return;
	}
	block = make_block(msg, box);
	if(!block) {
		refuse(msg, 480, "Temporarily Unavailable", RETRY_AFTER);
		return;
	}
	block->to_factory = owner == OWNER_FACTORY;
	block->to_group = owner == OWNER_GROUP;
	if(invite) {
		block->cancelled_hash = invite->hash_index;
		block->cancelled_label = invite->label;
	}
	post(msg, box, block);
}

/* Goes where its INVITE went, whose headers it need not repeat, and which the
 * script may have sent to another address than the one that CANCEL has. */
static int take_cancel(struct sip_msg *msg)
{
	struct cell *invite = tmb.t_lookup_original(msg);
	const struct sip_msg *meant = msg;
	int worker = 0;
	owner_kind_t owner;

	if(invite == T_UNDEFINED)
		invite = NULL;
	if(invite)
		meant = invite->uas.request;
	owner = owner_of(meant, &worker);
	if(owner == OWNER_FACTORY)
		worker = owner_by_session(meant);
	if(owner != OWNER_NOBODY)
		take_transaction(msg, mailboxes_get(worker), owner, invite);
	if(invite)
		tmb.unref_cell(invite);
	return owner == OWNER_NOBODY ? GATE_NOT_OURS : GATE_TAKEN;
}

/* tm first: it goes on repeating its final reply otherwise */
static void take_ack(struct sip_msg *msg, mailbox_t *box)
{
	mail_t mail = {MAIL_REQUEST, 0, 0, 0, NULL};

	tmx.t_check_trans(msg);
	mail.block = copy_request(msg);
	if(!mail.block)
		return;
	if(mailbox_post(box, &mail) < 0) {
		LM_WARN("mailbox full: an ACK of Call-ID %.*s is lost, the next "
				"copy of our 200 brings another\n",
				TEXT_ARG(&msg->callid->body));
		count(STAT_MAILBOX_FULL, 1);
		shm_free(mail.block);
	}
}

int gate_take(struct sip_msg *msg, gate_kind_t kind)
{
	int worker = 0;
	owner_kind_t owner;

	if(msg->first_line.type != SIP_REQUEST)
		return GATE_NOT_OURS;
	owner = owner_of(msg, &worker);
	if((owner == OWNER_NOBODY && msg->REQ_METHOD != METHOD_CANCEL)
			|| parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->callid || !msg->to
			|| !is_kind(msg, kind, owner))
		return GATE_NOT_OURS;
	if(msg->REQ_METHOD == METHOD_CANCEL)
		return take_cancel(msg);
	if(owner == OWNER_FACTORY)
		worker = owner_by_session(msg);
	if(msg->REQ_METHOD == METHOD_ACK)
		take_ack(msg, mailboxes_get(worker));
	else
		take_transaction(msg, mailboxes_get(worker), owner, NULL);
	return GATE_TAKEN;
}
