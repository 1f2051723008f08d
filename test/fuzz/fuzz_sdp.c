/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: wire/sdp. The input is an offer. What was found must lie
 * inside it, and our answer must have its m-lines, ours in its place.
 */
#include <stdlib.h>
#include <string.h>
#include "wire/msrp_uri.h"
#include "wire/sdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void expect_inside(const str *part, const str *all)
{
	if(part->len < 0)
		abort();
	if(part->len > 0
			&& (part->s < all->s || part->s + part->len > all->s + all->len))
		abort();
}


static void expect_sound(const sdp_t *sdp, const str *all)
{
	const sdp_msrp_t *m = &sdp->msrp;
	msrp_uri_t uri;
	int i;

	expect_inside(&m->host, all);
	expect_inside(&m->proto, all);
	expect_inside(&m->accept_types, all);
	expect_inside(&m->accept_wrapped_types, all);
	expect_inside(&m->chatroom, all);
	for(i = 0; i < m->fingerprint_count; i++)
		expect_inside(&m->fingerprint[i], all);
	if(m->path_count < 1 || m->path_count > SDP_PATH_MAX || m->port == 0
			|| m->port > 65535 || m->index >= sdp->media_count
			|| sdp->media_count > SDP_MEDIA_MAX)
		abort();
	for(i = 0; i < m->path_count; i++) {
		expect_inside(&m->path[i], all);
		if(msrp_uri_parse(&m->path[i], &uri) < 0)
			abort();
	}
	for(i = 0; i < sdp->media_count; i++)
		expect_inside(&sdp->media[i], all);
	sdp_accepts(&m->accept_types, "message/cpim");
}


static void expect_answer(const sdp_t *offer, const sdp_msrp_t *line)
{
	sdp_own_t own = {.address = str_init("127.0.0.1"),
			.port = 2855,
			.transport = line->transport,
			.session = str_init("0123456789abcdef"),
			.setup = SETUP_PASSIVE,
			.max_size = 4096};
	buffer_t out;
	str text;
	sdp_t answer;

	buffer_init(&out, 0);
	sdp_write_answer(&own, offer, line, &out);
	text = buffer_str(&out);
	if(buffer_failed(&out) || sdp_parse(&text, &answer) != SDP_OK
			|| answer.media_count != offer->media_count
			|| answer.msrp.index != line->index || answer.msrp.port != own.port
			|| answer.msrp.transport != line->transport
			|| answer.msrp.path_count != 1 || answer.further_count != 0)
		abort();
	buffer_free(&out);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str all = {(char *)data, (int)size};
	const sdp_msrp_t *line;
	sdp_t sdp;

	if(sdp_parse(&all, &sdp) != SDP_OK)
		return 0;
	expect_sound(&sdp, &all);
	for(int i = 0; (line = sdp_line(&sdp, i)) != NULL; i++)
		expect_answer(&sdp, line);
	return 0;
}
