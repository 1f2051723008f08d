/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of the switch: histories made up at random. People speak, in one
 * piece and in many, several at the same time; they lose their connections,
 * come back, do not read for a while. Whatever was answered 200 reaches
 * everybody once and whole, or the copies that are missing are counted.
 */
#define _GNU_SOURCE /* memmem */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
/* the stage has more than this program needs */
#pragma GCC diagnostic ignored "-Wunused-function"
#include "switch_stage.h"

#define PEOPLE 5
#define DEAF 1 /* who stops reading now and then, and says nothing */
#define MESSAGES 600
#define STEPS 600
#define HISTORIES 4
#define LARGE 90000
#define QUEUE 250000

static const char *const people[] = {"alice", "bob", "carol", "dave", "eve"};

static struct
{
	int speaker, size, said; /* so much of it has been said */
	int taken;				 /* its end was answered 200 */
	int heard[PEOPLE];		 /* how often whole */
	uint64_t octets[PEOPLE]; /* of it, over this connection */
} message[MESSAGES];

static msrp_parser_t ear[PEOPLE];
static int messages, is_deaf;
static unsigned seed;


static int any(int end)
{
	return rand_r(&seed) % end;
}


/* "m<number>" or "r<number>" */
static int number_of(const str *name, char kind)
{
	char text[32] = "";

	if(name->len > 1 && name->len < (int)sizeof(text) && name->s[0] == kind)
		memcpy(text, name->s + 1, name->len - 1);
	return *text ? atoi(text) : -1;
}


static void note_frame(int who, const msrp_parser_t *p)
{
	const msrp_head_t *head = &p->head;
	int n;

	if(head->method == MSRP_RESPONSE) {
		n = number_of(&head->id, 'r');
		if(n >= 0 && head->status == 200)
			message[n].taken = 1;
		return;
	}
	n = number_of(&head->message_id, 'm');
	if(n < 0)
		return;
	assert_int_equal(head->range_start, message[n].octets[who] + 1);
	message[n].octets[who] += p->body_len;
	if(p->flag != '$')
		return;
	assert_int_equal(message[n].octets[who], head->range_total);
	message[n].heard[who]++;
}


static void hear(int who, char *s, int len)
{
	str in = {s, len};
	msrp_event_t e;

	while((e = msrp_parse(&ear[who], &in)) != MSRP_NEED_MORE) {
		assert_int_not_equal(e, MSRP_BAD);
		if(e == MSRP_END)
			note_frame(who, &ear[who]);
	}
}


static void forget_connection(int who)
{
	hang_up(&cast[who]);
	for(int n = 0; n < messages; n++) {
		message[n].octets[who] = 0;
		/* he cannot go on with what he was saying */
		if(message[n].speaker == who && message[n].said < message[n].size)
			message[n].said = -1;
	}
}


/* Returns 1 when something came. */
static int absorb(int who)
{
	static char space[65536];
	ssize_t got;
	int some = 0;

	if(cast[who].fd < 0 || (who == DEAF && is_deaf))
		return 0;
	while((got = recv(cast[who].fd, space, sizeof(space), 0)) > 0) {
		hear(who, space, (int)got);
		some = 1;
	}
	if(got == 0 || errno != EAGAIN)
		forget_connection(who);
	return some;
}


static int absorb_all(void)
{
	int some = 0;

	turn(0);
	for(int i = 0; i < PEOPLE; i++)
		some |= absorb(i);
	return some;
}


/* Octets of one socket that the kernel has: not read yet, not acknowledged
 * yet. What is to be acknowledged is so at once. */
static size_t in_kernel(int fd, unsigned long what)
{
	int bytes = 0, on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
	assert_int_equal(ioctl(fd, what, &bytes), 0);
	return bytes;
}


static size_t under_way_of(int who)
{
	const connection_t *c = ((leg_t *)cast[who].p->leg)->connection;
	size_t bytes = 0;

	if(cast[who].fd >= 0)
		bytes += in_kernel(cast[who].fd, SIOCOUTQ);
	if(!c || c->doom)
		return bytes;
	bytes += c->paused + in_kernel(c->fd, SIOCINQ);
	if(who != DEAF || !is_deaf)
		bytes += c->out.bytes + in_kernel(c->fd, SIOCOUTQ);
	return bytes;
}


static size_t under_way(void)
{
	size_t bytes = 0;

	for(int i = 0; i < PEOPLE; i++)
		bytes += under_way_of(i);
	return bytes;
}


/* Until nothing is on its way to anybody who reads; what came may have set
 * something off. */
static void settle(void)
{
	int64_t deadline = schedule_now() + 3 * WAIT_MS;
	int calm = 0;

	while(calm < 3) {
		assert_true(schedule_now() < deadline);
		calm = under_way() > 0 || absorb_all() > 0 ? 0 : calm + 1;
		if(calm == 0)
			absorb_all();
	}
}


static void bind_again(int who)
{
	client_t *cl = &cast[who];
	int size = 32768;

	if(cl->fd >= 0)
		return;
	cl->fd = dial();
	setsockopt(cl->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	msrp_parser_init(&ear[who]);
	send_frame(cl, path_of(cl), "bind", "SEND", "Message-ID: b\r\n", '$');
	absorb_all();
}


static int unfinished(int speaker)
{
	for(int n = 0; n < messages; n++) {
		if(message[n].speaker == speaker && message[n].said >= 0
				&& message[n].said < message[n].size)
			return n;
	}
	return -1;
}


static int begin(int speaker, int size)
{
	memset(&message[messages], 0, sizeof(message[0]));
	message[messages].speaker = speaker;
	message[messages].size = size;
	return messages++;
}


/* The next `len` octets of a message. */
static void say_some(int n, int len)
{
	static char body[LARGE];
	int from = message[n].said, last;
	client_t *cl = &cast[message[n].speaker];
	char id[16], name[16];

	if(len > message[n].size - from)
		len = message[n].size - from;
	last = from + len == message[n].size;
	memset(body, '~', sizeof(body));
	memcpy(body, cpim(cl, ""), strlen(cpim(cl, "")));
	snprintf(id, sizeof(id), "%c%04d", last ? 'r' : 'x', n);
	snprintf(name, sizeof(name), "m%d", n);
	message[n].said += len;
	send_chunk(cl, id, name, from + 1, message[n].size, body + from, len,
			last ? '$' : '+');
}


static void speak(int speaker)
{
	int n = unfinished(speaker);

	if(speaker == DEAF || cast[speaker].fd < 0 || messages == MESSAGES)
		return;
	if(any(3) > 0)
		say_some(begin(speaker, 300 + any(3000)), LARGE);
	else
		say_some(n < 0 ? begin(speaker, LARGE) : n, 10000 + any(30000));
}


static void step(void)
{
	int what = any(100), who = any(PEOPLE);

	if(what < 70) {
		speak(who);
	} else if(what < 76) {
		settle();
		if(cast[who].fd >= 0 && !(who == DEAF && is_deaf))
			forget_connection(who);
	} else if(what < 86) {
		bind_again(who);
	} else if(what < 90) {
		is_deaf = !is_deaf;
	}
	absorb_all();
}


static void assert_all_accounted(void)
{
	long missing = 0, heard = 0;

	for(int n = 0; n < messages; n++) {
		for(int i = 0; message[n].taken && i < PEOPLE; i++) {
			if(i == message[n].speaker)
				continue;
			assert_in_range(message[n].heard[i], 0, 1);
			heard += message[n].heard[i];
			missing += !message[n].heard[i];
		}
	}
	if(missing > statistics[STAT_DROPS])
		fail_msg("seed %u: %ld copies are missing, %ld are counted", seed,
				missing, statistics[STAT_DROPS]);
	assert_true(heard > 0);
}


static void live(unsigned first_seed)
{
	seed = first_seed;
	messages = is_deaf = 0;
	set_defaults();
	settings.leg_queue_max = QUEUE;
	settings.interleave = first_seed % 2;
	stage_open(people, PEOPLE);
	all_come_in();
	for(int i = 0; i < PEOPLE; i++)
		bind_again(i);
	for(int i = 0; i < STEPS; i++)
		step();
	is_deaf = 0;
	settle();
	/* who waits for the end of what will have none need no longer */
	for(int i = 0; i < PEOPLE; i++) {
		if(unfinished(i) >= 0)
			forget_connection(i);
	}
	settle();
	for(int i = 0; i < PEOPLE; i++)
		bind_again(i);
	settle();
	assert_all_accounted();
	stage_close();
}


static void test_nothing_is_lost_without_a_trace(void **state)
{
	for(unsigned n = 1; n <= HISTORIES; n++)
		live(n);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_nothing_is_lost_without_a_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
