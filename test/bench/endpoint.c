/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * endpoint: see endpoint.h. Knows no dialog.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include "endpoint.h"

#define RECEIVE_BUFFER (16 << 20)
#define BRANCH "branch=z9hG4bK"

endpoint_t endpoint;


void die(const char *format, ...)
{
	va_list list;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	exit(1);
}


double now_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}


/* as much as we may have */
static void widen(int fd)
{
	int size = RECEIVE_BUFFER;

	if(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}


void endpoint_open(const char *host, const char *port, int own_port)
{
	struct sockaddr_in own = {
			.sin_family = AF_INET, .sin_port = htons(own_port)};
	socklen_t len = sizeof(own);

	endpoint.server.sin_family = AF_INET;
	endpoint.server.sin_port = htons(atoi(port));
	if(inet_pton(AF_INET, host, &endpoint.server.sin_addr) != 1)
		die("%s is not an IPv4 address", host);
	own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	endpoint.socket = socket(AF_INET, SOCK_DGRAM, 0);
	widen(endpoint.socket);
	if(bind(endpoint.socket, (struct sockaddr *)&own, len) < 0
			|| getsockname(endpoint.socket, (struct sockaddr *)&own, &len) < 0)
		die("no UDP socket");
	snprintf(endpoint.address, sizeof(endpoint.address), "127.0.0.1:%d",
			ntohs(own.sin_port));
}


void endpoint_receive(void (*take)(const sip_text_t *m))
{
	static char buffer[65536];
	sip_text_t m = {.s = buffer};
	ssize_t n;

	while((n = recv(endpoint.socket, buffer, sizeof(buffer) - 1, MSG_DONTWAIT))
			> 0) {
		buffer[n] = 0;
		m.len = n;
		take(&m);
	}
}


const char *endpoint_name(const sip_text_t *m)
{
	static char via[256];
	const char *name;

	if(sip_status(m) == 0) {
		name = strstr(m->s, " sip:");
		return name != NULL ? name + 5 : NULL;
	}
	sip_header(m, "Via", via, sizeof(via));
	name = strstr(via, BRANCH);
	return name != NULL ? name + strlen(BRANCH) : NULL;
}
