# SPDX-License-Identifier: GPL-2.0-or-later
"""message/cpim (RFC 3862): message headers, MIME headers, content."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timezone

ROOM = "sip:anonymous@anonymous.invalid"


@dataclass
class Cpim:
    """One CPIM message; names are case-sensitive, order is kept."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    mime: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def get(self, name: str) -> str:
        return next((v for n, v in self.headers if n == name), "")

    @property
    def content_type(self) -> str:
        return next((v for n, v in self.mime
                     if n.lower() == "content-type"), "")

    def encode(self) -> bytes:
        head = "".join(f"{n}: {v}\r\n" for n, v in self.headers)
        mime = "".join(f"{n}: {v}\r\n" for n, v in self.mime)
        return f"{head}\r\n{mime}\r\n".encode() + self.body


def text_message(text: str, sender: str, to: str = ROOM,
                 content_type: str = "text/plain;charset=utf-8") -> Cpim:
    """A chat message as clients of the field write it."""
    body = text.encode()
    return Cpim(
        [("From", f"<{sender}>"), ("To", f"<{to}>"), ("DateTime", now())],
        [("Content-type", content_type),
         ("Content-length", str(len(body)))], body)


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def parse(data: bytes) -> Cpim | None:
    """None where the two empty lines are missing."""
    blocks = re.split(rb"\r?\n\r?\n", data, maxsplit=2)
    if len(blocks) < 3:
        return None
    return Cpim(_headers(blocks[0]), _headers(blocks[1]), blocks[2])


def _headers(block: bytes) -> list[tuple[str, str]]:
    headers = []
    for line in re.split(r"\r?\n", block.decode("utf-8", "replace")):
        name, colon, value = line.partition(":")
        if colon:
            headers.append((name, value.strip()))
    return headers
