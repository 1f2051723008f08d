/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * imconf_version: the version that Server and User-Agent show.
 */
#ifndef IMCONF_VERSION_H
#define IMCONF_VERSION_H

#define IMCONF_VERSION "0.1"

#endif
