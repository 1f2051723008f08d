# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP over UDP and TCP on one port (RFC 3261 section 18).

A client sends by the transport it was made with, but listens on both, so
that a large request may reach it by TCP. Knows no transactions.
"""

from __future__ import annotations

import selectors
import socket
from dataclasses import dataclass
from typing import Callable

from . import sip_message
from .loop import Loop
from .sip_message import SipMessage
from .stream import Address, Listener, Stream

MAX_DATAGRAM = 65507
BIND_ATTEMPTS = 20


@dataclass
class Source:
    """Where a message came from, and thus where its answer goes."""

    protocol: str
    address: Address
    stream: Stream | None = None


class SipTransport:
    """Sockets of one client; calls on_message(message, source)."""

    def __init__(self, loop: Loop, ip: str, port: int,
                 on_message: Callable[[SipMessage, Source], None],
                 on_lost: Callable[[Address], None],
                 on_error: Callable[[str], None]):
        self.loop = loop
        self.ip = ip
        self.on_message = on_message
        self.on_lost = on_lost
        self.on_error = on_error
        self._streams: dict[Address, Stream] = {}
        self._udp, self._listener = self._bind(port)
        self.port: int = self._listener.port
        self._udp.setblocking(False)
        loop.watch(self._udp, selectors.EVENT_READ, self._read_datagram)

    def send(self, data: bytes, protocol: str, address: Address) -> None:
        """Send bytes; TCP reuses the connection to that address."""
        if protocol == "udp":
            self._send_datagram(data, address)
        else:
            self._stream_to(address).send(data)

    def reply(self, data: bytes, source: Source) -> None:
        """Send a response back (RFC 3261 18.2.2, RFC 3581)."""
        if source.protocol == "udp":
            self._send_datagram(data, source.address)
        elif source.stream is not None and not source.stream.closed:
            source.stream.send(data)
        else:
            self.send(data, "tcp", source.address)

    def drop_connections(self) -> None:
        """Reset every TCP connection, as a device that vanishes."""
        for stream in list(self._streams.values()):
            stream.abort()

    def close(self) -> None:
        self.loop.unwatch(self._udp)
        self._udp.close()
        self._listener.close()
        for stream in list(self._streams.values()):
            stream.close()

    def _bind(self, port: int) -> tuple[socket.socket, Listener]:
        """The same port for both; a free one is searched when it is 0."""
        family = socket.AF_INET6 if ":" in self.ip else socket.AF_INET
        for attempt in range(BIND_ATTEMPTS):
            udp = socket.socket(family, socket.SOCK_DGRAM)
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4194304)
            try:
                udp.bind((self.ip, port))
                return udp, Listener(self.loop, self.ip,
                                     udp.getsockname()[1], self._adopt)
            except OSError:
                udp.close()
                if port or attempt == BIND_ATTEMPTS - 1:
                    raise
        raise OSError("no free port")

    def _send_datagram(self, data: bytes, address: Address) -> None:
        if len(data) > MAX_DATAGRAM:
            raise ValueError(f"{len(data)} octets do not fit into UDP")
        try:
            self._udp.sendto(data, address)
        except OSError as error:
            self.on_error(f"UDP to {address}: {error}")

    def _stream_to(self, address: Address) -> Stream:
        stream = self._streams.get(address)
        if stream is None:
            stream = Stream.connect(self.loop, address, self.ip)
            self._adopt(stream)
        return stream

    def _adopt(self, stream: Stream) -> None:
        peer = stream.peer
        buffer = bytearray()
        self._streams[peer] = stream
        stream.on_data = lambda data: self._read_stream(stream, buffer, data)
        stream.on_close = lambda reason: self._forget(peer, stream, reason)

    def _forget(self, peer: Address, stream: Stream, reason: str) -> None:
        if self._streams.get(peer) is stream:
            del self._streams[peer]
        if reason.startswith(("connect", "read", "write")):
            self.on_error(f"TCP to {peer}: {reason}")
        if reason.startswith(("connect", "write")):
            self.on_lost(peer)

    def _read_datagram(self, _mask: int) -> None:
        try:
            while True:
                data, address = self._udp.recvfrom(MAX_DATAGRAM)
                if data.strip(b"\r\n\0"):
                    self._parse(data, Source("udp", address[:2]))
        except BlockingIOError:
            pass
        except OSError as error:
            self.on_error(f"UDP: {error}")

    def _read_stream(self, stream: Stream, buffer: bytearray,
                     data: bytes) -> None:
        buffer += data
        try:
            while (frame := sip_message.take_frame(buffer)) is not None:
                self._parse(frame, Source("tcp", stream.peer, stream))
        except sip_message.SipSyntaxError as error:
            self.on_error(f"TCP from {stream.peer}: {error}")
            stream.close("syntax error")

    def _parse(self, data: bytes, source: Source) -> None:
        try:
            message = sip_message.parse(data)
        except sip_message.SipSyntaxError as error:
            self.on_error(f"from {source.address}: {error}: {data[:200]!r}")
            return
        self.on_message(message, source)
