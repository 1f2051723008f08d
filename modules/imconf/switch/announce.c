/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * announce: see announce.h. Called by the effects and by RPC's answers; speaks
 * through the fan-out like anybody.
 */
#include <time.h>
#include "base/random.h"
#include "core/dprint.h"
#include "model/participant.h"
#include "settings.h"
#include "switch/announce.h"
#include "switch/fanout.h"
#include "wire/cpim.h"
#include "worker/effect_runner.h"

#define MESSAGE_ID_BITS 64


int announce_is_text(const str *text)
{
	if(text->len < 1 || text->len > ANNOUNCE_MAX)
		return 0;
	for(int i = 0; i < text->len; i++) {
		unsigned char c = text->s[i];

		if((c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 0x7f)
			return 0;
	}
	return 1;
}


/* A CPIM of ours to the room; what it is known by outside. */
static void write_body(const conference_t *c, const str *text, buffer_t *out)
{
	const str *room = c->group.len ? &c->group : &c->identity;
	str nothing = {NULL, 0};
	cpim_t blank = {0};

	cpim_write_headers(out, &nothing, &blank, room, room, time(NULL));
	buffer_add_text(out, "Content-Type: text/plain;charset=utf-8\r\n\r\n");
	buffer_add_utf8(out, text);
}


static int make(const str *body, parcel_t *parcel)
{
	char id[MESSAGE_ID_BITS / 4 + 1];
	content_t content = {.message_id = {id, MESSAGE_ID_BITS / 4},
			.type = TEXT("message/cpim"),
			.body = {{NULL, 0}, *body},
			.start = 1,
			.total = body->len,
			.flag = '$'};

	random_hex(id, MESSAGE_ID_BITS);
	return parcel_make(parcel, &content);
}


static int send_to(const room_t *room, const str *body, const leg_t *except)
{
	cargo_t cargo = {
			.kind = "text/plain", .size = body->len, .number = cargo_number()};
	parcel_t parcel;

	if(make(body, &parcel) < 0)
		return -1;
	fanout_room(room, except, &parcel, &cargo);
	parcel_free(&parcel);
	return room->count - (except && except->entered);
}


int announce_say(conference_t *c, const str *text, const participant_t *except)
{
	const room_t *room = c->room;
	buffer_t b;
	str body;
	int rc = -1;

	if(!room)
		return 0;
	buffer_init(&b, 0);
	write_body(c, text, &b);
	body = buffer_str(&b);
	if(!buffer_failed(&b))
		rc = send_to(room, &body, except ? except->leg : NULL);
	if(rc < 0)
		LM_ERR("no memory: conference %.*s: an announcement is lost\n",
				TEXT_ARG(&c->token));
	buffer_free(&b);
	return rc;
}


/* As people call it: its nickname, its display name, its address. */
static str name_of(const participant_t *p)
{
	str name = text_from(&p->entity, text_find_char(&p->entity, ':') + 1);

	if(p->nickname.len)
		return p->nickname;
	if(p->former_nickname.len && p->state == PARTICIPANT_GONE)
		return p->former_nickname;
	if(p->display.len)
		return p->display;
	if(p->anonymous)
		name.len = text_find_char(&name, '@');
	return name;
}


/* `words` with the name in the place of %s. */
static void tell(participant_t *p, const str *words)
{
	int at = text_find(words, &TEXT("%s"));
	str name = name_of(p);
	str before = {words->s, at}, behind = text_from(words, at + 2);
	buffer_t b;
	str text;

	buffer_init(&b, 0);
	buffer_add_str(&b, &before);
	buffer_add_str(&b, &name);
	buffer_add_str(&b, &behind);
	text = buffer_str(&b);
	if(!buffer_failed(&b))
		announce_say(p->conference, &text, p);
	buffer_free(&b);
}


static void came(conference_t *c, participant_t *p, end_reason_t reason)
{
	if(!settings.announce || p->said_in)
		return;
	p->said_in = 1;
	tell(p, &settings.announce_joined);
}


/* Who only changes to another session has not gone. */
static void went(conference_t *c, participant_t *p, end_reason_t reason)
{
	if(!p->said_in || c->ending || participant_is_connected(p))
		return;
	p->said_in = 0;
	if(settings.announce)
		tell(p, &settings.announce_left);
}


void announce_start(void)
{
	effects_on(EFFECT_ENTER, came);
	effects_on(EFFECT_LEAVE, went);
}
