/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of model/identity.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "model/identity.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

typedef struct pair
{
	const char *a;
	const char *b;
} pair_t;


static str text_of(const char *s)
{
	return (str){(char *)s, (int)strlen(s)};
}


static identity_t make(const char *uri)
{
	identity_t id;
	str text = text_of(uri);

	if(identity_init(&id, &text) != 0)
		fail_msg("no identity: %s", uri);
	return id;
}


static int are_equal(const char *uri_a, const char *uri_b)
{
	identity_t a = make(uri_a), b = make(uri_b);
	int equal = identity_eq(&a, &b);

	assert_int_equal(equal, identity_eq(&b, &a));
	identity_free(&a);
	identity_free(&b);
	return equal;
}


static void test_A2_names_of_the_same_user(void **state)
{
	static const pair_t same[] = {
			{"sip:bob@example.com", "sip:bob@example.com"},
			{"sip:bob@example.com", "SIP:bob@EXAMPLE.com"},
			{"sip:bob@example.com", "sips:bob@example.com"},
			{"sip:bob@example.com", "sip:bob@example.com:5060"},
			{"sip:bob@example.com", "sip:bob@example.com:05060"},
			{"sips:bob@example.com:5061", "sip:bob@example.com"},
			{"sip:bob@example.com", "sip:bob@example.com;transport=tcp"},
			{"sip:bob@example.com", "sip:bob:secret@example.com"},
			{"sip:bob@example.com", "sip:bob@example.com?Replaces=a%3Bb"},
			{"sip:bob@example.com", "sip:%62%6fb@example.com"},
			{"sip:b%C3%A9@example.com", "sip:b%c3%a9@example.com"},
			{"sip:b\xC3\xA9@example.com", "sip:b%c3%a9@example.com"},
			{"sip:a%3bb@example.com", "sip:a%3Bb@example.com"},
			{"sip:a%zz@example.com", "sip:a%zz@example.com;lr"},
			{"sip:example.com", "sips:EXAMPLE.com;lr"},
			{"sip:bob@[2001:DB8::1]:5060", "sip:bob@[2001:db8::1]"},
			{"tel:+33-1.23", "tel:+33(1)23"},
			{"TEL:+33123", "tel:+33123"},
			{"tel:+33123", "sip:+33123@example.com;user=phone"},
			{"tel:+33123", "sip:+33-123@other.example;USER=Phone"},
			{"tel:+33123", "sips:%2B33123@example.com:5070;user=phone"},
			{"tel:+33123;ext=1-2", "tel:+33123;EXT=12"},
			{"tel:+33123;ext=12", "sip:+33123;ext=12@x.example;user=phone"},
			{"tel:12AB;phone-context=Example.com",
					"tel:1-2ab;phone-context=example.com"},
			{"tel:12;phone-context=+33-1", "tel:12;phone-context=+331"},
			{"tel:12;phone-context=example.com",
					"sip:12;phone-context=example.com@x.example;user=phone"},
			{"sip:1-2@example.com;user=phone", "sip:12@example.com"},
	};

	(void)state;
	for(int i = 0; i < COUNT(same); i++) {
		if(!are_equal(same[i].a, same[i].b))
			fail_msg("not equal: %s, %s", same[i].a, same[i].b);
	}
}


static void test_A2_names_of_different_users(void **state)
{
	static const pair_t different[] = {
			{"sip:bob@example.com", "sip:Bob@example.com"},
			{"sip:bob@example.com", "sip:bob@example.org"},
			{"sip:bob@example.com", "sip:bob@example.com:5070"},
			{"sip:bob@example.com:5061", "sip:bob@example.com"},
			{"sip:bob@example.com", "sip:example.com"},
			{"sip:a;b@example.com", "sip:a%3bb@example.com"},
			{"sip:a%40b@example.com", "sip:b@example.com"},
			{"sip:a%252Fb@example.com", "sip:a%2Fb@example.com"},
			{"sip:+33123@example.com", "tel:+33123"},
			{"sip:+33123@example.com;user=ip", "tel:+33123"},
			{"sip:bob@example.com;user=phone", "tel:123"},
			{"tel:+33123", "tel:33123"},
			{"tel:+33123", "tel:+33124"},
			{"tel:+33123", "tel:+33123;ext=1"},
			{"tel:+33123;isub=1", "tel:+33123;isub=2"},
			{"tel:12;phone-context=a.example", "tel:12"},
			{"tel:12;phone-context=a-b.example",
					"tel:12;phone-context=ab.example"},
			{"tel:12;phone-context=+33", "tel:12;phone-context=+44"},
			{"sip:12@a.example;user=phone", "sip:12@b.example;user=phone"},
			{"sip:12;ext=1@a.example;user=phone", "sip:12@a.example"},
	};

	(void)state;
	for(int i = 0; i < COUNT(different); i++) {
		if(are_equal(different[i].a, different[i].b))
			fail_msg("equal: %s, %s", different[i].a, different[i].b);
	}
}


static void test_no_name_at_all(void **state)
{
	static const char *broken[] = {"", "bob", "sip:", "sip:@example.com",
			"http://example.com", "sip:bob@exa mple.com", "sip:bob@",
			"tel:", "tel:+", "tel:+-.", "tel:bob", "tel:+33x", "tel:1+2",
			"<sip:bob@example.com>", "sip:bob@example.com:99999"};
	identity_t id;
	str text;

	(void)state;
	for(int i = 0; i < COUNT(broken); i++) {
		text = text_of(broken[i]);
		if(identity_init(&id, &text) != IDENTITY_NO_URI)
			fail_msg("an identity: %s", broken[i]);
		assert_int_equal(id.uri.len, 0);
		assert_int_equal(id.key.len, 0);
	}
}


static void test_N6_the_uri_stays_as_written(void **state)
{
	identity_t id = make("sip:%62ob:x@Example.COM:5060;user=phone?Subject=a");

	(void)state;
	assert_string_equal(id.uri.s, "sip:%62ob:x@Example.COM:5060;user=phone");
	identity_free(&id);
	assert_null(id.uri.s);
	assert_null(id.key.s);
}


static void test_N5_anonymous_equals_nobody(void **state)
{
	static const struct
	{
		const char *uri;
		int anonymous;
	} cases[] = {
			{"sip:anonymous@anonymous.invalid", 1},
			{"sips:anonymous@Anonymous.INVALID:5070;lr", 1},
			{"sip:anonymous.invalid", 1},
			{"sip:+33123@anonymous.invalid;user=phone", 1},
			{"sip:anonymous@example.com", 0},
			{"sip:anonymous.invalid@example.com", 0},
			{"sip:a%40anonymous.invalid@example.com", 0},
			{"sip:a@anonymous.invalid.example.com", 0},
			{"tel:+33123", 0},
	};

	(void)state;
	for(int i = 0; i < COUNT(cases); i++) {
		identity_t id = make(cases[i].uri);

		if(identity_is_anonymous(&id) != cases[i].anonymous)
			fail_msg("anonymous or not: %s", cases[i].uri);
		assert_int_equal(identity_eq(&id, &id), !cases[i].anonymous);
		identity_free(&id);
	}
}


static void test_empty_identities_equal_nobody(void **state)
{
	identity_t a = {{NULL, 0}, {NULL, 0}}, b = a;

	(void)state;
	assert_false(identity_eq(&a, &b));
	assert_false(identity_is_anonymous(&a));
	identity_free(&a);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_A2_names_of_the_same_user),
			cmocka_unit_test(test_A2_names_of_different_users),
			cmocka_unit_test(test_no_name_at_all),
			cmocka_unit_test(test_N6_the_uri_stays_as_written),
			cmocka_unit_test(test_N5_anonymous_equals_nobody),
			cmocka_unit_test(test_empty_identities_equal_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
