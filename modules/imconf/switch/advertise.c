/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * advertise: see advertise.h. Filled from the parameter msrp_advertise, asked
 * for every description.
 */
#include <netinet/in.h>
#include <string.h>
#include "core/dprint.h"
#include "settings.h"
#include "switch/advertise.h"
#include "switch/ports.h"
#include "switch/socket.h"

#define PORT_MAX 65535

typedef struct entry
{
	str where, where_port; /* the SIP socket; empty: any */
	str address;		   /* without brackets */
	int family;
	int port; /* 0: ours */
} entry_t;

static entry_t entries[ADVERTISE_MAX];
static int entry_count;


int advertise_family(const str *address)
{
	struct sockaddr_storage space;

	return socket_address(address, 0, &space) ? space.ss_family : 0;
}


/* Takes "address", "address:port" or "[address]:port" apart. */
static int read_address(str text, str *address, str *port)
{
	int at;

	*address = text;
	*port = (str){NULL, 0};
	if(text.len > 0 && text.s[0] == '[') {
		at = text_find_char(&text, ']');
		if(at < 0)
			return -1;
		*address = text_from(&text, 1);
		address->len = at - 1;
		text = text_from(&text, at + 1);
		if(text.len > 0 && text.s[0] != ':')
			return -1;
		*port = text_from(&text, 1);
		return text.len == 1 ? -1 : 0;
	}
	at = text_find_char(&text, ':');
	*port = text_from(&text, at + 1);
	/* more than one colon: IPv6 without brackets */
	if(at < 0 || text_find_char(port, ':') >= 0) {
		*port = (str){NULL, 0};
		return 0;
	}
	address->len = at;
	return port->len > 0 ? 0 : -1;
}


int advertise_add(const char *value)
{
	entry_t *e = &entries[entry_count];
	str text = {(char *)value, (int)strlen(value)}, port;
	uint64_t number = 0;
	int at = text_find_char(&text, '=');

	if(entry_count == ADVERTISE_MAX)
		return -1;
	memset(e, 0, sizeof(*e));
	if(at >= 0) {
		port = text;
		port.len = at;
		text = text_from(&text, at + 1);
	}
	if(at >= 0
			&& (read_address(port, &e->where, &e->where_port) < 0
					|| !advertise_family(&e->where)))
		return -1;
	if(read_address(text, &e->address, &port) < 0)
		return -1;
	if(port.len > 0
			&& (text_to_uint(&port, PORT_MAX, &number) < 0 || number == 0))
		return -1;
	e->port = (int)number;
	e->family = advertise_family(&e->address);
	if(!e->family)
		return -1;
	entry_count++;
	return 0;
}


static int shift_of(const entry_t *e)
{
	return e->port ? e->port - settings.msrp_port : 0;
}


static int check_entry(const entry_t *e)
{
	for(int t = 0; t < MSRP_TRANSPORTS; t++) {
		int first = ports_of(t, 0) + shift_of(e);

		if(ports_of(t, 0) == 0
				|| (first > 0 && first + settings.workers - 1 <= PORT_MAX))
			continue;
		LM_ERR("parameter msrp_advertise names port %d of %.*s, which leaves "
			   "no ports from %d on for another transport\n",
				e->port, TEXT_ARG(&e->address), first);
		return -1;
	}
	return 0;
}


static int is_wildcard(const char *address)
{
	str text = {(char *)address, (int)strlen(address)};
	struct sockaddr_storage space;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&space;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&space;

	if(!socket_address(&text, 0, &space))
		return 0;
	if(space.ss_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
	return v4->sin_addr.s_addr == htonl(INADDR_ANY);
}


int advertise_check(void)
{
	int for_all = 0;

	for(int i = 0; i < entry_count; i++) {
		if(check_entry(&entries[i]) < 0)
			return -1;
		for_all += entries[i].where.len == 0;
	}
	if(for_all || !is_wildcard(settings.msrp_address))
		return 0;
	LM_ERR("parameter msrp_address is %s, which nobody can connect to: "
		   "msrp_advertise must say what participants are told\n",
			settings.msrp_address);
	return -1;
}


/* Does an entry speak of that socket? */
static int is_there(const entry_t *e, const str *reached_at)
{
	str address, port;

	if(e->where.len == 0)
		return 1;
	return read_address(*reached_at, &address, &port) == 0
		   && text_eq_nocase(&e->where, &address)
		   && (e->where_port.len == 0 || text_eq(&e->where_port, &port));
}


/* Those for a socket before those for all, the right family before another. */
static int rank(const entry_t *e, const str *reached_at, int family)
{
	if(!is_there(e, reached_at))
		return 0;
	return 1 + 2 * (e->where.len > 0) + (e->family == family);
}


str advertise_address(const str *reached_at, int family, int *shift)
{
	const entry_t *best = NULL;
	int most = 0, now;

	for(int i = 0; i < entry_count; i++) {
		now = rank(&entries[i], reached_at, family);
		if(now <= most)
			continue;
		most = now;
		best = &entries[i];
	}
	*shift = best ? shift_of(best) : 0;
	return best ? best->address
				: (str){settings.msrp_address,
						(int)strlen(settings.msrp_address)};
}
