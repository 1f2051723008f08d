/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * charging_vector: see the header. Called by sip/trust_headers.c.
 */
#include "wire/charging_vector.h"

#include "wire/header_params.h"

/* where the value of a parameter goes, NULL: nowhere */
static str *place_of(charging_vector_t *vector, const str *name)
{
	const struct
	{
		str name;
		str *place;
	} known[] = {
			{TEXT("icid-value"), &vector->icid},
			{TEXT("icid-generated-at"), &vector->generated_at},
			{TEXT("orig-ioi"), &vector->orig_ioi},
			{TEXT("term-ioi"), &vector->term_ioi},
	};

	for(size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if(text_eq_nocase(name, &known[i].name))
			return known[i].place;
	}
	return NULL;
}

int charging_vector_parse(const str *text, charging_vector_t *vector)
{
	str rest = *text, name, value;
	str *place;
	int rc;

	*vector = (charging_vector_t){0};
	if(text->len > CHARGING_VECTOR_MAX)
		return -1;
	while((rc = header_params_next(&rest, &name, &value)) > 0) {
		place = place_of(vector, &name);
		if(!place)
			continue;
		if(place->len || value.len == 0 || value.len > CHARGING_VALUE_MAX)
			return -1;
		*place = value;
	}
	return rc == 0 && vector->icid.len ? 0 : -1;
}

static void add(buffer_t *out, const char *name, const str *value)
{
	if(value->len)
		buffer_printf(out, ";%s=%.*s", name, TEXT_ARG(value));
}

void charging_vector_add(buffer_t *out, const charging_vector_t *vector)
{
	buffer_printf(
			out, "P-Charging-Vector: icid-value=%.*s", TEXT_ARG(&vector->icid));
	add(out, "icid-generated-at", &vector->generated_at);
	add(out, "orig-ioi", &vector->orig_ioi);
	add(out, "term-ioi", &vector->term_ioi);
	buffer_add_text(out, "\r\n");
}
