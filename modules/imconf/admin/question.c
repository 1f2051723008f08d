/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * question: see the header.
 */
#include "admin/question.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "worker/mailboxes.h"
#include "worker/schedule.h"

struct question
{
	int owners;	  /* atomic */
	int answered; /* the futex word */
	question_kind_t kind;
	char *answer; /* shared memory */
	int arg_len;
	char arg[];
};

static question_t *question_create(question_kind_t kind, const str *arg)
{
	question_t *q;

	if(arg->len > QUESTION_ARG_MAX)
		return NULL;
	q = shm_mallocxz(sizeof(*q) + arg->len);
	if(!q)
		return NULL;
	q->owners = 2;
	q->kind = kind;
	q->arg_len = arg->len;
	memcpy(q->arg, arg->s, arg->len);
	return q;
}

void question_release(question_t *q)
{
	if(__atomic_sub_fetch(&q->owners, 1, __ATOMIC_SEQ_CST) > 0)
		return;
	if(q->answer)
		shm_free(q->answer);
	shm_free(q);
}

static int is_answered(question_t *q)
{
	return __atomic_load_n(&q->answered, __ATOMIC_SEQ_CST);
}

static void wait_for(question_t *q)
{
	int64_t end = schedule_now() + QUESTION_WAIT_MS;
	int64_t left;

	while(!is_answered(q) && (left = end - schedule_now()) > 0) {
		struct timespec ts = {left / 1000, left % 1000 * 1000000};
		syscall(SYS_futex, &q->answered, FUTEX_WAIT, 0, &ts, NULL, 0);
	}
}

char *question_ask(int index, question_kind_t kind, const str *arg)
{
	question_t *q = question_create(kind, arg);
	mail_t mail = {MAIL_QUESTION, 0, 0, 0, q};
	char *answer = NULL;

	if(!q)
		return NULL;
	if(mailbox_post(mailboxes_get(index), &mail) < 0) {
		q->owners = 1;
		question_release(q);
		return NULL;
	}
	wait_for(q);
	if(is_answered(q)) {
		answer = q->answer;
		q->answer = NULL;
	}
	question_release(q);
	return answer;
}

void question_free_answer(char *answer)
{
	if(answer)
		shm_free(answer);
}

question_kind_t question_what(const question_t *q)
{
	return q->kind;
}

str question_arg(const question_t *q)
{
	str arg = {(char *)q->arg, q->arg_len};

	return arg;
}

void question_answer(question_t *q, const char *json)
{
	size_t len = json ? strlen(json) + 1 : 0;

	if(len > 0 && (q->answer = shm_malloc(len)) != NULL)
		memcpy(q->answer, json, len);
	__atomic_store_n(&q->answered, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &q->answered, FUTEX_WAKE, 1, NULL, NULL, 0);
}
