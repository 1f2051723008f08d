/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tls_keys: see tls_keys.h, and tls.h for what the others see of it. Loaded
 * at start and when the operator says so.
 */
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <time.h>
#include "core/dprint.h"
#include "settings.h"
#include "switch/tls.h"
#include "switch/tls_keys.h"

#define FINGERPRINT_TEXT_MAX 224

struct tls_keys
{
	unsigned holders;
	gnutls_certificate_credentials_t credentials;
	buffer_t print[FINGERPRINT_HASHES]; /* as a=fingerprint has them */
};

static tls_keys_t *newest;


tls_keys_t *tls_keys_hold(void)
{
	if(newest)
		newest->holders++;
	return newest;
}


void tls_keys_release(tls_keys_t *keys)
{
	if(!keys || --keys->holders > 0)
		return;
	if(keys->credentials)
		gnutls_certificate_free_credentials(keys->credentials);
	for(int i = 0; i < FINGERPRINT_HASHES; i++)
		buffer_free(&keys->print[i]);
	free(keys);
}


gnutls_certificate_credentials_t tls_keys_credentials(const tls_keys_t *keys)
{
	return keys->credentials;
}


int tls_keys_hash(const gnutls_datum_t *certificate, fingerprint_t *print)
{
	static const gnutls_digest_algorithm_t by[FINGERPRINT_HASHES] = {
			[FINGERPRINT_SHA1] = GNUTLS_DIG_SHA1,
			[FINGERPRINT_SHA256] = GNUTLS_DIG_SHA256,
			[FINGERPRINT_SHA384] = GNUTLS_DIG_SHA384,
			[FINGERPRINT_SHA512] = GNUTLS_DIG_SHA512,
	};
	size_t size = sizeof(print->value);

	return gnutls_fingerprint(by[print->hash], certificate, print->value, &size)
						   < 0
				   ? -1
				   : 0;
}


static int prepare_fingerprints(tls_keys_t *keys)
{
	gnutls_datum_t certificate;
	fingerprint_t print;

	if(gnutls_certificate_get_crt_raw(keys->credentials, 0, 0, &certificate)
			< 0)
		return -1;
	for(int i = 0; i < FINGERPRINT_HASHES; i++) {
		print.hash = i;
		if(tls_keys_hash(&certificate, &print) < 0)
			return -1;
		fingerprint_write(&print, &keys->print[i]);
		if(buffer_failed(&keys->print[i]))
			return -1;
	}
	return 0;
}


static void warn_of_expiry(const tls_keys_t *keys)
{
	gnutls_x509_crt_t *list;
	unsigned count;

	if(gnutls_certificate_get_x509_crt(keys->credentials, 0, &list, &count) < 0)
		return;
	if(count > 0 && gnutls_x509_crt_get_expiration_time(list[0]) < time(NULL))
		LM_WARN("the certificate in %s has expired\n",
				settings.tls_certificate);
	for(unsigned i = 0; i < count; i++)
		gnutls_x509_crt_deinit(list[i]);
	gnutls_free(list);
}


static int read_files(tls_keys_t *keys)
{
	int rc = gnutls_certificate_set_x509_key_file(keys->credentials,
			settings.tls_certificate, settings.tls_key, GNUTLS_X509_FMT_PEM);

	if(rc < 0) {
		LM_ERR("parameter tls_certificate is %s and tls_key is %s, which "
			   "cannot be used: %s\n",
				settings.tls_certificate, settings.tls_key,
				gnutls_strerror(rc));
		return -1;
	}
	if(!settings.tls_ca)
		return 0;
	rc = gnutls_certificate_set_x509_trust_file(
			keys->credentials, settings.tls_ca, GNUTLS_X509_FMT_PEM);
	if(rc > 0)
		return 0;
	LM_ERR("parameter tls_ca is %s, which cannot be used: %s\n",
			settings.tls_ca, rc < 0 ? gnutls_strerror(rc) : "it is empty");
	return -1;
}


static tls_keys_t *read_keys(void)
{
	tls_keys_t *keys = calloc(1, sizeof(*keys));

	if(!keys)
		return NULL;
	keys->holders = 1;
	for(int i = 0; i < FINGERPRINT_HASHES; i++)
		buffer_init(&keys->print[i], FINGERPRINT_TEXT_MAX);
	if(gnutls_certificate_allocate_credentials(&keys->credentials) == 0
			&& read_files(keys) == 0 && prepare_fingerprints(keys) == 0) {
		warn_of_expiry(keys);
		return keys;
	}
	tls_keys_release(keys);
	return NULL;
}


static int is_wanted(void)
{
	return settings.msrps_port || settings.msrp_wss_port;
}


int tls_check(void)
{
	tls_keys_t *keys;

	if(!is_wanted())
		return 0;
	if(!settings.tls_certificate) {
		LM_ERR("parameter tls_certificate is missing: msrps_port and "
			   "msrp_wss_port need it\n");
		return -1;
	}
	/* one file may hold both */
	if(!settings.tls_key)
		settings.tls_key = settings.tls_certificate;
	keys = read_keys();
	tls_keys_release(keys);
	return keys ? 0 : -1;
}


int tls_load(void)
{
	tls_keys_t *keys;

	if(!is_wanted())
		return 0;
	keys = read_keys();
	if(!keys)
		return -1;
	tls_keys_release(newest);
	newest = keys;
	return 0;
}


str tls_own_fingerprint(fingerprint_hash_t hash)
{
	return newest ? buffer_str(&newest->print[hash]) : (str){NULL, 0};
}
