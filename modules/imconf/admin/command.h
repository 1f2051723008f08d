/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * command: what RPC commands have in common: their parameters, the way to a
 * worker and back, answers and faults. Runs in RPC processes.
 */
#ifndef IMCONF_ADMIN_COMMAND_H
#define IMCONF_ADMIN_COMMAND_H

#include <json-c/json.h>
#include "admin/question.h"
#include "core/rpc.h"

#define COMMAND_TEXT_MAX 4096 /* octets of one parameter */

/** The next parameter, when there is one, be it a text or a number; else
 * `*text` is empty. Returns 1, 0, or -1 after a fault: of another type, or too
 * long. */
int command_text(rpc_t *rpc, void *ctx, str *text);

/** The same, but numbers are of the wrong type: kamcmd makes one of "". */
int command_words(rpc_t *rpc, void *ctx, str *text);

/** The next parameter as a number, when there is one; else `*number` stays. Returns 0, or -1 after a
 * fault when it is none between `min` and `max`; `what` names it there. */
int command_number(
		rpc_t *rpc, void *ctx, const char *what, int min, int max, int *number);

/** Asks worker `index`; `arg` stays the caller's. Returns what it says, the
 * caller's, or NULL after a fault: 504 no answer in time, and whatever the
 * worker refuses with. */
json_object *command_ask(rpc_t *rpc, void *ctx, int index, question_kind_t kind,
		json_object *arg);

/** Adds `object` to the answer as one structure, or faults. */
void command_answer(rpc_t *rpc, void *ctx, json_object *object);

/** In the worker: a refusal, as an answer. */
json_object *command_refusal(int code, const char *sentence);

#endif
