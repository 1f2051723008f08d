# SPDX-License-Identifier: GPL-2.0-or-later
"""Digest credentials (RFC 2617, MD5, qop auth or none)."""

from __future__ import annotations

import hashlib
import secrets

from .sip_message import SipMessage, params_of, split_list


def authorize(request: SipMessage, challenge: SipMessage, user: str,
              password: str) -> bool:
    """Add credentials for a 401 or 407; False without a usable challenge."""
    proxy = challenge.status == 407
    asked = challenge.get("Proxy-Authenticate" if proxy
                          else "WWW-Authenticate")
    scheme, _, rest = asked.partition(" ")
    if scheme.lower() != "digest":
        return False
    fields = params_of(";" + ";".join(split_list(rest)))
    value = _credentials(fields, request.method, request.uri, user, password)
    request.set("Proxy-Authorization" if proxy else "Authorization", value)
    return True


def _credentials(fields: dict[str, str], method: str, uri: str, user: str,
                 password: str) -> str:
    realm, nonce = fields.get("realm", ""), fields.get("nonce", "")
    secret = _md5(f"{user}:{realm}:{password}")
    action = _md5(f"{method}:{uri}")
    value = (f'Digest username="{user}", realm="{realm}", nonce="{nonce}", '
             f'uri="{uri}", algorithm=MD5')
    if "opaque" in fields:
        value += f', opaque="{fields["opaque"]}"'
    if "auth" in fields.get("qop", "").split(","):
        cnonce = secrets.token_hex(8)
        answer = _md5(f"{secret}:{nonce}:00000001:{cnonce}:auth:{action}")
        value += f', qop=auth, nc=00000001, cnonce="{cnonce}"'
    else:
        answer = _md5(f"{secret}:{nonce}:{action}")
    return f'{value}, response="{answer}"'


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
