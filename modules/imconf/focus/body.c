/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * body: see the header. Called by create.c, dialout.c and in_dialog.c.
 */
#include "focus/body.h"

#include "settings.h"
#include "sip/headers.h"
#include "wire/multipart.h"

#define ACCEPT_ENCODING "Accept-Encoding: identity\r\n"

static int is_plain_encoding(const str *encoding)
{
	static const char *const plain[] = {"", "7bit", "8bit", "binary"};
	size_t i;

	for(i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		str name = {(char *)plain[i], strlen(plain[i])};
		if(text_eq_nocase(encoding, &name))
			return 1;
	}
	return 0;
}

static int read_sdp(const body_part_t *part, body_t *body, refusal_t *refusal)
{
	if(body->has_sdp)
		return 0; /* the first one counts */
	switch(sdp_parse(&part->body, &body->sdp)) {
		case SDP_OK:
			body->has_sdp = 1;
			body->sdp_text = part->body;
			return 0;
		case SDP_NO_MSRP:
			return refusal_set(refusal, 488, "Not Acceptable Here", NULL,
					"its session description has no MSRP");
		case SDP_BROKEN:
			break;
	}
	return refusal_set(refusal, 400, "Bad Request", NULL,
			"its session description cannot be read");
}

static int read_list(const body_part_t *part, body_t *body, refusal_t *refusal)
{
	resource_list_t list = {0};
	char why[100] = "";
	int rc = 0;

	switch(resource_list_parse(&part->body, 0, &list, why, sizeof(why))) {
		case LIST_OK:
			rc = resource_list_move(&body->list, &list);
			break;
		case LIST_BROKEN:
			return refusal_set(refusal, 400, "Bad Request", NULL,
					"its URI list cannot be read: %s", why);
		case LIST_TOO_LONG:
			return refusal_set(refusal, settings.size_refusal_code,
					"Too Many Participants", NULL, "its URI list is too long");
		case LIST_MEMORY:
			rc = -1;
			break;
	}
	resource_list_free(&list);
	if(rc < 0)
		return refusal_no_memory(refusal);
	return 0;
}

static int is_sdp(const body_part_t *part)
{
	str sdp = TEXT("application/sdp");

	return text_eq_nocase(&part->type, &sdp);
}

/* RFC 5364 7: whom another focus has invited, not whom we shall */
static int is_history(const body_part_t *part)
{
	str history = TEXT("recipient-list-history");

	return text_eq_nocase(&part->disposition, &history);
}

static int read_part(const body_part_t *part, body_t *body, refusal_t *refusal)
{
	str list = TEXT("application/resource-lists+xml");
	int is_list = text_eq_nocase(&part->type, &list);

	if(is_list && is_history(part))
		return 0;
	if((!is_sdp(part) && !is_list) || !is_plain_encoding(&part->encoding)) {
		if(part->optional)
			return 0;
		return refusal_set(refusal, 415, "Unsupported Media Type",
				SIP_ACCEPT_LINE, "a required body part is %.*s %.*s",
				TEXT_ARG(&part->encoding), TEXT_ARG(&part->type));
	}
	return is_list ? read_list(part, body, refusal)
				   : read_sdp(part, body, refusal);
}

static int is_encoded(const struct sip_msg *msg)
{
	str encoding, identity = TEXT("identity");

	return sip_header(msg, "Content-Encoding", &encoding) && encoding.len
		   && !text_eq_nocase(&encoding, &identity);
}

static int is_truncated(const struct sip_msg *msg, const str *text)
{
	return msg->content_length
		   && (long)msg->content_length->parsed > (long)text->len;
}

/* the body's leaves; none when there is no body */
static int split(
		const struct sip_msg *msg, body_parts_t *parts, refusal_t *refusal)
{
	str text = sip_body(msg);
	str type = {NULL, 0}, disposition = {NULL, 0};

	parts->count = 0;
	if(is_truncated(msg, &text))
		return refusal_set(refusal, 400, "Bad Request", NULL,
				"its body is shorter than it says");
	if(text.len == 0)
		return 0;
	if(is_encoded(msg))
		return refusal_set(refusal, 415, "Unsupported Media Type",
				ACCEPT_ENCODING, "its body is encoded");
	if(msg->content_type)
		type = text_trim(&msg->content_type->body);
	sip_header(msg, "Content-Disposition", &disposition);
	if(body_parts_parse(&type, &disposition, &text, parts) < 0)
		return refusal_set(refusal, 400, "Bad Request", NULL,
				"its multipart body cannot be read");
	return 0;
}

int body_read(const struct sip_msg *msg, body_t *body, refusal_t *refusal)
{
	body_parts_t parts;
	int i;

	memset(body, 0, sizeof(*body));
	if(split(msg, &parts, refusal) < 0)
		return -1;
	for(i = 0; i < parts.count; i++) {
		if(read_part(&parts.part[i], body, refusal) < 0)
			return -1;
	}
	return 0;
}

/* RFC 2392: the Content-ID header of the message names its whole body */
static int is_whole(const struct sip_msg *msg, const str *cid)
{
	str id;

	if(!sip_header(msg, "Content-ID", &id))
		return 0;
	if(id.len >= 2 && id.s[0] == '<' && id.s[id.len - 1] == '>') {
		id.s++;
		id.len -= 2;
	}
	return text_eq(&id, cid);
}

int body_read_pointed(const struct sip_msg *msg, const str *cid, body_t *body,
		refusal_t *refusal)
{
	body_parts_t parts;
	int i, whole = is_whole(msg, cid);

	memset(body, 0, sizeof(*body));
	if(split(msg, &parts, refusal) < 0)
		return -1;
	for(i = 0; i < parts.count; i++) {
		const body_part_t *part = &parts.part[i];
		if((!whole && !text_eq(&part->content_id, cid)) || is_sdp(part))
			continue;
		if(read_part(part, body, refusal) < 0)
			return -1;
	}
	if(body->list.count > 0)
		return 0;
	return refusal_set(refusal, 400, "Bad Request", NULL,
			"it points to no URI list in its body");
}

void body_free(body_t *body)
{
	resource_list_free(&body->list);
}
