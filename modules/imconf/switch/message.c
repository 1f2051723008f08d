/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * message: see message.h. Called by frames as chunks come in; asks the
 * verdict and has the message passed on. Knows no socket.
 */
#include <stdlib.h>
#include <string.h>
#include "base/random.h"
#include "core/dprint.h"
#include "admin/statistics.h"
#include "settings.h"
#include "switch/message.h"
#include "switch/passing.h"
#include "switch/turn.h"
#include "worker/observer.h"

/* what goes out in one piece of a stream, about: keeps senders of endless
 * chunks from filling our memory, and others from waiting for them */
#define PIECE_MAX 32768
#define FRESH_ID_BITS 128


static void destroy(message_t *m)
{
	TAILQ_REMOVE(&m->leg->messages, m, link);
	m->leg->message_count--;
	passing_end(m);
	audience_free(&m->audience);
	ruling_free(&m->ruling);
	buffer_free(&m->body);
	free(m->spans);
	text_free(&m->id);
	text_free(&m->type);
	text_free(&m->extra);
	receipt_release(m->receipt);
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


static void sweep(void *arg);


/* One alarm for all of a leg, left running when they are finished: most are
 * within a moment. */
static void plan_sweep(leg_t *leg, long ms)
{
	if(leg->sweeping)
		return;
	leg->sweeping = 1;
	alarm_start(&leg->sweep, ms, sweep, leg);
}


static message_t *create(leg_t *leg, const msrp_head_t *head)
{
	message_t *m = calloc(1, sizeof(*m));

	if(!m)
		return NULL;
	m->leg = leg;
	m->total = m->end = MSRP_UNKNOWN;
	m->touched = schedule_now();
	buffer_init(&m->body, 0);
	ruling_init(&m->ruling);
	TAILQ_INSERT_TAIL(&leg->messages, m, link);
	leg->message_count++;
	m->receipt = receipt_create(leg, head);
	if(copy_names(m, head) < 0) {
		destroy(m);
		return NULL;
	}
	plan_sweep(leg, settings.message_timeout * 1000L);
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


static int refuse(message_t *m, int code)
{
	if(m->state == MESSAGE_STREAMING)
		passing_emit(m, '#');
	passing_end(m);
	audience_free(&m->audience);
	buffer_free(&m->body);
	ruling_free(&m->ruling);
	m->state = MESSAGE_REFUSED;
	m->code = code;
	count(STAT_MESSAGES_REFUSED, 1);
	return code;
}


int message_refuse(message_t *m, int code, const char *why)
{
	if(leg_may_say(m->leg))
		LM_INFO(LEG_FMT ": message refused with %d: %s\n", LEG_ARG(m->leg),
				code, why);
	return refuse(m, code);
}


/* RFC 7701 section 6.1: the chunk reception timer. */
static void sweep(void *arg)
{
	leg_t *leg = arg;
	int64_t limit = settings.message_timeout * INT64_C(1000);
	int64_t now = schedule_now(), next = 0;
	message_t *m;

	leg->sweeping = 0;
	TAILQ_FOREACH(m, &leg->messages, link)
	{
		if(m->state == MESSAGE_REFUSED)
			continue;
		if(now - m->touched >= limit) {
			receipt_fail(m->receipt, 408);
			message_refuse(m, 408, "it was never finished");
		} else if(next == 0 || m->touched + limit - now < next) {
			next = m->touched + limit - now;
		}
	}
	if(next > 0)
		plan_sweep(leg, (long)next);
}


static int out_of_memory(message_t *m)
{
	return message_refuse(m, 413, "no memory");
}


static int is_too_soon(message_t *m)
{
	return settings.message_rate > 0 && !m->ruling.notice
		   && !allowance_take(&m->leg->allowance, schedule_now(),
				   settings.message_rate, settings.message_burst);
}


/* Returns 0, VERDICT_LATER, or a code: refused. */
static int judge(message_t *m, int whole)
{
	str data = buffer_str(&m->body);
	int code;

	if(m->ruling.made)
		return 0;
	if(m->spans)
		data.len = (int)spans_first(m->spans);
	code = verdict_cpim(m->leg, &data, whole, &m->ruling);
	if(code)
		return code == VERDICT_LATER ? code : refuse(m, code);
	if(is_too_soon(m))
		return message_refuse(m, 413, "its sender exceeds message_rate");
	return 0;
}


/* Both as announced and as far as it has come. */
static int is_large(const message_t *m)
{
	uint64_t collect_max = settings.collect_max;

	return m->body.len > collect_max
		   || (m->total != MSRP_UNKNOWN && m->total > collect_max);
}


/* While another one has the room to itself it goes on being collected, as
 * long as it may. */
static int must_wait(const message_t *m)
{
	room_t *room = m->leg->participant->conference->room;

	if(!turn_is_taken(room, m))
		return 0;
	if(m->body.len < (size_t)settings.leg_queue_max)
		return 1;
	turn_break(room);
	return 0;
}


static int put(message_t *m, const str *piece)
{
	size_t over = m->body.len - m->at;

	if(over > (size_t)piece->len)
		over = piece->len;
	if(over > 0)
		memcpy(m->body.s + m->at, piece->s, over);
	return buffer_add(&m->body, piece->s + over, piece->len - over);
}


static int collect(message_t *m, const str *piece)
{
	int code;

	if(m->at + piece->len > m->end)
		return message_refuse(m, 400, "it goes on behind its end");
	if(put(m, piece) < 0)
		return out_of_memory(m);
	if(m->spans && spans_add(m->spans, m->at, m->at + piece->len) < 0)
		return message_refuse(m, 400, "it has too many gaps");
	m->at += piece->len;
	if(m->spans || !is_large(m))
		return 0;
	code = judge(m, 0);
	if(code == VERDICT_LATER || (code == 0 && must_wait(m)))
		return 0;
	return code ? code : passing_begin(m);
}


static int pass_on(message_t *m, const str *piece)
{
	/* some octet stays for the end of the chunk, which may be the last */
	if(m->body.len > 0 && m->body.len + piece->len > PIECE_MAX
			&& passing_emit(m, '+') != 0)
		return m->code;
	if(buffer_add(&m->body, piece->s, piece->len) < 0)
		return out_of_memory(m);
	m->at += piece->len;
	return 0;
}


/* Who is to have a stream was chosen by what its sender said of its length;
 * a collected message is counted when it is here. */
static int breaks_its_word(const message_t *m, int more)
{
	uint64_t len = m->at + more;

	return len > m->total
		   && (m->state == MESSAGE_STREAMING
				   || len > (uint64_t)settings.collect_max);
}


int message_body(message_t *m, const str *piece)
{
	if(m->state == MESSAGE_REFUSED)
		return m->code;
	m->touched = schedule_now();
	if(m->at + piece->len > (uint64_t)settings.message_max)
		return message_refuse(m, 413, "it is longer than message_max");
	if(breaks_its_word(m, piece->len))
		return message_refuse(m, 400, "it is longer than it said");
	if(m->state == MESSAGE_STREAMING)
		return pass_on(m, piece);
	return collect(m, piece);
}


static int restart(message_t *m)
{
	buffer_clear(&m->body);
	ruling_free(&m->ruling);
	free(m->spans);
	m->spans = NULL;
	m->end = MSRP_UNKNOWN;
	m->at = 0;
	return 0;
}


/* Octets are missing up to `at`: from now on it is noted which are there. */
static int leave_gap(message_t *m, uint64_t at)
{
	size_t missing = at - m->body.len;

	if(!m->spans) {
		m->spans = calloc(1, sizeof(*m->spans));
		if(!m->spans)
			return out_of_memory(m);
		spans_add(m->spans, 0, m->body.len);
	}
	if(buffer_reserve(&m->body, missing) < 0)
		return out_of_memory(m);
	memset(m->body.s + m->body.len, 0, missing);
	m->body.len = at;
	return 0;
}


static int has_lost_its_way(message_t *m)
{
	return message_refuse(m, 400, "its chunks do not follow each other");
}


/* As long as the message is collected, its chunks may come in any order and
 * replace octets, but not those that the verdict was about. */
static int place(message_t *m, uint64_t start)
{
	uint64_t at = start - 1;

	if(!m->spans && at == m->at)
		return 0;
	if(m->state == MESSAGE_STREAMING)
		return has_lost_its_way(m);
	if(at == 0 && !m->spans)
		return restart(m);
	if(is_large(m) || at >= (uint64_t)settings.collect_max
			|| (m->ruling.made && at < m->ruling.judged))
		return has_lost_its_way(m);
	if(at > m->body.len && leave_gap(m, at) != 0)
		return m->code;
	m->at = at;
	return 0;
}


static int begin_chunk(message_t *m, const msrp_head_t *head)
{
	int bound = m->state == MESSAGE_STREAMING && m->total != MSRP_UNKNOWN;

	if(head->has_range && head->range_total != MSRP_UNKNOWN && !bound)
		m->total = head->range_total;
	if(m->total != MSRP_UNKNOWN && m->total > (uint64_t)settings.message_max)
		return message_refuse(m, 413, "it is longer than message_max");
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
	if(leg_may_say(leg))
		LM_INFO(LEG_FMT ": message refused with 413: %d are unfinished\n",
				LEG_ARG(leg), MESSAGES_MAX);
	count(STAT_MESSAGES_REFUSED, 1);
	return -1;
}


int message_begin(leg_t *leg, const msrp_head_t *head, message_t **out)
{
	message_t *m = find(leg, &head->message_id);

	*out = m;
	if(m) {
		m->touched = schedule_now();
		return m->code ? m->code : begin_chunk(m, head);
	}
	if(!head->has_body)
		return 0;
	if(make_room(leg) < 0 || !(m = create(leg, head)))
		return 413;
	*out = m;
	if(!verdict_is_cpim(&head->content_type))
		return message_refuse(m, 415, "it is no message/cpim");
	return begin_chunk(m, head);
}


static void tell(const message_t *m)
{
	const participant_t *p = m->leg->participant;
	const participant_t *to = m->ruling.to;
	const room_t *room = p->conference->room;
	observed_message_t message = {
			.id = m->id,
			.content_type = {(char *)m->ruling.kind,
					(int)strlen(m->ruling.kind)},
			.bytes = m->at,
			.to = to,
			.recipients = to || !room ? 1 : room->count - 1,
	};
	observation_t o = {.what = OBSERVED_MESSAGE,
			.conference = p->conference,
			.participant = p,
			.message = &message};

	observer_tell(&o);
}


/* All of it is here. Returns the code of the response. */
static int finish(message_t *m)
{
	int code = 0;

	/* a body of no octets is a keep-alive, however it is framed */
	if(m->body.len == 0 && m->state == MESSAGE_COLLECTING)
		return 200;
	if(m->state == MESSAGE_STREAMING) {
		code = passing_emit(m, '$');
	} else {
		m->at = m->body.len;
		code = judge(m, 1);
		if(code == 0)
			code = passing_whole(m);
	}
	if(code)
		return code;
	count(STAT_MESSAGES, 1);
	m->leg->participant->conference->spoken = schedule_now();
	tell(m);
	receipt_complete(m->receipt, m->at);
	return 200;
}


/* Returns the code of the response. */
static int go_on(message_t *m)
{
	int code = 0;

	if(m->state == MESSAGE_COLLECTING)
		code = judge(m, 0);
	else if(m->body.len > 0)
		code = passing_emit(m, '+');
	return code == 0 || code == VERDICT_LATER ? 200 : code;
}


static int is_whole(const message_t *m)
{
	if(m->end == MSRP_UNKNOWN)
		return 0;
	return !m->spans
		   || (m->body.len >= m->end && spans_first(m->spans) == m->body.len);
}


int message_end(message_t *m, char flag)
{
	int code = 200;

	if(m->state == MESSAGE_REFUSED) {
		code = m->code;
		if(flag == '+')
			return code;
	} else if(flag == '#') {
		if(m->state == MESSAGE_STREAMING)
			passing_emit(m, '#');
	} else {
		if(flag == '$')
			m->end = m->at;
		if(!is_whole(m))
			return go_on(m);
		code = finish(m);
	}
	destroy(m);
	return code;
}


void messages_abort(leg_t *leg)
{
	message_t *m, *next;

	TAILQ_FOREACH_SAFE(m, &leg->messages, link, next)
	{
		if(m->state == MESSAGE_STREAMING)
			passing_emit(m, '#');
		destroy(m);
	}
}
