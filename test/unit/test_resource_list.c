/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of wire/resource_list: clauses A2 and E2, and what a stranger
 * may send instead of a list.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <libxml/parser.h>
#include "schema.h"
#include "base/random.h"
#include "wire/resource_list.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define HEAD                                                           \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"                   \
	"<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\" " \
	"xmlns:cp=\"urn:ietf:params:xml:ns:copycontrol\">"
#define TAIL "</resource-lists>"
#define LIST(entries) HEAD "<list>" entries "</list>" TAIL
#define BOB "<entry uri=\"sip:bob@x\"/>"

static int loads; /* external entities anybody asked for */
static xmlExternalEntityLoader system_load; /* for schemas only */

static xmlParserInputPtr count_load(
		const char *url, const char *id, xmlParserCtxtPtr ctxt)
{
	(void)url;
	(void)id;
	(void)ctxt;
	loads++;
	return NULL;
}


static str text_of(const char *s)
{
	return (str){(char *)s, s ? (int)strlen(s) : 0};
}


static void assert_text(str got, const char *want)
{
	str e = text_of(want);

	if(!text_eq(&got, &e))
		fail_msg("'%.*s', not '%s'", TEXT_ARG(&got), want);
}


static list_result_t parse(const char *xml, int max, resource_list_t *list)
{
	str text = text_of(xml);

	return resource_list_parse(&text, max, list, NULL, 0);
}


static double seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}


/* a list on one line: uri[?headers][ display]=[to|cc|bcc][!] ... */
static void describe(const resource_list_t *list, buffer_t *out)
{
	static const char *const copy[] = {"bcc", "cc", "to"};

	for(int i = 0; i < list->count; i++) {
		const list_entry_t *e = &list->entry[i];

		buffer_add_text(out, i ? " | " : "");
		buffer_add_str(out, &e->uri);
		buffer_add_text(out, e->headers.len ? "?" : "");
		buffer_add_str(out, &e->headers);
		buffer_add_text(out, e->display.len ? " " : "");
		buffer_add_str(out, &e->display);
		buffer_printf(out, "=%s%s", copy[e->copy], e->anonymize ? "!" : "");
	}
}


static void assert_parsed(const char *xml, const char *want)
{
	resource_list_t list;
	buffer_t out;

	if(parse(xml, 0, &list) != LIST_OK)
		fail_msg("refused: %s", xml);
	buffer_init(&out, 0);
	describe(&list, &out);
	assert_text(buffer_str(&out), want);
	buffer_free(&out);
	resource_list_free(&list);
}


static const struct
{
	const char *xml, *list;
} good[] = {
		{LIST(""), ""},
		{HEAD TAIL, ""},
		{LIST(BOB), "sip:bob@x=bcc"},
		/* the RCS reference client */
		{"<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<resource-lists "
		 "xmlns=\"urn:ietf:params:xml:ns:resource-lists\" xmlns:cp=\"urn:"
		 "ietf:params:xml:ns:copycontrol\"><list>\r\n <entry "
		 "uri=\"tel:+33612345678\" cp:copyControl=\"to\"/>\r\n"
		 "</list></resource-lists>\r\n",
				"tel:+33612345678=to"},
		/* liblinphone; a prefix, standalone */
		{"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\" ?>"
		 "<p1:resource-lists "
		 "xmlns:p1=\"urn:ietf:params:xml:ns:resource-lists\"><p1:list>"
		 "<p1:entry uri=\"sip:bob@x\"/><p1:entry uri=\"sip:c@x\"/>"
		 "</p1:list></p1:resource-lists>",
				"sip:bob@x=bcc | sip:c@x=bcc"},
		/* the namespace as RFC 5366 prints it */
		{"<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\" "
		 "xmlns:c=\"urn:ietf:params:xml:ns:copyControl\"><list>"
		 "<entry uri=\"sip:a@x\" c:copyControl=\"cc\" c:anonymize=\"1\"/>"
		 "</list></resource-lists>",
				"sip:a@x=cc!"},
		{LIST("<entry uri='sip:a@x' cp:copyControl=' to '"
			  " cp:anonymize='true'/>"
			  "<entry uri='sip:b@x' cp:copyControl='TO'"
			  " cp:anonymize='false'/>"
			  "<entry uri='sip:c@x' copyControl='to'/>"),
				"sip:a@x=to! | sip:b@x=bcc | sip:c@x=bcc"},
		/* nested lists in document order */
		{HEAD "<list><display-name>L</display-name>" BOB
			  "<list name='i'><entry uri='sip:c@x'/></list>"
			  "<entry uri='sip:d@x'/></list>"
			  "<list><entry uri='sip:e@x'/></list>" TAIL,
				"sip:bob@x=bcc | sip:c@x=bcc | sip:d@x=bcc | sip:e@x=bcc"},
		/* what is passed over, with all that is in it */
		{LIST("<external anchor='http://x/y'><list>" BOB
			  "</list></external><entry-ref ref='z'/>"
			  "<q:entry xmlns:q='urn:q' uri='sip:no@x'/>"
			  "<entry uri='sip:a@x'><q:x xmlns:q='urn:q'>" BOB
			  "</q:x></entry><!-- <entry/> --><?pi entry?>"
			  "<entry uri='sip:c@x'/>"),
				"sip:a@x=bcc | sip:c@x=bcc"},
		/* prefixes that nobody declared are nobody's names */
		{LIST("<x:entry uri='sip:a@x'/><entry uri='sip:b@x' "
			  "x:copyControl='to'/>"),
				"sip:b@x=bcc"},
		{HEAD "<entry uri='sip:no@x'/><list>" BOB "</list>" TAIL,
				"sip:bob@x=bcc"},
		/* display names */
		{LIST("<entry uri='sip:a@x'><display-name> A &amp; <![CDATA[<B>]]>"
			  "&#10;C&#xe9; </display-name><display-name>no"
			  "</display-name></entry><entry uri='sip:b@x'>"
			  "<display-name/></entry><entry uri='sip:c@x'><display-name>"
			  "c<b>no</b>c<display-name>no</display-name></display-name>"
			  "<entry uri='sip:no@x'/></entry>"),
				"sip:a@x A & <B> C\xc3\xa9=bcc | sip:b@x=bcc | "
				"sip:c@x cc=bcc"},
		/* E2: headers stay with their entry, escaped for XML */
		{LIST("<entry uri='sip:bob@x?Replaces=a%40b&amp;Subject=c'"
			  " cp:copyControl='to'/>"
			  "<entry uri='sip:c@x;method=INVITE?Session-Replaces=12'/>"),
				"sip:bob@x?Replaces=a%40b&Subject=c=to | "
				"sip:c@x;method=INVITE?Session-Replaces=12=bcc"},
		/* merged: to before cc before bcc, anonymous once is always */
		{LIST("<entry uri='sip:b@x' cp:copyControl='cc'>"
			  "<display-name>B</display-name></entry>"
			  "<entry uri=' sip:b@x ' cp:copyControl='to'/>"
			  "<entry uri='sip:c@x' cp:copyControl='bcc'/>"
			  "<entry uri='sip:b@x?Replaces=1' cp:anonymize='true'>"
			  "<display-name>no</display-name></entry>"
			  "<entry uri='sip:B@x'/><entry uri='sip:c@x'>"
			  "<display-name>C</display-name></entry>"),
				"sip:b@x?Replaces=1 B=to! | sip:c@x C=bcc | sip:B@x=bcc"},
		{"\xef\xbb\xbf" LIST(BOB), "sip:bob@x=bcc"},
		{"\r\n" LIST(BOB) "\r\n\r\n", "sip:bob@x=bcc"},
};


static void test_good(void **state)
{
	(void)state;
	for(size_t i = 0; i < COUNT(good); i++)
		assert_parsed(good[i].xml, good[i].list);
}


static void test_broken(void **state)
{
	static const char *const row[] = {"", " ", "<", "garbage", "<a/>",
			"<resource-lists/>", "<resource-lists xmlns='urn:x'/>",
			"<list xmlns='urn:ietf:params:xml:ns:resource-lists'/>",
			LIST(BOB) "<a/>", LIST(BOB) "x", LIST("<entry/>"),
			LIST("<entry uri=''/>"), LIST("<entry uri='bob'/>"),
			LIST("<entry uri='http://x'/>"),
			LIST("<entry uri='sip:b@x&#13;&#10;Via: y'/>"),
			LIST(BOB "<entry uri='sip:b@'/>"), LIST(BOB "&nosuch;"),
			LIST("<entry uri='sip:b@x' uri='sip:c@x'/>"),
			LIST("<entry uri='sip:b&nosuch;@x'/>"), HEAD "<list>" BOB,
			HEAD "<list>" BOB "</resource-lists>",
			LIST("<entry uri='sip:a@x'><display-name>J\xf6rg</display-name>"
				 "</entry>"),
			LIST("<entry uri='sip:a@x'><display-name>&#0;</display-name>"
				 "</entry>"),
			/* a DTD: alone, inside, external, in other disguises */
			"<!DOCTYPE resource-lists>" LIST(BOB),
			"<!DOCTYPE r SYSTEM \"http://127.0.0.1:1/r.dtd\"><r/>",
			"<?xml version=\"1.0\" encoding=\"UTF-7\"?>"
			"+ADwAIQ-DOCTYPE r+AD4-<r/>"};
	resource_list_t list;

	(void)state;
	for(size_t i = 0; i < COUNT(row); i++) {
		if(parse(row[i], 0, &list) != LIST_BROKEN)
			fail_msg("row %zu is taken: %s", i, row[i]);
		assert_null(list.entry);
		assert_int_equal(list.count, 0);
	}
}


/* every shorter piece of a good document is refused, none is read beyond */
static void test_truncated(void **state)
{
	static const char whole[] =
			LIST("<entry uri='sip:b@x' cp:copyControl='to'><display-name>B&amp;"
				 "</display-name></entry>");
	resource_list_t list;

	(void)state;
	for(size_t len = 0; len < sizeof(whole) - 1; len++) {
		char *copy = malloc(len ? len : 1);

		memcpy(copy, whole, len);
		assert_int_equal(
				resource_list_parse(&(str){copy, (int)len}, 0, &list, NULL, 0),
				LIST_BROKEN);
		free(copy);
	}
}


static void assert_broken_quickly(const buffer_t *xml)
{
	double begin = seconds();
	resource_list_t list;
	str text = buffer_str(xml);

	assert_int_equal(
			resource_list_parse(&text, 0, &list, NULL, 0), LIST_BROKEN);
	assert_true(seconds() - begin < 1.0);
}


static void test_bomb(void **state)
{
	static const char entity[] = "<!ENTITY x SYSTEM \"file:///etc/passwd\">";
	buffer_t xml;

	(void)state;
	buffer_init(&xml, 0);
	loads = 0;
	buffer_add_text(&xml, "<?xml version=\"1.0\"?><!DOCTYPE r [<!ENTITY a0 "
						  "\"ha\">");
	for(int i = 1; i < 40; i++)
		buffer_printf(&xml, "<!ENTITY a%d \"&a%d;&a%d;\">", i, i - 1, i - 1);
	buffer_add_text(&xml, "]>" LIST("<entry uri='sip:&a39;@x'/>"));
	assert_broken_quickly(&xml);
	buffer_clear(&xml);
	buffer_printf(&xml, "<!DOCTYPE r [%s]>%s", entity,
			LIST("<entry uri='sip:b@x'><display-name>&x;</display-name>"
				 "</entry>"));
	assert_broken_quickly(&xml);
	buffer_clear(&xml);
	buffer_add_text(&xml, "<!DOCTYPE r [<!ENTITY % p SYSTEM "
						  "\"http://127.0.0.1:1/p\">%p;]><r/>");
	assert_broken_quickly(&xml);
	assert_int_equal(loads, 0);
	buffer_free(&xml);
}


/* the same attack in an encoding that a plain search does not see */
static void test_other_encodings(void **state)
{
	static const char plain[] = "<!DOCTYPE r [<!ENTITY a \"b\">]><r>&a;</r>";
	buffer_t xml;

	(void)state;
	buffer_init(&xml, 0);
	for(int mark = 0; mark < 2; mark++) {
		buffer_clear(&xml);
		buffer_add(&xml, "\xff\xfe", mark ? 2 : 0);
		for(size_t i = 0; i < sizeof(plain) - 1; i++) {
			buffer_add(&xml, &plain[i], 1);
			buffer_add(&xml, "\0", 1);
		}
		assert_broken_quickly(&xml);
	}
	/* "<?xm" in EBCDIC */
	buffer_clear(&xml);
	buffer_add(&xml, "\x4c\x6f\xa7\x94\x6e\x4c\x99\x61\x6e", 9);
	assert_broken_quickly(&xml);
	buffer_free(&xml);
}


static void test_nesting(void **state)
{
	buffer_t xml;
	resource_list_t list;
	str text;

	(void)state;
	buffer_init(&xml, 0);
	/* root, 14 lists and the entry: 16 */
	buffer_add_text(&xml, HEAD);
	for(int i = 0; i < 14; i++)
		buffer_add_text(&xml, "<list>");
	buffer_add_text(&xml, BOB);
	for(int i = 0; i < 14; i++)
		buffer_add_text(&xml, "</list>");
	buffer_add_text(&xml, TAIL);
	text = buffer_str(&xml);
	assert_int_equal(resource_list_parse(&text, 0, &list, NULL, 0), LIST_OK);
	assert_int_equal(list.count, 1);
	resource_list_free(&list);
	/* one more, also where nothing of it is looked at */
	assert_int_equal(parse(LIST("<a><a><a><a><a><a><a><a><a><a><a><a><a><a>"
								"<a/></a></a></a></a></a></a></a></a></a></a>"
								"</a></a></a></a>"),
							 0, &list),
			LIST_BROKEN);
	for(int size = 60000; size <= 1000000; size += 940000) {
		buffer_clear(&xml);
		buffer_add_text(&xml, HEAD);
		while(xml.len < (size_t)size)
			buffer_add_text(&xml, "<list>");
		assert_broken_quickly(&xml);
	}
	buffer_free(&xml);
}


static void test_huge_parts(void **state)
{
	buffer_t xml;

	(void)state;
	buffer_init(&xml, 0);
	/* attributes, namespaces; each compared with each by the parser */
	for(int kind = 0; kind < 2; kind++) {
		buffer_clear(&xml);
		buffer_add_text(&xml, HEAD "<list><entry uri='sip:b@x'");
		for(int i = 0; xml.len < 1000000; i++)
			buffer_printf(&xml, " %s%x=''", kind ? "xmlns:n" : "n", i);
		buffer_add_text(&xml, "/></list>" TAIL);
		assert_broken_quickly(&xml);
	}
	buffer_clear(&xml);
	buffer_add_text(&xml, HEAD "<list><entry uri='sip:");
	while(xml.len < 1000000)
		buffer_add_text(&xml, "bbbbbbbbbb");
	buffer_add_text(&xml, "@x'/></list>" TAIL);
	assert_broken_quickly(&xml);
	buffer_clear(&xml);
	while(xml.len < (1 << 20) + 1)
		buffer_add_text(&xml, "<");
	assert_broken_quickly(&xml);
	buffer_free(&xml);
}


static void make_list(buffer_t *xml, int count, const char *after)
{
	buffer_clear(xml);
	buffer_add_text(xml, HEAD "<list>");
	for(int i = 0; i < count; i++)
		buffer_printf(xml, "<entry uri=\"sip:user%d@x.org\"/>", i);
	buffer_printf(xml, "%s</list>" TAIL, after);
}


static void test_limits(void **state)
{
	static const struct
	{
		int entries, max;
		const char *after;
		list_result_t result;
	} row[] = {
			{5, 5, "", LIST_OK}, {5, 4, "", LIST_TOO_LONG},
			/* the same one again is none more */
			{5, 5, "<entry uri='sip:user0@x.org'/>", LIST_OK},
			{5, 5, "<entry uri='sip:user5@x.org'/>", LIST_TOO_LONG},
			{10000, 0, "", LIST_OK}, {10000, 10000, "", LIST_OK},
			{10001, 0, "", LIST_TOO_LONG}, {10001, 20000, "", LIST_TOO_LONG},
			{1600, 10, "", LIST_TOO_LONG}, /* 60 KB */
	};
	resource_list_t list;
	buffer_t xml;
	str text;

	(void)state;
	buffer_init(&xml, 0);
	for(size_t i = 0; i < COUNT(row); i++) {
		double begin = seconds();

		make_list(&xml, row[i].entries, row[i].after);
		text = buffer_str(&xml);
		assert_int_equal(resource_list_parse(&text, row[i].max, &list, NULL, 0),
				row[i].result);
		assert_true(seconds() - begin < 2.0);
		if(row[i].result == LIST_OK)
			assert_int_equal(list.count, row[i].entries);
		else
			assert_null(list.entry);
		if(list.count == 10000)
			assert_text(list.entry[9999].uri, "sip:user9999@x.org");
		resource_list_free(&list);
	}
	buffer_free(&xml);
}


static void test_long_display(void **state)
{
	buffer_t xml;
	resource_list_t list;
	str text;

	(void)state;
	buffer_init(&xml, 0);
	buffer_add_text(&xml, HEAD "<list><entry uri='sip:b@x'><display-name>x");
	for(int i = 0; i < 5000; i++)
		buffer_add_text(&xml, "\xc3\xa9");
	buffer_add_text(&xml, "</display-name></entry></list>" TAIL);
	text = buffer_str(&xml);
	assert_int_equal(resource_list_parse(&text, 0, &list, NULL, 0), LIST_OK);
	assert_int_equal(list.entry[0].display.len, 255);
	assert_memory_equal(list.entry[0].display.s + 253, "\xc3\xa9", 2);
	resource_list_free(&list);
	buffer_free(&xml);
}


static void test_why(void **state)
{
	static const struct
	{
		const char *xml, *why;
	} row[] = {
			{LIST(BOB), ""},
			{LIST("<x:a/>"), ""},
			{HEAD "\n\n<list></lost>", "line 4: "},
			{HEAD "\n<list><entry/>", "line 3: an entry without a usable URI"},
			{"<!DOCTYPE x><x/>", "line 1: a document type definition"},
			{"<x/>", "line 1: no resource-lists"},
			{"x", "line 1: not XML in UTF-8"},
	};
	resource_list_t list;
	char why[100], tiny[8];

	(void)state;
	for(size_t i = 0; i < COUNT(row); i++) {
		str text = text_of(row[i].xml);

		memset(why, 'x', sizeof(why));
		resource_list_parse(&text, 0, &list, why, sizeof(why));
		resource_list_free(&list);
		if(strncmp(why, row[i].why, strlen(row[i].why)) != 0)
			fail_msg("row %zu: %s", i, why);
		if(row[i].why[0] == '\0')
			assert_string_equal(why, "");
		for(char *p = why; *p; p++)
			assert_true((unsigned char)*p >= ' ');
	}
	resource_list_parse(&TEXT("<x/>"), 0, &list, tiny, sizeof(tiny));
	assert_string_equal(tiny, "line 1:");
}


/* libxml2 would tell the terminal about every broken list */
static void test_silence(void **state)
{
	static const char *const row[] = {"<a", LIST("<entry uri='&x;'/>"),
			LIST("<q:entry/>"), "<?xml version='1.0' encoding='x-none'?><a/>",
			"<?xml version='9'?><a xmlns='not a uri'/>"};
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);
	resource_list_t list;
	long said;

	(void)state;
	assert_non_null(file);
	fflush(stderr);
	dup2(fileno(file), STDERR_FILENO);
	for(size_t i = 0; i < COUNT(row); i++) {
		parse(row[i], 0, &list);
		resource_list_free(&list);
	}
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	fseek(file, 0, SEEK_END);
	said = ftell(file);
	fclose(file);
	assert_int_equal(said, 0);
}


static void test_garbage(void **state)
{
	static const char *const piece[] = {HEAD, TAIL, "<list>", "</list>", BOB,
			"<entry", " uri=", "'sip:c@x'", "\"", "/>", ">", "<", "&amp;", "&",
			"<display-name>", "</display-name>", "</entry>", "<!--", "-->",
			"<![CDATA[", "]]>", "x", "\xff", "cp:copyControl='to'", "<entry>"};
	unsigned char pick[24];
	resource_list_t list;
	buffer_t xml;
	str text;

	(void)state;
	buffer_init(&xml, 0);
	for(int round = 0; round < 3000; round++) {
		random_bytes(pick, sizeof(pick));
		buffer_clear(&xml);
		buffer_add_text(&xml, round % 2 ? HEAD "<list>" : "");
		for(size_t i = 0; i < pick[0] % sizeof(pick); i++)
			buffer_add_text(&xml, piece[pick[i] % COUNT(piece)]);
		buffer_add_text(&xml, round % 2 ? "</list>" TAIL : "");
		text = buffer_str(&xml);
		if(resource_list_parse(&text, 0, &list, NULL, 0) != LIST_OK)
			assert_null(list.entry);
		resource_list_free(&list);
	}
	buffer_free(&xml);
}


static void test_history(void **state)
{
	/* figures 3 and 4 of RFC 5364 */
	static const char xml[] =
			LIST("<entry uri=\"sip:bill@example.com\" cp:copyControl=\"to\" />"
				 "<entry uri=\"sip:randy@example.net\" cp:copyControl=\"to\""
				 " cp:anonymize=\"true\"/>"
				 "<entry uri=\"sip:eddy@example.com\" cp:copyControl=\"to\""
				 " cp:anonymize=\"true\"/>"
				 "<entry uri=\"sip:joe@example.org\" cp:copyControl=\"cc\" />"
				 "<entry uri=\"sip:carol@example.net\" cp:copyControl=\"cc\""
				 " cp:anonymize=\"true\"/>"
				 "<entry uri=\"sip:ted@example.net\" cp:copyControl=\"bcc\" />"
				 "<entry uri=\"sip:andy@example.com\" cp:anonymize=\"true\"/>");
	resource_list_t list;
	buffer_t out;

	(void)state;
	buffer_init(&out, 0);
	assert_int_equal(parse(xml, 0, &list), LIST_OK);
	assert_int_equal(resource_list_write_history(&list, &out), 4);
	assert_text(buffer_str(&out), HEAD
			"\r\n<list>\r\n"
			"<entry uri=\"sip:bill@example.com\" cp:copyControl=\"to\"/>\r\n"
			"<entry uri=\"sip:anonymous@anonymous.invalid\" "
			"cp:copyControl=\"to\" cp:count=\"2\"/>\r\n"
			"<entry uri=\"sip:joe@example.org\" cp:copyControl=\"cc\"/>\r\n"
			"<entry uri=\"sip:anonymous@anonymous.invalid\" "
			"cp:copyControl=\"cc\" cp:count=\"1\"/>\r\n"
			"</list>\r\n" TAIL "\r\n");
	resource_list_free(&list);
	buffer_free(&out);
}


static void test_history_schema(void **state)
{
	resource_list_t list = {NULL, 0, 0};
	char path[512];
	buffer_t out;
	str xml;

	(void)state;
	if(!schema_path("resource-lists-rfc.xsd", path, sizeof(path)))
		skip();
	buffer_init(&out, 0);
	for(int copy = COPY_BCC; copy <= COPY_TO; copy++) {
		for(int anonymize = 0; anonymize < 2; anonymize++)
			assert_int_equal(resource_list_add(&list, &TEXT("sip:b@x"),
									 &TEXT("<Bob>"), copy, anonymize),
					0);
	}
	assert_int_equal(resource_list_write_history(&list, &out), 4);
	xml = buffer_str(&out);
	xmlSetExternalEntityLoader(system_load);
	assert_int_equal(schema_validate(path, &xml), 0);
	xmlSetExternalEntityLoader(count_load);
	resource_list_free(&list);
	buffer_free(&out);
}


/* what we write, we read */
static void test_there_and_back(void **state)
{
	resource_list_t list = {NULL, 0, 0};
	buffer_t out;
	str name = TEXT("A <\"&'> \xc3\xa9");

	(void)state;
	buffer_init(&out, 0);
	assert_int_equal(
			resource_list_add(&list, &TEXT("sip:a&b@x"), &name, COPY_TO, 0), 0);
	assert_int_equal(
			resource_list_add(&list, &TEXT("tel:+1"), NULL, COPY_CC, 0), 0);
	assert_int_equal(
			resource_list_add(&list, &TEXT("sip:no@x"), NULL, COPY_BCC, 0), 0);
	assert_int_equal(resource_list_write_history(&list, &out), 2);
	resource_list_free(&list);
	buffer_add(&out, "", 1);
	assert_parsed(out.s, "sip:a&b@x A <\"&'> \xc3\xa9=to | tel:+1=cc");
	buffer_free(&out);
	buffer_init(&out, 100);
	assert_int_equal(resource_list_write_history(&list, &out), -1);
	buffer_free(&out);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_good),
			cmocka_unit_test(test_broken),
			cmocka_unit_test(test_truncated),
			cmocka_unit_test(test_bomb),
			cmocka_unit_test(test_other_encodings),
			cmocka_unit_test(test_nesting),
			cmocka_unit_test(test_huge_parts),
			cmocka_unit_test(test_limits),
			cmocka_unit_test(test_long_display),
			cmocka_unit_test(test_why),
			cmocka_unit_test(test_silence),
			cmocka_unit_test(test_garbage),
			cmocka_unit_test(test_history),
			cmocka_unit_test(test_history_schema),
			cmocka_unit_test(test_there_and_back),
	};
	int failed;

	xmlInitParser();
	system_load = xmlGetExternalEntityLoader();
	xmlSetExternalEntityLoader(count_load);
	failed = cmocka_run_group_tests_name("resource_list", tests, NULL, NULL);
	xmlCleanupParser();
	return failed;
}
