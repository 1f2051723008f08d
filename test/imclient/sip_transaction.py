# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP transactions (RFC 3261 section 17, with RFC 6026's Accepted state).

Timers A, B, E, F, G, H, I, J, K in units of T1; over TCP nothing is
repeated. The transaction user is told of every provisional, of every final
and of every 2xx; ACK to a 2xx is its own affair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from .loop import Loop, Timer
from .sip_message import SipMessage, params_of

T2 = 4.0
Key = tuple[str, str]


@dataclass
class Path:
    """How a transaction sends: bytes out, and whether they may get lost."""

    send: Callable[[SipMessage], None]
    reliable: bool
    t1: float
    peer: tuple[str, int] = ("", 0)


class ClientTransaction:
    """One request and its responses."""

    def __init__(self, loop: Loop, request: SipMessage, path: Path,
                 on_response: Callable[[SipMessage], None],
                 on_failure: Callable[[int], None],
                 on_end: Callable[["ClientTransaction"], None]):
        self.loop = loop
        self.request = request
        self.key: Key = (request.branch, request.method)
        self.path = path
        self.on_response = on_response
        self.on_failure = on_failure
        self.on_end = on_end
        self.state = "calling"
        self._ack: SipMessage | None = None
        self._repeat: Timer | None = None
        self._limit = loop.call_later(64 * path.t1, self._timed_out)
        self._interval = path.t1
        if not path.reliable:
            self._repeat = loop.call_later(path.t1, self._retransmit)
        path.send(request)

    @property
    def is_invite(self) -> bool:
        return self.key[1] == "INVITE"

    def receive(self, response: SipMessage) -> None:
        if response.status < 200:
            self._provisional(response)
        elif self.is_invite:
            self._invite_final(response)
        elif self.state != "completed":
            self._complete(response)

    def fail(self, status: int) -> None:
        """No answer will come: a local 408, or 503 (8.1.3.1)."""
        answered = self.state not in ("calling", "proceeding")
        self._end()
        if not answered:
            self.on_failure(status)

    def stop(self) -> None:
        """Forget everything at once (the client is closing)."""
        self._cancel_timers()
        self.state = "terminated"

    def _provisional(self, response: SipMessage) -> None:
        if self.state not in ("calling", "proceeding"):
            return
        self.state = "proceeding"
        if self.is_invite:
            self._cancel_timers()
        self.on_response(response)

    def _invite_final(self, response: SipMessage) -> None:
        if response.status < 300:
            if self.state in ("calling", "proceeding"):
                self.state = "accepted"
                self._linger(64 * self.path.t1)
            if self.state == "accepted":
                self.on_response(response)
            return
        if self.state in ("calling", "proceeding"):
            self._ack = self._make_ack(response)
            self._complete(response)
        if self._ack is not None:
            self.path.send(self._ack)

    def _complete(self, response: SipMessage) -> None:
        self.state = "completed"
        wait = 32.0 if self.is_invite else 5.0
        self._linger(0.0 if self.path.reliable else wait)
        self.on_response(response)

    def _make_ack(self, response: SipMessage) -> SipMessage:
        """ACK to a refusal: hop by hop, same branch (17.1.1.3)."""
        ack = SipMessage(f"ACK {self.request.uri} SIP/2.0")
        ack.add("Via", self.request.values("Via")[0])
        ack.add("Max-Forwards", "70")
        ack.add("From", self.request.get("From"))
        ack.add("To", response.get("To"))
        ack.add("Call-ID", self.request.call_id)
        ack.add("CSeq", f"{self.request.cseq[0]} ACK")
        for route in self.request.get_all("Route"):
            ack.add("Route", route)
        ack.add("Content-Length", "0")
        return ack

    def _retransmit(self) -> None:
        self.path.send(self.request)
        self._interval *= 2
        if not self.is_invite:
            limit = T2 * self.path.t1 / 0.5
            late = self.state == "proceeding"
            self._interval = limit if late else min(self._interval, limit)
        self._repeat = self.loop.call_later(self._interval, self._retransmit)

    def _timed_out(self) -> None:
        self.fail(408)

    def _linger(self, seconds: float) -> None:
        self._cancel_timers()
        self._limit = self.loop.call_later(seconds, self._end)

    def _cancel_timers(self) -> None:
        self._limit.cancel()
        if self._repeat is not None:
            self._repeat.cancel()

    def _end(self) -> None:
        self._cancel_timers()
        self.state = "terminated"
        self.on_end(self)


class ServerTransaction:
    """One request received; absorbs its repetitions."""

    def __init__(self, loop: Loop, request: SipMessage, path: Path,
                 on_end: Callable[["ServerTransaction"], None]):
        self.loop = loop
        self.request = request
        self.key = server_key(request)
        self.path = path
        self.on_end = on_end
        self.final: SipMessage | None = None
        self.acknowledged = False
        self._last: SipMessage | None = None
        self._repeat: Timer | None = None
        self._limit: Timer | None = None

    @property
    def is_invite(self) -> bool:
        return self.request.method == "INVITE"

    def repeated(self) -> None:
        """The same request came again."""
        if self._last is not None and not self.acknowledged:
            self.path.send(self._last)

    def respond(self, response: SipMessage) -> None:
        self._last = response
        self.path.send(response)
        if response.status < 200:
            return
        self.final = response
        self._limit = self.loop.call_later(64 * self.path.t1, self._end)
        refused = self.is_invite and response.status >= 300
        if refused and not self.path.reliable:
            self._schedule(self.path.t1)

    def acknowledge(self) -> None:
        """ACK to a refusal came."""
        self.acknowledged = True
        if self._repeat is not None:
            self._repeat.cancel()

    def stop(self) -> None:
        for timer in (self._repeat, self._limit):
            if timer is not None:
                timer.cancel()

    def _schedule(self, interval: float) -> None:
        def again() -> None:
            if self._last is not None:
                self.path.send(self._last)
            self._schedule(min(2 * interval, T2 * self.path.t1 / 0.5))
        self._repeat = self.loop.call_later(interval, again)

    def _end(self) -> None:
        self.stop()
        self.on_end(self)


def server_key(request: SipMessage) -> tuple[str, str, str]:
    """Branch, sent-by and method; ACK and CANCEL look up their INVITE."""
    via = (request.values("Via") or [""])[0]
    sent_by = via.split(";")[0].split(" ")[-1]
    method = request.method
    if method in ("ACK", "CANCEL"):
        method = "INVITE"
    return params_of(via).get("branch", ""), sent_by, method
