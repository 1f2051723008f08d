# SPDX-License-Identifier: GPL-2.0-or-later
"""What an idle participant weighs: INVITE dialog by SIP over UDP, bound MSRP
leg, subscription to the conference state. Worker heaps and Kamailio's shared
memory together, once tm's timers have let go of what the joining took."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from load import Tool
from server import BenchError, Server, WT_TIMER, anonymous_kib

SHARED_MIB = 4096  # the first documents of everybody are in it together
WANTED = 8192  # bytes of a participant
HELD = 35      # seconds after the last join, besides wt_timer
PATIENCE = 120


@dataclass
class Weight:
    """Bytes of one participant."""
    participants: int
    size: int  # of each conference
    heap: float
    shared: float

    @property
    def all(self) -> float:
        return self.heap + self.shared

    @property
    def good(self) -> bool:
        return self.all <= WANTED


def _heap(server: Server) -> int:
    return 1024 * sum(anonymous_kib(pid) for pid in server.workers())


def _hold(stack: ExitStack, server: Server, size: int, number: int) -> Tool:
    """A conference of `size`, with everybody subscribed and bound, held
    until its standard input ends."""
    legs = Path(server.folder) / f"memory{number}.legs"
    conference = stack.enter_context(
        Tool("conferences", "-s", "-i", size - 1, "-H", legs, "127.0.0.1",
             server.port))
    conference.expect("ready", PATIENCE)
    client = stack.enter_context(Tool("fanout", legs, 1))
    client.expect("bound", PATIENCE)
    return conference


def participant_memory(participants: int, size: int) -> Weight:
    """Needs nothing; raises BenchError when somebody does not come in."""
    with ExitStack() as stack:
        server = stack.enter_context(Server(("WITH_TICKS",), SHARED_MIB))
        shared = server.shared_used()
        with ExitStack() as first:  # what a worker needs once
            _hold(first, server, 10, 0).end_input()
        heap = _heap(server)
        for number in range(participants // size):
            _hold(stack, server, size, number + 1)
        # timers give it back: there is no event to wait for
        time.sleep(WT_TIMER + HELD)
        if server.errors():
            raise BenchError("\n".join(server.errors()[:5]))
        return Weight(participants, size,
                      (_heap(server) - heap) / participants,
                      (server.shared_used() - shared) / participants)
