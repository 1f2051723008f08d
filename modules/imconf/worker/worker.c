/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * worker: see the header. Started by imconf_mod.c in a process of its own.
 */
#include "worker/worker.h"

#include <time.h>
#include <unistd.h>
#include "base/buffer.h"
#include "base/random.h"
#include "core/cfg/cfg_struct.h"
#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "settings.h"
#include "worker/mailboxes.h"
#include "worker/schedule.h"

#define MAILS_A_TURN 64
#define CFG_TICK_MS 1000
#define TOKEN_RANDOM_BITS 128
#define TOKEN_RANDOM_LEN (TOKEN_RANDOM_BITS / 4)

worker_t worker;

static mail_handler_t handlers[MAIL_QUESTION + 1];
static struct event *mail_event;
static alarm_clock_t cfg_tick;

void worker_on_mail(mail_type_t type, mail_handler_t handler)
{
	handlers[type] = handler;
}

static int add_contribution(conference_t *c)
{
	if(c->contribution_id.len == 0)
		return 0;
	return map_put(&worker.contributions, &c->contribution_node,
			&c->contribution_id, c);
}

int worker_add_conference(conference_t *c)
{
	if(map_put(&worker.conferences, &c->node, &c->token, c) < 0)
		return -1;
	c->serial = ++worker.last_serial;
	c->since = time(NULL);
	TAILQ_INSERT_TAIL(&worker.list, c, link);
	if(c->group.len == 0)
		return add_contribution(c);
	return map_put(&worker.groups, &c->group_node, &c->group_key, c);
}

void worker_remove_conference(conference_t *c)
{
	map_remove(&worker.conferences, &c->node);
	map_remove(&worker.groups, &c->group_node);
	map_remove(&worker.contributions, &c->contribution_node);
	if(c->serial)
		TAILQ_REMOVE(&worker.list, c, link);
	conference_destroy(c);
}

conference_t *worker_conference_after(unsigned long serial)
{
	conference_t *c;

	TAILQ_FOREACH(c, &worker.list, link)
	{
		if(c->serial > serial)
			return c;
	}
	return NULL;
}

conference_t *worker_find_conference(const str *token)
{
	return map_get(&worker.conferences, token);
}

conference_t *worker_find_contribution(
		const str *id, int (*fn)(void *conference, void *arg), void *arg)
{
	return map_find(&worker.contributions, id, fn, arg);
}

conference_t *worker_find_group(const str *group)
{
	conference_t *c;
	identity_t id;

	if(identity_init(&id, group) < 0)
		return NULL;
	c = map_get(&worker.groups, &id.key);
	identity_free(&id);
	return c;
}

int worker_new_identity(str *token, str *identity)
{
	char hex[TOKEN_RANDOM_LEN + 1];
	buffer_t text;
	str whole;
	int rc = -1;

	random_hex(hex, TOKEN_RANDOM_BITS);
	buffer_init(&text, 0);
	buffer_printf(&text, "%.*s%d%s", TEXT_ARG(&settings.session_prefix),
			worker.index, hex);
	whole = buffer_str(&text);
	if(buffer_failed(&text) || text_copy(token, &whole) < 0)
		goto out;
	buffer_clear(&text);
	buffer_printf(&text, "sip:%.*s@%.*s", TEXT_ARG(token),
			TEXT_ARG(&settings.conference_domain));
	whole = buffer_str(&text);
	if(buffer_failed(&text) || text_copy(identity, &whole) < 0) {
		text_free(token);
		goto out;
	}
	rc = 0;
out:
	buffer_free(&text);
	return rc;
}

int worker_of_token(const str *token)
{
	str digits = text_from(token, settings.session_prefix.len);
	uint64_t index;

	if(token->len <= settings.session_prefix.len + TOKEN_RANDOM_LEN
			|| !text_starts_nocase(token, &settings.session_prefix))
		return -1;
	digits.len -= TOKEN_RANDOM_LEN;
	if(text_to_uint(&digits, mailboxes_count() - 1, &index) < 0)
		return -1;
	return (int)index;
}

static void take_mail(const mail_t *mail)
{
	if(handlers[mail->type])
		handlers[mail->type](mail);
	if(mail->block && mail->type != MAIL_QUESTION)
		shm_free(mail->block);
}

/* a bounded number a turn, so that a full mailbox holds up no chat; the
 * descriptor stays readable until the box was found empty */
static void mail_came(evutil_socket_t fd, short what, void *arg)
{
	mail_t mail;
	int i;

	cfg_update(); /* a parameter set before a request counts for it */
	for(i = 0; i < MAILS_A_TURN; i++) {
		if(!mailbox_take(worker.mailbox, &mail))
			return;
		take_mail(&mail);
	}
}

static void take_over_cfg(void *arg)
{
	cfg_update();
	alarm_start(&cfg_tick, CFG_TICK_MS, take_over_cfg, NULL);
}

int worker_start(int index, mailbox_t *box)
{
	worker.index = index;
	worker.mailbox = box;
	map_init(&worker.conferences);
	map_init(&worker.groups);
	map_init(&worker.contributions);
	TAILQ_INIT(&worker.list);
	worker.base = event_base_new();
	if(!worker.base || schedule_init(worker.base) < 0)
		goto error;
	mail_event = event_new(worker.base, mailbox_fd(box), EV_READ | EV_PERSIST,
			mail_came, NULL);
	if(!mail_event || event_add(mail_event, NULL) < 0)
		goto error;
	take_over_cfg(NULL);
	return 0;
error:
	LM_ERR("conference worker %d cannot make its loop\n", index);
	return -1;
}

void worker_loop(void)
{
	event_base_dispatch(worker.base);
	LM_CRIT("conference worker %d: its loop ended\n", worker.index);
	_exit(1);
}
