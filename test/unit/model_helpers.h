/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tests of the model share: people and conferences in one line, and
 * effects as text ("ENTER 1 INVITE 2 NOTIFY").
 */
#ifndef IMCONF_TEST_MODEL_HELPERS_H
#define IMCONF_TEST_MODEL_HELPERS_H

#include <stdio.h>
#include <string.h>
#include "model/conference.h"

__attribute__((unused)) static str text_of(const char *s)
{
	return (str){(char *)s, (int)strlen(s)};
}


__attribute__((unused)) static person_t person(const char *uri)
{
	return (person_t){.name = {text_of(uri)}, .names = 1};
}


__attribute__((unused)) static conference_t *make_conference(int max)
{
	conference_spec_t spec = {.token = TEXT("t0"),
			.identity = TEXT("sip:t0@conf.example.com"),
			.subject = TEXT("lunch"),
			.contribution_id = TEXT("c1"),
			.max_participants = max};

	return conference_create(&spec);
}


/* Writes the effects and forgets them. */
__attribute__((unused)) static const char *told(effects_t *fx)
{
	static const char *const word[EFFECT_TYPES] = {"ANSWER", "INVITE", "CANCEL",
			"BYE", "ENTER", "LEAVE", "NOTIFY", "EMPTY", "END"};
	static char text[4096];
	size_t len = 0;

	text[0] = '\0';
	for(int i = 0; i < fx->count && len < sizeof(text); i++) {
		const effect_t *e = &fx->item[i];

		len += snprintf(text + len, sizeof(text) - len, "%s%s", i ? " " : "",
				word[e->type]);
		if(e->participant && len < sizeof(text))
			len += snprintf(text + len, sizeof(text) - len, " %u",
					e->participant->number);
	}
	fx->count = 0;
	return text;
}

#endif
