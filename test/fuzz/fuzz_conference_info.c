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


static int count_users(const xmlNode *root)
{
	int count = 0;

	for(const xmlNode *part = root->children; part; part = part->next) {
		if(!xmlStrEqual(part->name, BAD_CAST "users"))
			continue;
		for(const xmlNode *user = part->children; user; user = user->next)
			count += user->type == XML_ELEMENT_NODE;
	}
	return count;
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str text = {(char *)data, (int)size}, rest = text_from(&text, 3);
	str entity = rest, display;
	int cut = size > 3 ? data[0] % rest.len : 0;
	info_document_t document = {text, 1, text, 10};
	buffer_t out;
	xmlDocPtr doc;

	entity.len = cut;
	display = text_from(&rest, cut);
	info_user_t user = {entity, display,
			size > 1 ? (info_status_t)(data[1] % 3) : INFO_CONNECTED,
			size > 2 ? (info_departure_t)(data[2] % 5) : DEPARTURE_NONE, 486,
			cut % 2};

	buffer_init(&out, 0);
	conference_info_begin_full(&out, &document);
	conference_info_user(&out, &user);
	conference_info_end(&out);
	doc = xmlReadMemory(out.s, (int)out.len, NULL, NULL, XML_PARSE_NONET);
	if(buffer_failed(&out) || doc == NULL
			|| count_users(xmlDocGetRootElement(doc)) != 1)
		abort();
	xmlFreeDoc(doc);
	buffer_free(&out);
	return 0;
}
