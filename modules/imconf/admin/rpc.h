/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * rpc: the commands imconf.*, for kamcmd and JSON-RPC.
 */
#ifndef IMCONF_ADMIN_RPC_H
#define IMCONF_ADMIN_RPC_H

#include "core/rpc.h"
#include "core/rpc_lookup.h"

/** For rpc_register_array(). */
extern rpc_export_t rpc_commands[];

#endif
