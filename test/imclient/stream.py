# SPDX-License-Identifier: GPL-2.0-or-later
"""A non-blocking TCP connection with an output queue, for SIP and MSRP.

Runs in its client's loop. Knows bytes, not what they mean.
"""

from __future__ import annotations

import selectors
import socket
import struct
from typing import Callable

from .loop import Loop

Address = tuple[str, int]
READ_SIZE = 262144


class Stream:
    """One connection; calls on_data(bytes) and, once, on_close(reason)."""

    def __init__(self, loop: Loop, sock: socket.socket, connected: bool):
        self.loop = loop
        self.sock = sock
        self.on_data: Callable[[bytes], None] = lambda data: None
        self.on_close: Callable[[str], None] = lambda reason: None
        self.on_connect: Callable[[], None] = lambda: None
        self.closed = False
        self.connected = connected
        self._reading = True
        self._queue = bytearray()
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.peer: Address = sock.getpeername()[:2] if connected else ("", 0)
        self._watch()

    @classmethod
    def connect(cls, loop: Loop, peer: Address, local_ip: str,
                receive_buffer: int = 0) -> "Stream":
        """Start a connection; bytes sent meanwhile wait in the queue."""
        family = socket.AF_INET6 if ":" in peer[0] else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                            receive_buffer)
        sock.setblocking(False)
        sock.bind((local_ip, 0))
        sock.connect_ex(peer)
        stream = cls(loop, sock, connected=False)
        stream.peer = peer
        return stream

    @property
    def queued(self) -> int:
        """Octets that the socket has not taken yet."""
        return len(self._queue)

    def send(self, data: bytes) -> None:
        if self.closed:
            raise ConnectionError("connection is closed")
        self._queue += data
        if self.connected:
            self._flush()

    def pause_reading(self) -> None:
        self._reading = False
        self._watch()

    def resume_reading(self) -> None:
        self._reading = True
        self._watch()

    def close(self, reason: str = "closed here") -> None:
        """Close in order, after what the socket still takes at once."""
        if self.closed:
            return
        self.closed = True
        self.loop.unwatch(self.sock)
        self.sock.close()
        self.on_close(reason)

    def abort(self) -> None:
        """Reset the connection: no FIN, queues thrown away."""
        if not self.closed:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 struct.pack("ii", 1, 0))
            self.close("reset here")

    def _watch(self) -> None:
        if self.closed:
            return
        events = selectors.EVENT_READ if self._reading else 0
        if self._queue or not self.connected:
            events |= selectors.EVENT_WRITE
        if events:
            self.loop.watch(self.sock, events, self._ready)
        else:
            self.loop.unwatch(self.sock)

    def _ready(self, mask: int) -> None:
        if not self.connected and not self._finish_connect():
            return
        if mask & selectors.EVENT_WRITE:
            self._flush()
        if mask & selectors.EVENT_READ and not self.closed:
            self._read()

    def _finish_connect(self) -> bool:
        error = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            self.close(f"connect failed, errno {error}")
            return False
        self.connected = True
        self.on_connect()
        return not self.closed

    def _flush(self) -> None:
        try:
            while self._queue:
                sent = self.sock.send(memoryview(self._queue)[:READ_SIZE])
                del self._queue[:sent]
        except BlockingIOError:
            pass
        except OSError as error:
            self.close(f"write failed: {error}")
        self._watch()

    def _read(self) -> None:
        try:
            data = self.sock.recv(READ_SIZE)
        except BlockingIOError:
            return
        except OSError as error:
            self.close(f"read failed: {error}")
            return
        if data:
            self.on_data(data)
        else:
            self.close("closed by peer")


class Layer:
    """What lies over a stream and has a Stream's interface: TLS, WebSockets.
    Takes the stream's bytes in _receive()."""

    def __init__(self, stream: Stream | Layer):
        self.on_data: Callable[[bytes], None] = lambda data: None
        self.on_close: Callable[[str], None] = lambda reason: None
        self.on_connect: Callable[[], None] = lambda: None
        self.connected = False
        self._stream = stream
        stream.on_data = self._receive
        stream.on_close = lambda reason: self.on_close(reason)

    @property
    def closed(self) -> bool:
        return self._stream.closed

    @property
    def loop(self) -> Loop:
        return self._stream.loop

    def pause_reading(self) -> None:
        self._stream.pause_reading()

    def resume_reading(self) -> None:
        self._stream.resume_reading()

    def close(self, reason: str = "closed here") -> None:
        self._stream.close(reason)

    def abort(self) -> None:
        self._stream.abort()

    def _receive(self, data: bytes) -> None:
        raise NotImplementedError


class Listener:
    """A listening TCP socket; calls on_accept(Stream)."""

    def __init__(self, loop: Loop, ip: str, port: int,
                 on_accept: Callable[[Stream], None]):
        self.loop = loop
        self.on_accept = on_accept
        family = socket.AF_INET6 if ":" in ip else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self.sock.bind((ip, port))
            self.sock.listen(128)
        except OSError:
            self.sock.close()
            raise
        self.sock.setblocking(False)
        self.port: int = self.sock.getsockname()[1]
        loop.watch(self.sock, selectors.EVENT_READ, self._accept)

    def close(self) -> None:
        self.loop.unwatch(self.sock)
        self.sock.close()

    def _accept(self, _mask: int) -> None:
        try:
            sock, _ = self.sock.accept()
        except OSError:
            return
        self.on_accept(Stream(self.loop, sock, connected=True))
