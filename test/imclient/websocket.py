# SPDX-License-Identifier: GPL-2.0-or-later
"""The client's end of a WebSocket over a stream (RFC 6455, RFC 7977).

The same interface as a Stream's: on_data gets the payload of each message.
"""

from __future__ import annotations

import base64
import hashlib
import os
import struct

from .stream import Layer

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def frame(opcode: int, payload: bytes, final: bool = True,
          masked: bool = True, reserved: int = 0) -> bytes:
    """One frame, as a client has to send it or as no one may."""
    size = len(payload)
    first = (0x80 if final else 0) | reserved << 4 | opcode
    mark = 0x80 if masked else 0
    if size < 126:
        head = struct.pack("!BB", first, mark | size)
    elif size < 65536:
        head = struct.pack("!BBH", first, mark | 126, size)
    else:
        head = struct.pack("!BBQ", first, mark | 127, size)
    if not masked:
        return head + payload
    key = os.urandom(4)
    return head + key + mask(payload, key)


def mask(payload: bytes, key: bytes) -> bytes:
    size = len(payload)
    pad = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big")
            ^ int.from_bytes(pad, "big")).to_bytes(size, "big")


class WebSocket(Layer):
    """Opens itself over a stream that may still be connecting."""

    def __init__(self, stream, host: str, protocol: str = "msrp",
                 origin: str = "", text: bool = False):
        self.answer = b""           # to the upgrade request
        self.close_code = 0
        self.problems: list[str] = []
        self.messages = 0
        self.pongs: list[bytes] = []
        self._opcode = TEXT if text else BINARY
        self._waiting: list[bytes] = []
        self._buffer = b""
        self._key = base64.b64encode(os.urandom(16))
        super().__init__(stream)
        stream.send(self._request(host, protocol, origin))

    @property
    def peer_certificate(self) -> bytes:
        return getattr(self._stream, "peer_certificate", b"")

    def send(self, data: bytes) -> None:
        """One message."""
        if self.connected:
            self.send_frame(frame(self._opcode, data))
        else:
            self._waiting.append(data)

    def send_frame(self, data: bytes) -> None:
        """Anything at all."""
        self._stream.send(data)

    def _request(self, host: str, protocol: str, origin: str) -> bytes:
        lines = ["GET / HTTP/1.1", f"Host: {host}", "Upgrade: websocket",
                 "Connection: keep-alive, Upgrade",
                 f"Sec-WebSocket-Key: {self._key.decode()}",
                 "Sec-WebSocket-Version: 13"]
        if protocol:
            lines.append(f"Sec-WebSocket-Protocol: {protocol}")
        if origin:
            lines.append(f"Origin: {origin}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def _receive(self, data: bytes) -> None:
        self._buffer += data
        if not self.connected and not self._upgraded():
            return
        while not self.closed and self._take():
            pass

    def _upgraded(self) -> bool:
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return False
        self.answer = head + end
        wanted = base64.b64encode(hashlib.sha1(self._key + GUID).digest())
        if not head.startswith(b"HTTP/1.1 101 ") or wanted not in head:
            self._stream.close(f"not upgraded: {head[:40].decode()}")
            return False
        self._buffer = rest
        self.connected = True
        self.on_connect()
        for message in self._waiting:
            self.send(message)
        self._waiting.clear()
        return True

    def _take(self) -> bool:
        """One frame; a server's are whole messages and not masked."""
        data = self._buffer
        if len(data) < 2:
            return False
        size, at = data[1] & 0x7f, 2
        if size > 125:
            at = 4 if size == 126 else 10
            if len(data) < at:
                return False
            size = int.from_bytes(data[2:at], "big")
        if len(data) < at + size:
            return False
        if data[1] & 0x80 or not data[0] & 0x80 or data[0] & 0x70:
            self.problems.append(f"frame head {data[:2].hex()}")
        self._buffer = data[at + size:]
        self._use(data[0] & 0x0f, data[at:at + size])
        return True

    def _use(self, opcode: int, payload: bytes) -> None:
        if opcode in (TEXT, BINARY):
            self.messages += 1
            self.on_data(payload)
        elif opcode == PING:
            self.send_frame(frame(PONG, payload))
        elif opcode == PONG:
            self.pongs.append(payload)
        elif opcode == CLOSE:
            self.close_code = int.from_bytes(payload[:2], "big")
        else:
            self.problems.append(f"opcode {opcode}")
