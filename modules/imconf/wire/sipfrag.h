/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * sipfrag: the body of a refer subscription's NOTIFY: how far it got, as the
 * status line of a SIP response. RFC 3420, RFC 3515 2.4.5. Clause R4.
 */
#ifndef IMCONF_WIRE_SIPFRAG_H
#define IMCONF_WIRE_SIPFRAG_H

#include "base/buffer.h"

#define SIPFRAG_TYPE "message/sipfrag;version=2.0"

/** Appends the status line of `code`, 100 to 699, with the reason phrase that
 * RFC 3261 gives it, else that of its class. Failures stick to `out`. */
void sipfrag_write(buffer_t *out, int code);

#endif
