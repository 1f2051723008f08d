/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * frame: see frame.h. Called by the connection as its parser gets along;
 * binds legs, feeds messages and answers. Knows nothing of CPIM.
 */
#include <string.h>
#include "core/dprint.h"
#include "admin/statistics.h"
#include "switch/frame.h"
#include "switch/hold.h"
#include "switch/message.h"
#include "switch/rename.h"
#include "wire/msrp_uri.h"

/* octets times recipients of one turn of the loop, about: some 40 ms. With
 * smaller shares a thousand recipients cost more each than a hundred do */
#define TURN_WORK (64 * 1024 * 1024)
#define READ_MIN 8192


static str first_uri(const str *path)
{
	str rest = *path, first = {NULL, 0};

	text_next(&rest, ' ', &first);
	return first;
}


/* An empty buffer that all connections share; frames are answered one after
 * the other. */
static buffer_t *scratch(void)
{
	static buffer_t text;

	if(text.max == 0)
		buffer_init(&text, 0);
	buffer_clear(&text);
	return &text;
}


static void send_text(connection_t *c, const buffer_t *text)
{
	str all = buffer_str(text);
	slice_t slice = {NULL, 0, all.len, 0};

	if(!buffer_failed(text) && all.len > 0)
		slice.block = block_create(&all, 1);
	if(!slice.block)
		return;
	connection_send(c, &slice, 1);
	block_release(slice.block);
}


static int is_wanted(const msrp_head_t *head, int code)
{
	if(head->method != MSRP_SEND)
		return 1;
	if(head->failure_report == REPORT_PARTIAL)
		return code != 200;
	return head->failure_report != REPORT_NO;
}


static void answer(connection_t *c, int code)
{
	frame_t *f = &c->frame;
	const msrp_head_t *head = &c->parser->head;
	str own = first_uri(&head->to_path);
	buffer_t *text;

	if(f->answered || f->mute)
		return;
	f->answered = 1;
	if(!is_wanted(head, code))
		return;
	if(own.len == 0)
		own = f->leg ? f->leg->path : TEXT("msrp://invalid.invalid/0;tcp");
	text = scratch();
	msrp_write_response(text, head, &own, code, verdict_comment(code));
	send_text(c, text);
}


static int bind_leg(connection_t *c, leg_t *leg)
{
	const str *from = &c->parser->head.from_path;
	int ahead = leg_moves_ahead(leg, from);
	const char *why;

	if(leg->connection == c)
		return 0;
	/* whoever comes back may be faster than we are with the old one */
	if(leg->connection && leg->connection->doom)
		leg_lost(leg, leg->connection->doom);
	if((why = leg_objection(leg, c)) != NULL) {
		LM_INFO(LEG_FMT " refused to %s with 403: %s\n", LEG_ARG(leg), c->peer,
				why);
		count(STAT_HANDSHAKES_FAILED, 1);
		c->frame.hang_up = 1;
		return 403;
	}
	if(!ahead && leg_is_other_phone(leg, from)) {
		LM_INFO(LEG_FMT " refused to %s with 481: another phone answered\n",
				LEG_ARG(leg), c->peer);
		return 481;
	}
	if(ahead && leg->connection)
		leg_lost(leg, "its peer moves");
	if(leg->connection) {
		LM_INFO(LEG_FMT " is bound to %s, refused to %s with 506\n",
				LEG_ARG(leg), leg->connection->peer, c->peer);
		return 506;
	}
	/* its answer may be slower than its connection */
	if((!leg->head || ahead) && leg_set_peer(leg, from) < 0)
		return 400;
	leg->guessed |= ahead;
	leg_bind(leg, c);
	return 0;
}


/* Nearly always: the only leg of the connection, named as we named it. */
static leg_t *leg_going_on(const connection_t *c, const str *uri)
{
	leg_t *leg = TAILQ_FIRST(&c->legs);

	return leg && text_eq(&leg->path, uri) ? leg : NULL;
}


static void say_no_session(connection_t *c)
{
	leg_t *leg = TAILQ_FIRST(&c->legs);

	if(!leg || leg_may_say(leg))
		LM_INFO("connection with %s: no such session, 481\n", c->peer);
}


/* The session id alone leads to the leg: who knows it is the peer, whatever
 * the rest of the path has become on its way (clients' "sessmatch"). */
static int find_leg(connection_t *c)
{
	str first = first_uri(&c->parser->head.to_path);
	msrp_uri_t uri;
	leg_t *leg;
	int code;

	c->frame.leg = leg_going_on(c, &first);
	if(c->frame.leg)
		return 0;
	if(msrp_uri_parse(&first, &uri) < 0)
		return 400;
	leg = leg_find(&uri.session);
	if(!leg) {
		say_no_session(c);
		return 481;
	}
	code = bind_leg(c, leg);
	if(code == 0)
		c->frame.leg = leg;
	return code;
}


/* RFC 3264 section 5.1: it said that it would not */
static int check_direction(leg_t *leg, const msrp_head_t *head)
{
	if(!leg->mute || head->content_type.len == 0)
		return 0;
	if(leg_may_say(leg))
		LM_INFO(LEG_FMT
				" is recvonly or inactive, its message refused with 403\n",
				LEG_ARG(leg));
	return 403;
}


static void begin_send(connection_t *c)
{
	frame_t *f = &c->frame;

	f->code = find_leg(c);
	if(f->code == 0)
		f->code = check_direction(f->leg, &c->parser->head);
	if(f->code == 0)
		f->code = message_begin(f->leg, &c->parser->head, &f->message);
}


/* It is not a request that may come in parts. */
static int end_nickname(connection_t *c, char flag)
{
	frame_t *f = &c->frame;

	if(f->code)
		return f->code;
	return flag == '$' ? rename_participant(f->leg, &c->parser->head) : 400;
}


/* Only the SEND that opens a session asks for an answer; what others get all
 * the same is said. RFC 4975 section 7.1: who knows nothing of a session has
 * none. */
static void hear_response(connection_t *c)
{
	const msrp_head_t *head = &c->parser->head;
	str own = first_uri(&head->to_path);
	msrp_uri_t uri;
	leg_t *leg;

	if(head->status < 300 || msrp_uri_parse(&own, &uri) < 0)
		return;
	leg = leg_find(&uri.session);
	if(!leg || leg->connection != c)
		return;
	if(leg_may_say(leg))
		LM_INFO(LEG_FMT " answers a SEND with %d\n", LEG_ARG(leg),
				head->status);
	if(head->status == 481 || head->status == 506)
		leg_lost(leg, "its peer says that it has no such session");
}


void frame_begin(connection_t *c)
{
	const msrp_head_t *head = &c->parser->head;
	frame_t *f = &c->frame;

	memset(f, 0, sizeof(*f));
	switch(head->method) {
		case MSRP_SEND:
			begin_send(c);
			break;
		case MSRP_NICKNAME:
			f->code = find_leg(c);
			break;
		case MSRP_RESPONSE:
			f->mute = 1;
			hear_response(c);
			break;
		case MSRP_REPORT:
			f->mute = 1;
			break;
		default:
			f->code = head->to_path.len > 0 ? 501 : 400;
			break;
	}
}


void frame_body(connection_t *c, const str *piece)
{
	frame_t *f = &c->frame;

	if(f->code == 0 && f->message)
		f->code = message_body(f->message, piece);
	/* not at the end: there may be a lot more of it on its way */
	if(f->code == 413)
		answer(c, f->code);
}


void frame_end(connection_t *c, char flag)
{
	frame_t *f = &c->frame;
	int code = f->code ? f->code : 200;

	if(f->message) {
		code = message_end(f->message, flag);
		f->message = NULL;
	} else if(c->parser->head.method == MSRP_NICKNAME) {
		code = end_nickname(c, flag);
	}
	answer(c, code);
	if(f->hang_up)
		connection_finish(c);
	/* some clients take nothing before the answer to their first SEND */
	if(f->leg)
		hold_release(f->leg);
	f->leg = NULL;
}


void frame_forget(connection_t *c, const leg_t *leg)
{
	frame_t *f = &c->frame;

	if(f->leg != leg)
		return;
	f->leg = NULL;
	f->message = NULL;
	f->code = 481;
}


size_t frame_appetite(const connection_t *c, size_t max)
{
	const leg_t *leg = TAILQ_FIRST(&c->legs);
	const room_t *room = leg ? leg->participant->conference->room : NULL;
	size_t share = TURN_WORK / (room && room->count ? room->count : 1);

	if(share > max)
		return max;
	return share < READ_MIN ? READ_MIN : share;
}
