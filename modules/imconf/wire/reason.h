/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * reason: the Reason header, RFC 3326, read. No state.
 */
#ifndef IMCONF_WIRE_REASON_H
#define IMCONF_WIRE_REASON_H

#include "base/text.h"

/**
 * The cause that the value of a Reason header gives for the protocol SIP,
 * whatever else it says: a status code, or 0 when there is none.
 */
int reason_sip_cause(const str *value);

#endif
