/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * door: see door.h. Called by listener, outbound and connection; knows
 * addresses and numbers, nothing of MSRP.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "core/dprint.h"
#include "admin/statistics.h"
#include "base/map.h"
#include "settings.h"
#include "switch/door.h"
#include "switch/socket.h"
#include "worker/schedule.h"

/* what a worker has open besides: Kamailio's sockets, the XDMS, libraries */
#define OTHER_DESCRIPTORS 512
#define CONNECTIONS_DEFAULT 10000
#define CONNECTIONS_MIN 16
#define SAY_EVERY_MS 10000
#define NAME_MAX_LEN 64

/* the part of an address that one subscriber has: all of IPv4, /64 of IPv6 */
#define SOURCE_KEY_MAX 8

typedef struct source
{
	map_node_t node;
	unsigned char key[SOURCE_KEY_MAX];
	int count;
} source_t;

static map_t sources;
static int inside;
static int64_t said_at;
static int unsaid;


static int most_possible(void)
{
	struct rlimit limit;

	if(getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -1;
	if(limit.rlim_max == RLIM_INFINITY || limit.rlim_max > 1 << 20)
		return 1 << 20;
	return (int)limit.rlim_max - OTHER_DESCRIPTORS;
}


int door_check(void)
{
	int most = most_possible();
	int wanted = settings.msrp_connections_max;

	if(wanted == 0)
		wanted = most < CONNECTIONS_DEFAULT ? most : CONNECTIONS_DEFAULT;
	if(wanted >= CONNECTIONS_MIN && wanted <= most) {
		settings.msrp_connections_max = wanted;
		return 0;
	}
	LM_ERR("parameter msrp_connections_max is %d, but a process may have no "
		   "more than %d connections (RLIMIT_NOFILE, %d descriptors kept for "
		   "other use)\n",
			settings.msrp_connections_max, most, OTHER_DESCRIPTORS);
	return -1;
}


/* In the worker and not in mod_init: other processes of Kamailio size their
 * tables by this limit. */
void door_start(void)
{
	rlim_t wanted = settings.msrp_connections_max + OTHER_DESCRIPTORS;
	struct rlimit limit;

	if(getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	if(setrlimit(RLIMIT_NOFILE, &limit) < 0)
		LM_WARN("the limit of descriptors cannot be raised to %lu: %s\n",
				(unsigned long)wanted, strerror(errno));
}


/* One line for many refusals. */
static void say(const struct sockaddr *peer, const char *why, int bound)
{
	char name[NAME_MAX_LEN] = "a participant that waits for us";
	int64_t now = schedule_now();

	count(STAT_CONNECTIONS_REFUSED, 1);
	if(said_at && now - said_at < SAY_EVERY_MS) {
		unsaid++;
		return;
	}
	if(peer)
		socket_name(peer, name, sizeof(name));
	LM_WARN("MSRP connection with %s refused: %s (%d); %d others since the "
			"last such line\n",
			name, why, bound, unsaid);
	said_at = now;
	unsaid = 0;
}


static int is_full(const struct sockaddr *peer)
{
	if(inside < settings.msrp_connections_max)
		return 0;
	say(peer, "this worker has msrp_connections_max",
			settings.msrp_connections_max);
	return 1;
}


/* Returns the length of the key. */
static int key_of(const struct sockaddr *peer, unsigned char *key)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)peer;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)peer;

	if(peer->sa_family != AF_INET6) {
		memcpy(key, &v4->sin_addr, sizeof(v4->sin_addr));
		return sizeof(v4->sin_addr);
	}
	if(IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		memcpy(key, v6->sin6_addr.s6_addr + 12, 4);
		return 4;
	}
	memcpy(key, v6->sin6_addr.s6_addr, SOURCE_KEY_MAX);
	return SOURCE_KEY_MAX;
}


static source_t *source_of(const struct sockaddr *peer)
{
	unsigned char space[SOURCE_KEY_MAX];
	str key = {(char *)space, key_of(peer, space)};
	source_t *source = map_get(&sources, &key);

	if(source || !(source = calloc(1, sizeof(*source))))
		return source;
	memcpy(source->key, space, key.len);
	key.s = (char *)source->key;
	if(map_put(&sources, &source->node, &key, source) == 0)
		return source;
	free(source);
	return NULL;
}


static void let_go(source_t *source)
{
	if(--source->count > 0)
		return;
	map_remove(&sources, &source->node);
	free(source);
}


int door_enter(const struct sockaddr *peer, door_place_t *place)
{
	source_t *source;

	if(is_full(peer))
		return -1;
	source = source_of(peer);
	if(!source) {
		say(peer, "no memory", 0);
		return -1;
	}
	if(source->count >= settings.msrp_unbound_max) {
		say(peer,
				"as many of its connections carry no session as "
				"msrp_unbound_max allows",
				settings.msrp_unbound_max);
		return -1;
	}
	source->count++;
	place->source = source;
	place->inside = 1;
	inside++;
	return 0;
}


int door_enter_own(door_place_t *place)
{
	if(is_full(NULL))
		return -1;
	place->inside = 1;
	place->source = NULL;
	inside++;
	return 0;
}


void door_settle(door_place_t *place)
{
	if(place->source)
		let_go(place->source);
	place->source = NULL;
}


void door_leave(door_place_t *place)
{
	door_settle(place);
	inside -= place->inside;
	place->inside = 0;
}
