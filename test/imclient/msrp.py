# SPDX-License-Identifier: GPL-2.0-or-later
"""The MSRP endpoint (RFC 4975): legs, active or passive, and a listener.

A session owns a leg; the leg tells it of whole messages. Knows no SIP.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable

from .loop import PATIENCE, Loop
from .msrp_frame import (FrameReader, MsrpFrame, MsrpSyntaxError, parse_uri)
from .msrp_messages import (CONNECTION_LOST, Assembly, Message, MsrpExchange,
                            OutgoingMessage)
from .relay import MsrpRelay
from .sip_message import new_token
from .stream import Address, Listener, Stream
from .tls import TlsIdentity, TlsStream, fingerprint_of
from .websocket import WebSocket

FrameHook = Callable[[str, MsrpFrame, object], bool]
COMMENTS = {200: "OK", 400: "Bad Request", 413: "Stop", 415: "Media type",
            481: "No such session", 501: "Unknown method", 506: "In use"}


@dataclass
class MsrpSettings:
    """How legs of a client behave."""

    bind: str = "bodiless"        # or "empty" (1-0/0), "none"
    chunk_size: int = 10240
    success_report: str = ""      # "" leaves the header out
    failure_report: str = ""
    receive_buffer: int = 0       # SO_RCVBUF of connections made, 0: default
    transport: str = "tcp"        # of our offers: tcp, tls, ws, wss
    tls: TlsIdentity = field(default_factory=TlsIdentity)
    relay: MsrpRelay | None = None    # in front of us; we are active then
    origin: str = ""              # of a WebSocket
    text_frames: bool = False     # in a WebSocket, rather than binary ones


class RawMsrp:
    """A connection that belongs to no leg: for wrong and hostile frames."""

    def __init__(self, loop: Loop, address: Address, local_ip: str,
                 transport: str = "tcp",
                 settings: MsrpSettings | None = None):
        self.loop = loop
        self.frames: list[MsrpFrame] = []
        self.data = b""
        self.closed = ""
        self._reader = FrameReader()
        with loop.changed:
            self.stream = open_stream(loop, address, local_ip, transport,
                                      settings or MsrpSettings())
            self.stream.on_data = self._receive
            self.stream.on_close = self._closed

    def send_bytes(self, data: bytes) -> None:
        with self.loop.changed:
            self.stream.send(data)

    def send(self, frame: MsrpFrame) -> None:
        self.send_bytes(frame.encode())

    def wait_frame(self, count: int = 1, timeout: float = PATIENCE) -> MsrpFrame:
        self.loop.wait_for(lambda: len(self.frames) >= count or self.closed,
                           timeout, lambda: f"MSRP frames: {self.frames}")
        return self.frames[count - 1]

    def wait_closed(self, timeout: float = PATIENCE) -> str:
        return self.loop.wait_for(lambda: self.closed, timeout,
                                  lambda: "connection still open")

    def close(self) -> None:
        with self.loop.changed:
            self.stream.close()

    def _receive(self, data: bytes) -> None:
        self.data += data
        self.frames += self._reader.feed(data)

    def _closed(self, reason: str) -> None:
        self.closed = reason


def open_stream(loop: Loop, address: Address, local_ip: str,
                transport: str, settings: MsrpSettings):
    """A connection with all its layers."""
    stream = Stream.connect(loop, address, local_ip,
                            settings.receive_buffer)
    if transport in ("tls", "wss"):
        stream = TlsStream(stream, settings.tls, False, address[0])
    if transport in ("ws", "wss"):
        stream = WebSocket(stream, f"{address[0]}:{address[1]}",
                           origin=settings.origin, text=settings.text_frames)
    return stream


class MsrpEndpoint:
    """The legs of one client and the port its passive legs listen on."""

    def __init__(self, loop: Loop, ip: str, settings: MsrpSettings,
                 on_frame: FrameHook):
        self.loop = loop
        self.ip = ip
        self.settings = settings
        self.on_frame = on_frame
        self.problems: list[str] = []
        self._legs: dict[str, MsrpLeg] = {}
        self._strangers: set[Stream] = set()
        self._listener = Listener(loop, ip, 0, self._accept)
        self.port = self._listener.port

    def new_leg(self, on_message: Callable[[Message], None]) -> "MsrpLeg":
        leg = MsrpLeg(self, on_message)
        self._legs[leg.session_id] = leg
        return leg

    def forget(self, leg: "MsrpLeg") -> None:
        self._legs.pop(leg.session_id, None)

    def close(self) -> None:
        self._listener.close()
        for leg in list(self._legs.values()):
            leg.close()
        for stream in list(self._strangers):
            stream.close()

    def _accept(self, stream: Stream) -> None:
        """The first frame's To-Path says whose connection this is."""
        if self.settings.transport == "tls":
            stream = TlsStream(stream, self.settings.tls, True)
        reader = FrameReader()
        self._strangers.add(stream)
        stream.on_close = lambda reason: self._strangers.discard(stream)
        stream.on_data = lambda data: self._introduce(stream, reader, data)

    def _introduce(self, stream: Stream, reader: FrameReader,
                   data: bytes) -> None:
        try:
            frames = reader.feed(data)
            if not frames:
                return
            session = parse_uri(frames[0].get("To-Path")).session
        except MsrpSyntaxError as error:
            self.problems.append(str(error))
            stream.close("syntax error")
            return
        leg = self._legs.get(session)
        if leg is None or leg.stream is not None:
            status = 481 if leg is None else 506
            stream.send(respond_to(frames[0], "", status).encode())
            return
        self._strangers.discard(stream)
        leg.attach(stream, reader)
        leg.take_frames(frames)


class MsrpLeg:
    """One MSRP session: its paths, its connection, its messages."""

    def __init__(self, endpoint: MsrpEndpoint,
                 on_message: Callable[[Message], None]):
        self.endpoint = endpoint
        self.loop = endpoint.loop
        self.session_id = new_token(12)
        self.local_path = ""
        relay = endpoint.settings.relay
        self.relay_uri = relay.uri() if relay else ""
        self.transport = ""
        self.use_transport(endpoint.settings.transport)
        self.fingerprints: list[str] = []    # the peer's, as it says
        self.remote_path = ""
        self.on_message = on_message
        self.stream: Stream | None = None
        self.bound = False
        self.bind_refused = 0        # with which status
        self.closed = ""
        self.problems: list[str] = []
        self.messages: list[Message] = []
        self.sent: dict[str, OutgoingMessage] = {}
        self.responder: Callable[[MsrpFrame], int | None] = lambda f: None
        self._exchanges: dict[str, MsrpExchange] = {}
        self._assemblies: dict[str, Assembly] = {}
        self._waiting = b""
        self._address: Address | None = None

    def use_transport(self, transport: str) -> None:
        """That of our descriptions; an answerer takes the offer's."""
        self.transport = transport
        secure = "s" if transport in ("tls", "wss") else ""
        ip = self.endpoint.ip
        host = f"[{ip}]" if ":" in ip else ip
        kind = "tcp"
        if transport in ("ws", "wss"):
            host, kind = f"{self.session_id[:8]}.invalid", "ws"
        self.local_path = (f"msrp{secure}://{host}:{self.endpoint.port}/"
                           f"{self.session_id};{kind}")

    @property
    def path(self) -> str:
        """For our description: by way of the relay."""
        return f"{self.relay_uri} {self.local_path}".strip()

    # Connection

    def start(self, remote_path: str, connect: bool,
              address: Address | None = None) -> None:
        """Begin with the peer's path; connect to it, or await it.

        `address` overrides the path's host and port: clients that trust
        the c= and m= lines connect there.
        """
        with self.loop.changed:
            self.remote_path = remote_path
            if connect and self.stream is None:
                first = self.relay_uri or remote_path.split(" ")[0]
                uri = parse_uri(first)
                self._address = address or (uri.host, uri.port)
                self._connect()

    def reconnect(self) -> None:
        """Close the connection, if there is one, and bind a new one."""
        with self.loop.changed:
            if self.stream is not None:
                self.stream.close()
            self.closed, self.bound = "", False
            self._connect()

    def attach(self, stream: Stream, reader: FrameReader) -> None:
        """Serve a connection made by the peer."""
        self._use(stream, reader)
        self.bound = True
        self._flush_waiting()

    def close(self) -> None:
        with self.loop.changed:
            self.endpoint.forget(self)
            if self.stream is not None:
                self.stream.close()

    def abort(self) -> None:
        """The device vanishes: TCP reset."""
        with self.loop.changed:
            if self.stream is not None:
                self.stream.abort()

    def pause_reading(self) -> None:
        """Become a receiver whose socket fills up."""
        with self.loop.changed:
            if self.stream is not None:
                self.stream.pause_reading()

    def resume_reading(self) -> None:
        with self.loop.changed:
            if self.stream is not None:
                self.stream.resume_reading()

    def wait_bound(self, timeout: float = PATIENCE) -> None:
        self.loop.wait_for(
            lambda: self.bound, timeout,
            lambda: f"leg {self.local_path} not bound, peer "
                    f"{self.remote_path!r}, closed {self.closed!r}, "
                    f"problems {self.problems}")

    def wait_closed(self, timeout: float = PATIENCE) -> str:
        return self.loop.wait_for(
            lambda: self.closed, timeout,
            lambda: f"leg {self.local_path} still open")

    # Sending

    def send(self, content_type: str, body: bytes,
             chunk_size: int | None = None, success_report: str | None = None,
             failure_report: str | None = None, byte_range: str = "exact",
             message_id: str = "") -> OutgoingMessage:
        """A whole message, in chunks of `chunk_size` octets at most."""
        settings = self.endpoint.settings
        size = chunk_size or settings.chunk_size
        reports = self._report_headers(success_report, failure_report)
        message_id = message_id or new_token()
        total = len(body)
        with self.loop.changed:
            for at in range(0, max(total, 1), size):
                data = body[at:at + size]
                last = str(at + len(data)) if byte_range == "exact" else "*"
                flag = "$" if at + len(data) >= total else "+"
                self.send_chunk(message_id, at + 1, last, total, data, flag,
                                content_type, reports)
            return self.sent[message_id]

    def send_chunk(self, message_id: str, first: int, last: int | str,
                   total: int | str, data: bytes, flag: str,
                   content_type: str = "message/cpim",
                   extra: list[tuple[str, str]] | None = None
                   ) -> MsrpExchange:
        """One chunk with any range, flag and further headers."""
        extra = extra or []
        headers = [("Message-ID", message_id),
                   ("Byte-Range", f"{first}-{last}/{total}"),
                   *extra, ("Content-Type", content_type)]
        silent = ("Failure-Report", "no") in extra
        exchange = self.send_request("SEND", headers, data, flag, not silent)
        message = self.sent.setdefault(
            message_id, OutgoingMessage(self.loop, message_id))
        message.exchanges.append(exchange)
        return exchange

    def send_request(self, method: str, headers: list[tuple[str, str]],
                     body: bytes | None = None, flag: str = "$",
                     expects: bool = True) -> MsrpExchange:
        """Any request with our paths in front."""
        if not self.remote_path:
            raise ConnectionError("the peer's MSRP path is not known yet")
        frame = MsrpFrame(new_token(), method, headers=[
            ("To-Path", f"{self.relay_uri} {self.remote_path}".strip()),
            ("From-Path", self.local_path),
            *headers], body=body, flag=flag)
        with self.loop.changed:
            exchange = MsrpExchange(self.loop, frame, expects)
            if expects:
                self._exchanges[frame.transaction] = exchange
            self._send_frame(frame)
            return exchange

    def send_empty(self, keep_range: bool = False) -> MsrpExchange:
        """A SEND without body: binds, or keeps the connection alive."""
        headers = [("Message-ID", new_token())]
        if keep_range:
            headers.append(("Byte-Range", "1-0/0"))
        return self.send_request("SEND", headers)

    def send_bytes(self, data: bytes) -> None:
        """Anything at all; waits for the connection like the rest."""
        with self.loop.changed:
            if self.stream is None:
                if self.closed:
                    raise ConnectionError(f"leg is closed: {self.closed}")
                self._waiting += data
            else:
                self.stream.send(data)

    def _report_headers(self, success: str | None, failure: str | None
                        ) -> list[tuple[str, str]]:
        settings = self.endpoint.settings
        values = (
            ("Failure-Report",
             settings.failure_report if failure is None else failure),
            ("Success-Report",
             settings.success_report if success is None else success))
        return [(name, value) for name, value in values if value]

    def _send_frame(self, frame: MsrpFrame) -> None:
        if self.endpoint.on_frame("sent", frame, self.remote_path):
            self.send_bytes(frame.encode())

    # Receiving

    def take_frames(self, frames: list[MsrpFrame]) -> None:
        for frame in frames:
            if not self.endpoint.on_frame("received", frame,
                                          self.remote_path):
                continue
            if frame.status:
                self._take_response(frame)
            elif frame.method == "SEND":
                self._take_send(frame)
            elif frame.method == "REPORT":
                self._take_report(frame)
            else:
                self._answer(frame, 501)

    def _take_response(self, frame: MsrpFrame) -> None:
        exchange = self._exchanges.pop(frame.transaction, None)
        if exchange is None:
            self.problems.append(f"response to nothing: {frame}")
            return
        exchange.answered(frame)

    def _take_report(self, frame: MsrpFrame) -> None:
        message = self.sent.get(frame.get("Message-ID"))
        if message is None:
            self.problems.append(f"REPORT about nothing: {frame}")
        else:
            message.reports.append(frame)

    def _take_send(self, frame: MsrpFrame) -> None:
        if parse_uri(frame.get("To-Path")).session != self.session_id:
            self._answer(frame, 481)
            return
        given_up = (frame.flag == "#"
                    and frame.get("Message-ID") in self._assemblies)
        if not frame.body and not given_up:
            self._answer(frame, 200)
            return
        try:
            message = self._assemble(frame)
        except MsrpSyntaxError as error:
            self.problems.append(str(error))
            self._answer(frame, 400)
            return
        self._answer(frame, 200)
        if message is not None:
            self._deliver(message)

    def _assemble(self, frame: MsrpFrame) -> Message | None:
        identity = frame.get("Message-ID")
        assembly = self._assemblies.get(identity)
        if assembly is None:
            assembly = self._assemblies[identity] = Assembly(frame)
        if len(self._assemblies) > 1:
            for other in self._assemblies.values():
                other.interleaved = True
        message = assembly.add(frame)
        if message is not None:
            del self._assemblies[identity]
            self.problems += assembly.problems
        return message

    def _deliver(self, message: Message) -> None:
        self.messages.append(message)
        self.on_message(message)
        wanted = any(f.get("Success-Report") == "yes"
                     for f in message.frames)
        if wanted and not message.aborted:
            self._report(message)

    def _report(self, message: Message) -> None:
        total = len(message.raw)
        self._send_frame(MsrpFrame(new_token(), "REPORT", headers=[
            ("To-Path", message.frames[-1].get("From-Path")),
            ("From-Path", self.local_path),
            ("Message-ID", message.message_id),
            ("Byte-Range", f"1-{total}/{total}"),
            ("Status", "000 200 OK")]))

    def _answer(self, frame: MsrpFrame, status: int) -> None:
        """Transaction response, as Failure-Report allows it (7.2)."""
        chosen = self.responder(frame)
        status = status if chosen is None else chosen
        mode = frame.get("Failure-Report", "yes").lower()
        silent = mode == "no" or (mode == "partial" and status == 200)
        if status and not silent:
            self._send_frame(respond_to(frame, self.local_path, status))

    # The connection's life

    def _connect(self) -> None:
        if self._address is None:
            raise ConnectionError("this leg never connected")
        settings = self.endpoint.settings
        stream = open_stream(self.loop, self._address, self.endpoint.ip,
                             self.transport, settings)
        self._use(stream, FrameReader())
        stream.on_connect = lambda: self._connected(stream)
        if settings.bind != "none":
            self._bind()
        self._flush_waiting()

    def _bind(self) -> None:
        exchange = self.send_empty(self.endpoint.settings.bind == "empty")
        exchange.on_done = self._bind_answered

    def _bind_answered(self, status: int) -> None:
        self.bound = self.bound or status == 200
        if status not in (200, CONNECTION_LOST):
            self.bind_refused = status

    def _connected(self, stream) -> None:
        """Is it whom the description told of? (RFC 4975 section 14.4)"""
        shown = getattr(stream, "peer_certificate", b"")
        if self.transport in ("tls", "wss") and self.fingerprints \
                and not any(_shows(shown, line)
                            for line in self.fingerprints):
            self.problems.append("the peer's certificate is another")
            stream.close("wrong certificate")
        elif self.endpoint.settings.bind == "none":
            self.bound = True

    def _use(self, stream: Stream, reader: FrameReader) -> None:
        self.stream = stream
        stream.on_data = lambda data: self._receive(stream, reader, data)
        stream.on_close = lambda reason: self._lost(stream, reason)

    def _receive(self, stream: Stream, reader: FrameReader,
                 data: bytes) -> None:
        try:
            self.take_frames(reader.feed(data))
        except MsrpSyntaxError as error:
            self.problems.append(str(error))
            stream.close("syntax error")

    def _flush_waiting(self) -> None:
        data, self._waiting = self._waiting, b""
        if data and self.stream is not None:
            self.stream.send(data)

    def _lost(self, stream: Stream, reason: str) -> None:
        if self.stream is not stream:
            return
        self.stream = None
        self.closed = reason
        for exchange in self._exchanges.values():
            exchange.finish(CONNECTION_LOST)
        self._exchanges.clear()


def _shows(certificate: bytes, line: str) -> bool:
    """Has the certificate this fingerprint?"""
    name, _, value = line.partition(" ")
    return (certificate != b""
            and fingerprint_of(certificate, name) == value.strip().upper())


def respond_to(request: MsrpFrame, local_path: str,
               status: int) -> MsrpFrame:
    """A response: paths swapped, only the nearest hop of From-Path."""
    sender = request.get("From-Path").split(" ")[0]
    local = local_path or request.get("To-Path").split(" ")[0]
    return MsrpFrame(request.transaction, status=status,
                     comment=COMMENTS.get(status, ""),
                     headers=[("To-Path", sender), ("From-Path", local)])
