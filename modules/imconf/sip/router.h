/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * router: which room gets a request. In-dialog requests go to the owner of
 * the dialog (unknown: 481), others by method; what nobody serves is answered
 * 405 with Allow, what requires an extension we lack 420 (G6).
 */
#ifndef IMCONF_SIP_ROUTER_H
#define IMCONF_SIP_ROUTER_H

#include "sip/dialog.h"

/** `d` is NULL outside a dialog. The handler answers the request. */
typedef void (*request_handler_t)(sip_request_t *rq, dialog_t *d);

/** A method outside dialogs. ACK never comes here. */
void router_on_initial(int method, request_handler_t handler);

/** All in-dialog requests of one kind of dialog, ACK included; CSeq is not
 * checked yet. */
void router_on_dialog(dialog_kind_t kind, request_handler_t handler);

/** CANCEL (the block has the cancelled transaction's name). */
void router_on_cancel(request_handler_t handler);

/** Hangs the router into the mailbox; in the worker at start. */
void router_start(void);

#endif
