/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * xml_reader: how the parsers of this floor read a stranger's XML: libxml2's
 * text reader, which never holds the document, behind checks that keep bombs
 * away from it. For wire/ alone. No state.
 */
#ifndef IMCONF_WIRE_XML_READER_H
#define IMCONF_WIRE_XML_READER_H

#include <libxml/xmlreader.h>
#include "base/buffer.h"

/** The values are those of list_result_t and group_result_t. */
typedef enum xml_result
{
	XML_DONE = 0,
	XML_BROKEN = -1,
	XML_TOO_LONG = -2, /* the handler's to say */
	XML_NO_MEMORY = -3
} xml_result_t;

typedef struct xml_intake xml_intake_t;

/** What is called while the document goes by; anything but XML_DONE ends it.
 * An empty element has an end too. Depths begin with 0 at the root. */
typedef struct xml_handler
{
	size_t size_max; /* octets, whole MiB */
	int depth_max;	 /* elements deeper than this many are broken */
	xml_result_t (*element)(xml_intake_t *in, int depth);
	xml_result_t (*end)(xml_intake_t *in, int depth);
	xml_result_t (*text)(xml_intake_t *in, const char *text);
} xml_handler_t;

/** One document on its way in. The caller sets the first four. */
struct xml_intake
{
	const xml_handler_t *handler;
	void *arg; /* the handler's */
	char *why; /* line and reason of a failure; may be NULL */
	size_t why_size;
	xmlTextReaderPtr reader;
	int passed;			 /* depth of the element passed over, -1: none */
	xml_result_t result; /* of libxml2's own failure */
};

/**
 * Reads a document. No DTD (one that has it is broken), nothing is fetched,
 * UTF-8 whatever its declaration says; errors silenced, the first one is put
 * into `why`, on one line, with its line. `why` is empty when all went well.
 */
xml_result_t xml_read(xml_intake_t *in, const str *xml);

/** Put `text` and the line into `why`, unless a reason is there already, and
 * return XML_BROKEN or XML_TOO_LONG. */
xml_result_t xml_broken(xml_intake_t *in, const char *text);
xml_result_t xml_too_long(xml_intake_t *in, const char *text);

/** From element(): nothing of this element is told, its end neither. */
xml_result_t xml_pass_over(xml_intake_t *in, int depth);

/** 1 when the current element has this name. */
int xml_is_named(const xml_intake_t *in, const char *ns, const char *local);

/** An attribute of the current element, trimmed; `ns` NULL: of no namespace.
 * `owned` is for xmlFree(). Returns 1, or 0 when absent (`value` is empty). */
int xml_attribute(const xml_intake_t *in, const char *ns, const char *local,
		str *value, xmlChar **owned);

/** A copy of `text` that is fit for a name: trimmed, on one line, cut at `max`
 * octets where a character ends. `dst` is replaced. Returns 0 or -1. */
int xml_take_name(str *dst, const buffer_t *text, int max);

#endif
