/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * resource_list: see resource_list.h. Called by the focus; knows addresses as
 * text only, not who they are.
 */
#include <stdlib.h>
#include <string.h>
#include "base/map.h"
#include "wire/resource_list.h"
#include "wire/sip_uri.h"
#include "wire/xml_reader.h"

#define NS_LISTS "urn:ietf:params:xml:ns:resource-lists"
#define NS_COPY "urn:ietf:params:xml:ns:copycontrol"
#define NS_COPY_AS_PRINTED "urn:ietf:params:xml:ns:copyControl" /* RFC 5366 */

#define SIZE_MAX_XML (1 << 20)
#define DEPTH_MAX 16
#define ENTRIES_MAX 10000
#define DISPLAY_MAX 256

#define ANONYMOUS "sip:anonymous@anonymous.invalid"

typedef struct seen
{
	map_node_t node;
	struct seen *next;
	int index;
} seen_t;

/* what one document has told so far */
typedef struct intake
{
	resource_list_t *list;
	int limit;
	map_t by_uri;
	seen_t *all_seen;
	int current; /* entry whose children come, -1: none */
	int naming;	 /* its display-name is being read */
	buffer_t name;
} intake_t;


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


static int make_room(resource_list_t *list, int more)
{
	int size = list->size ? list->size : 16;
	list_entry_t *entry;

	if(list->count + more <= list->size)
		return 0;
	while(size < list->count + more)
		size *= 2;
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

	if(make_room(list, 1) < 0 || text_copy(&entry.uri, uri) < 0)
		return -1;
	if(display && text_copy(&entry.display, display) < 0) {
		text_free(&entry.uri);
		return -1;
	}
	list->entry[list->count++] = entry;
	return 0;
}


int resource_list_move(resource_list_t *list, resource_list_t *from)
{
	if(from->count == 0)
		return 0;
	if(make_room(list, from->count) < 0)
		return -1;
	memcpy(list->entry + list->count, from->entry,
			from->count * sizeof(*from->entry));
	list->count += from->count;
	from->count = 0;
	return 0;
}


/* ---- an entry ---- */

/* The attribute of either copyControl namespace */
static int copy_attribute(
		xml_intake_t *xml, const char *name, str *value, xmlChar **owned)
{
	return xml_attribute(xml, NS_COPY, name, value, owned)
		   || xml_attribute(xml, NS_COPY_AS_PRINTED, name, value, owned);
}


static copy_control_t read_copy_control(xml_intake_t *xml)
{
	xmlChar *owned;
	copy_control_t copy = COPY_BCC;
	str text;

	copy_attribute(xml, "copyControl", &text, &owned);
	if(text_eq(&text, &TEXT("to")))
		copy = COPY_TO;
	else if(text_eq(&text, &TEXT("cc")))
		copy = COPY_CC;
	xmlFree(owned);
	return copy;
}


static int read_anonymize(xml_intake_t *xml)
{
	xmlChar *owned;
	str text;
	int yes;

	copy_attribute(xml, "anonymize", &text, &owned);
	yes = text_eq(&text, &TEXT("true")) || text_eq(&text, &TEXT("1"));
	xmlFree(owned);
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
static xml_result_t take_uri(xml_intake_t *xml, const uri_parts_t *uri)
{
	intake_t *in = xml->arg;
	seen_t *seen = find_seen(in, &uri->core);
	list_entry_t *entry;
	copy_control_t copy = read_copy_control(xml);

	if(seen == NULL && in->list->count >= in->limit)
		return XML_TOO_LONG;
	in->current = seen ? seen->index : in->list->count;
	if(seen == NULL
			&& (resource_list_add(in->list, &uri->core, NULL, copy, 0) < 0
					|| remember(in, in->current) < 0))
		return XML_NO_MEMORY;
	entry = &in->list->entry[in->current];
	if(copy > entry->copy)
		entry->copy = copy;
	if(read_anonymize(xml))
		entry->anonymize = 1;
	if(entry->headers.len == 0
			&& text_replace(&entry->headers, &uri->headers) < 0)
		return XML_NO_MEMORY;
	return XML_DONE;
}


static xml_result_t on_entry(xml_intake_t *xml)
{
	xml_result_t result;
	xmlChar *owned;
	uri_parts_t uri;
	str text;

	xml_attribute(xml, NULL, "uri", &text, &owned);
	if(sip_uri_parse(&text, &uri) < 0)
		result = xml_broken(xml, "an entry without a usable URI");
	else
		result = take_uri(xml, &uri);
	xmlFree(owned);
	return result;
}


/* ---- the walk ---- */

static xml_result_t on_element(xml_intake_t *xml, int depth)
{
	intake_t *in = xml->arg;

	if(depth == 0)
		return xml_is_named(xml, NS_LISTS, "resource-lists")
					   ? XML_DONE
					   : xml_broken(xml, "no resource-lists");
	if(in->current >= 0) {
		if(in->naming || !xml_is_named(xml, NS_LISTS, "display-name")
				|| in->list->entry[in->current].display.len > 0)
			return xml_pass_over(xml, depth);
		in->naming = 1;
		return XML_DONE;
	}
	if(xml_is_named(xml, NS_LISTS, "list"))
		return XML_DONE;
	if(depth > 1 && xml_is_named(xml, NS_LISTS, "entry"))
		return on_entry(xml);
	return xml_pass_over(xml, depth);
}


static xml_result_t on_end(xml_intake_t *xml, int depth)
{
	intake_t *in = xml->arg;
	str *display;

	if(!in->naming) {
		in->current = -1;
		return XML_DONE;
	}
	in->naming = 0;
	display = &in->list->entry[in->current].display;
	if(xml_take_name(display, &in->name, DISPLAY_MAX) < 0)
		return XML_NO_MEMORY;
	buffer_clear(&in->name);
	return XML_DONE;
}


static xml_result_t on_text(xml_intake_t *xml, const char *text)
{
	intake_t *in = xml->arg;

	if(in->naming && buffer_add_text(&in->name, text) < 0)
		return XML_NO_MEMORY;
	return XML_DONE;
}


static const xml_handler_t handler = {.size_max = SIZE_MAX_XML,
		.depth_max = DEPTH_MAX,
		.element = on_element,
		.end = on_end,
		.text = on_text};


list_result_t resource_list_parse(const str *xml, int max_entries,
		resource_list_t *list, char *why, size_t why_size)
{
	intake_t in = {.list = list, .current = -1};
	xml_intake_t reading = {
			.handler = &handler, .arg = &in, .why = why, .why_size = why_size};
	xml_result_t result;

	memset(list, 0, sizeof(*list));
	in.limit = max_entries > 0 && max_entries < ENTRIES_MAX ? max_entries
															: ENTRIES_MAX;
	map_init(&in.by_uri);
	buffer_init(&in.name, SIZE_MAX_XML);
	result = xml_read(&reading, xml);
	buffer_free(&in.name);
	forget_seen(&in);
	if(result != XML_DONE)
		resource_list_free(list);
	return (list_result_t)result;
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
