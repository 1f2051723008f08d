/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * random: see random.h. Called from every floor; one thread per process.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "base/random.h"

#define BLOCK 1024

static struct
{
	unsigned char bytes[BLOCK];
	size_t left;  /* unused ones, at the end */
	int watching; /* forks: a child has its parent's copy, not its own */
} ahead;


static void forget(void)
{
	ahead.left = 0;
}


static void fill(void *dst, size_t len)
{
	unsigned char *p = dst;
	ssize_t n;

	while(len > 0) {
		n = getrandom(p, len, 0);
		if(n < 0 && errno == EINTR)
			continue;
		if(n <= 0)
			abort();
		p += n;
		len -= n;
	}
}


void random_bytes(void *dst, size_t len)
{
	unsigned char *from;

	if(len > BLOCK) {
		fill(dst, len);
		return;
	}
	if(!ahead.watching) {
		if(pthread_atfork(NULL, NULL, forget) != 0)
			abort();
		ahead.watching = 1;
	}
	if(ahead.left < len) {
		fill(ahead.bytes, BLOCK);
		ahead.left = BLOCK;
	}
	from = ahead.bytes + BLOCK - ahead.left;
	memcpy(dst, from, len);
	/* what was given away must not be found in this process's memory */
	explicit_bzero(from, len);
	ahead.left -= len;
}


void random_hex(char *dst, int bits)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char octets[32];
	int count = bits / 4;
	int at, more;

	for(int i = 0; i < count; i++) {
		at = i / 2 % (int)sizeof(octets);
		if(at == 0 && i % 2 == 0) {
			more = (count - i + 1) / 2;
			if(more > (int)sizeof(octets))
				more = sizeof(octets);
			random_bytes(octets, more);
		}
		dst[i] = digits[i % 2 ? octets[at] & 15 : octets[at] >> 4];
	}
	dst[count] = '\0';
}
