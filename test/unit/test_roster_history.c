/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Random histories of a conference, told to watchers in documents that are
 * lost, answered late, answered with errors, cut to a size and shared between
 * watchers: by RFC 4575 section 4.6 alone (conference_reader.h) everybody ends
 * up with exactly the roster that the model holds, as this watcher may see it.
 * Each document is checked against the schema where that is at hand. A failure
 * prints the seed and the step. Clauses N1-N11, S4-S7.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "conference_reader.h"
#include "model_helpers.h"
#include "notify/document.h"
#include "schema.h"

#define HISTORIES 3000
#define STEPS 120
#define PEOPLE 8
#define WATCHERS 6
#define SECRET "secret" /* in the names of the anonymous, never in documents */

#define MUST(condition)                                                     \
	do {                                                                    \
		if(!(condition))                                                    \
			fail_msg("history %u step %d: %s", w.seed, w.step, #condition); \
	} while(0)

typedef enum seen
{
	SEEN_NOTHING,
	SEEN_ALERTING,
	SEEN_CONNECTED,
	SEEN_GONE
} seen_t;

/* the truth about one participant at one time */
typedef struct truth
{
	seen_t seen;
	char display[16];
	departure_t departure;
	int code;
	unsigned left;
} truth_t;

typedef struct watcher
{
	int active;
	int person; /* index; PEOPLE: nobody of the conference */
	int full;	/* what is next has to be */
	int only_full;
	int unfinished; /* what it took was cut: the rest comes as differences */
	unsigned version;
	roster_told_t told, telling;
	reader_t reader;
	int in_flight, delivered, cut, partial;
	buffer_t text;		   /* in flight */
	truth_t truth[PEOPLE]; /* when that was built */
} watcher_t;

static struct world
{
	unsigned seed;
	int step;
	uint64_t random;
	conference_t *c;
	participant_t *known[PEOPLE];
	str entity[PEOPLE]; /* as it was when first known */
	document_options_t options;
	size_t max;
	document_t document; /* the last one built, for who was told `asked` */
	roster_told_t asked;
	truth_t truth[PEOPLE]; /* when it was */
	watcher_t watcher[WATCHERS];
} w;

static xmlSchemaValidCtxtPtr schema;
static long built, written, cuts, partials, losses, deletions;

static const char *const uris[PEOPLE] = {"sip:alice@example.com",
		"sip:bob@example.com", "tel:+33-1", "sip:dave@example.com",
		"sip:" SECRET "@example.com", "sips:frank@example.com",
		"sip:" SECRET "er@example.com", "sip:hidden@example.com"};


static unsigned pick(unsigned below)
{
	w.random ^= w.random << 13;
	w.random ^= w.random >> 7;
	w.random ^= w.random << 17;
	return (unsigned)(w.random >> 33) % below;
}


/* Two are anonymous from the start, known by their other name alone; the last
 * one may become so. */
static person_t person_of(int i)
{
	person_t who = person(uris[i]);

	if(strstr(uris[i], "hidden"))
		who.display = TEXT("hidden@home");
	if(strstr(uris[i], SECRET)) {
		who.name[1] = who.name[0];
		who.name[0] = TEXT("sip:anonymous@anonymous.invalid");
		who.names = 2;
		who.display = TEXT(SECRET);
	}
	return who;
}


/* What the model holds, said without roster.c. */
static seen_t seen_of(const participant_t *p)
{
	/* who is just coming in is seen as it was before */
	switch(p->state == PARTICIPANT_JOINING ? p->before : p->state) {
		case PARTICIPANT_CONNECTED:
			return SEEN_CONNECTED;
		case PARTICIPANT_ALERTING:
			return w.options.view.alerting ? SEEN_ALERTING : SEEN_NOTHING;
		default: /* gone; invited again, which nobody sees yet; never here */
			return p->was_shown ? SEEN_GONE : SEEN_NOTHING;
	}
}


/* Once shown, an entity stays as it is. */
static void check_entity(int i)
{
	const participant_t *p = w.known[i];

	if(!p->was_shown)
		return;
	if(!w.entity[i].s)
		MUST(text_copy(&w.entity[i], &p->entity) == 0);
	MUST(text_eq(&w.entity[i], &p->entity));
}


static void take_truth(truth_t *truth)
{
	for(int i = 0; i < PEOPLE; i++) {
		const participant_t *p = w.known[i];

		check_entity(i);
		truth[i] = (truth_t){.seen = seen_of(p),
				.departure = p->departure,
				.code = p->code,
				.left = p->left};
		snprintf(truth[i].display, sizeof(truth[i].display), "%.*s",
				TEXT_ARG(p->nickname.len ? &p->nickname : &p->display));
	}
}


/* Histories are about every combination of options. */
static void pick_options(void)
{
	static const size_t sizes[] = {0, 0, 700, 1000, 1300};

	w.options = (document_options_t){
			.view = {.departure = pick(3), .alerting = pick(4) > 0},
			.info = {.yourown = pick(4),
					.yourown_uri = TEXT("urn:x:yours"),
					.pending = pick(2)}};
	w.max = sizes[pick(5)];
}


static void begin(unsigned seed)
{
	person_t people[PEOPLE];
	effects_t fx = {0};
	participant_t *p;

	memset(&w, 0, sizeof(w));
	w.seed = seed;
	w.random = seed * 0x9e3779b97f4a7c15ULL + 1;
	pick_options();
	document_init(&w.document);
	for(int i = 0; i < PEOPLE; i++)
		people[i] = person_of(i);
	w.c = make_conference(PEOPLE);
	MUST(conference_found(w.c, people, people + 1, PEOPLE - 1, &fx, &p) == 0);
	TAILQ_FOREACH(p, &w.c->participants, link)
	w.known[p->number - 1] = p;
	conference_joined(w.known[0], &fx);
	effects_free(&fx);
}


static void end(void)
{
	for(int i = 0; i < WATCHERS; i++) {
		reader_free(&w.watcher[i].reader);
		buffer_free(&w.watcher[i].text);
	}
	for(int i = 0; i < PEOPLE; i++)
		text_free(&w.entity[i]);
	document_free(&w.document);
	conference_destroy(w.c);
}


static void come_back(int i, effects_t *fx)
{
	person_t who = person_of(i);
	participant_t *p;

	if(conference_join(w.c, &who, 0, fx, &p) != JOIN_OK)
		return;
	switch(pick(4)) {
		case 0:
			if(w.c->present > 1)
				conference_join_failed(p, fx);
			break;
		case 1: /* its answer comes later, if ever */
			break;
		default:
			conference_joined(p, fx);
	}
}


static void leave(participant_t *p, effects_t *fx)
{
	static const departure_t how[] = {
			DEPARTED_LEFT, DEPARTED_LEFT, DEPARTED_FAILED};

	/* when the last one goes it is over */
	if(w.c->present < 2)
		return;
	if(pick(4) == 0)
		conference_remove(p, DEPARTED_BOOTED, END_NONE, fx);
	else
		conference_left(p, how[pick(3)], fx);
}


static void give_name(participant_t *p, effects_t *fx)
{
	static const char *const names[] = {"", "Al", "B<o>b", "M\xc3\xbcller"};
	str name = text_of(names[pick(4)]);

	conference_rename(p, &name, fx);
}


/* who is gone is rung once more */
static void invite_again(int i, effects_t *fx)
{
	person_t who = person_of(i);

	MUST(conference_invite(w.c, w.known[0], &who, 1, fx) == JOIN_OK);
}


static void change(void)
{
	static const int codes[] = {486, 600, 603, 480, 408};
	int i = pick(PEOPLE);
	participant_t *p = w.known[i];
	effects_t fx = {0};

	switch(pick(10)) {
		case 0:
			/* one of them wants privacy when its phone rings */
			if(i == PEOPLE - 1)
				MUST((conference_hide(p) < 0) == p->was_shown);
			conference_ringing(p, &fx);
			break;
		case 1:
			conference_answered(p, &fx);
			break;
		case 2:
			if(pick(2) && w.c->present)
				conference_refused(p, codes[pick(5)], &fx);
			break;
		case 3:
		case 4:
			leave(p, &fx);
			break;
		case 5:
			give_name(p, &fx);
			break;
		case 6:
			conference_joined(p, &fx);
			break;
		case 7:
			invite_again(i, &fx);
			break;
		default:
			come_back(i, &fx);
	}
	MUST(!w.c->ending && !fx.failed);
	effects_free(&fx);
}


static void subscribe(watcher_t *s)
{
	reader_free(&s->reader);
	buffer_free(&s->text);
	*s = (watcher_t){.active = 1,
			.person = pick(PEOPLE + 1),
			.full = 1,
			.only_full = pick(8) == 0,
			.told = roster_told_nothing(w.c)};
	buffer_init(&s->text, 0);
}


static int same_told(const roster_told_t *a, const roster_told_t *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}


/* The document for `s`: one for all who need the same, and now and then an
 * older one, which does for whom it was made. */
static void build(const watcher_t *s)
{
	int full = s->full || (s->only_full && !s->unfinished);

	if(document_is(&w.document, w.c, full, &s->told))
		return;
	if(w.document.conference && w.document.full == full
			&& same_told(&w.asked, &s->told) && pick(2))
		return;
	MUST(document_build(&w.document, w.c, &w.options, full, &s->told) == 0);
	take_truth(w.truth);
	w.asked = s->told;
	built++;
}


/* Of any document at all. */
static void check_text(const watcher_t *s)
{
	static const str secret = str_init(SECRET), hidden = str_init("hidden@");
	str xml = buffer_str(&s->text);
	xmlDocPtr doc = xmlReadMemory(xml.s, xml.len, NULL, NULL, XML_PARSE_NONET);

	MUST(doc != NULL);
	MUST(text_find(&xml, &secret) < 0);
	MUST(text_find(&xml, &hidden) < 0
			|| text_find(&w.entity[PEOPLE - 1], &hidden) >= 0);
	if(schema
			&& (w.options.info.yourown == YOUROWN_OFF
					|| w.options.info.yourown == YOUROWN_NAMESPACED))
		MUST(xmlSchemaValidateDoc(schema, doc) == 0);
	if(w.max > 0 && s->text.len > w.max)
		MUST(text_find(&xml, &TEXT("</user>"))
				== text_find(&xml, &TEXT("</user>\r\n</users>")));
	xmlFreeDoc(doc);
}


static void send(watcher_t *s)
{
	const participant_t *p = s->person < PEOPLE ? w.known[s->person] : NULL;

	if(!s->active || s->in_flight)
		return;
	if(!s->full && !roster_has_news(w.c, &w.options.view, &s->told))
		return;
	build(s);
	buffer_clear(&s->text);
	s->telling = s->told;
	s->cut = document_write(
			&w.document, p, ++s->version, w.max, &s->telling, &s->text);
	s->partial = !w.document.full;
	memcpy(s->truth, w.truth, sizeof(s->truth));
	s->in_flight = 1;
	s->delivered = 0;
	MUST(!buffer_failed(&s->text));
	check_text(s);
	written++;
	cuts += s->cut;
	partials += s->partial;
}


static int person_of_row(const reader_row_t *row)
{
	for(int i = 0; i < PEOPLE; i++) {
		str entity = text_of((char *)row->entity);

		if(entity.len && text_eq(&w.entity[i], &entity))
			return i;
	}
	MUST(!"a row of nobody");
	return -1;
}


static seen_t status_of(const reader_row_t *row)
{
	const char *alerting = w.options.info.pending ? "pending" : "alerting";

	MUST(row->status != NULL);
	if(xmlStrEqual(row->status, BAD_CAST "connected"))
		return SEEN_CONNECTED;
	if(xmlStrEqual(row->status, BAD_CAST alerting))
		return SEEN_ALERTING;
	MUST(xmlStrEqual(row->status, BAD_CAST "disconnected"));
	return SEEN_GONE;
}


static void check_departure(const reader_row_t *row, const truth_t *truth)
{
	static const char *const method[] = {
			NULL, "departed", "booted", "failed", "busy"};
	char reason[32] = "";

	if(truth->code)
		snprintf(reason, sizeof(reason), "Reason: SIP;cause=%d", truth->code);
	MUST(xmlStrEqual(row->method, BAD_CAST method[truth->departure]));
	MUST(xmlStrEqual(row->reason, truth->code ? BAD_CAST reason : NULL));
}


static void check_row(
		const watcher_t *s, const reader_row_t *row, seen_t seen[PEOPLE])
{
	int i = person_of_row(row);
	const truth_t *truth = &s->truth[i];

	seen[i] = status_of(row);
	MUST(row->own == (i == s->person && w.options.info.yourown != YOUROWN_OFF));
	if(seen[i] == truth->seen && seen[i] != SEEN_GONE)
		MUST(truth->display[0]
						? xmlStrEqual(row->display, BAD_CAST truth->display)
						: row->display == NULL);
	/* of a later departure it will be told again */
	if(seen[i] == SEEN_GONE && truth->seen == SEEN_GONE
			&& truth->left > s->told.departures)
		check_departure(row, truth);
}


/* What `s` must see of somebody when it took a document that was not cut. */
static void check_seen(const watcher_t *s, seen_t seen, const truth_t *truth)
{
	int unheard = truth->left > s->told.departures;

	if(truth->seen == SEEN_CONNECTED || truth->seen == SEEN_ALERTING) {
		MUST(seen == truth->seen);
		return;
	}
	MUST(seen == SEEN_NOTHING || seen == SEEN_GONE);
	switch(w.options.view.departure) {
		case ROSTER_DELETE:
			MUST(seen == SEEN_NOTHING);
			break;
		case ROSTER_TWO_STEP:
			MUST((seen == SEEN_GONE) == (truth->seen == SEEN_GONE && unheard));
			break;
		case ROSTER_DISCONNECT:
			MUST(seen == SEEN_GONE || truth->seen != SEEN_GONE || !unheard);
			MUST(s->partial || seen == SEEN_NOTHING || unheard);
	}
}


static void check_rows(const watcher_t *s)
{
	seen_t seen[PEOPLE] = {SEEN_NOTHING};
	xmlNodePtr node = NULL;
	reader_row_t row;

	while((node = reader_next_row(&s->reader, node, &row)) != NULL) {
		check_row(s, &row, seen);
		reader_end_row(&row);
	}
	for(int i = 0; i < PEOPLE; i++)
		check_seen(s, seen[i], &s->truth[i]);
}


/* The client takes what is in flight to it. */
static void deliver(watcher_t *s)
{
	str text = buffer_str(&s->text);

	if(!s->in_flight || s->delivered)
		return;
	s->delivered = 1;
	if(reader_take(&s->reader, s->text.s, s->text.len) < 0)
		fail_msg("history %u step %d: %s", w.seed, w.step, s->reader.problem);
	MUST(s->reader.version == s->version);
	deletions += text_find(&text, &TEXT("state=\"deleted\"")) >= 0;
	if(!s->cut)
		check_rows(s);
}


/* Its outcome gets to the notifier. */
static void answer(watcher_t *s, int ok)
{
	if(!s->in_flight)
		return;
	if(ok) {
		deliver(s);
		s->told = s->telling;
		s->unfinished = s->cut;
		s->full = 0;
	} else {
		losses++;
		s->full = 1;
	}
	s->in_flight = 0;
}


/* A tick, after which the model may forget what nobody needs. */
static void tick(void)
{
	unsigned lowest = w.c->revision;

	for(int i = 0; i < WATCHERS; i++) {
		watcher_t *s = &w.watcher[i];

		send(s);
		if(s->active && s->told.deletions < lowest)
			lowest = s->told.deletions;
	}
	conference_forget(w.c, lowest);
}


static void act(void)
{
	watcher_t *s = &w.watcher[pick(WATCHERS)];

	switch(pick(16)) {
		case 0:
			if(!s->active || pick(6) == 0)
				subscribe(s);
			break;
		case 1: /* a refresh */
			s->full = 1;
			break;
		case 2:
		case 3:
			tick();
			break;
		case 4:
			send(s);
			break;
		case 5:
		case 6:
			deliver(s);
			break;
		case 7:
		case 8:
		case 9:
			answer(s, 1);
			break;
		case 10: /* the NOTIFY was lost, or its answer, or that is an error */
			answer(s, 0);
			break;
		default:
			change();
	}
}


static void settle(void)
{
	int busy = 1;

	while(busy) {
		tick();
		busy = 0;
		for(int i = 0; i < WATCHERS; i++) {
			busy |= w.watcher[i].in_flight;
			answer(&w.watcher[i], 1);
		}
	}
}


static void check_up_to_date(const watcher_t *s)
{
	watcher_t now = *s;

	now.partial = 1;
	take_truth(now.truth);
	check_rows(&now);
}


/* Everything gets through from now on: everybody is told the truth, and after
 * one more change nobody who went is left. */
static void check_end(void)
{
	effects_t fx = {0};

	settle();
	for(int i = 0; i < PEOPLE; i++) {
		conference_joined(w.known[i], &fx);
		conference_rename(w.known[i], &TEXT("Somebody else"), &fx);
	}
	settle();
	effects_free(&fx);
	for(int i = 0; i < WATCHERS; i++) {
		if(w.watcher[i].active)
			check_up_to_date(&w.watcher[i]);
	}
}


static void run_history(unsigned seed)
{
	begin(seed);
	for(w.step = 1; w.step <= STEPS; w.step++)
		act();
	check_end();
	end();
}


static void test_N9_any_history_ends_with_the_truth(void **state)
{
	char path[512];
	xmlSchemaParserCtxtPtr parser = NULL;
	xmlSchemaPtr parsed = NULL;

	(void)state;
	if(schema_path("conference-info.xsd", path, sizeof(path))) {
		parser = xmlSchemaNewParserCtxt(path);
		parsed = xmlSchemaParse(parser);
		schema = xmlSchemaNewValidCtxt(parsed);
		assert_non_null(schema);
	}
	for(unsigned seed = 1; seed <= HISTORIES; seed++)
		run_history(seed);
	/* else the histories are too dull to prove anything */
	assert_true(written > 20 * HISTORIES);
	assert_true(built < written);
	assert_true(partials > 5 * HISTORIES);
	assert_true(cuts > HISTORIES);
	assert_true(losses > 2 * HISTORIES);
	assert_true(deletions > HISTORIES);
	xmlSchemaFreeValidCtxt(schema);
	xmlSchemaFree(parsed);
	xmlSchemaFreeParserCtxt(parser);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_N9_any_history_ends_with_the_truth),
	};
	int failed;

	failed = cmocka_run_group_tests_name("roster_history", tests, NULL, NULL);
	xmlCleanupParser();
	return failed;
}
