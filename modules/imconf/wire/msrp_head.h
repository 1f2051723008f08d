/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * msrp_head: single lines of an MSRP head. Private to msrp_frame, which finds
 * the lines and keeps their bytes; knows nothing of streams. RFC 4975
 * section 9.
 */
#ifndef IMCONF_WIRE_MSRP_HEAD_H
#define IMCONF_WIRE_MSRP_HEAD_H

#include "wire/msrp_frame.h"

typedef enum msrp_line
{
	LINE_OK,
	LINE_EXTRA,	 /* a header of the MIME part: keep the raw line */
	LINE_BROKEN, /* 400, but the end of the frame can still be found */
	LINE_NO_MSRP,
	LINE_ID_TOO_LONG
} msrp_line_t;

/** Reads the first line (without its line end): method or status, id. */
msrp_line_t msrp_head_first_line(msrp_head_t *head, const str *line);

/** Reads one header line (without its line end) into `head`. */
msrp_line_t msrp_head_line(msrp_head_t *head, const str *line);

#endif
