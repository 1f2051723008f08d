/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of base/random.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/random.h"

#define DRAWS 20000

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, 16);
}


static void test_no_repeats(void **state)
{
	unsigned char(*token)[16] = calloc(DRAWS, 16);

	(void)state;
	assert_non_null(token);
	for(int i = 0; i < DRAWS; i++)
		random_bytes(token[i], 16);
	qsort(token, DRAWS, 16, compare);
	for(int i = 1; i < DRAWS; i++)
		assert_memory_not_equal(token[i - 1], token[i], 16);
	free(token);
}


/* every length, each fully written and nothing beyond it touched */
static void test_lengths(void **state)
{
	unsigned char one[3002], two[3002];

	(void)state;
	for(size_t len = 0; len <= 3000; len += len < 40 ? 1 : 370) {
		memset(one, 0x5a, sizeof(one));
		memset(two, 0x5a, sizeof(two));
		random_bytes(one, len);
		random_bytes(two, len);
		assert_int_equal(one[len], 0x5a);
		if(len >= 16) {
			assert_memory_not_equal(one, two, len);
			assert_memory_not_equal(one + len - 16, two + len - 16, 16);
		}
	}
}


static void test_hex(void **state)
{
	static const int bits[] = {0, 4, 64, 100, 128, 1024};
	char hex[1024 / 4 + 2], again[1024 / 4 + 2];

	(void)state;
	for(size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		memset(hex, '!', sizeof(hex));
		random_hex(hex, bits[i]);
		assert_int_equal(strlen(hex), bits[i] / 4);
		assert_int_equal(strspn(hex, "0123456789abcdef"), bits[i] / 4);
		assert_int_equal(hex[bits[i] / 4 + 1], '!');
		random_hex(again, bits[i]);
		if(bits[i] >= 64)
			assert_string_not_equal(hex, again);
	}
}


static void test_child_does_not_repeat(void **state)
{
	unsigned char mine[64], childs[64];
	int pipe_fd[2], status;
	pid_t pid;

	(void)state;
	random_bytes(mine, 1); /* there is a block read ahead now */
	assert_int_equal(pipe(pipe_fd), 0);
	pid = fork();
	assert_true(pid >= 0);
	if(pid == 0) {
		random_bytes(childs, sizeof(childs));
		_exit(write(pipe_fd[1], childs, sizeof(childs)) != sizeof(childs));
	}
	random_bytes(mine, sizeof(mine));
	assert_int_equal(read(pipe_fd[0], childs, sizeof(childs)), sizeof(childs));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_memory_not_equal(mine, childs, sizeof(mine));
	close(pipe_fd[0]);
	close(pipe_fd[1]);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_no_repeats),
			cmocka_unit_test(test_lengths),
			cmocka_unit_test(test_hex),
			cmocka_unit_test(test_child_does_not_repeat),
	};

	return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
