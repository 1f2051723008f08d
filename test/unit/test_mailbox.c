/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of worker/mailbox, with real processes around it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <poll.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kamailio_shm.h"
#include "worker/mailbox.h"

#define SENDERS 4
#define MAILS 20000
#define WAIT_MS 20000

static mail_t mail_of(uint64_t id)
{
	return (mail_t){.type = MAIL_OUTCOME, .id = id};
}


static int post(mailbox_t *box, uint64_t id)
{
	mail_t mail = mail_of(id);

	return mailbox_post(box, &mail);
}


static void post_reserved(mailbox_t *box, uint64_t id)
{
	mail_t mail = mail_of(id);

	mailbox_post_reserved(box, &mail);
}


static void expect(mailbox_t *box, uint64_t id)
{
	mail_t mail;

	assert_int_equal(mailbox_take(box, &mail), 1);
	assert_int_equal(mail.id, id);
}


static void expect_empty(mailbox_t *box)
{
	mail_t mail;

	assert_int_equal(mailbox_take(box, &mail), 0);
}


static int readable(mailbox_t *box, int ms)
{
	struct pollfd p = {mailbox_fd(box), POLLIN, 0};

	return poll(&p, 1, ms);
}


static mailbox_t *make(int size)
{
	mailbox_t *box = mailbox_create(size);

	assert_non_null(box);
	return box;
}


static void test_order_and_bound(void **state)
{
	mailbox_t *box = make(3);

	/* three rounds, so that the ring wraps at every slot */
	for(uint64_t id = 0; id < 12; id += 4) {
		assert_int_equal(post(box, id), 0);
		assert_int_equal(post(box, id + 1), 0);
		expect(box, id);
		assert_int_equal(post(box, id + 2), 0);
		assert_int_equal(post(box, id + 3), 0);
		assert_int_equal(post(box, 99), -1);
		expect(box, id + 1);
		expect(box, id + 2);
		expect(box, id + 3);
		expect_empty(box);
	}
	mailbox_destroy(box);
}


static void test_reserved_slots_are_kept(void **state)
{
	mailbox_t *box = make(3);

	assert_int_equal(mailbox_reserve(box), 0);
	assert_int_equal(mailbox_reserve(box), 0);
	assert_int_equal(post(box, 1), 0);
	assert_int_equal(post(box, 99), -1);
	assert_int_equal(mailbox_reserve(box), -1);
	post_reserved(box, 2);
	assert_int_equal(post(box, 99), -1);
	post_reserved(box, 3);
	expect(box, 1);
	expect(box, 2);
	expect(box, 3);
	expect_empty(box);
	mailbox_destroy(box);
}


static void test_released_slots_are_free(void **state)
{
	mailbox_t *box = make(1);

	assert_int_equal(mailbox_reserve(box), 0);
	assert_int_equal(post(box, 99), -1);
	mailbox_release(box);
	assert_int_equal(post(box, 1), 0);
	expect(box, 1);
	mailbox_destroy(box);
}


static void test_mail_wakes(void **state)
{
	mailbox_t *box = make(4);

	assert_int_equal(readable(box, 0), 0);
	post(box, 1);
	post(box, 2);
	assert_int_equal(readable(box, 0), 1);
	expect(box, 1);
	assert_int_equal(readable(box, 0), 1);
	expect(box, 2);
	expect_empty(box);
	assert_int_equal(readable(box, 0), 0);
	mailbox_reserve(box);
	post_reserved(box, 3);
	assert_int_equal(readable(box, 0), 1);
	mailbox_destroy(box);
}


static void test_blocks_left_behind_are_freed(void **state)
{
	mailbox_t *box = make(4);
	mail_t mail = {.type = MAIL_REQUEST, .block = shm_malloc(100)};

	assert_int_equal(mailbox_post(box, &mail), 0);
	assert_int_equal(post(box, 1), 0);
	mailbox_destroy(box);
	assert_int_equal(shm_blocks, 0);
}


/* number `n` of sender `who`; sender 0 has reserved slots */
static uint64_t id_of(int who, int n)
{
	return (uint64_t)who * MAILS + n;
}


static void send_all(mailbox_t *box, int who)
{
	for(int n = 0; n < MAILS; n++) {
		if(who == 0)
			post_reserved(box, id_of(who, n));
		else
			while(post(box, id_of(who, n)) < 0)
				sched_yield();
	}
	_exit(0);
}


/* Sleeps on the descriptor and takes three mails at a time, as a worker that
 * has other things to do: mail left in the ring must wake it again. */
static void take_all(mailbox_t *box, int *seen)
{
	mail_t mail;
	int left = SENDERS * MAILS;

	while(left > 0) {
		assert_int_equal(readable(box, WAIT_MS), 1);
		for(int i = 0; i < 3 && mailbox_take(box, &mail); i++, left--) {
			int who = (int)(mail.id / MAILS);

			assert_int_equal(mail.id, id_of(who, seen[who]));
			seen[who]++;
		}
	}
	expect_empty(box);
}


static void test_many_processes_lose_nothing(void **state)
{
	mailbox_t *box = make(MAILS + 5);
	int seen[SENDERS] = {0}, status;

	for(int i = 0; i < MAILS; i++)
		assert_int_equal(mailbox_reserve(box), 0);
	for(int i = 0; i < SENDERS; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if(pid == 0)
			send_all(box, i);
	}
	take_all(box, seen);
	for(int i = 0; i < SENDERS; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
		assert_int_equal(seen[i], MAILS);
	}
	mailbox_destroy(box);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_order_and_bound),
			cmocka_unit_test(test_reserved_slots_are_kept),
			cmocka_unit_test(test_released_slots_are_free),
			cmocka_unit_test(test_mail_wakes),
			cmocka_unit_test(test_blocks_left_behind_are_freed),
			cmocka_unit_test(test_many_processes_lose_nothing),
	};

	shm_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
