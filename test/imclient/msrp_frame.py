# SPDX-License-Identifier: GPL-2.0-or-later
"""MSRP frames (RFC 4975 section 9): build, and parse a byte stream."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

MAX_HEAD = 65536
START = re.compile(rb"MSRP ([A-Za-z0-9.\-+%=]{1,32}) "
                   rb"(?:(\d{3})(?: ([^\r\n]*))?|([A-Z_]+))\r\n")


class MsrpSyntaxError(ValueError):
    """The bytes are no MSRP."""


@dataclass
class MsrpFrame:
    """A request (method) or a response (status) with its flag."""

    transaction: str
    method: str = ""
    status: int = 0
    comment: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | None = None
    flag: str = "$"

    def get(self, name: str, default: str = "") -> str:
        wanted = name.lower()
        return next((v for n, v in self.headers if n.lower() == wanted),
                    default)

    def encode(self) -> bytes:
        what = self.method or f"{self.status} {self.comment}".strip()
        lines = [f"MSRP {self.transaction} {what}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        data = ("\r\n".join(lines) + "\r\n").encode()
        if self.body is not None:
            data += b"\r\n" + self.body + b"\r\n"
        return data + f"-------{self.transaction}{self.flag}\r\n".encode()

    def byte_range(self) -> tuple[int, int | None, int | None]:
        """(first, last, total); None stands for *. Absent: 1-*/*."""
        match = re.fullmatch(r"(\d+)-(\d+|\*)/(\d+|\*)",
                             self.get("Byte-Range", "1-*/*"))
        if not match:
            raise MsrpSyntaxError(f"Byte-Range {self.get('Byte-Range')!r}")
        first, last, total = match.groups()
        return (int(first), None if last == "*" else int(last),
                None if total == "*" else int(total))

    def __str__(self) -> str:
        return self.encode().decode("utf-8", "replace")


class FrameReader:
    """Cuts frames off a stream. A chunk may arrive in many pieces."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._scanned = 0

    def feed(self, data: bytes) -> list[MsrpFrame]:
        self._buffer += data
        frames = []
        while (frame := self._take()) is not None:
            frames.append(frame)
        return frames

    def _take(self) -> MsrpFrame | None:
        start = START.match(self._buffer)
        if not start:
            if len(self._buffer) > 256 or b"\r\n" in self._buffer:
                raise MsrpSyntaxError(f"start {bytes(self._buffer[:80])!r}")
            return None
        # The end-line follows either the headers or the body's CRLF.
        mark = b"\r\n-------" + start.group(1)
        at = self._find_end(mark, start.end() - 2)
        if at is None:
            return None
        flag_at = at + len(mark)
        frame = self._frame(start, bytes(self._buffer[start.end():at + 2]),
                            chr(self._buffer[flag_at]))
        del self._buffer[:flag_at + 3]
        self._scanned = 0
        return frame

    def _find_end(self, mark: bytes, minimum: int) -> int | None:
        at = max(minimum, self._scanned)
        while (at := self._buffer.find(mark, at)) >= 0:
            tail = bytes(self._buffer[at + len(mark):at + len(mark) + 3])
            if len(tail) < 3:
                self._scanned = at
                return None
            if tail[:1] in (b"$", b"+", b"#") and tail[1:] == b"\r\n":
                return at
            at += 1
        self._scanned = max(minimum, len(self._buffer) - len(mark))
        return None

    @staticmethod
    def _frame(start: re.Match[bytes], rest: bytes, flag: str) -> MsrpFrame:
        transaction, status, comment, method = start.groups()
        head, separator, body = rest.partition(b"\r\n\r\n")
        if rest.startswith(b"\r\n"):
            head, separator, body = b"", b"\r\n", rest[2:]
        if len(head) > MAX_HEAD:
            raise MsrpSyntaxError("headers too long")
        headers = []
        for line in head.decode("utf-8", "replace").split("\r\n"):
            name, colon, value = line.partition(":")
            if colon:
                headers.append((name.strip(), value.strip()))
        return MsrpFrame(
            transaction.decode(), (method or b"").decode(),
            int(status or 0), (comment or b"").decode("utf-8", "replace"),
            headers, body[:-2] if separator else None, flag)


@dataclass
class MsrpUri:
    """The parts of one msrp URI (RFC 4975 section 6)."""

    host: str
    port: int
    session: str
    transport: str
    secure: bool = False


def parse_uri(uri: str) -> MsrpUri:
    parts = urlsplit(uri)
    session, _, transport = parts.path.lstrip("/").partition(";")
    if parts.scheme not in ("msrp", "msrps") or not parts.hostname:
        raise MsrpSyntaxError(f"URI {uri!r}")
    return MsrpUri(parts.hostname, parts.port or 2855, session, transport,
                   parts.scheme == "msrps")
