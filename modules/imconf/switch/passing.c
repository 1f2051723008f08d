/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * passing: see passing.h. Called by message.c; makes parcels and has them
 * fanned out, now or when it is their turn.
 */
#include "core/dprint.h"
#include "settings.h"
#include "switch/pace.h"
#include "switch/passing.h"
#include "switch/turn.h"


static room_t *room(const message_t *m)
{
	return m->leg->participant->conference->room;
}


/* The recipient of a private message may have gone since the verdict, or say
 * something else of itself. Returns 0 or the code that refused `m`. */
static int check_recipient(message_t *m)
{
	const participant_t *to = m->ruling.to;
	int code;

	if(!to)
		return 0;
	if(!to->leg || to->state != PARTICIPANT_CONNECTED)
		return message_refuse(m, 404, "its recipient left");
	code = abilities_refuse(to->leg, &m->cargo);
	if(code == 413)
		return message_refuse(m, code, "its recipient takes no more at a time");
	if(code)
		return message_refuse(m, code, "its recipient takes no such type");
	return 0;
}


static void address(message_t *m, uint64_t size)
{
	m->cargo.kind = m->ruling.kind;
	m->cargo.size = size;
	m->cargo.number = cargo_number();
	if(m->ruling.to)
		receipt_wrap(m->receipt, &m->ruling.wrapper);
}


/* Of an unknown length it may be as long as any. */
int passing_begin(message_t *m)
{
	participant_t *to = m->ruling.to;
	int rc, code;

	address(m, m->total == MSRP_UNKNOWN ? (uint64_t)settings.message_max
										: m->total + ruling_shift(&m->ruling));
	code = check_recipient(m);
	if(code)
		return code;
	if(to)
		rc = audience_of_leg(&m->audience, to->leg);
	else
		rc = audience_of_room(&m->audience, room(m), m->leg, &m->cargo,
				m->receipt, &m->tally);
	if(rc < 0)
		return message_refuse(m, 413, "no memory");
	buffer_drop(&m->body, m->ruling.replaced);
	m->state = MESSAGE_STREAMING;
	turn_take(room(m), m);
	return 0;
}


static int send_piece(message_t *m, const content_t *content)
{
	parcel_t parcel;

	if(parcel_make(&parcel, content) < 0)
		return -1;
	m->tally.queued = 0;
	fanout_audience(&m->audience, &parcel, &m->tally);
	parcel_free(&parcel);
	if(content->flag == '+')
		pace_keep(m);
	return 0;
}


int passing_emit(message_t *m, char flag)
{
	content_t content = {.message_id = m->id,
			.type = m->type,
			.extra = m->extra,
			.start = m->sent + 1,
			.total = m->total,
			.flag = flag,
			.receipt = m->receipt};
	size_t len;

	if(flag == '#' && m->sent == 0)
		return 0;
	if(flag != '#') {
		if(m->sent == 0)
			content.body[0] = buffer_str(&m->ruling.front);
		content.body[1] = buffer_str(&m->body);
	}
	len = content.body[0].len + content.body[1].len;
	if(flag == '$')
		content.total = m->sent + len;
	else if(m->total != MSRP_UNKNOWN)
		content.total = m->total + ruling_shift(&m->ruling);
	if(send_piece(m, &content) < 0) {
		LM_ERR("no memory: " LEG_FMT ": a chunk is lost\n", LEG_ARG(m->leg));
		/* no end without its middle */
		return flag == '#' ? -1 : message_refuse(m, 413, "no memory");
	}
	m->sent += len;
	buffer_clear(&m->body);
	return 0;
}


void passing_end(message_t *m)
{
	pace_end(m);
	if(m->state == MESSAGE_STREAMING)
		turn_end(room(m), m);
}


static void send_whole(message_t *m, const parcel_t *parcel)
{
	leg_t *to = m->ruling.to ? m->ruling.to->leg : NULL;

	if(turn_wait(room(m), m->leg, to, parcel, &m->cargo) == 0)
		return;
	if(to)
		fanout_leg(to, parcel, &m->cargo, &m->tally);
	else
		fanout_room(room(m), m->leg, parcel, &m->cargo);
}


int passing_whole(message_t *m)
{
	content_t content = {.message_id = m->id,
			.type = m->type,
			.extra = m->extra,
			.start = 1,
			.flag = '$',
			.receipt = m->receipt};
	parcel_t parcel;
	int code;

	content.body[0] = buffer_str(&m->ruling.front);
	content.body[1] = buffer_str(&m->body);
	content.body[1] = text_from(&content.body[1], (int)m->ruling.replaced);
	content.total = content.body[0].len + content.body[1].len;
	address(m, content.total);
	code = check_recipient(m);
	if(code)
		return code;
	if(parcel_make(&parcel, &content) < 0)
		return message_refuse(m, 413, "no memory");
	send_whole(m, &parcel);
	parcel_free(&parcel);
	return 0;
}
