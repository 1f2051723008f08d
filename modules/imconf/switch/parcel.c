/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * parcel: see parcel.h. Made by messages and by outbound; knows nothing of
 * who is to get it.
 */
#include "base/random.h"
#include "switch/parcel.h"

#define ID_BITS 64 /* RFC 4975 section 7.1 */
#define HEADERS_MAX 16384


/* A fresh transaction id whose end-line occurs nowhere in the body. */
static str choose_id(char *space, const str *body)
{
	str id = {space, ID_BITS / 4};

	do {
		random_hex(space, ID_BITS);
	} while(msrp_id_occurs(&id, &body[0]) || msrp_id_occurs(&id, &body[1]));
	return id;
}


/* The range says what is there, to the octet: clients rely on it. */
static void write_headers(buffer_t *b, const content_t *content)
{
	uint64_t len = (uint64_t)content->body[0].len + content->body[1].len;

	buffer_add_text(b, "Message-ID: ");
	buffer_add_str(b, &content->message_id);
	buffer_add_text(b, "\r\nByte-Range: ");
	buffer_add_number(b, content->start);
	buffer_add_text(b, "-");
	buffer_add_number(b, content->start + len - 1);
	buffer_add_text(b, "/");
	if(content->total == MSRP_UNKNOWN)
		buffer_add_text(b, "*");
	else
		buffer_add_number(b, content->total);
	buffer_add_text(b, "\r\nFailure-Report: no\r\n");
	if(len == 0)
		return;
	buffer_add_str(b, &content->extra);
	buffer_add_text(b, "Content-Type: ");
	buffer_add_str(b, &content->type);
	buffer_add_text(b, "\r\n\r\n");
}


static int join(parcel_t *p, const str *id, const str *headers, const str *body,
		char flag)
{
	str end = {&flag, 1};
	int has_body = body[0].len + body[1].len > 0;
	str part[] = {TEXT("MSRP "), *id, TEXT(" SEND\r\n"), *headers, body[0],
			body[1], has_body ? TEXT("\r\n-------") : TEXT("-------"), *id, end,
			TEXT("\r\n")};

	p->split = part[0].len + part[1].len + part[2].len;
	p->block = block_create(part, sizeof(part) / sizeof(part[0]));
	return p->block ? 0 : -1;
}


int parcel_make(parcel_t *p, const content_t *content)
{
	char space[ID_BITS / 4 + 1];
	str id = choose_id(space, content->body);
	/* kept from one to the next: one less trip to the heap for each */
	static buffer_t b;
	str headers;

	p->block = NULL;
	p->begins = content->start == 1;
	if(b.max == 0)
		buffer_init(&b, HEADERS_MAX);
	buffer_clear(&b);
	write_headers(&b, content);
	if(buffer_failed(&b))
		return -1;
	headers = buffer_str(&b);
	if(join(p, &id, &headers, content->body, content->flag) < 0)
		return -1;
	receipt_hold(content->receipt);
	p->block->receipt = content->receipt;
	return 0;
}


int parcel_make_empty(parcel_t *p)
{
	char id_space[ID_BITS / 4 + 1];
	char message_id[ID_BITS / 4 + 1];
	char headers[64];
	str none[2] = {{NULL, 0}, {NULL, 0}};
	str id = choose_id(id_space, none);
	str text = {headers, 0};

	p->begins = 0;
	random_hex(message_id, ID_BITS);
	text.len = snprintf(headers, sizeof(headers),
			"Message-ID: %s\r\nFailure-Report: no\r\n", message_id);
	return join(p, &id, &text, none, '$');
}


size_t parcel_send(const parcel_t *p, leg_t *leg, size_t from)
{
	block_t *b = p->block;
	slice_t slice[] = {{b, 0, p->split, 0}, {leg->head, 0, leg->head->len, 0},
			{b, p->split, b->len - p->split, 1}};

	for(int i = 0; i < 3 && from > 0; i++) {
		size_t gone = from < slice[i].len ? from : slice[i].len;

		slice[i].from += gone;
		slice[i].len -= gone;
		from -= gone;
	}
	if(connection_send(leg->connection, slice, 3) < 0)
		return 0;
	return b->len + leg->head->len;
}


void parcel_free(parcel_t *p)
{
	block_release(p->block);
	p->block = NULL;
}
