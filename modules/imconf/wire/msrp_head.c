/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * msrp_head: reads single lines of an MSRP head into msrp_head_t. Called by
 * msrp_frame for each line as it is complete; may not know where the lines
 * come from. RFC 4975 section 9, with the leniency deployed clients need:
 * names without case, any order, short transaction ids.
 */
#include "wire/msrp_head.h"

/* so that sums of two byte positions never overflow */
#define RANGE_MAX (UINT64_MAX >> 2)

typedef msrp_line_t (*header_reader_t)(msrp_head_t *head, const str *value);

static msrp_line_t take_once(str *field, const str *value)
{
	if(field->s)
		return LINE_BROKEN;
	*field = *value;
	return LINE_OK;
}


static msrp_line_t read_to_path(msrp_head_t *head, const str *value)
{
	return take_once(&head->to_path, value);
}


static msrp_line_t read_from_path(msrp_head_t *head, const str *value)
{
	return take_once(&head->from_path, value);
}


static msrp_line_t read_message_id(msrp_head_t *head, const str *value)
{
	return take_once(&head->message_id, value);
}


static msrp_line_t read_status(msrp_head_t *head, const str *value)
{
	return take_once(&head->status_header, value);
}


static msrp_line_t read_content_type(msrp_head_t *head, const str *value)
{
	return take_once(&head->content_type, value);
}


static msrp_line_t read_nickname(msrp_head_t *head, const str *value)
{
	head->has_nickname = 1;
	return take_once(&head->use_nickname, value);
}


/* Takes the part of `rest` before `sep` (0: all of it) as a number or `*`. */
static int take_bound(str *rest, char sep, uint64_t *bound)
{
	str part = *rest;
	int at;

	if(sep) {
		at = text_find_char(rest, sep);
		if(at < 0)
			return -1;
		part.len = at;
		*rest = text_from(rest, at + 1);
	}
	if(part.len == 1 && part.s[0] == '*') {
		*bound = MSRP_UNKNOWN;
		return 0;
	}
	return text_to_uint(&part, RANGE_MAX, bound);
}


static int range_possible(uint64_t start, uint64_t end, uint64_t total)
{
	if(start == 0 || start == MSRP_UNKNOWN)
		return 0;
	if(end != MSRP_UNKNOWN && end < start - 1)
		return 0;
	if(total == MSRP_UNKNOWN)
		return 1;
	return start - 1 <= total && (end == MSRP_UNKNOWN || end <= total);
}


static msrp_line_t read_range(msrp_head_t *head, const str *value)
{
	str rest = *value;
	uint64_t start, end, total;

	if(head->has_range || take_bound(&rest, '-', &start) < 0
			|| take_bound(&rest, '/', &end) < 0
			|| take_bound(&rest, 0, &total) < 0)
		return LINE_BROKEN;
	if(!range_possible(start, end, total))
		return LINE_BROKEN;
	head->has_range = 1;
	head->range_start = start;
	head->range_end = end;
	head->range_total = total;
	return LINE_OK;
}


/* A value nobody knows counts as absent. */
static msrp_report_t report_value(const str *value)
{
	if(text_eq_nocase(value, &TEXT("yes")))
		return REPORT_YES;
	if(text_eq_nocase(value, &TEXT("no")))
		return REPORT_NO;
	return REPORT_DEFAULT;
}


static msrp_line_t read_success_report(msrp_head_t *head, const str *value)
{
	head->success_report = report_value(value);
	return LINE_OK;
}


static msrp_line_t read_failure_report(msrp_head_t *head, const str *value)
{
	head->failure_report = text_eq_nocase(value, &TEXT("partial"))
								   ? REPORT_PARTIAL
								   : report_value(value);
	return LINE_OK;
}


/* clang-format off */
static const struct
{
	str name;
	header_reader_t read;
} known_headers[] = {
	{str_init("To-Path"),        read_to_path},
	{str_init("From-Path"),      read_from_path},
	{str_init("Message-ID"),     read_message_id},
	{str_init("Byte-Range"),     read_range},
	{str_init("Content-Type"),   read_content_type},
	{str_init("Failure-Report"), read_failure_report},
	{str_init("Success-Report"), read_success_report},
	{str_init("Status"),         read_status},
	{str_init("Use-Nickname"),   read_nickname},
};
/* clang-format on */

static int is_name(const str *name)
{
	int i;

	for(i = 0; i < name->len; i++) {
		if(name->s[i] <= ' ' || name->s[i] > '~')
			return 0;
	}
	return name->len > 0;
}


msrp_line_t msrp_head_line(msrp_head_t *head, const str *line)
{
	int colon = text_find_char(line, ':');
	str name = {line->s, colon};
	str value;
	size_t i;

	if(colon < 0 || !is_name(&name))
		return LINE_BROKEN;
	value = text_from(line, colon + 1);
	value = text_trim(&value);
	for(i = 0; i < sizeof(known_headers) / sizeof(known_headers[0]); i++) {
		if(name.len == known_headers[i].name.len
				&& text_eq_nocase(&name, &known_headers[i].name))
			return known_headers[i].read(head, &value);
	}
	if(text_starts_nocase(&name, &TEXT("Content-")))
		return LINE_EXTRA;
	return LINE_OK;
}


/* Cuts the part before the next space off the front of `rest`. */
static str take_word(str *rest)
{
	int at = text_find_char(rest, ' ');
	str word = *rest;

	if(at >= 0)
		word.len = at;
	*rest = at < 0 ? text_from(rest, rest->len) : text_from(rest, at + 1);
	return word;
}


/* 1: an ident but for its length; 0: at least visible; -1: neither */
static int id_grade(const str *id)
{
	int grade = 1;
	int i;
	char c;

	for(i = 0; i < id->len; i++) {
		c = id->s[i];
		if(c <= ' ' || c > '~')
			return -1;
		if(!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
				   || (c >= 'a' && c <= 'z') || strchr(".-+%=", c)))
			grade = 0;
	}
	return id->len > 0 ? grade : -1;
}


static msrp_line_t read_status_code(msrp_head_t *head, const str *word)
{
	uint64_t code;

	head->method = MSRP_RESPONSE;
	if(word->len != 3 || text_to_uint(word, 999, &code) < 0)
		return LINE_BROKEN;
	head->status = (int)code;
	return LINE_OK;
}


static msrp_line_t read_method(msrp_head_t *head, const str *word)
{
	head->method_name = *word;
	if(text_eq(word, &TEXT("SEND")))
		head->method = MSRP_SEND;
	else if(text_eq(word, &TEXT("REPORT")))
		head->method = MSRP_REPORT;
	else if(text_eq(word, &TEXT("NICKNAME")))
		head->method = MSRP_NICKNAME;
	else if(!is_name(word))
		return LINE_BROKEN;
	return LINE_OK;
}


msrp_line_t msrp_head_first_line(msrp_head_t *head, const str *line)
{
	str rest = *line;
	str word = take_word(&rest);
	msrp_line_t result;
	int grade;

	head->method = MSRP_OTHER;
	if(!text_eq(&word, &TEXT("MSRP")))
		return LINE_NO_MSRP;
	head->id = take_word(&rest);
	grade = id_grade(&head->id);
	if(grade < 0)
		return LINE_NO_MSRP;
	if(head->id.len > MSRP_ID_MAX)
		return LINE_ID_TOO_LONG;
	word = take_word(&rest);
	if(word.len > 0 && word.s[0] >= '0' && word.s[0] <= '9')
		result = read_status_code(head, &word);
	else
		result = read_method(head, &word);
	if(head->method != MSRP_RESPONSE && text_trim(&rest).len > 0)
		result = LINE_BROKEN;
	return grade ? result : LINE_BROKEN;
}
