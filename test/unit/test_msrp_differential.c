/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit test of wire/msrp_frame against a second, slow parser: random streams
 * of frames, good and broken, cut in two at every octet, and octet by octet.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <inttypes.h>
#include "slow_msrp.h"
#include "wire/msrp_frame.h"

#define STREAMS 400
#define FRAMES 3

static unsigned chance(unsigned n)
{
	return (unsigned)(rand() / (RAND_MAX / 2 + 1.0) * n / 2) % n;
}


/* ---- random streams ---- */

static const char *pick(const char *const *of, unsigned count)
{
	return of[chance(count)];
}

#define PICK(a) pick(a, sizeof(a) / sizeof((a)[0]))


static void add_header(buffer_t *b)
{
	static const char *const lines[] = {"Message-ID: m1", "message-id:  m2 ",
			"Byte-Range: 1-5/5", "Byte-Range: 1-*/*", "Byte-Range: 7-9/12",
			"Byte-Range: 1-0/0", "Byte-Range: 0-4/4", "Byte-Range: 9-3/20",
			"Byte-Range: a-b/c", "Byte-Range: 1-5", "BYTE-RANGE: 2-*/9",
			"Failure-Report: no", "Failure-Report: partial",
			"failure-report: YES", "Success-Report: yes",
			"Success-Report: maybe", "Content-Type: message/cpim",
			"Use-Nickname: \"Al\"", "X-Unknown: a:b:c",
			"Empty:", "Content-Disposition: inline", "no header", "bad name: x",
			": nothing", "-------other$", "Status: 000 200 OK"};

	buffer_add_text(b, PICK(lines));
	buffer_add_text(b, chance(9) ? "\r\n" : "\n");
}


static void add_paths(buffer_t *b)
{
	static const char *const to[] = {"To-Path: msrp://a:1/x;tcp\r\n",
			"to-path: msrp://r:1/y;tcp msrp://a:1/x;tcp\r\n", ""};
	static const char *const from[] = {"From-Path: msrp://b:2/z;tcp\r\n",
			"FROM-PATH:\tmsrp://b:2/z;tcp\r\n", ""};

	if(chance(8)) {
		buffer_add_text(b, to[chance(2)]);
		buffer_add_text(b, from[chance(2)]);
		return;
	}
	buffer_add_text(b, PICK(from));
	buffer_add_text(b, PICK(to));
}


static void add_body(buffer_t *b, const char *id)
{
	static const char *const pieces[] = {"hello", "\r\n", "\n", "\r", "-------",
			"\r\n-------", "\r\n\r\n", "$", "+\r\n", "MSRP x SEND",
			"\r\n-------abc$\r\n", "-", "\r\n------"};

	for(unsigned i = chance(12); i > 0; i--) {
		int whole = (int)chance(2);

		if(chance(4) == 0)
			buffer_printf(b, "\r\n-------%.*s%s", (int)strlen(id) - !whole, id,
					whole ? "x" : "");
		else
			buffer_add_text(b, PICK(pieces));
	}
	buffer_add_text(b, ".\r\n");
}


static void add_frame(buffer_t *b)
{
	static const char *const what[] = {"SEND", "SEND", "SEND", "REPORT",
			"NICKNAME", "AUTH", "200 OK", "481", "200"};
	static const char *const ids[] = {"d93kswow", "7", "abcd", "a.b-c%d=e+f",
			"0123456789abcdef0123456789ABCDEF"};
	const char *id = PICK(ids);

	if(chance(6) == 0)
		buffer_add_text(b, chance(2) ? "\r\n" : "\n\r\n");
	buffer_printf(b, "MSRP %s %s\r\n", id, PICK(what));
	if(chance(2))
		add_header(b);
	add_paths(b);
	for(unsigned i = chance(5); i > 0; i--)
		add_header(b);
	if(chance(3)) {
		buffer_add_text(b, "\r\n");
		if(chance(6))
			add_body(b, id);
		else if(chance(2))
			buffer_add_text(b, "\r\n");
	}
	buffer_printf(b, "-------%s%c\r\n", id, "$+#"[chance(3)]);
}


/* ---- what each of them says ---- */

static void say_text(buffer_t *out, const char *name, const char *s, int len)
{
	if(len > 0)
		buffer_printf(out, " %s=%.*s", name, len, s);
}


static const char *report_of(const char *value, int partial)
{
	if(!value)
		return "";
	if(strcasecmp(value, "yes") == 0)
		return " yes";
	if(strcasecmp(value, "no") == 0)
		return " no";
	return partial && strcasecmp(value, "partial") == 0 ? " partial" : "";
}


/* One number of a range; 0: neither digits nor a star. */
static int number(const char **at, char end, unsigned long *n, int *star)
{
	char *behind;

	*star = **at == '*';
	if(*star) {
		behind = (char *)*at + 1;
	} else {
		if(!isdigit((unsigned char)**at))
			return 0;
		*n = strtoul(*at, &behind, 10);
	}
	if(*behind != end)
		return 0;
	*at = behind + 1;
	return 1;
}


static int range_is_possible(const char *value)
{
	unsigned long first = 0, last = 0, total = 0;
	int no_first, no_last, no_total;

	if(!number(&value, '-', &first, &no_first)
			|| !number(&value, '/', &last, &no_last)
			|| !number(&value, 0, &total, &no_total))
		return 0;
	if(no_first || first == 0 || (!no_last && last + 1 < first))
		return 0;
	return no_total || (first <= total + 1 && (no_last || last <= total));
}


static void say_slow(buffer_t *out, const slow_frame_t *f)
{
	static const char *const once[] = {"To-Path", "From-Path", "Message-ID",
			"Byte-Range", "Content-Type", "Use-Nickname", "Status"};
	const char *value[7];
	int broken = f->broken;

	for(int i = 0; i < 7; i++)
		value[i] = slow_get(f, once[i], &broken);
	if(value[3] && !range_is_possible(value[3]))
		broken = 1;
	if(broken || !value[0] || !value[1]) {
		buffer_printf(out, "BROKEN %s", f->id);
	} else {
		buffer_printf(out, "%s %s", f->id, f->what);
		for(int i = 0; i < 7; i++) {
			if(value[i])
				say_text(out, once[i], value[i], (int)strlen(value[i]));
		}
		buffer_printf(out, " failure%s success%s",
				report_of(slow_last(f, "Failure-Report"), 1),
				report_of(slow_last(f, "Success-Report"), 0));
	}
	buffer_printf(out, "%s\n", f->has_body ? " body" : "");
	buffer_add(out, f->body, f->body_len);
	buffer_printf(out, "\nEND %c %d\n", f->flag, f->body_len);
}


static void say_head(buffer_t *out, const msrp_head_t *h)
{
	static const char *const words[] = {"", " yes", " no", " partial"};
	char range[96], bound[3][24];
	uint64_t n[3] = {h->range_start, h->range_end, h->range_total};

	if(h->to_path.len == 0) {
		buffer_printf(out, "BROKEN %.*s", TEXT_ARG(&h->id));
		return;
	}
	buffer_printf(out, "%.*s ", TEXT_ARG(&h->id));
	for(int i = 0; i < 3; i++) {
		if(n[i] == MSRP_UNKNOWN)
			snprintf(bound[i], sizeof(bound[i]), "*");
		else
			snprintf(bound[i], sizeof(bound[i]), "%" PRIu64, n[i]);
	}
	if(h->method == MSRP_RESPONSE)
		buffer_printf(out, "%d%s", h->status, h->status == 200 ? "?" : "");
	else
		buffer_printf(out, "%.*s", TEXT_ARG(&h->method_name));
	say_text(out, "To-Path", h->to_path.s, h->to_path.len);
	say_text(out, "From-Path", h->from_path.s, h->from_path.len);
	say_text(out, "Message-ID", h->message_id.s, h->message_id.len);
	if(h->has_range)
		say_text(out, "Byte-Range", range,
				snprintf(range, sizeof(range), "%s-%s/%s", bound[0], bound[1],
						bound[2]));
	say_text(out, "Content-Type", h->content_type.s, h->content_type.len);
	say_text(out, "Use-Nickname", h->use_nickname.s, h->use_nickname.len);
	say_text(out, "Status", h->status_header.s, h->status_header.len);
	buffer_printf(out, " failure%s success%s", words[h->failure_report],
			words[h->success_report]);
}


static void feed(msrp_parser_t *p, const char *s, size_t len, buffer_t *out)
{
	char *copy = malloc(len ? len : 1);
	str input = {copy, (int)len};
	msrp_event_t event;

	memcpy(copy, s, len);
	while((event = msrp_parse(p, &input)) != MSRP_NEED_MORE) {
		assert_int_not_equal(event, MSRP_BAD);
		if(event == MSRP_HEAD) {
			say_head(out, &p->head);
			buffer_printf(out, "%s\n", p->head.has_body ? " body" : "");
		} else if(event == MSRP_BODY) {
			buffer_add(out, p->piece.s, p->piece.len);
		} else {
			buffer_printf(out, "\nEND %c %d\n", p->flag, (int)p->body_len);
		}
	}
	free(copy);
}


/* A response's comment is nobody's affair: 200 is said as "200?". */
static void without_comment(slow_frame_t *f)
{
	if(isdigit((unsigned char)f->what[0]))
		strcpy(f->what, strncmp(f->what, "200", 3) == 0 ? "200?" : "481");
}


static void tell_slow(const buffer_t *stream, buffer_t *out)
{
	const char *at = stream->s, *end = stream->s + stream->len;
	slow_frame_t *f = malloc(sizeof(*f));

	while((at = slow_parse(f, at, end)) != NULL) {
		without_comment(f);
		say_slow(out, f);
	}
	free(f);
}


static void compare(
		const buffer_t *want, const buffer_t *got, const buffer_t *stream)
{
	if(want->len == got->len && memcmp(want->s, got->s, want->len) == 0)
		return;
	fail_msg("of this stream\n%.*s\n-- it should be said\n%.*s\n-- but is\n"
			 "%.*s",
			(int)stream->len, stream->s, (int)want->len, want->s, (int)got->len,
			got->s);
}


/* `cut`: where; beyond the end: at every octet. */
static void try_cut(const buffer_t *stream, size_t cut, const buffer_t *want)
{
	msrp_parser_t *p = malloc(sizeof(*p));
	buffer_t got;

	buffer_init(&got, 0);
	msrp_parser_init(p);
	if(cut <= stream->len) {
		feed(p, stream->s, cut, &got);
		feed(p, stream->s + cut, stream->len - cut, &got);
	} else {
		for(size_t i = 0; i < stream->len; i++)
			feed(p, stream->s + i, 1, &got);
	}
	compare(want, &got, stream);
	buffer_free(&got);
	free(p);
}


static void test_both_say_the_same_wherever_it_is_cut(void **state)
{
	buffer_t stream, want;

	srand(4975);
	buffer_init(&stream, 0);
	buffer_init(&want, 0);
	for(int n = 0; n < STREAMS; n++) {
		buffer_clear(&stream);
		buffer_clear(&want);
		for(unsigned i = 1 + chance(FRAMES); i > 0; i--)
			add_frame(&stream);
		tell_slow(&stream, &want);
		assert_true(want.len > 0);
		for(size_t cut = 0; cut <= stream.len + 1; cut++)
			try_cut(&stream, cut, &want);
	}
	buffer_free(&stream);
	buffer_free(&want);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_both_say_the_same_wherever_it_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
