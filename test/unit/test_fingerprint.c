/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/fingerprint.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include "wire/fingerprint.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FIVE "4A:AD:B9:B1:3F"
/* RFC 4975 figure 19 */
#define SHA1 "4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB"
#define EIGHT "00:11:22:33:44:55:66:77"
#define SHA256 EIGHT ":" EIGHT ":" EIGHT ":" EIGHT


/* Of a copy of exactly the text's size, so that reading on is noticed. */
static int parse(const char *text, fingerprint_t *print)
{
	str s = {NULL, (int)strlen(text)};
	int rc;

	s.s = malloc(s.len ? s.len : 1);
	memcpy(s.s, text, s.len);
	rc = fingerprint_parse(&s, print);
	free(s.s);
	return rc;
}


static void test_good(void **state)
{
	static const char *const row[] = {"SHA-1 " SHA1, "sha-1 " SHA1,
			" sha-1  " SHA1 " ", "sha-256 " SHA256,
			"SHA-384 " SHA256 ":" EIGHT ":" EIGHT,
			"sha-512 " SHA256 ":" SHA256};
	static const fingerprint_hash_t hash[] = {FINGERPRINT_SHA1,
			FINGERPRINT_SHA1, FINGERPRINT_SHA1, FINGERPRINT_SHA256,
			FINGERPRINT_SHA384, FINGERPRINT_SHA512};
	fingerprint_t print;

	for(size_t i = 0; i < COUNT(row); i++) {
		if(parse(row[i], &print) < 0)
			fail_msg("refused: %s", row[i]);
		assert_int_equal(print.hash, hash[i]);
	}
	assert_int_equal(parse("sha-1 " SHA1, &print), 0);
	assert_int_equal(print.value[0], 0x4a);
	assert_int_equal(print.value[19], 0xab);
}


static void test_bad(void **state)
{
	static const char *const row[] = {"", " ", "sha-1", "sha-1 ", "sha-1 " FIVE,
			"sha-1 " SHA1 ":00", "sha-1 " SHA1 ":", "sha-256 " SHA1,
			"md5 " EIGHT ":" EIGHT, "md2 " EIGHT ":" EIGHT, "sha1 " SHA1,
			"sha-1 4A-AD-B9-B1-3F-82-18-3B-54-02-12-DF-3E-5D-49"
			"-6B-19-E5-7C-AB",
			"sha-1 GG"
			":AD:B9:B1:3F:82:18:3B:54:02:12:DF"
			":3E:5D:49:6B:19:E5:7C:AB",
			SHA1};
	fingerprint_t print;

	for(size_t i = 0; i < COUNT(row); i++) {
		if(parse(row[i], &print) == 0)
			fail_msg("taken: %s", row[i]);
	}
}


static void test_written_as_read(void **state)
{
	fingerprint_t print;
	buffer_t b;
	str text;

	buffer_init(&b, 0);
	assert_int_equal(parse("SHA-1 4a:ad:b9:b1:3f:82:18:3b:54:02:12:df:3e:5d:49"
						   ":6b:19:e5:7c:ab",
							 &print),
			0);
	fingerprint_write(&print, &b);
	text = buffer_str(&b);
	assert_true(text_eq(&text, &TEXT("sha-1 " SHA1)));
	buffer_free(&b);
}


/* RFC 8122 section 5: of several, those of the best function count. */
static void test_best(void **state)
{
	str all[] = {TEXT("sha-1 " SHA1), TEXT("md5 " EIGHT ":" EIGHT),
			TEXT("sha-256 " SHA256), TEXT("sha-1 " SHA1),
			TEXT("SHA-256 " SHA256)};
	fingerprint_t print[5];

	assert_int_equal(fingerprint_best(all, 5, print), 2);
	assert_int_equal(print[0].hash, FINGERPRINT_SHA256);
	assert_int_equal(print[1].hash, FINGERPRINT_SHA256);
	assert_int_equal(fingerprint_best(all, 2, print), 1);
	assert_int_equal(print[0].hash, FINGERPRINT_SHA1);
	assert_int_equal(fingerprint_best(all + 1, 1, print), 0);
	assert_int_equal(fingerprint_best(all, 0, print), 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_good),
			cmocka_unit_test(test_bad),
			cmocka_unit_test(test_written_as_read),
			cmocka_unit_test(test_best),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
