# SPDX-License-Identifier: GPL-2.0-or-later
"""A request a client sent and all that came back for it."""

from __future__ import annotations

from typing import Any, Callable

from .loop import PATIENCE, Loop
from .sip_message import SipMessage, make_response


class Refused(Exception):
    """A procedure met a final answer other than 2xx."""

    def __init__(self, response: SipMessage, what: str, session: Any = None):
        super().__init__(f"{what}: {response.status} {response.reason}")
        self.response = response
        self.status = response.status
        self.session = session


class Exchange:
    """One request through its answers, digest challenges included."""

    def __init__(self, loop: Loop, request: SipMessage,
                 on_response: Callable[[SipMessage], None] | None = None):
        self.loop = loop
        self.request = request
        self.responses: list[SipMessage] = []
        self.challenges: list[SipMessage] = []
        self.timed_out = False
        self.on_response = on_response
        self.resend: Callable[[], None] = lambda: None

    @property
    def final(self) -> SipMessage | None:
        """The first final answer; a local 408 or 503 when none came."""
        for response in self.responses:
            if response.status >= 200:
                return response
        return None

    def receive(self, response: SipMessage) -> None:
        self.responses.append(response)
        if self.on_response is not None:
            self.on_response(response)

    def fail(self, status: int) -> None:
        """A local answer: 408 after timer B or F, 503 with no transport."""
        self.timed_out = status == 408
        self.receive(make_response(self.request, status))

    def wait(self, timeout: float = PATIENCE) -> SipMessage:
        """The final answer, whatever it is."""
        return self.loop.wait_for(lambda: self.final, timeout, self._seen)

    def wait_status(self, status: int, timeout: float = PATIENCE) -> SipMessage:
        def found() -> SipMessage | None:
            return next((r for r in self.responses if r.status == status),
                        None)
        return self.loop.wait_for(found, timeout, self._seen)

    def _seen(self) -> str:
        seen = ", ".join(r.start for r in self.responses) or "nothing"
        return f"{self.request.start}: answered with {seen}"
