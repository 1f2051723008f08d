/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * frame: just enough MSRP (RFC 4975 section 9) to cut a byte stream at its
 * end-lines. Used by the load client and by the bare relay.
 */
#ifndef BENCH_FRAME_H
#define BENCH_FRAME_H

#include <stddef.h>

#define FRAME_ID_MAX 32

typedef struct frame
{
	const char *start;
	size_t len; /* end-line included */
	char id[FRAME_ID_MAX + 1];
	int status;		  /* of a response; 0: a request */
	int is_send;	  /* a SEND request */
	const char *body; /* behind the blank line; NULL: there is none */
	size_t body_len;
	char flag; /* '$', '+' or '#' */
} frame_t;

/** Finds the frame at the start of `buf`. Returns 1 and fills `f`, which
 * points into `buf`; 0 when more bytes are needed; -1 when it is not MSRP. */
int frame_find(const char *buf, size_t len, frame_t *f);

/** The value of header `name` (with its colon, as it is written on the wire);
 * returns its length, 0 when it is absent. */
size_t frame_header(const frame_t *f, const char *name, const char **value);

/** Writes the 200 to request `f` into `out`. Returns its length, 0 when it
 * does not fit or the request lacks its paths. */
size_t frame_answer(const frame_t *f, char *out, size_t size);

#endif
