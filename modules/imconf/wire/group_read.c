/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * group_read: the XML of group documents and of the resource lists they refer
 * to, by a grammar in a table. Called by group_document.c; knows neither who
 * asks nor where a document comes from.
 */
#include <limits.h>
#include "model/identity.h"
#include "wire/group_build.h"
#include "wire/xml_reader.h"

#define SIZE_MAX_XML (8 << 20)
#define DEPTH_MAX 32
#define DISPLAY_MAX 256

_Static_assert((int)XML_TOO_LONG == (int)GROUP_TOO_LONG
					   && (int)XML_NO_MEMORY == (int)GROUP_MEMORY,
		"results are handed on as they are");

/* namespaces, as bits where several will do */
enum
{
	GROUPS = 1 << 0, /* OMA list-service */
	EXTENSIONS = 1 << 1,
	LISTS = 1 << 2, /* RFC 4826 */
	RULES = 1 << 3, /* RFC 4745 */
	OMA_RULES = 1 << 4
};

static const struct
{
	const char *uri;
	int bit;
} namespaces[] = {
		{"urn:oma:xml:poc:list-service", GROUPS},
		{"urn:oma:params:xml:ns:list-service", GROUPS}, /* drafts of 2005 */
		{"urn:oma:xml:poc:poc2.0-shared-group-ext", EXTENSIONS},
		{"urn:oma:xml:xdm:extensions", EXTENSIONS},
		{"urn:oma:xml:xdm:group", EXTENSIONS},
		{"urn:ietf:params:xml:ns:resource-lists", LISTS},
		{"urn:ietf:params:xml:ns:common-policy", RULES},
		{"urn:oma:xml:xdm:common-policy", OMA_RULES},
};

typedef enum kind
{
	IN_GROUP_DOCUMENT, /* above the root */
	IN_LISTS_DOCUMENT,
	GROUP,
	SERVICE,
	DISPLAY,
	SUBJECT,
	LIST,
	ENTRY,
	ENTRY_DISPLAY,
	EXTERNAL,
	INVITE_MEMBERS,
	MAX_COUNT,
	RULESET,
	RULE,
	CONDITIONS,
	IDENTITY,
	ONE,
	MANY,
	EXCEPT,
	IS_MEMBER,
	OTHER,
	ANONYMOUS,
	EXTERNAL_LIST,
	ANCHOR,
	ACTIONS,
	ACTION
} kind_t;

typedef struct element
{
	const char *name;
	kind_t parent;
	int spaces;
	kind_t kind;
	unsigned permission;
} element_t;

/* clang-format off */
static const element_t grammar[] = {
	{"group", IN_GROUP_DOCUMENT, GROUPS, GROUP, 0},
	{"list-service", IN_GROUP_DOCUMENT, GROUPS, SERVICE, 0},
	{"resource-lists", IN_LISTS_DOCUMENT, LISTS, LIST, 0},
	{"list", IN_LISTS_DOCUMENT, LISTS, LIST, 0},
	{"list-service", GROUP, GROUPS, SERVICE, 0},
	{"display-name", SERVICE, GROUPS | LISTS, DISPLAY, 0},
	{"subject", SERVICE, GROUPS | EXTENSIONS, SUBJECT, 0},
	{"list", SERVICE, GROUPS | LISTS, LIST, 0},
	{"invite-members", SERVICE, GROUPS, INVITE_MEMBERS, 0},
	{"max-participant-count", SERVICE, GROUPS, MAX_COUNT, 0},
	{"ruleset", SERVICE, RULES, RULESET, 0},
	{"list", LIST, GROUPS | LISTS, LIST, 0},
	{"entry", LIST, GROUPS | LISTS, ENTRY, 0},
	{"external", LIST, GROUPS | LISTS, EXTERNAL, 0},
	{"display-name", ENTRY, GROUPS | LISTS, ENTRY_DISPLAY, 0},
	{"rule", RULESET, RULES, RULE, 0},
	{"conditions", RULE, RULES, CONDITIONS, 0},
	{"actions", RULE, RULES, ACTIONS, 0},
	{"identity", CONDITIONS, RULES, IDENTITY, 0},
	{"is-list-member", CONDITIONS, GROUPS, IS_MEMBER, 0},
	{"other-identity", CONDITIONS, OMA_RULES, OTHER, 0},
	{"anonymous-request", CONDITIONS, OMA_RULES, ANONYMOUS, 0},
	{"external-list", CONDITIONS, OMA_RULES, EXTERNAL_LIST, 0},
	{"entry", EXTERNAL_LIST, OMA_RULES, ANCHOR, 0},
	{"one", IDENTITY, RULES, ONE, 0},
	{"many", IDENTITY, RULES, MANY, 0},
	{"except", MANY, RULES, EXCEPT, 0},
	{"allow-initiate-conference", ACTIONS, GROUPS | EXTENSIONS, ACTION,
			MAY_INITIATE},
	{"join-handling", ACTIONS, GROUPS | EXTENSIONS, ACTION, MAY_JOIN},
	{"allow-invite-users-dynamically", ACTIONS, GROUPS | EXTENSIONS, ACTION,
			MAY_INVITE},
	{"allow-conference-state", ACTIONS, GROUPS | EXTENSIONS, ACTION,
			MAY_WATCH},
	{"allow-anonymity", ACTIONS, GROUPS | EXTENSIONS, ACTION,
			MAY_BE_ANONYMOUS},
	{"is-key-participant", ACTIONS, GROUPS | EXTENSIONS, ACTION, IS_KEY},
	{"allow-expelling", ACTIONS, GROUPS | EXTENSIONS, ACTION, MAY_EXPEL},
};
/* clang-format on */

/* what one document has told so far */
typedef struct intake
{
	group_document_t *group;
	kind_t start;
	kind_t stack[DEPTH_MAX + 1]; /* [depth + 1]: the element at that depth */
	identity_t asked;			 /* for this list-service */
	const str *asked_uri;
	int has_service;
	int has_asked;		 /* and it is the one */
	int member;			 /* whose entry is open, below 0: none */
	int list;			 /* number of the list that is read, 0: a group */
	str *anchor;		 /* where anchors go */
	int *anchors;		 /* their count */
	int anchors_max;	 /* and limit */
	int conditions;		 /* of all rules */
	int counted;		 /* max-participant-count was there */
	unsigned permission; /* of the open action */
	buffer_t text;		 /* of the open element */
} intake_t;


static xml_result_t limit(
		xml_intake_t *xml, group_result_t result, const char *text)
{
	if(result == GROUP_TOO_LONG)
		return xml_too_long(xml, text);
	return (xml_result_t)result;
}


/* ---- list-service ---- */

static int is_asked(const intake_t *in, const str *uri)
{
	identity_t id;
	int same;

	if(text_eq(uri, in->asked_uri))
		return 1;
	identity_init(&id, uri);
	same = identity_eq(&id, &in->asked);
	identity_free(&id);
	return same;
}


static void start_over(intake_t *in)
{
	group_document_clear(in->group);
	in->conditions = 0;
	in->counted = 0;
}


static xml_result_t begin_service(xml_intake_t *xml, int depth)
{
	intake_t *in = xml->arg;
	xmlChar *owned;
	str uri;
	int same, failed;

	xml_attribute(xml, NULL, "uri", &uri, &owned);
	same = is_asked(in, &uri);
	if(in->has_asked || (in->has_service && !same)) {
		xmlFree(owned);
		return xml_pass_over(xml, depth);
	}
	start_over(in);
	in->has_service = 1;
	in->has_asked = same;
	failed = text_replace(&in->group->uri, uri.len > 0 ? &uri : in->asked_uri);
	xmlFree(owned);
	return failed < 0 ? XML_NO_MEMORY : XML_DONE;
}


/* ---- lists ---- */

static xml_result_t begin_entry(xml_intake_t *xml)
{
	intake_t *in = xml->arg;
	xmlChar *owned;
	str uri;

	xml_attribute(xml, NULL, "uri", &uri, &owned);
	in->member = group_add_member(in->group, &uri, in->list);
	xmlFree(owned);
	if(in->member == GROUP_UNUSABLE) {
		in->group->unusable++;
		return XML_DONE;
	}
	if(in->member < 0)
		return limit(xml, in->member, "too many members");
	return XML_DONE;
}


static xml_result_t begin_external(xml_intake_t *xml)
{
	intake_t *in = xml->arg;
	group_result_t result = GROUP_OK;
	xmlChar *owned;
	str anchor;

	xml_attribute(xml, NULL, "anchor", &anchor, &owned);
	if(anchor.len > 0)
		result = group_add_anchor(
				in->anchor, in->anchors, in->anchors_max, &anchor);
	xmlFree(owned);
	return limit(xml, result, "too many external lists");
}


/* ---- conditions ---- */

static xml_result_t add_condition(xml_intake_t *xml, condition_type_t type,
		int alternative, const str *value)
{
	intake_t *in = xml->arg;

	if(in->conditions++ >= GROUP_CONDITIONS_MAX)
		return xml_too_long(xml, "too many conditions");
	return (xml_result_t)group_add_condition(
			in->group, type, alternative, value);
}


static group_rule_t *last_rule(intake_t *in)
{
	return &in->group->rule[in->group->rules - 1];
}


/* The <one> or <many> that is open holds for nobody */
static void spoil_alternative(intake_t *in)
{
	group_rule_t *rule = last_rule(in);
	int i = rule->conditions - 1;

	while(rule->condition[i].type == CONDITION_EXCEPT_ID
			|| rule->condition[i].type == CONDITION_EXCEPT_DOMAIN)
		i--;
	rule->condition[i].type = CONDITION_FALSE;
}


/* `user@host` without a scheme, as it is often written, is a sip one */
static int init_name(identity_t *id, const str *name)
{
	buffer_t with_scheme;
	str uri;
	int rc;

	*id = (identity_t){{NULL, 0}, {NULL, 0}};
	if(text_find_char(name, ':') >= 0)
		return identity_init(id, name);
	buffer_init(&with_scheme, 0);
	buffer_add_text(&with_scheme, "sip:");
	buffer_add_str(&with_scheme, name);
	uri = buffer_str(&with_scheme);
	rc = buffer_failed(&with_scheme) ? IDENTITY_MEMORY
									 : identity_init(id, &uri);
	buffer_free(&with_scheme);
	return rc;
}


static xml_result_t begin_one(xml_intake_t *xml)
{
	xml_result_t result = XML_NO_MEMORY;
	identity_t id;
	xmlChar *owned;
	str name;
	int rc;

	xml_attribute(xml, NULL, "id", &name, &owned);
	rc = init_name(&id, &name);
	if(rc == 0)
		result = add_condition(xml, CONDITION_ONE, 1, &id.key);
	else if(rc == IDENTITY_NO_URI)
		result = add_condition(xml, CONDITION_FALSE, 1, NULL);
	identity_free(&id);
	xmlFree(owned);
	return result;
}


static xml_result_t begin_many(xml_intake_t *xml)
{
	xml_result_t result;
	xmlChar *owned;
	str domain;
	/* an empty domain is nobody's, none at all is everybody's */
	int empty = xml_attribute(xml, NULL, "domain", &domain, &owned)
				&& domain.len == 0;

	result = add_condition(
			xml, empty ? CONDITION_FALSE : CONDITION_MANY, 1, &domain);
	xmlFree(owned);
	return result;
}


/* mailto:, xmpp: ... nobody comes here under such a name */
static int is_foreign(const str *name)
{
	return text_find_char(name, ':') > 0
		   && !text_starts_nocase(name, &TEXT("sip:"))
		   && !text_starts_nocase(name, &TEXT("sips:"))
		   && !text_starts_nocase(name, &TEXT("tel:"));
}


static xml_result_t except_id(xml_intake_t *xml, const str *name)
{
	xml_result_t result = XML_DONE;
	identity_t id;
	int rc = init_name(&id, name);

	if(rc == 0)
		result = add_condition(xml, CONDITION_EXCEPT_ID, 1, &id.key);
	else if(rc == IDENTITY_MEMORY)
		result = XML_NO_MEMORY;
	else if(!is_foreign(name))
		/* better nobody than the one who was meant to stay outside */
		spoil_alternative(xml->arg);
	identity_free(&id);
	return result;
}


static xml_result_t begin_except(xml_intake_t *xml)
{
	xml_result_t result = XML_DONE;
	xmlChar *owned;
	str value;

	if(xml_attribute(xml, NULL, "domain", &value, &owned))
		result = add_condition(xml, CONDITION_EXCEPT_DOMAIN, 1, &value);
	xmlFree(owned);
	if(result != XML_DONE)
		return result;
	if(xml_attribute(xml, NULL, "id", &value, &owned))
		result = except_id(xml, &value);
	xmlFree(owned);
	return result;
}


static xml_result_t begin_anchor(xml_intake_t *xml)
{
	xml_result_t result;
	xmlChar *owned;
	str anchor;

	xml_attribute(xml, NULL, "anc", &anchor, &owned);
	result = add_condition(xml, CONDITION_EXTERNAL, 1, &anchor);
	xmlFree(owned);
	return result;
}


/* ---- an element begins ---- */

static int namespace_bit(const xml_intake_t *xml)
{
	const xmlChar *uri = xmlTextReaderConstNamespaceUri(xml->reader);

	for(size_t i = 0; uri && i < sizeof(namespaces) / sizeof(*namespaces);
			i++) {
		if(xmlStrEqual(uri, BAD_CAST namespaces[i].uri))
			return namespaces[i].bit;
	}
	return 0;
}


static const element_t *find_element(const xml_intake_t *xml, kind_t parent)
{
	const xmlChar *name = xmlTextReaderConstLocalName(xml->reader);
	int bit = namespace_bit(xml);

	for(size_t i = 0; bit && i < sizeof(grammar) / sizeof(*grammar); i++) {
		if(grammar[i].parent == parent && (grammar[i].spaces & bit)
				&& xmlStrEqual(name, BAD_CAST grammar[i].name))
			return &grammar[i];
	}
	return NULL;
}


static xml_result_t on_unknown(xml_intake_t *xml, kind_t parent, int depth)
{
	xml_result_t result = XML_DONE;

	if(parent == IN_GROUP_DOCUMENT)
		return xml_broken(xml, "no group");
	if(parent == IN_LISTS_DOCUMENT)
		return xml_broken(xml, "no resource-lists");
	if(parent == CONDITIONS)
		result = add_condition(xml, CONDITION_FALSE, 0, NULL);
	else if(parent == ONE || parent == MANY)
		spoil_alternative(xml->arg);
	return result == XML_DONE ? xml_pass_over(xml, depth) : result;
}


static xml_result_t begin(xml_intake_t *xml, kind_t kind, int depth)
{
	intake_t *in = xml->arg;

	switch(kind) {
		case SERVICE:
			return begin_service(xml, depth);
		case ENTRY:
			return begin_entry(xml);
		case EXTERNAL:
			return begin_external(xml);
		case RULESET:
			in->group->has_rules = 1;
			return XML_DONE;
		case RULE:
			return limit(xml, group_add_rule(in->group), "too many rules");
		case IDENTITY:
			last_rule(in)->has_identity = 1;
			return add_condition(xml, CONDITION_FALSE, 0, NULL);
		case EXTERNAL_LIST:
			return add_condition(xml, CONDITION_FALSE, 0, NULL);
		case ONE:
			return begin_one(xml);
		case MANY:
			return begin_many(xml);
		case EXCEPT:
			return begin_except(xml);
		case ANCHOR:
			return begin_anchor(xml);
		default:
			return XML_DONE;
	}
}


static xml_result_t on_element(xml_intake_t *xml, int depth)
{
	intake_t *in = xml->arg;
	kind_t parent = in->stack[depth];
	const element_t *element = find_element(xml, parent);

	if(element == NULL)
		return on_unknown(xml, parent, depth);
	in->stack[depth + 1] = element->kind;
	in->permission = element->permission;
	buffer_clear(&in->text);
	return begin(xml, element->kind, depth);
}


/* ---- an element ends ---- */

static int is_true(const str *text)
{
	return text_eq(text, &TEXT("true")) || text_eq(text, &TEXT("1"));
}


/* A name that is not there yet */
static xml_result_t end_name(intake_t *in, str *name)
{
	if(name->len == 0 && xml_take_name(name, &in->text, DISPLAY_MAX) < 0)
		return XML_NO_MEMORY;
	return XML_DONE;
}


static xml_result_t end_entry_display(intake_t *in)
{
	if(in->member < 0)
		return XML_DONE;
	return end_name(in, &in->group->member[in->member].display);
}


static xml_result_t end_count(xml_intake_t *xml, const str *text)
{
	intake_t *in = xml->arg;
	str digits = text_from(text, text->len > 1 && text->s[0] == '+');
	uint64_t count;

	if(text_to_uint(&digits, UINT64_MAX, &count) < 0)
		return xml_broken(xml, "max-participant-count is no number");
	if(!in->counted)
		in->group->max_participants = count > INT_MAX ? INT_MAX : (int)count;
	in->counted = 1;
	return XML_DONE;
}


/* A condition that is a flag: empty, or a boolean in older documents */
static xml_result_t end_flag(
		xml_intake_t *xml, condition_type_t type, const str *text)
{
	if(text->len > 0 && !is_true(text))
		type = CONDITION_FALSE;
	return add_condition(xml, type, 0, NULL);
}


static void end_action(intake_t *in, const str *text)
{
	if(is_true(text)
			|| (in->permission == MAY_JOIN && text_eq(text, &TEXT("allow"))))
		last_rule(in)->actions |= in->permission;
}


static xml_result_t on_end(xml_intake_t *xml, int depth)
{
	intake_t *in = xml->arg;
	str all = buffer_str(&in->text), text = text_trim(&all);

	switch(in->stack[depth + 1]) {
		case DISPLAY:
			return end_name(in, &in->group->display);
		case SUBJECT:
			return end_name(in, &in->group->subject);
		case ENTRY_DISPLAY:
			return end_entry_display(in);
		case INVITE_MEMBERS:
			in->group->invite_members |= is_true(&text);
			return XML_DONE;
		case MAX_COUNT:
			return end_count(xml, &text);
		case IS_MEMBER:
			return end_flag(xml, CONDITION_IS_MEMBER, &text);
		case OTHER:
			return end_flag(xml, CONDITION_OTHER, &text);
		case ANONYMOUS:
			return end_flag(xml, CONDITION_ANONYMOUS, &text);
		case ACTION:
			end_action(in, &text);
			return XML_DONE;
		default:
			return XML_DONE;
	}
}


static xml_result_t on_text(xml_intake_t *xml, const char *text)
{
	intake_t *in = xml->arg;

	return buffer_add_text(&in->text, text) < 0 ? XML_NO_MEMORY : XML_DONE;
}


/* ---- a document ---- */

static const xml_handler_t handler = {.size_max = SIZE_MAX_XML,
		.depth_max = DEPTH_MAX,
		.element = on_element,
		.end = on_end,
		.text = on_text};


static group_result_t read_all(
		intake_t *in, const str *text, char *why, size_t why_size)
{
	xml_intake_t xml = {
			.handler = &handler, .arg = in, .why = why, .why_size = why_size};
	xml_result_t result;

	in->stack[0] = in->start;
	in->member = -1;
	buffer_init(&in->text, 2 * SIZE_MAX_XML);
	result = xml_read(&xml, text);
	if(result == XML_DONE && in->start == IN_GROUP_DOCUMENT && !in->has_service)
		result = xml_broken(&xml, "no list-service");
	buffer_free(&in->text);
	/* too large is this parser's own answer, the reader knows one */
	if(result == XML_BROKEN && text->len > SIZE_MAX_XML)
		result = XML_TOO_LONG;
	return (group_result_t)result;
}


group_result_t group_read(group_document_t *document, const str *xml,
		const str *uri, char *why, size_t why_size)
{
	intake_t in = {.group = document,
			.start = IN_GROUP_DOCUMENT,
			.asked_uri = uri,
			.anchor = document->external,
			.anchors = &document->externals,
			.anchors_max = GROUP_EXTERNALS_MAX};
	group_result_t result;

	if(identity_init(&in.asked, uri) == IDENTITY_MEMORY)
		return GROUP_MEMORY;
	result = read_all(&in, xml, why, why_size);
	identity_free(&in.asked);
	return result;
}


group_result_t group_read_list(group_document_t *document, const str *xml,
		str *further, int further_max, int *further_count, char *why,
		size_t why_size)
{
	intake_t in = {.group = document,
			.start = IN_LISTS_DOCUMENT,
			.asked_uri = &document->uri,
			.list = document->lists + 1,
			.anchor = further,
			.anchors = further_count,
			.anchors_max = further_max};

	return read_all(&in, xml, why, why_size);
}
