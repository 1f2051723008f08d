/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * reason: see reason.h. Called by the focus for a BYE.
 */
#include "wire/header_params.h"
#include "wire/header_value.h"
#include "wire/reason.h"

#define CAUSE_MAX 699


static int cause_of(str params)
{
	str name, value;
	uint64_t cause;

	while(header_params_next(&params, &name, &value) > 0) {
		if(text_eq_nocase(&name, &TEXT("cause")))
			return text_to_uint(&value, CAUSE_MAX, &cause) < 0 ? 0 : (int)cause;
	}
	return 0;
}


int reason_sip_cause(const str *value)
{
	str rest = *value, reason, protocol;
	int cause = 0;

	while(cause == 0 && header_next(&rest, ',', &reason)) {
		if(header_next(&reason, ';', &protocol)
				&& text_eq_nocase(&protocol, &TEXT("SIP")))
			cause = cause_of(reason);
	}
	return cause;
}
