/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * xml_reader: see xml_reader.h. Called by resource_list and group_document;
 * knows no document type.
 */
#include <stdio.h>
#include <string.h>
#include "wire/xml_reader.h"

#define SIGNS_MAX 200 /* '=' between two '<': attributes of one element */

#if LIBXML_VERSION >= 21200
typedef const xmlError *xml_error_t;
#else
typedef xmlErrorPtr xml_error_t;
#endif


/* Nothing of the document may make a line of its own, neither in a log nor in
 * a SIP header. */
static void flatten(char *s, size_t len)
{
	for(size_t i = 0; i < len; i++) {
		if((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			s[i] = ' ';
	}
}


static void say(xml_intake_t *in, int line, const char *text)
{
	int len;

	if(in->why_size == 0 || in->why[0] != '\0')
		return;
	len = snprintf(in->why, in->why_size, "line %d: %s", line, text);
	if(len < 0)
		return;
	/* libxml2 quotes the document */
	flatten(in->why, strlen(in->why));
}


static void say_here(xml_intake_t *in, const char *text)
{
	say(in, in->reader ? xmlTextReaderGetParserLineNumber(in->reader) : 1,
			text);
}


xml_result_t xml_broken(xml_intake_t *in, const char *text)
{
	say_here(in, text);
	return XML_BROKEN;
}


xml_result_t xml_too_long(xml_intake_t *in, const char *text)
{
	say_here(in, text);
	return XML_TOO_LONG;
}


static void on_xml_error(void *arg, xml_error_t error)
{
	xml_intake_t *in = arg;

	if(error->code == XML_ERR_NO_MEMORY)
		in->result = XML_NO_MEMORY;
	say(in, error->line, error->message ? error->message : "not XML");
}


/* ---- before libxml2 sees it ---- */

/* libxml2 compares every attribute of an element with every other one */
static int has_huge_element(const str *xml)
{
	int signs = 0;

	for(int i = 0; i < xml->len; i++) {
		if(xml->s[i] == '<')
			signs = 0;
		else if(xml->s[i] == '=' && ++signs > SIGNS_MAX)
			return 1;
	}
	return 0;
}


static xml_result_t too_large(xml_intake_t *in)
{
	char text[40];

	snprintf(text, sizeof(text), "larger than %zu MiB",
			in->handler->size_max >> 20);
	return xml_broken(in, text);
}


/* No encoding but UTF-8 and no DTD gets as far as the parser. A '<' first and
 * no zero octet leave it nothing else to detect. What is no UTF-8 is mended by
 * newer libxml2 without a word, and what comes last is not looked at. */
static xml_result_t look_over(xml_intake_t *in, const str *xml)
{
	static const str mark = STR_STATIC_INIT("\xef\xbb\xbf");
	str text = text_starts_nocase(xml, &mark) ? text_from(xml, 3) : *xml;

	if(xml->len > 0 && (size_t)xml->len > in->handler->size_max)
		return too_large(in);
	if(text.len == 0 || text.s[0] != '<' || text.s[text.len - 1] != '>'
			|| !buffer_is_clean(xml))
		return xml_broken(in, "not XML in UTF-8");
	if(text_find(xml, &TEXT("<!DOCTYPE")) >= 0)
		return xml_broken(in, "a document type definition");
	if(has_huge_element(xml))
		return xml_broken(in, "too many attributes");
	return XML_DONE;
}


/* ---- for the handlers ---- */

xml_result_t xml_pass_over(xml_intake_t *in, int depth)
{
	in->passed = depth;
	return XML_DONE;
}


int xml_is_named(const xml_intake_t *in, const char *ns, const char *local)
{
	const xmlChar *name = xmlTextReaderConstLocalName(in->reader);
	const xmlChar *space = xmlTextReaderConstNamespaceUri(in->reader);

	return space && xmlStrEqual(space, BAD_CAST ns)
		   && xmlStrEqual(name, BAD_CAST local);
}


int xml_attribute(const xml_intake_t *in, const char *ns, const char *local,
		str *value, xmlChar **owned)
{
	*owned = ns ? xmlTextReaderGetAttributeNs(
					 in->reader, BAD_CAST local, BAD_CAST ns)
				: xmlTextReaderGetAttribute(in->reader, BAD_CAST local);
	*value = (str){(char *)*owned, *owned ? xmlStrlen(*owned) : 0};
	*value = text_trim(value);
	return *owned != NULL;
}


int xml_take_name(str *dst, const buffer_t *text, int max)
{
	str all = buffer_str(text), name = text_trim(&all);

	if(name.len > max) {
		name.len = max;
		while(name.len > 0 && (name.s[name.len] & 0xc0) == 0x80)
			name.len--;
	}
	if(text_replace(dst, &name) < 0)
		return -1;
	flatten(dst->s, dst->len);
	return 0;
}


/* ---- the walk ---- */

static xml_result_t on_element(xml_intake_t *in, int depth)
{
	if(depth >= in->handler->depth_max)
		return xml_broken(in, "nested too deeply");
	return in->passed >= 0 ? XML_DONE : in->handler->element(in, depth);
}


static xml_result_t on_end(xml_intake_t *in, int depth)
{
	if(in->passed < 0)
		return in->handler->end(in, depth);
	if(in->passed == depth)
		in->passed = -1;
	return XML_DONE;
}


static xml_result_t on_start(xml_intake_t *in, int depth)
{
	/* the next read leaves this element: asked first, for the attributes */
	int empty = xmlTextReaderIsEmptyElement(in->reader);
	xml_result_t result = on_element(in, depth);

	if(result == XML_DONE && empty)
		result = on_end(in, depth);
	return result;
}


static xml_result_t on_text(xml_intake_t *in)
{
	const xmlChar *value = xmlTextReaderConstValue(in->reader);

	if(in->passed >= 0 || value == NULL)
		return XML_DONE;
	return in->handler->text(in, (const char *)value);
}


static xml_result_t on_node(xml_intake_t *in)
{
	int depth = xmlTextReaderDepth(in->reader);

	switch(xmlTextReaderNodeType(in->reader)) {
		case XML_READER_TYPE_ELEMENT:
			return on_start(in, depth);
		case XML_READER_TYPE_END_ELEMENT:
			return on_end(in, depth);
		case XML_READER_TYPE_TEXT:
		case XML_READER_TYPE_CDATA:
		case XML_READER_TYPE_WHITESPACE:
		case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
			return on_text(in);
		case XML_READER_TYPE_DOCUMENT_TYPE:
		case XML_READER_TYPE_ENTITY_REFERENCE:
			return xml_broken(in, "a document type definition");
		default:
			return XML_DONE;
	}
}


static xml_result_t walk(xml_intake_t *in)
{
	xml_result_t result;
	int rc;

	while((rc = xmlTextReaderRead(in->reader)) == 1) {
		result = on_node(in);
		if(result != XML_DONE)
			return result;
	}
	if(rc == 0)
		return XML_DONE;
	xml_broken(in, "not XML");
	return in->result;
}


static xml_result_t read_document(xml_intake_t *in, const str *xml)
{
	const int options = XML_PARSE_NONET | XML_PARSE_NOERROR
						| XML_PARSE_NOWARNING | XML_PARSE_IGNORE_ENC;
	xml_result_t result = look_over(in, xml);

	if(result != XML_DONE)
		return result;
	in->reader = xmlReaderForMemory(xml->s, xml->len, NULL, "UTF-8", options);
	if(in->reader == NULL)
		return XML_NO_MEMORY;
	xmlTextReaderSetStructuredErrorHandler(in->reader, on_xml_error, in);
	result = walk(in);
	xmlFreeTextReader(in->reader);
	in->reader = NULL;
	return result;
}


xml_result_t xml_read(xml_intake_t *in, const str *xml)
{
	str text = text_trim(xml);
	xml_result_t result;

	in->reader = NULL;
	in->passed = -1;
	in->result = XML_BROKEN;
	if(in->why == NULL)
		in->why_size = 0;
	if(in->why_size > 0)
		in->why[0] = '\0';
	result = read_document(in, &text);
	/* what libxml2 only warns of is no failure */
	if(result == XML_DONE && in->why_size > 0)
		in->why[0] = '\0';
	return result;
}
