/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * allowance: see allowance.h. Called by messages and nicknames.
 */
#include "switch/allowance.h"


int allowance_take(allowance_t *a, int64_t now, int rate, int burst)
{
	int64_t interval = 1000000 / rate;
	int64_t at = now * 1000;

	if(a->due < at)
		a->due = at;
	if(a->due - at > (burst - 1) * interval)
		return 0;
	a->due += interval;
	return 1;
}
