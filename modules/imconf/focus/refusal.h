/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * refusal: why a request cannot be served, on its way from where that is found
 * out to the answer. Private to the focus.
 */
#ifndef IMCONF_FOCUS_REFUSAL_H
#define IMCONF_FOCUS_REFUSAL_H

#include "sip/request.h"
#include "worker/capacity.h"

typedef struct refusal
{
	int code;
	const char *reason;
	char why[160];		 /* for the log */
	const char *headers; /* extra lines, may be NULL */
} refusal_t;

/** Fills in a refusal; returns -1. */
int refusal_set(refusal_t *refusal, int code, const char *reason,
		const char *headers, const char *fmt, ...)
		__attribute__((format(printf, 5, 6)));

/** 500 for want of memory; returns -1. */
int refusal_no_memory(refusal_t *refusal);

/** G5: anonymity is asked for that the rules do not allow; returns -1. */
int refusal_no_anonymity(refusal_t *refusal);

/** What the model said; returns 0 for JOIN_OK, else -1. */
int refusal_of_join(refusal_t *refusal, join_result_t result, int limit);

/** What an operator's limits say; returns 0 for CAPACITY_FREE, else -1 and
 * overload_code with Retry-After. */
int refusal_of_capacity(refusal_t *refusal, capacity_t capacity);

/** Answers the request with it. */
void refusal_send(const refusal_t *refusal, sip_request_t *rq);

#endif
