/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * load: see the header. Lists are fetched side by side and merged in the
 * order in which they are referred to, so that a group always reads the same.
 */
#include "xdms/load.h"

#include <stdlib.h>
#include <string.h>
#include "core/dprint.h"
#include "settings.h"
#include "wire/xcap_path.h"
#include "worker/schedule.h"
#include "xdms/fetch.h"

#define WHY_SIZE 160
#define REPORT_INTERVAL 10000 /* ms */

/* the group's document is part 0; a part's place never changes */
typedef struct part
{
	struct load *load;
	source_t source;
	fetch_t *fetch; /* NULL: not under way */
	str body;		/* owned; until it is merged */
	int arrived;
	int depth;
} part_t;

struct load
{
	load_fn_t fn;
	void *arg;
	str uri, user; /* owned */
	int64_t deadline;
	int conditional; /* all parts are asked for with their ETags */
	part_t part[SOURCES_MAX];
	int parts;
	int merged; /* parts that are in `document`; of conditional ones, as old */
	size_t bytes; /* of all bodies together */
	group_document_t *document;
};

static void take_answer(void *arg, const fetch_answer_t *answer);

/* ---- life ---- */

void sources_free(sources_t *s)
{
	int i;

	for(i = 0; i < s->count; i++) {
		text_free(&s->at[i].url);
		text_free(&s->at[i].etag);
	}
	free(s->at);
	s->at = NULL;
	s->count = 0;
}

static void clear_part(part_t *p)
{
	if(p->fetch)
		fetch_cancel(p->fetch);
	text_free(&p->source.url);
	text_free(&p->source.etag);
	text_free(&p->body);
	memset(p, 0, sizeof(*p));
}

static void clear_parts(load_t *l, int from)
{
	while(l->parts > from)
		clear_part(&l->part[--l->parts]);
}

static void load_destroy(load_t *l)
{
	clear_parts(l, 0);
	group_document_free(l->document);
	text_free(&l->uri);
	text_free(&l->user);
	free(l);
}

void load_cancel(load_t *l)
{
	load_destroy(l);
}

/* ---- ends ---- */

static void end(load_t *l, groups_result_t result)
{
	load_outcome_t outcome = {.result = result};

	l->fn(l->arg, &outcome);
	load_destroy(l);
}

static void end_unchanged(load_t *l)
{
	load_outcome_t outcome = {.result = GROUPS_OK, .unchanged = 1};

	l->fn(l->arg, &outcome);
	load_destroy(l);
}

/* the callee gets the document and the sources */
static void end_with_document(load_t *l)
{
	load_outcome_t outcome = {.result = GROUPS_OK};
	source_t *at = calloc(l->parts, sizeof(*at));
	int i;

	if(!at) {
		end(l, GROUPS_DOWN);
		return;
	}
	for(i = 0; i < l->parts; i++) {
		at[i] = l->part[i].source;
		memset(&l->part[i].source, 0, sizeof(source_t));
	}
	outcome.sources = (sources_t){at, l->parts};
	outcome.document = l->document;
	l->document = NULL;
	l->fn(l->arg, &outcome);
	load_destroy(l);
}

/* a line now and then while all INVITEs meet with the same */
static int is_worth_a_line(int64_t *last)
{
	int64_t now = schedule_now();

	if(*last && now - *last < REPORT_INTERVAL)
		return 0;
	*last = now;
	return 1;
}

static void report(const part_t *p, groups_result_t result, const char *why)
{
	static int64_t last_down, last_refused;

	if(result == GROUPS_DOWN && !is_worth_a_line(&last_down))
		return;
	if(result == GROUPS_REFUSED && !is_worth_a_line(&last_refused))
		return;
	LM_ERR("group %.*s: %s %.*s: %s\n", TEXT_ARG(&p->load->uri),
			p == p->load->part ? "document" : "list", TEXT_ARG(&p->source.url),
			why);
}

static void fail(part_t *p, groups_result_t result, const char *why)
{
	load_t *l = p->load;

	/* what is wrong with a list is no news of the group itself */
	if(p != l->part && result != GROUPS_DOWN)
		result = GROUPS_UNRESOLVED;
	if(result != GROUPS_ABSENT)
		report(p, result, why);
	end(l, result);
}

static void fail_to_read(part_t *p, group_result_t result, const char *why)
{
	fail(p, result == GROUP_MEMORY ? GROUPS_DOWN : GROUPS_BROKEN, why);
}

static groups_result_t result_of(fetch_result_t result)
{
	switch(result) {
		case FETCH_ABSENT:
			return GROUPS_ABSENT;
		case FETCH_REFUSED:
			return GROUPS_REFUSED;
		case FETCH_DOWN:
			return GROUPS_DOWN;
		default:
			return GROUPS_BROKEN;
	}
}

/* ---- parts ---- */

static int is_known(const load_t *l, const str *url)
{
	int i;

	for(i = 0; i < l->parts; i++) {
		if(text_eq(&l->part[i].source.url, url))
			return 1;
	}
	return 0;
}

/* the url must be another one than those that are there */
static part_t *add_part(load_t *l, const str *url, const str *etag, int depth)
{
	part_t *p = &l->part[l->parts];

	p->load = l;
	p->depth = depth;
	if(text_copy(&p->source.url, url) < 0
			|| text_copy(&p->source.etag, etag) < 0) {
		clear_part(p);
		return NULL;
	}
	l->parts++;
	return p;
}

static int start_part(part_t *p)
{
	load_t *l = p->load;

	p->fetch = fetch_start(&p->source.url, &l->user, &p->source.etag,
			l->deadline, take_answer, p);
	return p->fetch ? 0 : -1;
}

/* An anchor in part `p`. Lists that name each other, or one that is named
 * twice, are fetched once. Returns 0, or -1 after the load has ended. */
static int follow_anchor(part_t *p, const str *anchor)
{
	load_t *l = p->load;
	part_t *next = NULL;
	buffer_t url;
	str text;

	buffer_init(&url, XCAP_URL_MAX);
	if(xcap_resolve(
			   &settings.xdms_root, anchor, settings.xdms_external_hosts, &url)
			< 0) {
		buffer_free(&url);
		fail(p, GROUPS_UNRESOLVED, "it refers to a list that is not allowed");
		return -1;
	}
	text = buffer_str(&url);
	if(is_known(l, &text)) {
		buffer_free(&url);
		return 0;
	}
	if(l->parts < SOURCES_MAX && p->depth < LOAD_DEPTH_MAX)
		next = add_part(l, &text, &TEXT(""), p->depth + 1);
	buffer_free(&url);
	if(next && start_part(next) == 0)
		return 0;
	fail(p, next ? GROUPS_DOWN : GROUPS_UNRESOLVED,
			"it refers to too many lists, or too deep");
	return -1;
}

/* frees the anchors */
static int follow_anchors(part_t *p, str *anchor, int count)
{
	int i, rc = 0;

	for(i = 0; i < count; i++) {
		if(rc == 0)
			rc = follow_anchor(p, &anchor[i]);
		text_free(&anchor[i]);
	}
	return rc;
}

static int merge_group(part_t *p)
{
	load_t *l = p->load;
	char why[WHY_SIZE] = "";
	group_result_t result = group_document_parse(
			&p->body, &l->uri, &l->document, why, sizeof(why));
	int i;

	if(result != GROUP_OK) {
		fail_to_read(p, result, why);
		return -1;
	}
	/* the document, too, goes when a load ends */
	for(i = 0; i < l->document->externals; i++) {
		if(follow_anchor(p, &l->document->external[i]) < 0)
			return -1;
	}
	return 0;
}

static int merge_list(part_t *p)
{
	str further[GROUP_EXTERNALS_MAX];
	int count = 0;
	char why[WHY_SIZE] = "";
	group_result_t result = group_document_add_list(p->load->document, &p->body,
			further, GROUP_EXTERNALS_MAX, &count, why, sizeof(why));

	if(result != GROUP_OK) {
		fail_to_read(p, result, why);
		return -1;
	}
	return follow_anchors(p, further, count);
}

/* as far as parts have arrived without a gap */
static void merge(load_t *l)
{
	while(l->merged < l->parts && l->part[l->merged].arrived) {
		part_t *p = &l->part[l->merged++];
		if((p == l->part ? merge_group(p) : merge_list(p)) < 0)
			return;
		text_free(&p->body);
	}
	if(l->merged == l->parts)
		end_with_document(l);
}

/* ---- answers ---- */

static int keep(part_t *p, const fetch_answer_t *answer)
{
	p->load->bytes += answer->body.len;
	if(p->load->bytes > (size_t)settings.xdms_document_max) {
		fail(p, GROUPS_BROKEN, "it is too large with its lists");
		return -1;
	}
	if(text_copy(&p->body, &answer->body) < 0
			|| text_replace(&p->source.etag, &answer->etag) < 0) {
		fail(p, GROUPS_DOWN, "memory is out");
		return -1;
	}
	p->arrived = 1;
	return 0;
}

/* Something is new, so all is needed: what did not change is not kept as it
 * came. A new group document is used as it is. */
static void begin_anew(part_t *changed)
{
	load_t *l = changed->load;

	l->conditional = 0;
	l->merged = 0;
	clear_parts(l, 1);
	if(l->part->arrived) {
		merge(l);
		return;
	}
	if(l->part->fetch)
		fetch_cancel(l->part->fetch);
	text_free(&l->part->source.etag);
	if(start_part(l->part) < 0)
		fail(l->part, GROUPS_DOWN, "memory is out");
}

static void take_conditional(part_t *p, const fetch_answer_t *answer)
{
	load_t *l = p->load;

	if(answer->result == FETCH_UNCHANGED) {
		if(++l->merged == l->parts)
			end_unchanged(l);
		return;
	}
	if(p == l->part && answer->result == FETCH_OK && keep(p, answer) < 0)
		return;
	if(answer->result == FETCH_OK
			|| (p != l->part && answer->result != FETCH_DOWN))
		begin_anew(p);
	else
		fail(p, result_of(answer->result), answer->why);
}

static void take_answer(void *arg, const fetch_answer_t *answer)
{
	part_t *p = arg;

	p->fetch = NULL;
	if(p->load->conditional) {
		take_conditional(p, answer);
		return;
	}
	if(answer->result != FETCH_OK)
		fail(p, result_of(answer->result), answer->why);
	else if(keep(p, answer) == 0)
		merge(p->load);
}

/* ---- start ---- */

static int use_known(load_t *l, const sources_t *known)
{
	int i;

	for(i = 0; i < known->count; i++) {
		if(!known->at[i].etag.len)
			return 0;
	}
	for(i = 0; i < known->count; i++) {
		if(!add_part(l, &known->at[i].url, &known->at[i].etag, 0))
			return -1;
	}
	l->conditional = known->count > 0;
	return 0;
}

static int name_document(load_t *l)
{
	buffer_t url;
	str text;
	int rc = -1;

	buffer_init(&url, XCAP_URL_MAX + 1);
	if(xcap_group_url(&settings.xdms_root, &settings.xdms_path, &l->uri, &url)
			== 0) {
		text = buffer_str(&url);
		rc = add_part(l, &text, &TEXT(""), 0) ? 0 : -1;
	}
	buffer_free(&url);
	return rc;
}

static int start_parts(load_t *l)
{
	int i;

	for(i = 0; i < l->parts; i++) {
		if(start_part(&l->part[i]) < 0)
			return -1;
	}
	return 0;
}

load_t *load_start(const str *group_uri, const str *user,
		const sources_t *known, load_fn_t fn, void *arg)
{
	load_t *l = calloc(1, sizeof(*l));

	if(!l)
		return NULL;
	l->fn = fn;
	l->arg = arg;
	l->deadline = schedule_now() + settings.xdms_timeout;
	if(text_copy(&l->uri, group_uri) < 0 || text_copy(&l->user, user) < 0
			|| (known && use_known(l, known) < 0)
			|| (!l->conditional && name_document(l) < 0)
			|| start_parts(l) < 0) {
		load_destroy(l);
		return NULL;
	}
	return l;
}
