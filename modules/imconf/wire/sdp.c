/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * sdp: reads session descriptions for their MSRP line. Called by the focus on
 * offers and answers; may not know dialogs or connections. Writing ours is
 * sdp_write. RFC 8866, RFC 4975 section 8, RFC 6135.
 */
#include <string.h>

#include "wire/msrp_uri.h"
#include "wire/sdp.h"

#define LINES_MAX 1024

/* One pass over the lines; `media` is the m-line being filled. */
typedef struct reader
{
	sdp_t *sdp;
	str host;							   /* the session's c= */
	sdp_setup_t setup;					   /* the session's */
	sdp_direction_t direction;			   /* the session's */
	str fingerprint[SDP_FINGERPRINTS_MAX]; /* the session's */
	int fingerprint_count;
	sdp_msrp_t media;
	int in_media; /* behind the first m= */
	int is_msrp;  /* `media` is one, with a port */
	int bad_path;
	int found; /* sdp->msrp is filled */
} reader_t;

static str take_word(str *rest)
{
	str word;

	*rest = text_trim(rest);
	if(!text_next(rest, ' ', &word))
		return (str){NULL, 0};
	return word;
}


static const struct
{
	str name;
	msrp_transport_t transport;
} protocols[] = {
		{str_init("TCP/MSRP"), MSRP_TCP},
		{str_init("TCP/TLS/MSRP"), MSRP_TLS},
		{str_init("TCP/WS/MSRP"), MSRP_WS},
		{str_init("TCP/WSS/MSRP"), MSRP_WSS},
};


/* Returns 1 when this is MSRP. */
static int read_protocol(sdp_msrp_t *m, const str *proto)
{
	m->proto = *proto;
	for(size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if(!text_eq_nocase(proto, &protocols[i].name))
			continue;
		m->transport = protocols[i].transport;
		return 1;
	}
	return 0;
}


/* m=<media> <port>[/<count>] <proto> <fmt> ... */
static int read_media_line(reader_t *r, str value)
{
	str media = take_word(&value);
	str port = take_word(&value);
	str proto = take_word(&value);
	int slash = text_find_char(&port, '/');
	uint64_t number;

	if(slash >= 0)
		port.len = slash;
	if(text_to_uint(&port, 65535, &number) < 0)
		return -1;
	if(proto.len == 0 || text_trim(&value).len == 0)
		return -1;
	memset(&r->media, 0, sizeof(r->media));
	r->media.index = r->sdp->media_count - 1;
	r->media.host = r->host;
	r->media.port = (unsigned)number;
	r->media.setup = r->setup;
	r->media.direction = r->direction;
	r->is_msrp = read_protocol(&r->media, &proto) && number > 0
				 && text_eq_nocase(&media, &TEXT("message"));
	return 0;
}


/* RFC 7977 section 5.2.2: the path alone says that it is a WebSocket */
static void complete_transport(sdp_msrp_t *m)
{
	msrp_uri_t uri;

	if(msrp_uri_parse(&m->path[0], &uri) == 0
			&& text_eq_nocase(&uri.transport, &TEXT("ws")))
		m->transport |= MSRP_WS;
}


/* Where the next line of use is kept; NULL: there are enough. */
static sdp_msrp_t *next_place(reader_t *r)
{
	sdp_t *sdp = r->sdp;

	if(!r->found)
		return &sdp->msrp;
	return sdp->further_count < SDP_FURTHER_MAX
				   ? &sdp->further[sdp->further_count++]
				   : NULL;
}


/* Keeps the m-line that just ended when it is of use to us. */
static void end_media(reader_t *r)
{
	sdp_msrp_t *place;

	if(!r->in_media || !r->is_msrp || r->bad_path || r->media.path_count == 0)
		return;
	complete_transport(&r->media);
	if(r->media.fingerprint_count == 0) {
		memcpy(r->media.fingerprint, r->fingerprint, sizeof(r->fingerprint));
		r->media.fingerprint_count = r->fingerprint_count;
	}
	place = next_place(r);
	if(place)
		*place = r->media;
	r->found = 1;
}


static int begin_media(reader_t *r, const str *value)
{
	sdp_t *sdp = r->sdp;

	end_media(r);
	if(sdp->media_count == SDP_MEDIA_MAX)
		return -1;
	sdp->media[sdp->media_count++] = *value;
	r->in_media = 1;
	r->bad_path = 0;
	return read_media_line(r, *value);
}


/* c=IN IP4 <address>[/ttl]; anything else gives no host */
static void read_connection(reader_t *r, str value)
{
	str net = take_word(&value);
	str family = take_word(&value);
	str address = take_word(&value);
	int slash = text_find_char(&address, '/');

	if(slash >= 0)
		address.len = slash;
	if(!text_eq_nocase(&net, &TEXT("IN"))
			|| !text_starts_nocase(&family, &TEXT("IP")))
		return;
	if(r->in_media)
		r->media.host = address;
	else
		r->host = address;
}


static void read_path(reader_t *r, const str *value)
{
	sdp_msrp_t *m = &r->media;
	str rest = *value;
	str word;
	msrp_uri_t uri;

	while((word = take_word(&rest)).len > 0) {
		if(m->path_count == SDP_PATH_MAX || msrp_uri_parse(&word, &uri) < 0) {
			r->bad_path = 1;
			return;
		}
		m->path[m->path_count++] = word;
	}
}


static sdp_setup_t setup_value(const str *value)
{
	if(text_eq_nocase(value, &TEXT("active")))
		return SETUP_ACTIVE;
	if(text_eq_nocase(value, &TEXT("passive")))
		return SETUP_PASSIVE;
	if(text_eq_nocase(value, &TEXT("actpass")))
		return SETUP_ACTPASS;
	/* holdconn is as if it were not there, RFC 6135 section 4.2.1 */
	return SETUP_NONE;
}


static int read_direction(const str *name, sdp_direction_t *direction)
{
	if(text_eq_nocase(name, &TEXT("sendrecv")))
		*direction = SDP_SENDRECV;
	else if(text_eq_nocase(name, &TEXT("sendonly")))
		*direction = SDP_SENDONLY;
	else if(text_eq_nocase(name, &TEXT("recvonly")))
		*direction = SDP_RECVONLY;
	else if(text_eq_nocase(name, &TEXT("inactive")))
		*direction = SDP_INACTIVE;
	else
		return 0;
	return 1;
}


static void read_max_size(sdp_msrp_t *m, const str *value)
{
	if(text_to_uint(value, UINT64_MAX, &m->max_size) < 0)
		m->max_size = 0;
}


/* An attribute that means something in an MSRP m-line only. */
static void read_msrp_attribute(reader_t *r, const str *name, const str *value)
{
	sdp_msrp_t *m = &r->media;

	if(text_eq_nocase(name, &TEXT("path")))
		read_path(r, value);
	else if(text_eq_nocase(name, &TEXT("accept-types")))
		m->accept_types = *value;
	else if(text_eq_nocase(name, &TEXT("accept-wrapped-types")))
		m->accept_wrapped_types = *value;
	else if(text_eq_nocase(name, &TEXT("max-size"))
			|| text_eq_nocase(name, &TEXT("maxsize")))
		read_max_size(m, value);
	else if(text_eq_nocase(name, &TEXT("msrp-cema")))
		m->cema = 1;
	else if(text_eq_nocase(name, &TEXT("chatroom"))) {
		m->has_chatroom = 1;
		m->chatroom = *value;
	}
}


/* What is beyond the maximum is passed over: one that matches is enough. */
static void read_fingerprint(reader_t *r, const str *value)
{
	str *list = r->in_media ? r->media.fingerprint : r->fingerprint;
	int *count =
			r->in_media ? &r->media.fingerprint_count : &r->fingerprint_count;

	if(*count < SDP_FINGERPRINTS_MAX)
		list[(*count)++] = *value;
}


static void read_attribute(reader_t *r, const str *line)
{
	sdp_setup_t *setup = r->in_media ? &r->media.setup : &r->setup;
	sdp_direction_t *direction =
			r->in_media ? &r->media.direction : &r->direction;
	int colon = text_find_char(line, ':');
	str name = *line;
	str value = text_from(line, colon < 0 ? line->len : colon + 1);

	if(colon >= 0)
		name.len = colon;
	name = text_trim(&name);
	value = text_trim(&value);
	if(text_eq_nocase(&name, &TEXT("setup")))
		*setup = setup_value(&value);
	else if(text_eq_nocase(&name, &TEXT("fingerprint")))
		read_fingerprint(r, &value);
	else if(!read_direction(&name, direction) && r->in_media && r->is_msrp)
		read_msrp_attribute(r, &name, &value);
}


static int read_line(reader_t *r, const str *line)
{
	str value;

	if(line->len < 2 || line->s[1] != '=')
		return -1;
	/* a zero or a CR inside would end the line for somebody else */
	if(memchr(line->s, 0, line->len) || memchr(line->s, '\r', line->len))
		return -1;
	value = text_from(line, 2);
	switch(line->s[0]) {
		case 'm':
			return begin_media(r, &value);
		case 'c':
			read_connection(r, value);
			return 0;
		case 'a':
			read_attribute(r, &value);
			return 0;
		default:
			return 0;
	}
}


sdp_result_t sdp_parse(const str *text, sdp_t *sdp)
{
	reader_t r = {.sdp = sdp};
	str rest = *text;
	str line;
	int lines = 0;

	memset(sdp, 0, sizeof(*sdp));
	while(text_next(&rest, '\n', &line)) {
		if(line.len == 0)
			continue;
		if(lines == 0 && !text_eq(&line, &TEXT("v=0")))
			return SDP_BROKEN;
		if(++lines > LINES_MAX || read_line(&r, &line) < 0)
			return SDP_BROKEN;
	}
	if(lines == 0)
		return SDP_BROKEN;
	end_media(&r);
	return r.found ? SDP_OK : SDP_NO_MSRP;
}


const sdp_msrp_t *sdp_line(const sdp_t *sdp, int n)
{
	if(n == 0)
		return sdp->msrp.path_count > 0 ? &sdp->msrp : NULL;
	return n <= sdp->further_count ? &sdp->further[n - 1] : NULL;
}


/* `entry` is `type/subtype`, `type/` `*` or `*`, perhaps with parameters. */
static int entry_matches(str entry, const str *type)
{
	int at = text_find_char(&entry, ';');
	str kind;

	if(at >= 0)
		entry.len = at;
	if(text_eq(&entry, &TEXT("*")) || text_eq_nocase(&entry, type))
		return 1;
	if(entry.len < 3 || memcmp(entry.s + entry.len - 2, "/*", 2) != 0)
		return 0;
	kind = entry;
	kind.len--;
	return text_starts_nocase(type, &kind);
}


int sdp_accepts(const str *types, const char *type)
{
	str wanted = {(char *)type, (int)strlen(type)};
	str rest = *types;
	str word;

	while((word = take_word(&rest)).len > 0) {
		if(entry_matches(word, &wanted))
			return 1;
	}
	return 0;
}
