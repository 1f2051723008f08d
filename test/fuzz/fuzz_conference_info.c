/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: wire/conference_info. Whatever names people choose, the
 * document is well formed and says nothing that is not ours to say.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <libxml/parser.h>
#include "wire/conference_info.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* Children of <users>, which carry the mark of the watcher's own or not. */
static int count_users(const xmlNode *root, int own)
{
	int count = 0;

	for(const xmlNode *part = root->children; part; part = part->next) {
		if(!xmlStrEqual(part->name, BAD_CAST "users"))
			continue;
		for(const xmlNode *user = part->children; user; user = user->next)
			count += user->type == XML_ELEMENT_NODE
					 && (!own || xmlHasProp(user, BAD_CAST "yourown"));
	}
	return count;
}


static void check(const buffer_t *out, int users, int own)
{
	xmlDocPtr doc =
			xmlReadMemory(out->s, (int)out->len, NULL, NULL, XML_PARSE_NONET);

	if(doc == NULL)
		abort();
	if(count_users(xmlDocGetRootElement(doc), 0) != users
			|| count_users(xmlDocGetRootElement(doc), 1) != own)
		abort();
	xmlFreeDoc(doc);
}


/* Three users, cut to `max` bytes, for the second of them. */
static void write_and_check(conference_info_t *d, size_t max)
{
	buffer_t out;
	int fit = conference_info_fit(d, max);

	if(conference_info_failed(d) || fit < 1 || fit > 3)
		abort();
	buffer_init(&out, 0);
	conference_info_write(d, 1, 2, fit, &out);
	if(buffer_failed(&out) || (fit > 1 && out.len > max))
		abort();
	check(&out, fit, fit > 1);
	buffer_free(&out);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str text = {(char *)data, (int)size}, rest = text_from(&text, 4);
	int cut = size > 4 ? data[0] % rest.len : 0;
	str entity = {rest.s, cut}, display = text_from(&rest, cut);
	info_options_t options = {
			size > 3 && data[3] % 2 ? YOUROWN_BARE : YOUROWN_BOTH, entity,
			size > 3 && data[3] & 2, size > 3 && data[3] & 4};
	info_head_t head = {text, size > 3 && data[3] & 8, text, 10};
	conference_info_t d;

	conference_info_init(&d);
	conference_info_begin(&d, &head, &options);
	for(unsigned id = 1; id <= 3; id++) {
		info_user_t user = {id, id, entity, display,
				size > 1 && id != 2 ? (info_status_t)(data[1] % 4)
									: INFO_CONNECTED,
				size > 2 ? (info_departure_t)(data[2] % 5) : DEPARTURE_NONE,
				486};

		conference_info_add(&d, &user);
	}
	write_and_check(&d, size > 1 ? 1 + 8U * data[1] : 1000);
	conference_info_free(&d);
	return 0;
}
