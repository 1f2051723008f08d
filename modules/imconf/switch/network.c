/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * network: see network.h. Called at start and by outbound.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include "switch/network.h"
#include "switch/socket.h"

#define IPV4_OCTETS 4


static const unsigned char *octets_of(
		const struct sockaddr *address, int *family)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;

	*family = AF_INET;
	if(address->sa_family != AF_INET6)
		return (const unsigned char *)&v4->sin_addr;
	if(IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		return v6->sin6_addr.s6_addr + NETWORK_OCTETS - IPV4_OCTETS;
	*family = AF_INET6;
	return v6->sin6_addr.s6_addr;
}


static str without_brackets(str text)
{
	if(text.len > 2 && text.s[0] == '[' && text.s[text.len - 1] == ']') {
		text.s++;
		text.len -= 2;
	}
	return text;
}


int network_parse(const str *text, network_t *network)
{
	int slash = text_find_char(text, '/');
	struct sockaddr_storage space;
	str host = *text, number;
	uint64_t bits;
	int most;

	memset(network, 0, sizeof(*network));
	if(slash >= 0)
		host.len = slash;
	host = without_brackets(host);
	if(!socket_address(&host, 0, &space))
		return -1;
	most = space.ss_family == AF_INET6 ? 8 * NETWORK_OCTETS : 8 * IPV4_OCTETS;
	memcpy(network->address,
			octets_of((struct sockaddr *)&space, &network->family), most / 8);
	network->family = space.ss_family;
	network->bits = most;
	if(slash < 0)
		return 0;
	number = text_from(text, slash + 1);
	if(text_to_uint(&number, most, &bits) < 0)
		return -1;
	network->bits = (int)bits;
	return 0;
}


int network_has(const network_t *network, const struct sockaddr *address)
{
	int family, whole = network->bits / 8, rest = network->bits % 8;
	const unsigned char *octets = octets_of(address, &family);

	if(family != network->family
			|| memcmp(octets, network->address, whole) != 0)
		return 0;
	return rest == 0
		   || (octets[whole] ^ network->address[whole]) >> (8 - rest) == 0;
}
