/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * xcap_path: where a document is on an XDMS: URLs made of an XCAP root and a
 * group URI or an anchor. RFC 4825 section 6, RFC 3986. No state.
 */
#ifndef IMCONF_WIRE_XCAP_PATH_H
#define IMCONF_WIRE_XCAP_PATH_H

#include "base/buffer.h"

#define XCAP_URL_MAX 8192
#define XCAP_GROUP_PATH "org.openmobilealliance.groups/global/byGroupID/%s"

/** 1 for an absolute http or https URL without credentials, query, fragment
 * and dot segments. */
int xcap_root_valid(const str *root);

/** 1 when `path` is fit for xcap_group_url(): URL octets with one %s. */
int xcap_path_valid(const str *path);

/**
 * Appends `root`/`path` to `url`, the %s replaced by the octets of the group
 * URI: percent-encoded as one path segment wants it (RFC 3986 3.3, quotes
 * too), as given otherwise; a '%' in it becomes %25. `root` with or without a
 * slash at its end. Returns 0, or -1: no valid root or path, an empty group
 * URI or one with control octets, longer than XCAP_URL_MAX, memory out (`url`
 * holds rubbish then).
 */
int xcap_group_url(
		const str *root, const str *path, const str *group_uri, buffer_t *url);

/**
 * Appends the URL of what an <external> element's anchor means: an absolute
 * http or https URL, of the root's scheme, host and port unless `other_hosts`;
 * or a path, which is below the root, with a slash in front from the root's
 * host on. Octets that are none of a URL are encoded, a fragment is dropped.
 * Returns 0, or -1 as above, and for credentials, dot segments and broken
 * escapes in the anchor.
 */
int xcap_resolve(
		const str *root, const str *anchor, int other_hosts, buffer_t *url);

#endif
