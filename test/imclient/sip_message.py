# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP messages: build, parse, and the small grammars inside their headers.

Keeps header order, spelling and repetition, since tests look at them. No
sockets, no state.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field

COMPACT = {
    "i": "call-id", "m": "contact", "e": "content-encoding",
    "l": "content-length", "c": "content-type", "f": "from", "s": "subject",
    "k": "supported", "t": "to", "v": "via", "o": "event",
    "u": "allow-events", "r": "refer-to", "b": "referred-by",
    "x": "session-expires", "a": "accept-contact",
}
SHORT = {long: short for short, long in COMPACT.items()}
REASONS = {
    100: "Trying", 180: "Ringing", 200: "OK", 202: "Accepted",
    400: "Bad Request", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 408: "Request Timeout",
    480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist",
    486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here",
    489: "Bad Event", 500: "Server Internal Error",
    501: "Not Implemented", 503: "Service Unavailable", 603: "Decline",
    606: "Not Acceptable",
}
MAX_HEADERS = 65536


class SipSyntaxError(ValueError):
    """The bytes are no SIP message."""


def canonical(name: str) -> str:
    """The lower-case long form of a header name."""
    name = name.strip().lower()
    return COMPACT.get(name, name)


@dataclass
class SipMessage:
    """One request or response; headers are (name, value) in wire order."""

    start: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def is_request(self) -> bool:
        return not self.start.startswith("SIP/2.0")

    @property
    def method(self) -> str:
        """The request's method, or that of the response's CSeq."""
        if self.is_request:
            return self.start.split(" ", 1)[0]
        return self.cseq[1]

    @property
    def uri(self) -> str:
        return self.start.split(" ")[1]

    @property
    def status(self) -> int:
        return 0 if self.is_request else int(self.start.split(" ")[1])

    @property
    def reason(self) -> str:
        return self.start.split(" ", 2)[2] if not self.is_request else ""

    @property
    def cseq(self) -> tuple[int, str]:
        number, _, method = self.get("CSeq").partition(" ")
        return (int(number) if number.isdigit() else -1), method.strip()

    @property
    def call_id(self) -> str:
        return self.get("Call-ID")

    @property
    def branch(self) -> str:
        vias = self.values("Via")
        return params_of(vias[0]).get("branch", "") if vias else ""

    @property
    def from_tag(self) -> str:
        return tag_of(self.get("From"))

    @property
    def to_tag(self) -> str:
        return tag_of(self.get("To"))

    def get(self, name: str, default: str = "") -> str:
        """The first header of that name (compact forms included)."""
        wanted = canonical(name)
        for key, value in self.headers:
            if canonical(key) == wanted:
                return value
        return default

    def get_all(self, name: str) -> list[str]:
        wanted = canonical(name)
        return [v for k, v in self.headers if canonical(k) == wanted]

    def values(self, name: str) -> list[str]:
        """All values, comma-separated lists taken apart."""
        return [item for line in self.get_all(name)
                for item in split_list(line)]

    def tokens(self, name: str) -> set[str]:
        """Values of a list header such as Supported, in lower case."""
        return {value.lower() for value in self.values(name)}

    def add(self, name: str, value: str) -> None:
        self.headers.append((name, value))

    def set(self, name: str, value: str | None) -> None:
        """Replace every header of that name, in place; None removes."""
        wanted = canonical(name)
        found = False
        kept = []
        for key, old in self.headers:
            if canonical(key) != wanted:
                kept.append((key, old))
            elif value is not None and not found:
                kept.append((key, value))
                found = True
        if value is not None and not found:
            kept.append((name, value))
        self.headers = kept

    def encode(self, compact: bool = False) -> bytes:
        lines = [self.start]
        for name, value in self.headers:
            if compact:
                name = SHORT.get(canonical(name), name)
            lines.append(f"{name}: {value}")
        head = "\r\n".join(lines) + "\r\n\r\n"
        return head.encode("utf-8", "surrogateescape") + self.body

    def __str__(self) -> str:
        return self.encode().decode("utf-8", "replace")


def parse(data: bytes) -> SipMessage:
    """A message from a datagram, or from exactly framed stream bytes."""
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        raise SipSyntaxError("no empty line after the headers")
    text = head.decode("utf-8", "surrogateescape")
    lines = re.sub(r"\r\n[ \t]+", " ", text).split("\r\n")
    if not re.match(r"SIP/2\.0 \d{3} |[A-Z]+ \S+ SIP/2\.0$", lines[0]):
        raise SipSyntaxError(f"start line {lines[0]!r}")
    message = SipMessage(lines[0], [_header(line) for line in lines[1:]])
    length = message.get("Content-Length")
    if length:
        if not length.isdigit() or int(length) > len(body):
            raise SipSyntaxError(f"Content-Length {length!r}")
        body = body[:int(length)]
    message.body = body
    return message


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        raise SipSyntaxError(f"header line {line!r}")
    return name.strip(), value.strip()


def take_frame(buffer: bytearray) -> bytes | None:
    """Cut the first complete message off a stream buffer (RFC 3261 18.3)."""
    while buffer[:2] == b"\r\n":
        del buffer[:2]
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        if len(buffer) > MAX_HEADERS:
            raise SipSyntaxError("headers without end")
        return None
    match = re.search(rb"\r\n(?:Content-Length|l)[ \t]*:[ \t]*(\d+)",
                      bytes(buffer[:end + 2]), re.IGNORECASE)
    if not match:
        raise SipSyntaxError("no Content-Length on a stream")
    total = end + 4 + int(match.group(1))
    if len(buffer) < total:
        return None
    frame = bytes(buffer[:total])
    del buffer[:total]
    return frame


def make_response(request: SipMessage, status: int, reason: str = "",
                  to_tag: str = "") -> SipMessage:
    """A response with the headers RFC 3261 8.2.6.2 has it copy."""
    reason = reason or REASONS.get(status, "Unknown")
    response = SipMessage(f"SIP/2.0 {status} {reason}")
    for name in ("Via", "Record-Route", "From", "To", "Call-ID", "CSeq"):
        for value in request.get_all(name):
            if name == "To" and to_tag and not tag_of(value):
                value += f";tag={to_tag}"
            response.add(name, value)
    return response


def split_list(value: str, separator: str = ",") -> list[str]:
    """Split at separators outside quotes and angle brackets."""
    items, start, quoted, angle, escaped = [], 0, False, False, False
    for position, char in enumerate(value):
        if escaped:
            escaped = False
        elif quoted:
            escaped = char == "\\"
            quoted = char != '"'
        elif char == '"':
            quoted = True
        elif char in "<>":
            angle = char == "<"
        elif char == separator and not angle:
            items.append(value[start:position].strip())
            start = position + 1
    items.append(value[start:].strip())
    return [item for item in items if item]


def address_uri(value: str) -> str:
    """The URI of a name-addr or addr-spec header value."""
    match = re.search(r"<([^>]*)>", value)
    if match:
        return match.group(1).strip()
    return value.split(";", 1)[0].strip()


def params_of(value: str) -> dict[str, str]:
    """Header parameters of a value (those after the angle bracket)."""
    rest = value[value.rfind(">") + 1:]
    params = {}
    for item in split_list(rest, ";")[0 if rest.startswith(";") else 1:]:
        name, _, content = item.partition("=")
        params[name.strip().lower()] = content.strip().strip('"')
    return params


def tag_of(value: str) -> str:
    return params_of(value).get("tag", "")


@dataclass
class SipUri:
    """The parts of a SIP URI that a client routes by."""

    user: str
    host: str
    port: int
    params: dict[str, str]


def parse_uri(uri: str) -> SipUri | None:
    """Parts of a sip: or sips: URI; None for other schemes."""
    match = re.match(r"sips?:(?:([^@]*)@)?(\[[^\]]+\]|[^:;?]+)(?::(\d+))?"
                     r"(;[^?]*)?(?:\?.*)?$", uri, re.IGNORECASE)
    if not match:
        return None
    user, host, port, params = match.groups()
    return SipUri(user or "", host, int(port or 5060),
                  params_of(params or ""))


def host_of(ip: str) -> str:
    """An address as the host of a URI or a Via."""
    return f"[{ip}]" if ":" in ip else ip


def new_token(octets: int = 8) -> str:
    return secrets.token_hex(octets)


def new_branch() -> str:
    return "z9hG4bK" + new_token()
