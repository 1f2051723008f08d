# SPDX-License-Identifier: GPL-2.0-or-later
"""SDP with one MSRP media line (RFC 4975 section 8, RFC 6135)."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field


@dataclass
class MsrpMedia:
    """What a description says about its message session."""

    path: str = ""
    setup: str = ""
    host: str = ""
    port: int = 0
    protocol: str = "TCP/MSRP"
    accept_types: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def transport(self) -> str:
        """tcp, tls, ws or wss, as protocol and path say."""
        secure = "TLS" in self.protocol or "WSS" in self.protocol
        if ";ws" in self.path.split(" ")[0]:
            return "wss" if secure else "ws"
        return "tls" if secure else "tcp"

    @property
    def fingerprints(self) -> list[str]:
        return [value.strip() for name, value in self.attributes
                if name == "fingerprint"]

    def accepts(self, content_type: str) -> bool:
        """MIME types compare without case; * stands for all."""
        wanted = content_type.lower()
        return any(t == "*" or t.lower() == wanted
                   for t in self.accept_types)


@dataclass
class SdpTemplate:
    """What a client writes around the facts of its leg."""

    accept_types: str = "message/cpim"
    wrapped_types: str = ("text/plain application/im-iscomposing+xml "
                          "message/imdn+xml")
    # RFC 7701 section 8; None: not a word of it
    chatroom: str | None = "nickname private-messages"
    extra_lines: tuple[str, ...] = ()
    subject: str = "-"


def build(template: SdpTemplate, host: str, port: int, path: str,
          setup: str, protocol: str = "TCP/MSRP",
          fingerprint: str = "", direction: str = "sendrecv") -> bytes:
    """A description; an active side names port 9 (RFC 6135 4.2.2)."""
    stamp = int(time.time()) + 2208988800
    family = "IP6" if ":" in host else "IP4"
    lines = [
        "v=0", f"o=- {stamp} {stamp} IN {family} {host}",
        f"s={template.subject}", f"c=IN {family} {host}", "t=0 0",
        f"m=message {9 if setup == 'active' else port} {protocol} *",
        f"a=accept-types:{template.accept_types}",
    ]
    if template.wrapped_types:
        lines.append(f"a=accept-wrapped-types:{template.wrapped_types}")
    if template.chatroom is not None:
        lines.append(f"a=chatroom:{template.chatroom}".rstrip(":"))
    if setup:
        lines.append(f"a=setup:{setup}")
    if fingerprint:
        lines.append(f"a=fingerprint:{fingerprint}")
    lines += [f"a=path:{path}", f"a={direction}", *template.extra_lines]
    return ("\r\n".join(lines) + "\r\n").encode()


def parse(body: bytes) -> MsrpMedia | None:
    """The first accepted MSRP media line; None where there is none."""
    host = ""
    media: MsrpMedia | None = None
    for line in re.split(r"\r?\n", body.decode("utf-8", "replace")):
        kind, _, value = line.partition("=")
        if kind == "m":
            if media is not None:
                break
            media = _media_line(value, host)
        elif kind == "c":
            host = value.split(" ")[-1]
            if media is not None:
                media.host = host
        elif kind == "a" and media is not None:
            _attribute(media, value)
    return media if media is not None and media.path else None


def _media_line(value: str, host: str) -> MsrpMedia | None:
    words = value.split()
    if len(words) < 3 or words[0] != "message" or "MSRP" not in words[2]:
        return None
    if not words[1].isdigit() or int(words[1]) == 0:
        return None
    return MsrpMedia(host=host, port=int(words[1]), protocol=words[2])


def _attribute(media: MsrpMedia, value: str) -> None:
    name, _, content = value.partition(":")
    media.attributes.append((name, content))
    if name == "path":
        media.path = content.strip()
    elif name == "setup":
        media.setup = content.strip()
    elif name == "accept-types":
        media.accept_types = content.split()


def answer_setup(offered: str, preferred: str = "active") -> str:
    """Our side of a=setup; only actpass leaves a choice."""
    return {"active": "passive", "passive": "active"}.get(offered, preferred)


def connects(local: str, remote: str, offerer: bool) -> bool:
    """Who opens the connection; without a=setup it is the offerer."""
    if remote == "passive":
        return True
    if remote == "active":
        return False
    return offerer if not remote else local == "active"
