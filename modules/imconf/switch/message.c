/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * message: see message.h. Called by frames as chunks come in; asks the
 * verdict, makes parcels and has them fanned out. Knows no socket.
 */
#include <stdlib.h>
#include <string.h>
#include "base/random.h"
#include "core/dprint.h"
#include "admin/statistics.h"
#include "settings.h"
#include "switch/message.h"

/* what goes out in one piece of a stream, about: keeps senders of endless
 * chunks from filling our memory, and others from waiting for them */
#define PIECE_MAX 32768
/* RFC 7701 section 6.1 speaks of about 540 s */
#define IDLE_MS 540000
#define FRESH_ID_BITS 128


static void destroy(message_t *m)
{
	TAILQ_REMOVE(&m->leg->messages, m, link);
	m->leg->message_count--;
	alarm_stop(&m->idle);
	audience_free(&m->audience);
	ruling_free(&m->ruling);
	buffer_free(&m->body);
	text_free(&m->id);
	text_free(&m->type);
	text_free(&m->extra);
	free(m);
}


static int copy_names(message_t *m, const msrp_head_t *head)
{
	char fresh[FRESH_ID_BITS / 4 + 1];
	str id = head->message_id;

	m->nameless = id.len == 0;
	if(m->nameless) {
		random_hex(fresh, FRESH_ID_BITS);
		id.s = fresh;
		id.len = FRESH_ID_BITS / 4;
	}
	if(text_copy(&m->id, &id) < 0
			|| text_copy(&m->type, &head->content_type) < 0)
		return -1;
	return text_copy(&m->extra, &head->extra);
}


static message_t *create(leg_t *leg, const msrp_head_t *head)
{
	message_t *m = calloc(1, sizeof(*m));

	if(!m)
		return NULL;
	m->leg = leg;
	m->total = MSRP_UNKNOWN;
	buffer_init(&m->body, 0);
	ruling_init(&m->ruling);
	TAILQ_INSERT_TAIL(&leg->messages, m, link);
	leg->message_count++;
	if(copy_names(m, head) < 0) {
		destroy(m);
		return NULL;
	}
	return m;
}


static message_t *find(const leg_t *leg, const str *id)
{
	message_t *m;

	TAILQ_FOREACH(m, &leg->messages, link)
	{
		if(id->len == 0 ? m->nameless : !m->nameless && text_eq(&m->id, id))
			return m;
	}
	return NULL;
}


/* Passes on what the buffer holds, or `flag` alone. */
static void emit(message_t *m, char flag)
{
	content_t content = {.message_id = m->id,
			.type = m->type,
			.extra = m->extra,
			.start = m->sent + 1,
			.total = m->total,
			.flag = flag};
	size_t len;
	parcel_t parcel;

	if(flag == '#' && m->sent == 0)
		return;
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
	m->sent += len;
	buffer_clear(&m->body);
	if(parcel_make(&parcel, &content) < 0) {
		LM_ERR("no memory: " LEG_FMT ": a chunk is lost\n", LEG_ARG(m->leg));
		m->tally.missed++;
		return;
	}
	fanout_audience(&m->audience, &parcel, &m->tally);
	parcel_free(&parcel);
}


static int refuse(message_t *m, int code)
{
	if(m->state == MESSAGE_STREAMING)
		emit(m, '#');
	audience_free(&m->audience);
	buffer_free(&m->body);
	ruling_free(&m->ruling);
	m->state = MESSAGE_REFUSED;
	m->code = code;
	return code;
}


static int refuse_saying(message_t *m, int code, const char *why)
{
	LM_INFO(LEG_FMT ": message refused with %d: %s\n", LEG_ARG(m->leg), code,
			why);
	return refuse(m, code);
}


static void timed_out(void *arg)
{
	refuse_saying(arg, 408, "it was never finished");
}


static int out_of_memory(message_t *m)
{
	return refuse_saying(m, 413, "no memory");
}


/* Returns 0, VERDICT_LATER, or a code: refused. */
static int judge(message_t *m, int whole)
{
	str data = buffer_str(&m->body);
	int code;

	if(m->ruling.made)
		return 0;
	code = verdict_cpim(m->leg, &data, whole, &m->ruling);
	return code == 0 || code == VERDICT_LATER ? code : refuse(m, code);
}


static const room_t *room(const message_t *m)
{
	return m->leg->participant->conference->room;
}


static int stream(message_t *m)
{
	participant_t *to = m->ruling.to;
	int rc;

	if(!to)
		rc = audience_of_room(&m->audience, room(m), m->leg);
	else if(to->leg)
		rc = audience_of_leg(&m->audience, to->leg);
	else
		return refuse_saying(m, 404, "its recipient left");
	if(rc < 0)
		return out_of_memory(m);
	buffer_drop(&m->body, m->ruling.replaced);
	m->state = MESSAGE_STREAMING;
	return 0;
}


static int is_large(const message_t *m)
{
	uint64_t collect_max = settings.collect_max;

	return m->body.len > collect_max
		   || (m->total != MSRP_UNKNOWN && m->total > collect_max);
}


static int collect(message_t *m, const str *piece)
{
	size_t over = m->body.len - m->at;
	int code;

	if(over > (size_t)piece->len)
		over = piece->len;
	if(over > 0)
		memcpy(m->body.s + m->at, piece->s, over);
	if(buffer_add(&m->body, piece->s + over, piece->len - over) < 0)
		return out_of_memory(m);
	m->at += piece->len;
	if(!is_large(m))
		return 0;
	code = judge(m, 0);
	if(code == VERDICT_LATER)
		return 0;
	return code ? code : stream(m);
}


static int pass_on(message_t *m, const str *piece)
{
	/* some octet stays for the end of the chunk, which may be the last */
	if(m->body.len > 0 && m->body.len + piece->len > PIECE_MAX)
		emit(m, '+');
	if(buffer_add(&m->body, piece->s, piece->len) < 0)
		return out_of_memory(m);
	m->at += piece->len;
	return 0;
}


int message_body(message_t *m, const str *piece)
{
	if(m->state == MESSAGE_REFUSED)
		return m->code;
	if(m->at + piece->len > (uint64_t)settings.message_max)
		return refuse_saying(m, 413, "it is longer than message_max");
	if(m->state == MESSAGE_STREAMING)
		return pass_on(m, piece);
	return collect(m, piece);
}


/* Chunks follow each other; one may repeat or replace octets as long as the
 * message is collected, but not what the verdict was about. */
static int place(message_t *m, uint64_t start)
{
	if(start == m->at + 1)
		return 0;
	if(m->state == MESSAGE_STREAMING || start < 1)
		return refuse_saying(m, 400, "its chunks do not follow each other");
	if(start == 1) {
		buffer_clear(&m->body);
		ruling_free(&m->ruling);
		m->at = 0;
		return 0;
	}
	if(start - 1 > m->body.len || m->ruling.made)
		return refuse_saying(m, 400, "its chunks do not follow each other");
	m->at = start - 1;
	return 0;
}


static int begin_chunk(message_t *m, const msrp_head_t *head)
{
	if(head->success_report == REPORT_YES || head->failure_report == REPORT_YES)
		m->watched = 1;
	if(head->has_range && head->range_total != MSRP_UNKNOWN)
		m->total = head->range_total;
	if(m->total != MSRP_UNKNOWN && m->total > (uint64_t)settings.message_max)
		return refuse_saying(m, 413, "it is longer than message_max");
	return head->has_range && head->has_body ? place(m, head->range_start) : 0;
}


/* Room for one more: refused ones are only remembered out of courtesy. */
static int make_room(leg_t *leg)
{
	message_t *m;

	if(leg->message_count < MESSAGES_MAX)
		return 0;
	TAILQ_FOREACH(m, &leg->messages, link)
	{
		if(m->state == MESSAGE_REFUSED) {
			destroy(m);
			return 0;
		}
	}
	LM_INFO(LEG_FMT ": message refused with 413: %d are unfinished\n",
			LEG_ARG(leg), MESSAGES_MAX);
	return -1;
}


int message_begin(leg_t *leg, const msrp_head_t *head, message_t **out)
{
	message_t *m = find(leg, &head->message_id);

	*out = m;
	if(m) {
		alarm_stop(&m->idle);
		return m->code ? m->code : begin_chunk(m, head);
	}
	if(!head->has_body)
		return 0;
	if(make_room(leg) < 0 || !(m = create(leg, head)))
		return 413;
	*out = m;
	if(!verdict_is_cpim(&head->content_type))
		return refuse_saying(m, 415, "it is no message/cpim");
	return begin_chunk(m, head);
}


static void send_whole(message_t *m, const parcel_t *parcel)
{
	participant_t *to = m->ruling.to;

	if(to)
		fanout_leg(to->leg, parcel, &m->tally);
	else
		fanout_room(room(m), m->leg, parcel, m->watched ? &m->tally : NULL);
}


/* Passes on a message that has been collected. Returns 0 or a code. */
static int deliver(message_t *m)
{
	content_t content = {.message_id = m->id,
			.type = m->type,
			.extra = m->extra,
			.start = 1,
			.flag = '$'};
	int code = judge(m, 1);
	parcel_t parcel;

	if(code)
		return code;
	content.body[0] = buffer_str(&m->ruling.front);
	content.body[1] = buffer_str(&m->body);
	content.body[1] = text_from(&content.body[1], (int)m->ruling.replaced);
	content.total = content.body[0].len + content.body[1].len;
	if(parcel_make(&parcel, &content) < 0)
		return out_of_memory(m);
	send_whole(m, &parcel);
	parcel_free(&parcel);
	if(m->ruling.to && m->tally.handed + m->tally.kept == 0)
		return refuse_saying(m, 404, "its recipient left");
	return 0;
}


static outcome_t finish(message_t *m)
{
	outcome_t outcome = {200, 0, m->at};
	int code = 0;

	/* a body of no octets is a keep-alive, however it is framed */
	if(m->at == 0)
		return outcome;
	if(m->state == MESSAGE_STREAMING)
		emit(m, '$');
	else
		code = deliver(m);
	if(code) {
		outcome.code = code;
		return outcome;
	}
	count(STAT_MESSAGES, 1);
	if(m->state == MESSAGE_COLLECTING)
		outcome.total = m->body.len;
	outcome.handed = m->tally.missed == 0 && m->tally.kept == 0;
	return outcome;
}


static outcome_t go_on(message_t *m)
{
	outcome_t outcome = {200, 0, 0};
	int code = 0;

	if(m->state == MESSAGE_COLLECTING)
		code = judge(m, 0);
	else if(m->body.len > 0)
		emit(m, '+');
	if(code != 0 && code != VERDICT_LATER)
		outcome.code = code;
	alarm_start(&m->idle, IDLE_MS, timed_out, m);
	return outcome;
}


outcome_t message_end(message_t *m, char flag)
{
	outcome_t outcome = {200, 0, 0};

	if(m->state == MESSAGE_REFUSED)
		outcome.code = m->code;
	else if(flag == '+')
		return go_on(m);
	else if(flag == '$')
		outcome = finish(m);
	else if(m->state == MESSAGE_STREAMING)
		emit(m, '#');
	if(flag != '+')
		destroy(m);
	return outcome;
}


void messages_abort(leg_t *leg)
{
	message_t *m, *next;

	TAILQ_FOREACH_SAFE(m, &leg->messages, link, next)
	{
		if(m->state == MESSAGE_STREAMING)
			emit(m, '#');
		destroy(m);
	}
}
