/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * resource_list: see resource_list.h. Called by the focus; knows addresses as
 * text only, not who they are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libxml/xmlreader.h>
#include "base/map.h"
#include "wire/resource_list.h"
#include "wire/sip_uri.h"

#define NS_LISTS "urn:ietf:params:xml:ns:resource-lists"
#define NS_COPY "urn:ietf:params:xml:ns:copycontrol"
#define NS_COPY_AS_PRINTED "urn:ietf:params:xml:ns:copyControl" /* RFC 5366 */

#define SIZE_MAX_XML (1 << 20)
#define DEPTH_MAX 16
#define ENTRIES_MAX 10000
#define DISPLAY_MAX 256
#define SIGNS_MAX 200 /* '=' between two '<': attributes of one element */

#define ANONYMOUS "sip:anonymous@anonymous.invalid"

#if LIBXML_VERSION >= 21200
typedef const xmlError *xml_error_t;
#else
typedef xmlErrorPtr xml_error_t;
#endif

typedef struct seen
{
	map_node_t node;
	struct seen *next;
	int index;
} seen_t;

/* one document on its way in */
typedef struct intake
{
	xmlTextReaderPtr reader;
	resource_list_t *list;
	int limit;
	map_t by_uri;
	seen_t *all_seen;
	int passed;	 /* depth of an element that is passed over, -1: none */
	int current; /* entry whose children come, -1: none */
	int naming;	 /* its display-name is being read */
	buffer_t name;
	char *why;
	size_t why_size;
	list_result_t result; /* of libxml2's own failure */
} intake_t;


/* Nothing of the document may make a line of its own, neither in a log nor in
 * a SIP header. */
static void flatten(char *s, size_t len)
{
	for(size_t i = 0; i < len; i++) {
		if((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			s[i] = ' ';
	}
}


static void say(intake_t *in, int line, const char *text)
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


static list_result_t broken(intake_t *in, const char *text)
{
	int line = in->reader ? xmlTextReaderGetParserLineNumber(in->reader) : 1;

	say(in, line, text);
	return LIST_BROKEN;
}


static void on_xml_error(void *arg, xml_error_t error)
{
	intake_t *in = arg;

	if(error->code == XML_ERR_NO_MEMORY)
		in->result = LIST_MEMORY;
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


/* No encoding but UTF-8 and no DTD gets as far as the parser. A '<' first and
 * no zero octet leave it nothing else to detect. */
static list_result_t look_over(intake_t *in, const str *xml)
{
	static const str mark = STR_STATIC_INIT("\xef\xbb\xbf");
	str text = text_starts_nocase(xml, &mark) ? text_from(xml, 3) : *xml;

	if(xml->len > SIZE_MAX_XML)
		return broken(in, "larger than 1 MiB");
	if(text.len == 0 || text.s[0] != '<' || text_find_char(xml, '\0') >= 0)
		return broken(in, "not XML in UTF-8");
	if(text_find(xml, &TEXT("<!DOCTYPE")) >= 0)
		return broken(in, "a document type definition");
	if(has_huge_element(xml))
		return broken(in, "too many attributes");
	return LIST_OK;
}


/* ---- the list ---- */

void resource_list_free(resource_list_t *list)
{
	for(int i = 0; i < list->count; i++) {
		text_free(&list->entry[i].uri);
		text_free(&list->entry[i].headers);
		text_free(&list->entry[i].display);
	}
	free(list->entry);
	memset(list, 0, sizeof(*list));
}


static int make_room(resource_list_t *list)
{
	int size = list->size ? list->size * 2 : 16;
	list_entry_t *entry;

	if(list->count < list->size)
		return 0;
	entry = realloc(list->entry, size * sizeof(*entry));
	if(entry == NULL)
		return -1;
	list->entry = entry;
	list->size = size;
	return 0;
}


int resource_list_add(resource_list_t *list, const str *uri, const str *display,
		copy_control_t copy, int anonymize)
{
	list_entry_t entry = {.copy = copy, .anonymize = anonymize};

	if(make_room(list) < 0 || text_copy(&entry.uri, uri) < 0)
		return -1;
	if(display && text_copy(&entry.display, display) < 0) {
		text_free(&entry.uri);
		return -1;
	}
	list->entry[list->count++] = entry;
	return 0;
}


/* ---- an entry ---- */

/* The attribute of either copyControl namespace, for xmlFree(), or NULL */
static xmlChar *copy_attribute(intake_t *in, const char *name)
{
	const xmlChar *local = BAD_CAST name;
	xmlChar *value =
			xmlTextReaderGetAttributeNs(in->reader, local, BAD_CAST NS_COPY);

	if(value)
		return value;
	return xmlTextReaderGetAttributeNs(
			in->reader, local, BAD_CAST NS_COPY_AS_PRINTED);
}


static str trimmed(const xmlChar *s)
{
	str text = {(char *)s, s ? (int)xmlStrlen(s) : 0};

	return text_trim(&text);
}


static copy_control_t read_copy_control(intake_t *in)
{
	xmlChar *value = copy_attribute(in, "copyControl");
	str text = trimmed(value);
	copy_control_t copy = COPY_BCC;

	if(text_eq(&text, &TEXT("to")))
		copy = COPY_TO;
	else if(text_eq(&text, &TEXT("cc")))
		copy = COPY_CC;
	xmlFree(value);
	return copy;
}


static int read_anonymize(intake_t *in)
{
	xmlChar *value = copy_attribute(in, "anonymize");
	str text = trimmed(value);
	int yes = text_eq(&text, &TEXT("true")) || text_eq(&text, &TEXT("1"));

	xmlFree(value);
	return yes;
}


static seen_t *find_seen(intake_t *in, const str *uri)
{
	return map_get(&in->by_uri, uri);
}


static int remember(intake_t *in, int index)
{
	seen_t *seen = calloc(1, sizeof(*seen));

	if(seen == NULL)
		return -1;
	seen->index = index;
	seen->next = in->all_seen;
	in->all_seen = seen;
	return map_put(&in->by_uri, &seen->node, &in->list->entry[index].uri, seen);
}


static void forget_seen(intake_t *in)
{
	seen_t *seen;

	while((seen = in->all_seen) != NULL) {
		in->all_seen = seen->next;
		free(seen);
	}
	map_free(&in->by_uri);
}


/* A URI for the first time, or once more: the entry it belongs to is then
 * the one whose children come. */
static list_result_t take_uri(intake_t *in, const uri_parts_t *uri)
{
	seen_t *seen = find_seen(in, &uri->core);
	list_entry_t *entry;
	copy_control_t copy = read_copy_control(in);

	if(seen == NULL && in->list->count >= in->limit)
		return LIST_TOO_LONG;
	in->current = seen ? seen->index : in->list->count;
	if(seen == NULL
			&& (resource_list_add(in->list, &uri->core, NULL, copy, 0) < 0
					|| remember(in, in->current) < 0))
		return LIST_MEMORY;
	entry = &in->list->entry[in->current];
	if(copy > entry->copy)
		entry->copy = copy;
	if(read_anonymize(in))
		entry->anonymize = 1;
	if(entry->headers.len == 0
			&& text_replace(&entry->headers, &uri->headers) < 0)
		return LIST_MEMORY;
	return LIST_OK;
}


static list_result_t on_entry(intake_t *in)
{
	xmlChar *value = xmlTextReaderGetAttribute(in->reader, BAD_CAST "uri");
	str text = trimmed(value);
	list_result_t result;
	uri_parts_t uri;

	if(sip_uri_parse(&text, &uri) < 0)
		result = broken(in, "an entry without a usable URI");
	else
		result = take_uri(in, &uri);
	xmlFree(value);
	return result;
}


/* ---- the walk ---- */

static int is_named(intake_t *in, const char *name)
{
	const xmlChar *local = xmlTextReaderConstLocalName(in->reader);
	const xmlChar *ns = xmlTextReaderConstNamespaceUri(in->reader);

	return ns && xmlStrEqual(ns, BAD_CAST NS_LISTS)
		   && xmlStrEqual(local, BAD_CAST name);
}


static list_result_t pass_over(intake_t *in, int depth)
{
	in->passed = depth;
	return LIST_OK;
}


static list_result_t on_element(intake_t *in, int depth)
{
	if(depth >= DEPTH_MAX)
		return broken(in, "nested too deeply");
	if(in->passed >= 0)
		return LIST_OK;
	if(depth == 0)
		return is_named(in, "resource-lists") ? LIST_OK
											  : broken(in, "no resource-lists");
	if(in->current >= 0) {
		if(in->naming || !is_named(in, "display-name")
				|| in->list->entry[in->current].display.len > 0)
			return pass_over(in, depth);
		in->naming = 1;
		return LIST_OK;
	}
	if(is_named(in, "list"))
		return LIST_OK;
	if(depth > 1 && is_named(in, "entry"))
		return on_entry(in);
	return pass_over(in, depth);
}


/* A display name, on one line, cut where a character ends */
static list_result_t end_name(intake_t *in)
{
	str text = buffer_str(&in->name), name = text_trim(&text);

	in->naming = 0;
	flatten(name.s, name.len);
	if(name.len > DISPLAY_MAX) {
		name.len = DISPLAY_MAX;
		while(name.len > 0 && (name.s[name.len] & 0xc0) == 0x80)
			name.len--;
	}
	if(text_replace(&in->list->entry[in->current].display, &name) < 0)
		return LIST_MEMORY;
	buffer_clear(&in->name);
	return LIST_OK;
}


static list_result_t on_end(intake_t *in, int depth)
{
	if(in->passed >= 0) {
		if(in->passed == depth)
			in->passed = -1;
		return LIST_OK;
	}
	if(in->naming)
		return end_name(in);
	in->current = -1;
	return LIST_OK;
}


static list_result_t on_text(intake_t *in)
{
	const xmlChar *value = xmlTextReaderConstValue(in->reader);

	if(!in->naming || in->passed >= 0 || value == NULL)
		return LIST_OK;
	return buffer_add_text(&in->name, (const char *)value) < 0 ? LIST_MEMORY
															   : LIST_OK;
}


static list_result_t on_start(intake_t *in, int depth)
{
	/* the next read leaves this element: asked first, for the attributes */
	int empty = xmlTextReaderIsEmptyElement(in->reader);
	list_result_t result = on_element(in, depth);

	if(result == LIST_OK && empty)
		result = on_end(in, depth);
	return result;
}


static list_result_t on_node(intake_t *in)
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
			return broken(in, "a document type definition");
		default:
			return LIST_OK;
	}
}


static list_result_t walk(intake_t *in)
{
	list_result_t result;
	int rc;

	while((rc = xmlTextReaderRead(in->reader)) == 1) {
		result = on_node(in);
		if(result != LIST_OK)
			return result;
	}
	if(rc == 0)
		return LIST_OK;
	broken(in, "not XML");
	return in->result;
}


static list_result_t read_document(intake_t *in, const str *xml)
{
	const int options = XML_PARSE_NONET | XML_PARSE_NOERROR
						| XML_PARSE_NOWARNING | XML_PARSE_IGNORE_ENC;
	list_result_t result = look_over(in, xml);

	if(result != LIST_OK)
		return result;
	in->reader = xmlReaderForMemory(xml->s, xml->len, NULL, "UTF-8", options);
	if(in->reader == NULL)
		return LIST_MEMORY;
	xmlTextReaderSetStructuredErrorHandler(in->reader, on_xml_error, in);
	result = walk(in);
	xmlFreeTextReader(in->reader);
	return result;
}


list_result_t resource_list_parse(const str *xml, int max_entries,
		resource_list_t *list, char *why, size_t why_size)
{
	intake_t in = {.list = list,
			.passed = -1,
			.current = -1,
			.result = LIST_BROKEN,
			.why = why,
			.why_size = why ? why_size : 0};
	str text = text_trim(xml);
	list_result_t result;

	memset(list, 0, sizeof(*list));
	if(in.why_size > 0)
		in.why[0] = '\0';
	in.limit = max_entries > 0 && max_entries < ENTRIES_MAX ? max_entries
															: ENTRIES_MAX;
	map_init(&in.by_uri);
	buffer_init(&in.name, SIZE_MAX_XML);
	result = read_document(&in, &text);
	buffer_free(&in.name);
	forget_seen(&in);
	if(result != LIST_OK)
		resource_list_free(list);
	else if(in.why_size > 0)
		in.why[0] = '\0';
	return result;
}


/* ---- out ---- */

static int count_anonymized(const resource_list_t *list, copy_control_t copy)
{
	int count = 0;

	for(int i = 0; i < list->count; i++)
		count += list->entry[i].anonymize && list->entry[i].copy == copy;
	return count;
}


static void write_entry(
		buffer_t *out, const list_entry_t *entry, const char *copy)
{
	buffer_add_text(out, "<entry uri=\"");
	buffer_add_xml(out, &entry->uri);
	buffer_printf(out, "\" cp:copyControl=\"%s\"", copy);
	if(entry->display.len == 0) {
		buffer_add_text(out, "/>\r\n");
		return;
	}
	buffer_add_text(out, "><display-name>");
	buffer_add_xml(out, &entry->display);
	buffer_add_text(out, "</display-name></entry>\r\n");
}


int resource_list_write_history(const resource_list_t *list, buffer_t *out)
{
	static const char *const copy_name[] = {
			[COPY_BCC] = "bcc", [COPY_CC] = "cc", [COPY_TO] = "to"};
	int told[] = {[COPY_BCC] = 0, [COPY_CC] = 0, [COPY_TO] = 0};
	int written = 0;

	buffer_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
						 "<resource-lists xmlns=\"" NS_LISTS "\" "
						 "xmlns:cp=\"" NS_COPY "\">\r\n<list>\r\n");
	for(int i = 0; i < list->count; i++) {
		const list_entry_t *entry = &list->entry[i];

		if(entry->copy == COPY_BCC || (entry->anonymize && told[entry->copy]))
			continue;
		written++;
		if(!entry->anonymize) {
			write_entry(out, entry, copy_name[entry->copy]);
			continue;
		}
		told[entry->copy] = 1;
		buffer_printf(out,
				"<entry uri=\"" ANONYMOUS "\" cp:copyControl=\"%s\" "
				"cp:count=\"%d\"/>\r\n",
				copy_name[entry->copy], count_anonymized(list, entry->copy));
	}
	buffer_add_text(out, "</list>\r\n</resource-lists>\r\n");
	return buffer_failed(out) ? -1 : written;
}
