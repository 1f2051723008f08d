/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * msrp_frame: MSRP on a byte stream. A parser fed with whatever the socket
 * gave, which finds the header of a frame, hands out its body in the pieces
 * that arrived, and finds its end-line, wherever the cuts fall. RFC 4975
 * sections 7 and 9. State only in the caller's msrp_parser_t.
 */
#ifndef IMCONF_WIRE_MSRP_FRAME_H
#define IMCONF_WIRE_MSRP_FRAME_H

#include "base/buffer.h"

#define MSRP_HEADER_MAX 8192	/* first line and headers of one frame */
#define MSRP_ID_MAX 32			/* transaction id; clients send 1 and more */
#define MSRP_UNKNOWN UINT64_MAX /* `*` in a Byte-Range */

typedef enum msrp_method
{
	MSRP_SEND,
	MSRP_REPORT,
	MSRP_NICKNAME,
	MSRP_RESPONSE, /* a status line; `status` is set */
	MSRP_OTHER	   /* well formed, unknown: 501 */
} msrp_method_t;

typedef enum msrp_report
{
	REPORT_DEFAULT, /* header absent */
	REPORT_YES,
	REPORT_NO,
	REPORT_PARTIAL /* Failure-Report only */
} msrp_report_t;

/** The head of one frame; strings point into the parser's header copy and
 * are good until the next frame begins. */
typedef struct msrp_head
{
	msrp_method_t method;
	str method_name;
	int status;	 /* of a response */
	str id;		 /* transaction id */
	str to_path; /* whole values: one or more URIs */
	str from_path;
	str message_id;
	int has_range;
	uint64_t range_start; /* from 1 */
	uint64_t range_end;	  /* or MSRP_UNKNOWN */
	uint64_t range_total; /* or MSRP_UNKNOWN */
	msrp_report_t failure_report;
	msrp_report_t success_report;
	str status_header; /* REPORT */
	str use_nickname;  /* with its quotes */
	int has_nickname;
	str content_type; /* empty: no body */
	str extra;	  /* the other header lines of the MIME part, those that begin
				  with Content- (Content-Disposition ...), as received, each
				  with CRLF; may be empty */
	int has_body; /* a blank line follows the headers */
} msrp_head_t;

typedef enum msrp_event
{
	MSRP_NEED_MORE, /* all input used, nothing (more) to say */
	MSRP_HEAD,		/* a head is complete: look at p->head */
	MSRP_BODY,		/* p->piece: the next bytes of the body, in the input */
	MSRP_END,		/* end-line: p->flag is '$', '+' or '#' */
	MSRP_BAD		/* the stream is lost: close; p->error says why */
} msrp_event_t;

typedef struct msrp_parser
{
	/* private: */
	int state;
	int broken;		   /* something in the head is: see msrp_parse() */
	size_t header_len; /* bytes of `header` used, from its begin */
	size_t line_start; /* where in `header` the line being read begins */
	size_t extra_len;  /* bytes of `header` used by head.extra, at its end */
	size_t end_len;
	size_t held; /* bytes that may begin an end-line, kept in `hold` */
	size_t lent; /* bytes at the begin of `hold` that never arrived */
	char end_line[2 + 7 + MSRP_ID_MAX]; /* CRLF "-------" id */
	char hold[64];
	char header[MSRP_HEADER_MAX];
	/* results: */
	msrp_head_t head;
	str piece;
	char flag;
	uint64_t body_len; /* of this frame so far */
	const char *error; /* a sentence, static */
} msrp_parser_t;

/** Stands before the first frame; takes no memory. */
void msrp_parser_init(msrp_parser_t *p);

/** 1 when it stands between frames: a new one would do as well. */
int msrp_parser_is_idle(const msrp_parser_t *p);

/**
 * Reads on in `*input` (advanced past what was used) until it has something
 * to say. Call again with the rest of the input until MSRP_NEED_MORE. Body
 * bytes are handed out as they come, at most what one input held; bytes held
 * back because they might begin the end-line come out of `p->hold` and are
 * good until the next call. The CRLF before the end-line is not body. Bare LF
 * ends a line in the head only; empty lines between frames are passed over.
 * A head that is syntactically broken (a line that is no header, a header
 * twice, no To-Path or From-Path, an impossible Byte-Range) but whose
 * end-line can be found is still delivered with method MSRP_OTHER and to_path
 * empty (400 and go on); a broken response or REPORT, which nobody answers,
 * keeps its method and has to_path empty. MSRP_BAD is for what cannot be
 * resynchronised: no MSRP first line, header longer than MSRP_HEADER_MAX, id
 * too long; it is the answer to every call after it.
 */
msrp_event_t msrp_parse(msrp_parser_t *p, str *input);

/** Writes "MSRP <id> <code> <comment>" to the sender of `head`: To-Path is
 * its first From-Path URI, of another request than SEND all of them (RFC
 * 4975 7.2), From-Path our `own_path`. Nothing
 * is written when it named no From-Path. `comment` may be NULL. */
void msrp_write_response(buffer_t *out, const msrp_head_t *head,
		const str *own_path, int code, const char *comment);

/** What stands in a REPORT. */
typedef struct msrp_report_text
{
	str id; /* of the transaction */
	str to_path;
	str from_path;
	str message_id;
	uint64_t start;
	uint64_t end;	/* or MSRP_UNKNOWN */
	uint64_t total; /* or MSRP_UNKNOWN */
	int code;
	const char *comment; /* or NULL */
	str wrapper; /* message/cpim that is its body (RFC 7701 section 6.2), or
				  empty */
} msrp_report_text_t;

/** Writes a REPORT with "Status: 000 <code> <comment>". */
void msrp_write_report(buffer_t *out, const msrp_report_text_t *report);

/** 1 when `body` contains "-------" `id` (RFC 4975 7.1: choose another), or
 * `id` is longer than MSRP_ID_MAX. */
int msrp_id_occurs(const str *id, const str *body);

#endif
