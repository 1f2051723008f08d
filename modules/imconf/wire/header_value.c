/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * header_value: see header_value.h. Called by other parsers of wire/ and by
 * sip/request.
 */
#include "wire/header_value.h"


static int length_of_piece(const str *rest, char sep)
{
	int quoted = 0, angle = 0;

	for(int i = 0; i < rest->len; i++) {
		char c = rest->s[i];

		if(quoted && c == '\\')
			i++;
		else if(c == '"')
			quoted = !quoted;
		else if(!quoted && (c == '<' || c == '>'))
			angle = c == '<';
		else if(c == sep && !quoted && !angle)
			return i;
	}
	return rest->len;
}


int header_next(str *rest, char sep, str *piece)
{
	if(rest->len <= 0)
		return 0;
	*piece = (str){rest->s, length_of_piece(rest, sep)};
	*rest = text_from(rest, piece->len + 1);
	*piece = text_trim(piece);
	return 1;
}
