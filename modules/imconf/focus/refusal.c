/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * refusal: see the header. Called by all of the focus that reads requests.
 */
#include "focus/refusal.h"

#include <stdarg.h>
#include <stdio.h>
#include "settings.h"

int refusal_set(refusal_t *refusal, int code, const char *reason,
		const char *headers, const char *fmt, ...)
{
	va_list ap;

	refusal->code = code;
	refusal->reason = reason;
	refusal->headers = headers;
	va_start(ap, fmt);
	vsnprintf(refusal->why, sizeof(refusal->why), fmt, ap);
	va_end(ap);
	return -1;
}

int refusal_no_memory(refusal_t *refusal)
{
	return refusal_set(
			refusal, 500, "Server Internal Error", NULL, "no memory");
}

int refusal_no_anonymity(refusal_t *refusal)
{
	return refusal_set(refusal, settings.anonymity_refusal_code,
			settings.anonymity_refusal_code == 433 ? "Anonymity Disallowed"
												   : "Forbidden",
			settings.anonymity_headers, "the group allows no anonymity");
}

int refusal_of_join(refusal_t *refusal, join_result_t result, int limit)
{
	switch(result) {
		case JOIN_OK:
			return 0;
		case JOIN_BAD_NAME:
			return refusal_set(refusal, 400, "Bad Request", NULL,
					"somebody's name is no sip or tel URI");
		case JOIN_FULL:
			return refusal_set(refusal, settings.size_refusal_code,
					"Too Many Participants", NULL, "more than %d participants",
					limit);
		case JOIN_FORBIDDEN:
			return refusal_set(refusal, 403, "Forbidden", NULL,
					"neither was it in nor is it invited");
		case JOIN_OVER:
			return refusal_set(
					refusal, 404, "Not Found", NULL, "the conference is over");
		case JOIN_MEMORY:
			break;
	}
	return refusal_no_memory(refusal);
}

int refusal_of_capacity(refusal_t *refusal, capacity_t capacity)
{
	static char line[32];

	if(capacity == CAPACITY_FREE)
		return 0;
	snprintf(line, sizeof(line), "Retry-After: %d\r\n", capacity_retry_after());
	return refusal_set(refusal, settings.overload_code,
			settings.overload_code == 503 ? "Service Unavailable"
										  : "Temporarily Unavailable",
			line, "%s", capacity_why());
}

void refusal_send(const refusal_t *refusal, sip_request_t *rq)
{
	str headers = {(char *)refusal->headers,
			refusal->headers ? (int)strlen(refusal->headers) : 0};

	sip_refuse(rq, refusal->code, refusal->reason, refusal->why,
			refusal->headers ? &headers : NULL);
}
