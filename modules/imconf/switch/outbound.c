/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * outbound: see outbound.h. Called by legs and descriptions; what comes back
 * on the connection is the frames' affair.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "core/dprint.h"
#include "switch/door.h"
#include "switch/network.h"
#include "switch/outbound.h"
#include "switch/parcel.h"
#include "switch/socket.h"
#include "wire/msrp_uri.h"

#define DEFAULT_PORT 2855 /* RFC 4975 section 6.1 */


static network_t allowed[OUTBOUND_NETWORKS_MAX];
static int allowed_count;


int outbound_allow(const char *network)
{
	str text = {(char *)network, (int)strlen(network)};

	if(allowed_count == OUTBOUND_NETWORKS_MAX
			|| network_parse(&text, &allowed[allowed_count]) < 0)
		return -1;
	allowed_count++;
	return 0;
}


static int is_allowed(const struct sockaddr *address)
{
	for(int i = 0; i < allowed_count; i++) {
		if(network_has(&allowed[i], address))
			return 1;
	}
	return allowed_count == 0;
}


int outbound_of_path(const str *path, str *host, unsigned *port)
{
	str rest = *path, first;
	msrp_uri_t uri;

	if(!text_next(&rest, ' ', &first) || msrp_uri_parse(&first, &uri) < 0)
		return -1;
	*host = uri.host;
	*port = uri.port ? uri.port : DEFAULT_PORT;
	return 0;
}


const char *outbound_objection(const str *host, unsigned port)
{
	struct sockaddr_storage address;

	if(!socket_address(host, port, &address))
		return "it waits for us at no numeric address";
	return is_allowed((struct sockaddr *)&address)
				   ? NULL
				   : "it waits for us where msrp_connect_allow does not allow";
}


/* Returns a socket on its way to `address`, or -1. */
static int begin(const struct sockaddr *address, socklen_t len)
{
	int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = socket(address->sa_family, type, 0);
	int error;

	if(fd < 0)
		return -1;
	socket_tune(fd);
	if(connect(fd, address, len) == 0 || errno == EINPROGRESS)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}


void outbound_open(leg_t *leg)
{
	struct sockaddr_storage space;
	struct sockaddr *address = (struct sockaddr *)&space;
	socklen_t len = socket_address(&leg->dial_host, leg->dial_port, &space);
	door_place_t place = {0};
	connection_t *c;
	int fd;

	if(door_enter_own(&place) < 0) {
		leg_lost(leg, "this worker has too many connections");
		return;
	}
	fd = len > 0 ? begin(address, len) : -1;
	if(fd < 0) {
		door_leave(&place);
		leg_lost(leg, len > 0 ? strerror(errno) : "no numeric address");
		return;
	}
	c = connection_create(fd, address, leg->own.transport, 1, &place);
	if(!c) {
		door_leave(&place);
		close(fd);
		leg_lost(leg, "no memory for a connection");
		return;
	}
	leg_bind(leg, c);
}


void outbound_greet(leg_t *leg)
{
	parcel_t hello;

	if(parcel_make_empty(&hello) < 0) {
		LM_ERR("no memory: " LEG_FMT " is not opened\n", LEG_ARG(leg));
		return;
	}
	parcel_send(&hello, leg, 0);
	parcel_free(&hello);
}
