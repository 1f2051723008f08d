/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/refer_to and wire/sipfrag: values as the RFCs print them,
 * as clients write them, and as nobody should.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include "wire/refer_to.h"
#include "wire/sipfrag.h"

typedef struct good
{
	const char *value, *uri, *headers;
	refer_method_t method;
} good_t;


static str text_of(const char *s)
{
	return (str){(char *)s, (int)strlen(s)};
}


static void check(const str *is, const char *wanted)
{
	str want = text_of(wanted);

	if(!text_eq(is, &want))
		fail_msg("%.*s is not %s", TEXT_ARG(is), wanted);
}


static const good_t good[] = {
		{"<sip:bob@example.com>", "sip:bob@example.com", "", REFER_INVITE},
		{"sip:bob@example.com", "sip:bob@example.com", "", REFER_INVITE},
		{"\"B, \\\"x\\\" <y>\" <sip:bob@example.com>;text",
				"sip:bob@example.com", "", REFER_INVITE},
		{" Bob  < sip:no >", NULL, NULL, 0},
		/* a deployed client leaves the brackets out */
		{"tel:+33612345678", "tel:+33612345678", "", REFER_INVITE},
		{"sip:+336@example.com;user=phone", "sip:+336@example.com;user=phone",
				"", REFER_INVITE},
		{"<tel:0612;phone-context=+33>", "tel:0612;phone-context=+33", "",
				REFER_INVITE},
		{"<sips:b@[2001:db8::1]:5061;transport=tcp;lr>",
				"sips:b@[2001:db8::1]:5061;transport=tcp;lr", "", REFER_INVITE},
		{"<sip:b@x;method=INVITE;user=phone>", "sip:b@x;user=phone", "",
				REFER_INVITE},
		{"<sip:b@x>;method=INVITE", "sip:b@x", "", REFER_INVITE},
		/* E1, E2: kept as they are for who knows them */
		{"<sip:b@x?Replaces=1%40x%3Bto-tag%3Da%3Bfrom-tag%3Db&Accept-"
		 "Contact=y>",
				"sip:b@x",
				"Replaces=1%40x%3Bto-tag%3Da%3Bfrom-tag%3Db&Accept-Contact="
				"y",
				REFER_INVITE},
		{"<sip:+3@x;user=phone;method=INVITE?Session-Replaces=abc>",
				"sip:+3@x;user=phone", "Session-Replaces=abc", REFER_INVITE},
		{"<sip:b;method=BYE@x>", "sip:b;method=BYE@x", "", REFER_INVITE},
		{"<sip:method@x;methods=BYE>", "sip:method@x;methods=BYE", "",
				REFER_INVITE},
};


static void test_R2_one_user(void **state)
{
	refer_to_t to;

	(void)state;
	for(size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		str value = text_of(good[i].value);

		if(!good[i].uri) {
			assert_int_equal(refer_to_parse(&value, &to), REFER_TO_BROKEN);
			refer_to_free(&to);
			continue;
		}
		assert_int_equal(refer_to_parse(&value, &to), 0);
		assert_int_equal(to.cid.len, 0);
		check(&to.target.uri, good[i].uri);
		check(&to.target.headers, good[i].headers);
		assert_int_equal(to.target.method, good[i].method);
		refer_to_free(&to);
	}
}


static void test_R8_method_BYE_wherever_it_stands(void **state)
{
	static const struct
	{
		const char *value;
		refer_method_t method;
	} cases[] = {
			{"<sip:b@x;method=BYE>", REFER_BYE},
			{"<sip:b@x;METHOD=bye>", REFER_BYE},
			{"<sip:b@x>;method=BYE", REFER_BYE},
			{"<sip:b@x> ; text ; method = \tBYE", REFER_BYE},
			{"<sip:b@x?method=BYE>", REFER_BYE},
			{"<sip:b@x?Reason=x&method=BYE>", REFER_BYE},
			{"sip:b@x;method=BYE", REFER_BYE},
			{"sip:b@x?method=BYE", REFER_BYE},
			{"<sip:b@x;method=BYE>;method=BYE", REFER_BYE},
			/* a contradiction is nothing that could be done */
			{"<sip:b@x;method=INVITE>;method=BYE", REFER_OTHER},
			{"<sip:b@x;method=BYE?method=INVITE>", REFER_OTHER},
			{"<sip:b@x;method=SUBSCRIBE>", REFER_OTHER},
			{"<sip:b@x;method=>", REFER_OTHER},
			{"<sip:b@x;method>", REFER_OTHER},
	};
	refer_to_t to;

	(void)state;
	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		str value = text_of(cases[i].value);

		assert_int_equal(refer_to_parse(&value, &to), 0);
		check(&to.target.uri, "sip:b@x");
		if(to.target.method != cases[i].method)
			fail_msg("%s: %d", cases[i].value, to.target.method);
		refer_to_free(&to);
	}
}


static void test_R3_a_pointer_to_a_body(void **state)
{
	static const struct
	{
		const char *value, *cid;
	} cases[] = {
			{"<cid:Id_1234@example.com>", "Id_1234@example.com"},
			{"cid:Id_1234@example.com", "Id_1234@example.com"},
			{"<CID:cn35t8jf02@example.com>;x", "cn35t8jf02@example.com"},
			{"<cid:a%25b%40example.com>", "a%b@example.com"},
			{"<cid:>", NULL},
			{"<cid:%0d%0aX>", NULL},
			{"<cid:%zz>", NULL},
			{"<cid:a\r\nb>", NULL},
			{"<cid:a<b>", NULL},
	};
	refer_to_t to;

	(void)state;
	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		str value = text_of(cases[i].value);
		int rc = refer_to_parse(&value, &to);

		assert_int_equal(rc, cases[i].cid ? 0 : REFER_TO_BROKEN);
		if(rc == 0)
			check(&to.cid, cases[i].cid);
		refer_to_free(&to);
	}
}


static void test_R3_a_pointer_is_not_endless(void **state)
{
	char text[300] = "cid:";
	str value = {text, sizeof(text)};
	refer_to_t to;

	(void)state;
	memset(text + 4, 'x', sizeof(text) - 4);
	assert_int_equal(refer_to_parse(&value, &to), REFER_TO_BROKEN);
	value.len = 4 + 256;
	assert_int_equal(refer_to_parse(&value, &to), 0);
	refer_to_free(&to);
}


static void test_what_is_no_refer_to(void **state)
{
	static const char *const bad[] = {"", " ", "<>", "bob", "<sip:>",
			"<sip:b@x", "sip:b@x>", "\"Bob <sip:b@x>", "<http://example.com>",
			"<mailto:b@example.com>", "<sip:b@x> junk", "<sip:b @x>",
			"sip:", "<sip:b@x>\r\nVia: y", "<tel:nobody>",
			"<sip:b@x;method=BYE BYE>", "<sip:b@x><sip:c@x>"};
	refer_to_t to;

	(void)state;
	for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		str value = text_of(bad[i]);

		if(refer_to_parse(&value, &to) != REFER_TO_BROKEN)
			fail_msg("taken: %s", bad[i]);
		assert_null(to.target.uri.s);
		refer_to_free(&to);
	}
}


static void test_R8_entries_of_a_list(void **state)
{
	refer_target_t t;

	(void)state;
	/* RFC 5368 section 9; the list's parser cut the headers off */
	assert_int_equal(refer_target_init(&t, &TEXT("sip:bill@example.com"),
							 &TEXT("method=BYE")),
			0);
	check(&t.uri, "sip:bill@example.com");
	assert_int_equal(t.method, REFER_BYE);
	refer_target_free(&t);
	assert_int_equal(
			refer_target_init(&t, &TEXT("tel:+33;method=BYE;ext=1"), &TEXT("")),
			0);
	check(&t.uri, "tel:+33;ext=1");
	assert_int_equal(t.method, REFER_BYE);
	refer_target_free(&t);
	assert_int_equal(refer_target_init(
							 &t, &TEXT("sip:a@x"), &TEXT("Session-Replaces=1")),
			0);
	check(&t.headers, "Session-Replaces=1");
	check(&t.invitation, "Session-Replaces: 1\r\n");
	assert_int_equal(t.method, REFER_INVITE);
	refer_target_free(&t);
	assert_int_equal(
			refer_target_init(&t, &TEXT("urn:x"), &TEXT("")), REFER_TO_BROKEN);
}


/* Only the two headers that may, once each, and only into an invitation */
static void test_E2_what_goes_into_the_invitation(void **state)
{
	static const struct
	{
		const char *value, *lines; /* NULL: refused */
	} row[] = {
			{"<sip:b@x?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2&Subject=x>",
					"Replaces: a;to-tag=1;from-tag=2\r\n"},
			{"<sip:b@x?Accept-Contact=y>", ""},
			{"<sip:b@x?method=BYE&Session-Replaces=1>", ""},
			{"<sip:b@x?Replaces=a>", NULL},
			{"<sip:b@x?Session-Replaces=1%0d%0aX:y>", NULL},
	};
	refer_to_t to;

	for(size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		str value = text_of(row[i].value);
		int rc = refer_to_parse(&value, &to);
		if(!row[i].lines) {
			assert_int_equal(rc, REFER_TO_BROKEN);
			assert_null(to.target.uri.s);
			continue;
		}
		assert_int_equal(rc, 0);
		check(&to.target.invitation, row[i].lines);
		refer_to_free(&to);
	}
}


static void test_R4_status_lines(void **state)
{
	static const struct
	{
		int code;
		const char *line;
	} cases[] = {
			{100, "SIP/2.0 100 Trying\r\n"},
			{200, "SIP/2.0 200 OK\r\n"},
			{486, "SIP/2.0 486 Busy Here\r\n"},
			{183, "SIP/2.0 183 Trying\r\n"},
			{499, "SIP/2.0 499 Bad Request\r\n"},
			{699, "SIP/2.0 699 Decline\r\n"},
			{0, "SIP/2.0 500 Server Internal Error\r\n"},
			{700, "SIP/2.0 500 Server Internal Error\r\n"},
	};
	buffer_t out;

	(void)state;
	buffer_init(&out, 0);
	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		str text;

		buffer_clear(&out);
		sipfrag_write(&out, cases[i].code);
		text = buffer_str(&out);
		check(&text, cases[i].line);
	}
	buffer_free(&out);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_R2_one_user),
			cmocka_unit_test(test_R8_method_BYE_wherever_it_stands),
			cmocka_unit_test(test_R3_a_pointer_to_a_body),
			cmocka_unit_test(test_R3_a_pointer_is_not_endless),
			cmocka_unit_test(test_what_is_no_refer_to),
			cmocka_unit_test(test_R8_entries_of_a_list),
			cmocka_unit_test(test_E2_what_goes_into_the_invitation),
			cmocka_unit_test(test_R4_status_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
