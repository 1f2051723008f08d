/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * dialog: see dialog.h. Knows no conference.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "dialog.h"

#define DATAGRAM_MAX 65000
#define T1 0.5
#define T2 4.0
#define TIMER_B 32.0
#define FEATURE ";+g.oma.sip-im"
#define COMMON_HEADERS                                \
	"Allow: INVITE,ACK,CANCEL,BYE,NOTIFY,OPTIONS\r\n" \
	"Supported: timer\r\n"

/* one message at a time is written here */
static char text[DATAGRAM_MAX + 1];
static size_t text_len;


static void add(const char *format, ...)
{
	va_list list;
	int n;

	va_start(list, format);
	n = vsnprintf(text + text_len, sizeof(text) - text_len, format, list);
	va_end(list);
	if(n < 0 || text_len + n >= sizeof(text)) {
		fputs("conferences: a message does not fit a datagram\n", stderr);
		exit(1);
	}
	text_len += n;
}


/* a lost datagram, or one the socket has no room for, is sent again later */
static void transmit(const char *data, size_t len)
{
	sendto(endpoint.socket, data, len, 0, (struct sockaddr *)&endpoint.server,
			sizeof(endpoint.server));
}


/* sends what was written and keeps it for repetition */
static void send_pending(dialog_t *d)
{
	double now = now_seconds();

	free(d->pending);
	d->pending = malloc(text_len);
	if(d->pending == NULL)
		exit(1);
	memcpy(d->pending, text, text_len);
	d->pending_len = text_len;
	d->interval = T1;
	d->resend_at = now + T1;
	d->give_up_at = now + TIMER_B;
	transmit(text, text_len);
}


void dialog_init(dialog_t *d, const char *name, const char *user)
{
	dialog_clear(d);
	memset(d, 0, sizeof(*d));
	snprintf(d->name, sizeof(d->name), "%s", name);
	snprintf(d->uri, sizeof(d->uri), "sip:%s@%s", name, endpoint.address);
	snprintf(d->from, sizeof(d->from), "sip:%s@%s", user ? user : name,
			endpoint.address);
	snprintf(d->msrp_path, sizeof(d->msrp_path),
			"%s://127.0.0.1:9/%s0123456789abcdef;%s",
			endpoint.secure ? "msrps" : "msrp", name,
			endpoint.web ? "ws" : "tcp");
}


void dialog_clear(dialog_t *d)
{
	dialog_answered(d);
}


void dialog_answered(dialog_t *d)
{
	free(d->pending);
	d->pending = NULL;
}


int dialog_tick(dialog_t *d, double now)
{
	if(d->pending == NULL || now < d->resend_at)
		return 0;
	if(now > d->give_up_at)
		return -1;
	transmit(d->pending, d->pending_len);
	endpoint.resent++;
	d->interval = d->interval * 2 < T2 ? d->interval * 2 : T2;
	d->resend_at = now + d->interval;
	return 0;
}


static void start_request(
		const dialog_t *d, const char *method, const char *uri)
{
	text_len = 0;
	add("%s %s SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %s;rport;branch=z9hG4bK%sx%d%s\r\n"
		"Max-Forwards: 70\r\n"
		"From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\n%s",
			method, uri, endpoint.address, d->name, d->cseq, method, d->local,
			d->remote, d->call_id, d->cseq, method, d->routes);
}


static void end_message(const char *type, const char *body)
{
	if(type != NULL)
		add("Content-Type: %s\r\n", type);
	add("Content-Length: %zu\r\n\r\n%s", strlen(body), body);
}


static void write_sdp(
		const dialog_t *d, const char *setup, char *out, size_t size)
{
	snprintf(out, size,
			"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
			"c=IN IP4 127.0.0.1\r\nt=0 0\r\n"
			"m=message 9 %s *\r\n"
			"a=accept-types:message/cpim\r\n"
			"a=accept-wrapped-types:text/plain\r\n"
			"a=setup:%s\r\na=path:%s\r\na=sendrecv\r\n",
			endpoint.secure ? "TCP/TLS/MSRP" : "TCP/MSRP", setup, d->msrp_path);
}


static size_t write_list(const dialog_t *d, int first, int count,
		void (*name_of)(const dialog_t *, int, char *, size_t), char *out,
		size_t size)
{
	char name[48];
	size_t n;
	int i;

	n = snprintf(out, size,
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
			"<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\">"
			"<list>\r\n");
	for(i = first; i < first + count && n < size; i++) {
		name_of(d, i, name, sizeof(name));
		n += snprintf(out + n, size - n, "<entry uri=\"sip:%s@%s\"/>\r\n", name,
				endpoint.address);
	}
	if(n < size)
		n += snprintf(out + n, size - n, "</list></resource-lists>\r\n");
	return n < size ? n : 0;
}


void dialog_invite(dialog_t *d, const char *factory, int count,
		void (*name_of)(const dialog_t *, int, char *, size_t))
{
	static char body[DATAGRAM_MAX], list[DATAGRAM_MAX - 2048];
	char sdp[512];

	d->cseq = 1;
	snprintf(d->call_id, sizeof(d->call_id), "%s@bench.invalid", d->name);
	snprintf(d->local, sizeof(d->local), "<%s>;tag=%s", d->from, d->name);
	snprintf(d->remote, sizeof(d->remote), "<%s>", factory);
	write_sdp(d, "actpass", sdp, sizeof(sdp));
	start_request(d, "INVITE", factory);
	add("Contact: <%s>" FEATURE "\r\nAccept-Contact: *" FEATURE "\r\n"
		"User-Agent: IM-client/OMA1.0 bench/1.0\r\n" COMMON_HEADERS,
			d->uri);
	if(count == 0) {
		end_message("application/sdp", sdp);
	} else {
		write_list(d, 1, count, name_of, list, sizeof(list));
		snprintf(body, sizeof(body),
				"--boundary1\r\nContent-Type: application/sdp\r\n\r\n%s\r\n"
				"--boundary1\r\n"
				"Content-Type: application/resource-lists+xml\r\n"
				"Content-Disposition: recipient-list\r\n\r\n%s\r\n"
				"--boundary1--\r\n",
				sdp, list);
		add("Require: recipient-list-invite\r\n");
		end_message("multipart/mixed;boundary=boundary1", body);
	}
	d->state = DIALOG_CALLING;
	send_pending(d);
}


/* "<sip:a@b;x>;y" or "sip:a@b;y" -> the URI */
static void copy_uri(const char *value, char *out, size_t size)
{
	const char *start = strchr(value, '<');
	size_t n;

	start = start ? start + 1 : value;
	n = strcspn(start, start == value ? ";" : ">");
	snprintf(out, size, "%.*s", (int)n, start);
}


static void learn_media(dialog_t *d, const sip_text_t *m)
{
	char media[128];

	sip_body_line(m, "a=path:", d->remote_path, sizeof(d->remote_path));
	sip_body_line(m, "c=IN IP4 ", d->remote_host, sizeof(d->remote_host));
	sip_body_line(m, "m=message ", media, sizeof(media));
	snprintf(d->remote_port, sizeof(d->remote_port), "%.*s",
			(int)strcspn(media, " "), media);
}


void dialog_invite_answered(dialog_t *d, const sip_text_t *m)
{
	char contact[256];

	if(d->state == DIALOG_CALLING) {
		dialog_answered(d);
		sip_header(m, "Contact", contact, sizeof(contact));
		copy_uri(contact, d->target, sizeof(d->target));
		sip_header(m, "To", d->remote, sizeof(d->remote));
		learn_media(d, m);
		d->state = DIALOG_IN;
	}
	start_request(d, "ACK", d->target);
	end_message(NULL, "");
	transmit(text, text_len);
}


static void start_reply(const sip_text_t *m, const char *status, const char *to)
{
	char from[256], call_id[160], cseq[64], via[2048];

	sip_header(m, "From", from, sizeof(from));
	sip_header(m, "Call-ID", call_id, sizeof(call_id));
	sip_header(m, "CSeq", cseq, sizeof(cseq));
	sip_lines(m, "Via", "Via", via, sizeof(via));
	text_len = 0;
	add("SIP/2.0 %s\r\n%sFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s\r\n",
			status, via, from, to, call_id, cseq);
}


void reply_plainly(const sip_text_t *m, const char *status)
{
	char to[256];

	sip_header(m, "To", to, sizeof(to));
	start_reply(m, status, to);
	end_message(NULL, "");
	transmit(text, text_len);
}


int dialog_accept(dialog_t *d, const sip_text_t *m)
{
	char sdp[512], contact[256], to[128], record_routes[1024];

	if(d->state != DIALOG_IDLE) {
		if(d->pending != NULL)
			transmit(d->pending, d->pending_len);
		return 0;
	}
	learn_media(d, m);
	if(d->remote_path[0] == 0)
		return -1;
	sip_header(m, "To", to, sizeof(to));
	snprintf(d->local, sizeof(d->local), "%s;tag=%s", to, d->name);
	sip_header(m, "From", d->remote, sizeof(d->remote));
	sip_header(m, "Call-ID", d->call_id, sizeof(d->call_id));
	sip_header(m, "Contact", contact, sizeof(contact));
	copy_uri(contact, d->target, sizeof(d->target));
	sip_lines(m, "Record-Route", "Route", d->routes, sizeof(d->routes));
	sip_lines(m, "Record-Route", "Record-Route", record_routes,
			sizeof(record_routes));
	write_sdp(d, "active", sdp, sizeof(sdp));
	start_reply(m, "200 OK", d->local);
	add("%sContact: <%s>" FEATURE "\r\n" COMMON_HEADERS, record_routes, d->uri);
	end_message("application/sdp", sdp);
	d->state = DIALOG_ANSWERED;
	send_pending(d);
	return 0;
}


void dialog_subscribe(dialog_t *d)
{
	d->cseq++;
	text_len = 0;
	add("SUBSCRIBE %s SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %s;rport;branch=z9hG4bK%sx%dSUBSCRIBE\r\n"
		"Max-Forwards: 70\r\n"
		"From: <%s>;tag=%ss\r\nTo: <%s>\r\nCall-ID: %s@state.invalid\r\n"
		"CSeq: %d SUBSCRIBE\r\nContact: <%s>" FEATURE "\r\n"
		"Accept-Contact: *" FEATURE "\r\nEvent: conference\r\n"
		"Accept: application/conference-info+xml\r\nExpires: 3600\r\n",
			d->target, endpoint.address, d->name, d->cseq, d->from, d->name,
			d->target, d->name, d->cseq, d->uri);
	end_message(NULL, "");
	send_pending(d);
}


void dialog_refer(dialog_t *d, int first, int count,
		void (*name_of)(const dialog_t *, int, char *, size_t))
{
	static char list[DATAGRAM_MAX - 2048];

	d->cseq++;
	start_request(d, "REFER", d->target);
	add("Contact: <%s>" FEATURE "\r\nAccept-Contact: *" FEATURE "\r\n"
		"Refer-To: <cid:list@bench.invalid>\r\nRefer-Sub: true\r\n"
		"Require: multiple-refer, norefersub\r\n"
		"Content-ID: <list@bench.invalid>\r\n"
		"Content-Disposition: recipient-list\r\n",
			d->uri);
	write_list(d, first, count, name_of, list, sizeof(list));
	end_message("application/resource-lists+xml", list);
	send_pending(d);
}


void dialog_leave(dialog_t *d)
{
	d->cseq++;
	start_request(d, "BYE", d->target);
	end_message(NULL, "");
	d->state = DIALOG_LEAVING;
	send_pending(d);
}
