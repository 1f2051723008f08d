/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * header_name: is a header the one that is looked for? RFC 3261 7.3.1 and
 * 7.3.3. No state.
 */
#ifndef IMCONF_WIRE_HEADER_NAME_H
#define IMCONF_WIRE_HEADER_NAME_H

#include "base/text.h"

/** 1 when `name`, as it stands in a message, is `full` or its compact form;
 * case does not count. */
int header_is(const str *name, const str *full);

#endif
