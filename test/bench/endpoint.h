/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * endpoint: the UDP socket of a load client, and how a datagram says whose it
 * is. Used by dialog.c, which sends on it, and by the programs that receive.
 */
#ifndef BENCH_ENDPOINT_H
#define BENCH_ENDPOINT_H

#include <netinet/in.h>
#include "sip_text.h"

/** Where messages go and come from; set once, before the first dialog. */
typedef struct endpoint
{
	int socket;		  /* UDP, connected to nothing */
	char address[64]; /* our host:port */
	struct sockaddr_in server;
	int secure, web; /* legs are over TLS, over WebSockets */
	long resent;	 /* messages sent again */
} endpoint_t;

extern endpoint_t endpoint;

/** Opens the socket on 127.0.0.1 and `own_port` (0: any), for the server at
 * `host`, an IPv4 address. Ends the program when that fails. */
void endpoint_open(const char *host, const char *port, int own_port);

/** Hands over what has come in, message by message. */
void endpoint_receive(void (*take)(const sip_text_t *m));

/** The name of the dialog that `m` is for, with what follows it: a response
 * has it in its branch, a request in its URI. NULL when there is none; good
 * until the next call. */
const char *endpoint_name(const sip_text_t *m);

/** Says why and ends the program with 1. */
void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

double now_seconds(void);

#endif
