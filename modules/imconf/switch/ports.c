/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ports: see ports.h. Called by the listener, the legs and at start.
 */
#include <string.h>
#include "core/dprint.h"
#include "settings.h"
#include "switch/ports.h"

#define PORT_MAX 65535

static const struct
{
	const char *name;
	const int *first;
	const char *word; /* in msrp_offer */
} ranges[MSRP_TRANSPORTS] = {
		[MSRP_TCP] = {"msrp_port", &settings.msrp_port, "tcp"},
		[MSRP_TLS] = {"msrps_port", &settings.msrps_port, "tls"},
		[MSRP_WS] = {"msrp_ws_port", &settings.msrp_ws_port, "ws"},
		[MSRP_WSS] = {"msrp_wss_port", &settings.msrp_wss_port, "wss"},
};


int ports_of(msrp_transport_t transport, int index)
{
	int first = *ranges[transport].first;

	return first ? first + index : 0;
}


static int find_offered(void)
{
	for(int i = 0; i < MSRP_TRANSPORTS; i++) {
		if(strcmp(settings.msrp_offer, ranges[i].word) == 0)
			return i;
	}
	return -1;
}


msrp_transport_t ports_offered(void)
{
	int offered = settings.msrp_offer ? find_offered() : MSRP_TCP;

	return offered < 0 ? MSRP_TCP : offered;
}


static int check_offer(void)
{
	int offered = find_offered();

	if(offered < 0) {
		LM_ERR("parameter msrp_offer is %s, it must be tcp, tls, ws or wss\n",
				settings.msrp_offer);
		return -1;
	}
	if(*ranges[offered].first)
		return 0;
	LM_ERR("parameter msrp_offer is %s, but %s is 0\n", settings.msrp_offer,
			ranges[offered].name);
	return -1;
}


static int check_range(int i)
{
	int first = *ranges[i].first;

	if(first == 0 || first + settings.workers - 1 <= PORT_MAX)
		return 0;
	LM_ERR("parameter %s is %d: %d workers need as many ports\n",
			ranges[i].name, first, settings.workers);
	return -1;
}


static int check_pair(int i, int j)
{
	int a = *ranges[i].first, b = *ranges[j].first;
	int distance = a > b ? a - b : b - a;

	if(a == 0 || b == 0 || distance >= settings.workers)
		return 0;
	LM_ERR("parameter %s is %d: %d workers would listen on ports of %s (%d)\n",
			ranges[j].name, b, settings.workers, ranges[i].name, a);
	return -1;
}


int ports_check(void)
{
	for(int j = 0; j < MSRP_TRANSPORTS; j++) {
		if(check_range(j) < 0)
			return -1;
		for(int i = 0; i < j; i++) {
			if(check_pair(i, j) < 0)
				return -1;
		}
	}
	return check_offer();
}
