/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * params: RPC imconf.params: every parameter with the value in force, be it
 * given, the default, or set at run time. Runs in RPC processes.
 */
#ifndef IMCONF_ADMIN_PARAMS_H
#define IMCONF_ADMIN_PARAMS_H

#include "core/rpc.h"
#include "core/sr_module.h"

/** The table of parameters; at start. It must live on. */
void params_table(const param_export_t *table);

/** A parameter that a function takes was given once more; at start. `value` is
 * copied. */
void params_note(const char *name, const char *value);

/** imconf.params [name]: every parameter with the value in force, or one;
 * fault 404 when there is none of that name. */
extern const char *params_doc[];
void params_rpc(rpc_t *rpc, void *ctx);

#endif
