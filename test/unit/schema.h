/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * schema: validates what we write against the IETF's schemas, where they are
 * on this machine (IMCONF_XSD_DIR). For unit tests only.
 */
#ifndef IMCONF_TEST_UNIT_SCHEMA_H
#define IMCONF_TEST_UNIT_SCHEMA_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include "base/text.h"

/** Writes the path of schema file `name`; 0 when there is none to be found. */
static int schema_path(const char *name, char *path, size_t size)
{
	const char *dir[] = {
			getenv("IMCONF_XSD_DIR"), "../shared/xsd", "../../../shared/xsd"};

	for(size_t i = 0; i < sizeof(dir) / sizeof(dir[0]); i++) {
		if(dir[i] == NULL)
			continue;
		snprintf(path, size, "%s/%s", dir[i], name);
		if(access(path, R_OK) == 0)
			return 1;
	}
	return 0;
}


/** libxml2's verdict: 0 valid, else what is wrong went to stderr. */
__attribute__((unused)) static int schema_validate(
		const char *path, const str *xml)
{
	xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(path);
	xmlSchemaPtr schema = xmlSchemaParse(parser);
	xmlSchemaValidCtxtPtr valid = xmlSchemaNewValidCtxt(schema);
	xmlDocPtr doc = xmlReadMemory(xml->s, xml->len, NULL, NULL, 0);
	int rc = schema && doc ? xmlSchemaValidateDoc(valid, doc) : -1;

	xmlFreeDoc(doc);
	xmlSchemaFreeValidCtxt(valid);
	xmlSchemaFree(schema);
	xmlSchemaFreeParserCtxt(parser);
	return rc;
}

#endif
