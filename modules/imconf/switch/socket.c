/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * socket: see socket.h. Called by listener, connection and outbound.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include "core/dprint.h"
#include "switch/socket.h"

#define KEEP_IDLE_S 60
#define KEEP_INTERVAL_S 15
#define KEEP_PROBES 3
#define UNACKNOWLEDGED_MS 60000


socklen_t socket_address(
		const str *host, unsigned port, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	char text[INET6_ADDRSTRLEN];

	memset(out, 0, sizeof(*out));
	if(port > 65535 || host->len <= 0 || host->len >= (int)sizeof(text))
		return 0;
	memcpy(text, host->s, host->len);
	text[host->len] = 0;
	if(inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return sizeof(*v4);
	}
	if(inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		return sizeof(*v6);
	}
	return 0;
}


void socket_name(const struct sockaddr *address, char *out, size_t size)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
	char text[INET6_ADDRSTRLEN] = "?";

	if(address->sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
		snprintf(out, size, "[%s]:%u", text, ntohs(v6->sin6_port));
		return;
	}
	inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
	snprintf(out, size, "%s:%u", text, ntohs(v4->sin_port));
}


static void set(int fd, int level, int option, int value)
{
	if(setsockopt(fd, level, option, &value, sizeof(value)) < 0)
		LM_WARN("socket option %d cannot be set to %d\n", option, value);
}


void socket_tune(int fd)
{
	set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S);
	set(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_INTERVAL_S);
	set(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEP_PROBES);
	set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS);
}
