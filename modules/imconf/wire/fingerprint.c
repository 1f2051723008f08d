/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * fingerprint: see fingerprint.h. Called by the switch; may not know what a
 * certificate is.
 */
#include <string.h>
#include "wire/fingerprint.h"

/* MD5 and MD2 are not to be used any more (RFC 8122 section 5) */
static const struct
{
	const char *name;
	int length;
} hashes[FINGERPRINT_HASHES] = {
		[FINGERPRINT_SHA1] = {"sha-1", 20},
		[FINGERPRINT_SHA256] = {"sha-256", 32},
		[FINGERPRINT_SHA384] = {"sha-384", 48},
		[FINGERPRINT_SHA512] = {"sha-512", 64},
};


int fingerprint_length(fingerprint_hash_t hash)
{
	return hashes[hash].length;
}


static int find_hash(const str *name, fingerprint_hash_t *hash)
{
	for(int i = 0; i < FINGERPRINT_HASHES; i++) {
		str known = {(char *)hashes[i].name, (int)strlen(hashes[i].name)};

		if(!text_eq_nocase(name, &known))
			continue;
		*hash = i;
		return 0;
	}
	return -1;
}


/* "4A:AD:...", of exactly `length` octets */
static int read_octets(const str *text, unsigned char *value, int length)
{
	if(text->len != length * 3 - 1)
		return -1;
	for(int i = 0; i < length; i++) {
		const char *at = text->s + i * 3;
		int high = text_hex_value(at[0]), low = text_hex_value(at[1]);

		if(high < 0 || low < 0 || (i < length - 1 && at[2] != ':'))
			return -1;
		value[i] = high << 4 | low;
	}
	return 0;
}


int fingerprint_parse(const str *text, fingerprint_t *print)
{
	str rest = text_trim(text), name;

	if(!text_next(&rest, ' ', &name) || find_hash(&name, &print->hash) < 0)
		return -1;
	rest = text_trim(&rest);
	return read_octets(&rest, print->value, hashes[print->hash].length);
}


void fingerprint_write(const fingerprint_t *print, buffer_t *out)
{
	buffer_printf(out, "%s ", hashes[print->hash].name);
	for(int i = 0; i < hashes[print->hash].length; i++)
		buffer_printf(out, i ? ":%02X" : "%02X", print->value[i]);
}


int fingerprint_best(const str *text, int count, fingerprint_t *print)
{
	fingerprint_t now;
	int kept = 0;

	for(int i = 0; i < count; i++) {
		if(fingerprint_parse(&text[i], &now) < 0)
			continue;
		if(kept > 0 && now.hash < print[0].hash)
			continue;
		if(kept > 0 && now.hash > print[0].hash)
			kept = 0;
		print[kept++] = now;
	}
	return kept;
}
