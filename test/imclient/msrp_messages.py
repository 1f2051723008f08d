# SPDX-License-Identifier: GPL-2.0-or-later
"""MSRP messages on their way: sent in chunks, received and put together.

Used by the leg. Keeps what went wrong instead of repairing it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable

from . import cpim
from .loop import PATIENCE, Loop
from .msrp_frame import MsrpFrame, MsrpSyntaxError

RESPONSE_TIME = 30.0
CONNECTION_LOST = 0
MAX_MESSAGE = 64 * 1024 * 1024


class MsrpExchange:
    """One request and its transaction response."""

    def __init__(self, loop: Loop, frame: MsrpFrame, expects: bool = True):
        self.loop = loop
        self.frame = frame
        self.response: MsrpFrame | None = None
        self.status: int | None = None if expects else 200
        self.on_done: Callable[[int], None] = lambda status: None
        self._timer = (loop.call_later(RESPONSE_TIME, self._timed_out)
                       if expects else None)

    def answered(self, response: MsrpFrame) -> None:
        self.response = response
        self.finish(response.status)

    def finish(self, status: int) -> None:
        """The first outcome counts; 0 is a lost connection."""
        if self._timer is not None:
            self._timer.cancel()
        if self.status is None:
            self.status = status
            self.on_done(status)

    def wait(self, timeout: float = PATIENCE) -> int:
        """The status: 200, 4xx ..., 408 after 30 s, 0 if disconnected."""
        self.loop.wait_for(
            lambda: self.status is not None, timeout,
            lambda: f"no response to MSRP {self.frame.transaction}")
        return self.status or 0

    def _timed_out(self) -> None:
        self.finish(408)


@dataclass
class OutgoingMessage:
    """A message sent in one or more chunks."""

    loop: Loop
    message_id: str
    exchanges: list[MsrpExchange] = field(default_factory=list)
    reports: list[MsrpFrame] = field(default_factory=list)

    @property
    def statuses(self) -> list[int | None]:
        return [exchange.status for exchange in self.exchanges]

    def wait(self, timeout: float = PATIENCE) -> int:
        """The worst status once every chunk is answered (0: lost)."""
        self.loop.wait_for(
            lambda: None not in self.statuses, timeout,
            lambda: f"message {self.message_id}: responses so far "
                    f"{self.statuses}")
        statuses = [status or 0 for status in self.statuses]
        return 0 if CONNECTION_LOST in statuses else max(statuses)

    def wait_report(self, timeout: float = PATIENCE) -> MsrpFrame:
        self.loop.wait_for(
            lambda: self.reports, timeout,
            lambda: f"no REPORT for {self.message_id}, responses "
                    f"{self.statuses}")
        return self.reports[0]


@dataclass
class Message:
    """A received message; complete unless `aborted`."""

    message_id: str
    content_type: str
    raw: bytes
    frames: list[MsrpFrame]
    aborted: bool = False
    interleaved: bool = False
    session: Any = None
    received_at: float = 0.0

    def __post_init__(self) -> None:
        is_cpim = self.content_type.lower().startswith("message/cpim")
        self.cpim = cpim.parse(self.raw) if is_cpim else None

    @property
    def text(self) -> str:
        body = self.cpim.body if self.cpim else self.raw
        return body.decode("utf-8", "replace")

    @property
    def sender(self) -> str:
        return self._party("From")

    @property
    def to(self) -> str:
        return self._party("To")

    @property
    def inner_type(self) -> str:
        return self.cpim.content_type if self.cpim else self.content_type

    def _party(self, name: str) -> str:
        value = self.cpim.get(name) if self.cpim else ""
        return value[value.find("<") + 1:value.rfind(">")] \
            if "<" in value else value


class Assembly:
    """The chunks of one incoming message (RFC 4975 section 7.3.1)."""

    def __init__(self, first: MsrpFrame):
        self.message_id = first.get("Message-ID")
        self.content_type = first.get("Content-Type")
        self.frames: list[MsrpFrame] = []
        self.problems: list[str] = []
        self.interleaved = False
        self._data = bytearray()
        self._ranges: list[tuple[int, int]] = []
        self._total: int | None = None

    def add(self, frame: MsrpFrame) -> Message | None:
        """A Message when this chunk ends it."""
        self.frames.append(frame)
        body = frame.body or b""
        first, last, total = self._checked_range(frame, len(body))
        end = first - 1 + len(body)
        if end > MAX_MESSAGE or first < 1:
            raise MsrpSyntaxError(f"chunk {first}-{last}")
        if len(self._data) < end:
            self._data.extend(bytes(end - len(self._data)))
        self._data[first - 1:end] = body
        self._ranges.append((first, end))
        self._total = total if total is not None else self._total
        if frame.flag == "+":
            return None
        if frame.flag == "$":
            self._check_complete()
        return Message(self.message_id, self.content_type, bytes(self._data),
                       self.frames, frame.flag == "#", self.interleaved)

    def _checked_range(self, frame: MsrpFrame, length: int
                       ) -> tuple[int, int | None, int | None]:
        first, last, total = frame.byte_range()
        if last is not None and last != first + length - 1:
            self._note(f"Byte-Range {frame.get('Byte-Range')} on "
                       f"{length} octets")
        if total is not None and first + length - 1 > total:
            self._note(f"chunk beyond total {total}")
        if None not in (total, self._total) and total != self._total:
            self._note(f"total changed from {self._total} to {total}")
        return first, last, total

    def _check_complete(self) -> None:
        covered = 0
        for first, last in sorted(self._ranges):
            if first > covered + 1:
                self._note(f"octets {covered + 1}-{first - 1} missing")
            covered = max(covered, last)
        if self._total is not None and covered != self._total:
            self._note(f"{covered} octets of {self._total}")

    def _note(self, text: str) -> None:
        self.problems.append(f"message {self.message_id}: {text}")
