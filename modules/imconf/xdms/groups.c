/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * groups: see the header. Who waits for what, what is fresh, and what becomes
 * of an answer; load.c gets documents, cache.c keeps them.
 */
#include "xdms/groups.h"

#include <stdlib.h>
#include <string.h>
#include "admin/statistics.h"
#include "core/dprint.h"
#include "settings.h"
#include "wire/sip_uri.h"
#include "worker/schedule.h"
#include "worker/worker.h"
#include "xdms/cache.h"
#include "xdms/fetch.h"

struct groups_wait
{
	TAILQ_ENTRY(groups_wait) link;
	entry_t *entry; /* NULL: answered, about to be told */
	groups_fn_t fn;
	void *arg;
	work_t work;
	groups_result_t result;
	group_ref_t *ref; /* held */
};

/* ---- names ---- */

/* What the XDMS knows a group by: without what tells how to get there. */
static int name_of(const str *uri, buffer_t *name)
{
	uri_parts_t parts;
	size_t i;

	if(sip_uri_parse(uri, &parts) < 0)
		return -1;
	if(parts.scheme == URI_TEL)
		return buffer_add_str(name, &parts.core);
	buffer_printf(name, "sip:%.*s%s%.*s%s%.*s", TEXT_ARG(&parts.user),
			parts.user.len ? "@" : "", TEXT_ARG(&parts.host),
			parts.port.len ? ":" : "", TEXT_ARG(&parts.port));
	if(buffer_failed(name))
		return -1;
	for(i = strlen("sip:") + parts.user.len; i < name->len; i++) {
		if(name->s[i] >= 'A' && name->s[i] <= 'Z')
			name->s[i] += 'a' - 'A';
	}
	return 0;
}

/* ---- telling ---- */

static void tell(void *arg)
{
	groups_wait_t *w = arg;

	w->fn(w->arg, w->result, w->ref);
	group_ref_release(w->ref);
	free(w);
}

/* hundreds may wait for one group: they are told a few dozen a turn */
static void tell_later(entry_t *e, groups_result_t result, group_ref_t *ref)
{
	groups_wait_t *w;

	while((w = TAILQ_FIRST(&e->waits)) != NULL) {
		TAILQ_REMOVE(&e->waits, w, link);
		w->entry = NULL;
		w->result = result;
		w->ref = ref ? group_ref_hold(ref) : NULL;
		work_add(&w->work, tell, w);
	}
}

static void tell_now(entry_t *e, groups_fn_t fn, void *arg)
{
	group_ref_t *ref = e->ref ? group_ref_hold(e->ref) : NULL;

	e->hits++;
	if(e->verdict == GROUPS_OK)
		cache_touch(e);
	count(STAT_XDMS_HITS, 1);
	fn(arg, e->verdict, ref);
	group_ref_release(ref);
}

/* ---- what becomes of an answer ---- */

static int64_t seconds(int s)
{
	return (int64_t)s * 1000;
}

static void is_confirmed(entry_t *e)
{
	e->stale = 0;
	e->fetched = schedule_now();
	e->good_until = e->fetched + seconds(settings.xdms_ttl);
}

static groups_result_t take_document(entry_t *e, const load_outcome_t *outcome)
{
	if(outcome->unchanged) {
		is_confirmed(e);
		return GROUPS_OK;
	}
	if(cache_keep_document(e, outcome->document, &outcome->sources) < 0)
		return GROUPS_DOWN;
	is_confirmed(e);
	e->whole = e->fetched;
	return GROUPS_OK;
}

static groups_result_t take_verdict(entry_t *e, groups_result_t verdict)
{
	cache_keep_verdict(e, verdict);
	is_confirmed(e);
	e->good_until = e->fetched + seconds(settings.xdms_negative_ttl);
	return verdict;
}

/* Nobody is held up by every INVITE asking a dead XDMS again. */
static groups_result_t do_without(entry_t *e)
{
	int64_t now = schedule_now();

	if(!e->known || e->verdict != GROUPS_OK
			|| now >= e->fetched + seconds(settings.xdms_max_stale)) {
		cache_drop(e);
		return GROUPS_DOWN;
	}
	e->stale = 1;
	e->good_until = now + seconds(settings.xdms_negative_ttl);
	return GROUPS_OK;
}

static groups_result_t take_outcome(entry_t *e, const load_outcome_t *outcome)
{
	switch(outcome->result) {
		case GROUPS_OK:
			return take_document(e, outcome);
		case GROUPS_DOWN:
			return do_without(e);
		case GROUPS_REFUSED:
			/* perhaps of this user alone: what is known stays known */
			return GROUPS_REFUSED;
		default:
			return take_verdict(e, outcome->result);
	}
}

static void loaded(void *arg, const load_outcome_t *outcome)
{
	entry_t *e = arg;
	groups_result_t result;

	e->load = NULL;
	result = take_outcome(e, outcome);
	tell_later(e, result, result == GROUPS_OK ? e->ref : NULL);
	if(e->unwanted)
		cache_drop(e);
	e->unwanted = 0;
	cache_release(e);
	cache_trim();
}

/* ---- asking ---- */

static int load_entry(entry_t *e, const str *user)
{
	int64_t now = schedule_now();
	/* a server whose ETags never change is asked for all once in a while */
	int conditional = e->known && e->verdict == GROUPS_OK
					  && now < e->whole + seconds(settings.xdms_max_stale);

	e->load = load_start(
			&e->uri, user, conditional ? &e->sources : NULL, loaded, e);
	return e->load ? 0 : -1;
}

/* nothing can be asked */
static void make_do(entry_t *e, groups_fn_t fn, void *arg)
{
	groups_result_t result = e->load ? GROUPS_DOWN : do_without(e);
	group_ref_t *ref = result == GROUPS_OK ? group_ref_hold(e->ref) : NULL;

	cache_release(e);
	fn(arg, result, ref);
	group_ref_release(ref);
}

static groups_wait_t *wait_for(
		entry_t *e, const str *user, groups_fn_t fn, void *arg)
{
	groups_wait_t *w = calloc(1, sizeof(*w));

	if(!w || (!e->load && load_entry(e, user) < 0)) {
		free(w);
		make_do(e, fn, arg);
		return NULL;
	}
	w->entry = e;
	w->fn = fn;
	w->arg = arg;
	TAILQ_INSERT_TAIL(&e->waits, w, link);
	return w;
}

static groups_wait_t *get_named(
		const str *name, const str *user, groups_fn_t fn, void *arg)
{
	entry_t *e = cache_find(name);

	if(e && e->known && schedule_now() < e->good_until) {
		tell_now(e, fn, arg);
		return NULL;
	}
	if(!e)
		e = cache_add(name);
	if(e)
		return wait_for(e, user, fn, arg);
	fn(arg, GROUPS_DOWN, NULL);
	return NULL;
}

groups_wait_t *groups_get(
		const str *group_uri, const str *user, groups_fn_t fn, void *arg)
{
	groups_wait_t *w = NULL;
	buffer_t name;
	str text;

	buffer_init(&name, 0);
	if(!settings.xdms_root.len || name_of(group_uri, &name) < 0) {
		fn(arg, GROUPS_ABSENT, NULL);
	} else {
		text = buffer_str(&name);
		w = get_named(&text, user, fn, arg);
	}
	buffer_free(&name);
	return w;
}

void groups_cancel(groups_wait_t *w)
{
	if(w->entry)
		TAILQ_REMOVE(&w->entry->waits, w, link);
	work_cancel(&w->work);
	group_ref_release(w->ref);
	free(w);
}

int groups_forget(const str *group_uri)
{
	entry_t *e = NULL;
	buffer_t name;
	str text;
	int was_known;

	buffer_init(&name, 0);
	if(name_of(group_uri, &name) == 0) {
		text = buffer_str(&name);
		e = cache_find(&text);
	}
	buffer_free(&name);
	if(!e)
		return 0;
	was_known = e->known;
	/* a load that is under way may count on it */
	e->unwanted = e->load != NULL;
	if(!e->load)
		cache_drop(e);
	cache_release(e);
	return was_known;
}

/* ---- looking in ---- */

typedef struct look
{
	void (*fn)(const groups_entry_t *entry, void *arg);
	void *arg;
} look_t;

static void show(const entry_t *e, void *arg)
{
	const look_t *look = arg;
	groups_entry_t shown = {.uri = e->uri};

	if(!e->known)
		return;
	shown.members = e->ref ? group_ref_document(e->ref)->members : 0;
	shown.bytes = e->bytes;
	shown.age = (long)((schedule_now() - e->fetched) / 1000);
	shown.absent = e->verdict == GROUPS_ABSENT;
	shown.stale = e->stale;
	shown.hits = e->hits;
	look->fn(&shown, look->arg);
}

void groups_each(void (*fn)(const groups_entry_t *entry, void *arg), void *arg)
{
	look_t look = {fn, arg};

	cache_each(show, &look);
}

/* ---- start and end ---- */

int groups_start(void)
{
	cache_open();
	if(!settings.xdms_root.len)
		return 0;
	if(fetch_open(worker.base) == 0)
		return 0;
	LM_ERR("libcurl does not start\n");
	return -1;
}

static void stop_load(const entry_t *e, void *arg)
{
	entry_t *mine = (entry_t *)e;

	if(mine->load)
		load_cancel(mine->load);
	mine->load = NULL;
}

void groups_stop(void)
{
	cache_each(stop_load, NULL);
	cache_close();
	if(settings.xdms_root.len)
		fetch_close();
}
