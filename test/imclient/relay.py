# SPDX-License-Identifier: GPL-2.0-or-later
"""A small MSRP relay (RFC 4976): what clients have in front of them.

All of its clients share one connection to the far side. It asks nobody for a
password, and answers its clients with what the far side answered.
"""

from __future__ import annotations

from .loop import Loop
from .msrp_frame import FrameReader, MsrpFrame, parse_uri
from .sip_message import new_token
from .stream import Listener, Stream


class MsrpRelay:
    """uri() makes the address of one client more."""

    def __init__(self, ip: str = "127.0.0.1"):
        self.ip = ip
        self.loop = Loop("relay")
        self.from_far: list[MsrpFrame] = []     # before it went on
        self._clients: dict[str, Stream] = {}   # by token of their URI
        self._asked: dict[str, tuple[Stream, MsrpFrame]] = {}
        self._far: Stream | None = None
        with self.loop.changed:
            self._listener = Listener(self.loop, ip, 0, self._accept)

    def uri(self) -> str:
        return f"msrp://{self.ip}:{self._listener.port}/{new_token(12)};tcp"

    def close(self) -> None:
        with self.loop.changed:
            self._listener.close()
            for stream in (*self._clients.values(), self._far):
                if stream is not None:
                    stream.close()
        self.loop.close()

    def _accept(self, stream: Stream) -> None:
        reader = FrameReader()
        stream.on_data = lambda data: [self._from_client(stream, frame)
                                       for frame in reader.feed(data)]

    def _from_client(self, stream: Stream, frame: MsrpFrame) -> None:
        if frame.status:
            return
        mine, _, rest = frame.get("To-Path").partition(" ")
        self._clients[parse_uri(mine).session] = stream
        self._asked[frame.transaction] = (stream, frame)
        self._reach(rest.split(" ")[0]).send(
            _passed_on(frame, rest, mine).encode())

    def _reach(self, uri: str) -> Stream:
        if self._far is None:
            parts = parse_uri(uri)
            self._far = Stream.connect(self.loop, (parts.host, parts.port),
                                       self.ip)
            reader = FrameReader()
            self._far.on_data = lambda data: [self._from_far(frame)
                                              for frame in reader.feed(data)]
        return self._far

    def _from_far(self, frame: MsrpFrame) -> None:
        self.from_far.append(frame)
        if frame.status:
            self._answer_client(frame)
            return
        mine, _, rest = frame.get("To-Path").partition(" ")
        client = self._clients[parse_uri(mine).session]
        client.send(_passed_on(frame, rest, mine).encode())
        if frame.method == "SEND" and frame.get("Failure-Report") != "no":
            self._far.send(_response(frame, mine, 200).encode())

    def _answer_client(self, frame: MsrpFrame) -> None:
        stream, request = self._asked.pop(frame.transaction)
        mine = request.get("To-Path").split(" ")[0]
        stream.send(_response(request, mine, frame.status).encode())


def _passed_on(frame: MsrpFrame, to_path: str, mine: str) -> MsrpFrame:
    """One hop less to go, one more behind it."""
    changed = {"To-Path": to_path,
               "From-Path": f"{mine} {frame.get('From-Path')}"}
    headers = [(name, changed.get(name, value))
               for name, value in frame.headers]
    return MsrpFrame(frame.transaction, frame.method, headers=headers,
                     body=frame.body, flag=frame.flag)


def _response(request: MsrpFrame, mine: str, status: int) -> MsrpFrame:
    return MsrpFrame(request.transaction, status=status, headers=[
        ("To-Path", request.get("From-Path").split(" ")[0]),
        ("From-Path", mine)])
