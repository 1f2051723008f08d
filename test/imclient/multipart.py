# SPDX-License-Identifier: GPL-2.0-or-later
"""multipart/mixed bodies (RFC 2046, RFC 5621): build and take apart."""

from __future__ import annotations

from dataclasses import dataclass, field

from .sip_message import SipMessage, params_of

MAX_DEPTH = 8


@dataclass
class Part:
    """One body part with its headers in order."""

    content_type: str
    body: bytes
    headers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def media_type(self) -> str:
        return self.content_type.split(";")[0].strip().lower()


def build(parts: list[Part], boundary: str = "boundary1",
          lengths: bool = True) -> tuple[str, bytes]:
    """(Content-Type, body); `lengths` gives each part a Content-Length."""
    out = b""
    for part in parts:
        headers = [("Content-Type", part.content_type)]
        if lengths:
            headers.append(("Content-Length", str(len(part.body))))
        lines = [f"--{boundary}"]
        lines += [f"{n}: {v}" for n, v in headers + part.headers]
        out += ("\r\n".join(lines) + "\r\n\r\n").encode()
        out += part.body + b"\r\n"
    out += f"--{boundary}--".encode()
    return f"multipart/mixed;boundary={boundary}", out


def parts_of(message: SipMessage) -> list[Part]:
    """All leaf parts of a message's body; a plain body is one part."""
    content_type = message.get("Content-Type")
    if not message.body or not content_type:
        return []
    headers = [(k, v) for k, v in message.headers
               if k.lower().startswith("content-")]
    return _flatten(Part(content_type, message.body, headers), 0)


def find(message: SipMessage, media_type: str) -> Part | None:
    for part in parts_of(message):
        if part.media_type == media_type:
            return part
    return None


def _flatten(part: Part, depth: int) -> list[Part]:
    if not part.media_type.startswith("multipart/"):
        return [part]
    boundary = params_of(part.content_type).get("boundary", "")
    if not boundary or depth >= MAX_DEPTH:
        return []
    delimiter = b"\r\n--" + boundary.encode()
    leaves: list[Part] = []
    for piece in (b"\r\n" + part.body).split(delimiter)[1:]:
        if piece.startswith(b"--"):
            break
        leaves += _flatten(_parse_part(piece), depth + 1)
    return leaves


def _parse_part(piece: bytes) -> Part:
    # The rest of the boundary line may hold white space only.
    piece = piece.lstrip(b" \t")
    head, _, body = piece.partition(b"\r\n\r\n")
    headers = []
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers.append((name.strip(), value.strip()))
    content_type = next((v for n, v in headers
                         if n.lower() == "content-type"), "text/plain")
    return Part(content_type, body, headers)
