/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * identity: see identity.h. Called from the model and from whoever has to
 * know a user again; knows URIs, and neither conferences nor messages.
 *
 * A key is a URI in one normal form, so that equal names are equal octets:
 *   sip:<user>@<host>[:<port>]   octets that need no escape unescaped, the
 *                                others escaped in capitals, host in lower case
 *   tel:<digits>[;ext=][;isub=][;phone-context=]
 */
#include "base/buffer.h"
#include "model/identity.h"
#include "wire/sip_uri.h"

static const str anonymous_host = STR_STATIC_INIT("anonymous.invalid");


/* The octet at *at, unescaped; moves on and says whether it was escaped. */
static unsigned char next_octet(const str *s, int *at, int *escaped)
{
	int i = *at;
	int high, low;

	*escaped = 0;
	*at = i + 1;
	if(s->s[i] != '%' || s->len - i < 3)
		return s->s[i];
	high = text_hex_value(s->s[i + 1]);
	low = text_hex_value(s->s[i + 2]);
	if(high < 0 || low < 0)
		return s->s[i];
	*escaped = 1;
	*at = i + 3;
	return high << 4 | low;
}


static unsigned char lower(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') ? c - 'A' + 'a' : c;
}


static int is_one_of(unsigned char c, const char *set)
{
	for(; *set; set++) {
		if((unsigned char)*set == c)
			return 1;
	}
	return 0;
}


static int is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}


static int is_unreserved(unsigned char c)
{
	return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z')
		   || is_one_of(c, "-_.!~*'()");
}


/* visual-separator of RFC 3966 */
static int is_separator(unsigned char c)
{
	return is_one_of(c, "-.()");
}


static void add_octet(buffer_t *key, unsigned char c, int plain)
{
	if(plain)
		buffer_add(key, &c, 1);
	else
		buffer_printf(key, "%%%02X", c);
}


static void add_user(buffer_t *key, const str *user)
{
	for(int i = 0; i < user->len;) {
		int escaped;
		unsigned char c = next_octet(user, &i, &escaped);

		/* a reserved octet and its escape are not the same */
		add_octet(key, c,
				is_unreserved(c) || (!escaped && is_one_of(c, "&=+$,;?/")));
	}
}


static void add_lower(buffer_t *key, const str *s)
{
	for(int i = 0; i < s->len; i++)
		add_octet(key, lower(s->s[i]), 1);
}


static void add_port(buffer_t *key, const uri_parts_t *uri)
{
	str standard = uri->scheme == URI_SIPS ? TEXT("5061") : TEXT("5060");
	str port = uri->port;

	while(port.len > 1 && port.s[0] == '0')
		port = text_from(&port, 1);
	if(port.len == 0 || text_eq(&port, &standard))
		return;
	buffer_add(key, ":", 1);
	buffer_add_str(key, &port);
}


static void add_host(buffer_t *key, const uri_parts_t *uri)
{
	add_lower(key, &uri->host);
	add_port(key, uri);
}


/* The digits of a number without its separators: 1 for a global number, 0 for
 * a local one, -1 when it is no telephone number. */
static int add_number(buffer_t *key, const str *number)
{
	int digits = 0, global = 0, escaped;

	for(int i = 0; i < number->len;) {
		unsigned char c = next_octet(number, &i, &escaped);

		if(c == '+' && !global && digits == 0) {
			global = 1;
		} else if(is_separator(c)) {
			continue;
		} else if(is_digit(c) || (!global && is_one_of(c, "abcdefABCDEF*#"))) {
			digits++;
		} else {
			return -1;
		}
		add_octet(key, lower(c), 1);
	}
	return digits > 0 ? global : -1;
}


static void add_phone_param(buffer_t *key, const str *params, str name)
{
	str value;
	int numeric, escaped;

	if(!sip_uri_param(params, &name, &value))
		return;
	buffer_printf(key, ";%.*s=", TEXT_ARG(&name));
	/* a context is a number, or a domain whose dots and dashes count */
	numeric = (value.len > 0 && value.s[0] == '+')
			  || text_eq(&name, &TEXT("ext"));
	for(int i = 0; i < value.len;) {
		unsigned char c = next_octet(&value, &i, &escaped);

		if(!numeric || !is_separator(c))
			add_octet(key, lower(c), is_unreserved(c) || c == '+');
	}
}


/* A number with the parameters that make it another user's (RFC 3966 section
 * 4). Returns as add_number(). */
static int add_phone(buffer_t *key, const str *number, const str *params)
{
	int global = add_number(key, number);

	if(global < 0)
		return -1;
	add_phone_param(key, params, TEXT("ext"));
	add_phone_param(key, params, TEXT("isub"));
	if(!global)
		add_phone_param(key, params, TEXT("phone-context"));
	return global;
}


static int tel_key(buffer_t *key, const str *number, const str *params)
{
	buffer_add_text(key, "tel:");
	return add_phone(key, number, params) < 0 ? -1 : 0;
}


static void sip_key(buffer_t *key, const uri_parts_t *uri)
{
	buffer_add_text(key, "sip:");
	if(uri->user.len > 0) {
		add_user(key, &uri->user);
		buffer_add(key, "@", 1);
	}
	add_host(key, uri);
}


/* A sip URI with a telephone number in front of the '@'. A global number, or
 * one with its context, means the same wherever it is; any other is its
 * host's. Returns -1 when it is no number after all. */
static int phone_key(buffer_t *key, const uri_parts_t *uri)
{
	str number = uri->user, params = {NULL, 0}, context;
	int at = text_find_char(&number, ';');
	int global;

	if(at >= 0) {
		params = text_from(&number, at + 1);
		number.len = at;
	}
	buffer_add_text(key, "tel:");
	global = add_phone(key, &number, &params);
	if(global < 0)
		return -1;
	if(global || sip_uri_param(&params, &TEXT("phone-context"), &context))
		return 0;
	buffer_clear(key);
	buffer_add_text(key, "sip:");
	add_phone(key, &number, &params);
	buffer_add(key, "@", 1);
	add_host(key, uri);
	return 0;
}


static int is_phone(const uri_parts_t *uri)
{
	str value;

	return sip_uri_param(&uri->params, &TEXT("user"), &value)
		   && text_eq_nocase(&value, &TEXT("phone"))
		   && !text_eq_nocase(&uri->host, &anonymous_host);
}


static int write_key(buffer_t *key, const uri_parts_t *uri)
{
	if(uri->scheme == URI_TEL)
		return tel_key(key, &uri->user, &uri->params);
	if(is_phone(uri) && phone_key(key, uri) == 0)
		return 0;
	buffer_clear(key);
	sip_key(key, uri);
	return 0;
}


int identity_init(identity_t *id, const str *uri)
{
	uri_parts_t parsed;
	buffer_t key;
	str text;
	int rc = IDENTITY_MEMORY;

	*id = (identity_t){{NULL, 0}, {NULL, 0}};
	if(sip_uri_parse(uri, &parsed) < 0)
		return IDENTITY_NO_URI;
	buffer_init(&key, 0);
	if(write_key(&key, &parsed) < 0) {
		rc = buffer_failed(&key) ? IDENTITY_MEMORY : IDENTITY_NO_URI;
		goto failed;
	}
	text = buffer_str(&key);
	if(buffer_failed(&key) || text_copy(&id->key, &text) < 0
			|| text_copy(&id->uri, &parsed.core) < 0)
		goto failed;
	buffer_free(&key);
	return 0;
failed:
	buffer_free(&key);
	identity_free(id);
	return rc;
}


void identity_free(identity_t *id)
{
	text_free(&id->uri);
	text_free(&id->key);
}


int identity_eq(const identity_t *a, const identity_t *b)
{
	return a->key.len > 0 && text_eq(&a->key, &b->key)
		   && !identity_is_anonymous(a);
}


int identity_is_anonymous(const identity_t *id)
{
	str host = id->key;
	int at;

	if(!text_starts_nocase(&host, &TEXT("sip:")))
		return 0;
	host = text_from(&host, 4);
	/* in a key no other '@' stands unescaped */
	at = text_find_char(&host, '@');
	host = text_from(&host, at + 1);
	at = text_find_char(&host, ':');
	if(at >= 0)
		host.len = at;
	return text_eq(&host, &anonymous_host);
}
