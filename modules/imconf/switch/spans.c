/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * spans: see spans.h. Called by messages; knows numbers only.
 */
#include <string.h>
#include "switch/spans.h"


static void replace(spans_t *s, int at, int gone, struct span with)
{
	memmove(&s->span[at + 1], &s->span[at + gone],
			(s->count - at - gone) * sizeof(with));
	s->span[at] = with;
	s->count += 1 - gone;
}


int spans_add(spans_t *s, uint64_t from, uint64_t end)
{
	struct span grown = {from, end};
	int at = 0, gone = 0;

	if(from >= end)
		return 0;
	while(at < s->count && s->span[at].end < from)
		at++;
	for(; at + gone < s->count && s->span[at + gone].from <= end; gone++) {
		if(s->span[at + gone].from < grown.from)
			grown.from = s->span[at + gone].from;
		if(s->span[at + gone].end > grown.end)
			grown.end = s->span[at + gone].end;
	}
	if(gone == 0 && s->count == SPANS_MAX)
		return -1;
	replace(s, at, gone, grown);
	return 0;
}


uint64_t spans_first(const spans_t *s)
{
	return s->count > 0 && s->span[0].from == 0 ? s->span[0].end : 0;
}
