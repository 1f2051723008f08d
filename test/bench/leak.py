#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes and ends conferences of three by the thousand and looks at what
Kamailio keeps of them.

Shared memory in use must be back where it was, within 0.1 %, wt_timer + 35 s
after the last BYE. The conference workers' own memory must not grow between
the second and the last thousand. Everybody subscribes, binds an MSRP leg and
hears a message before leaving. The rate is bounded: what is held for half a
minute after each conference (transactions, for late answers) has reached its
level before the second thousand is over, and stays there.

    leak.py [CONFERENCES]      after `make build`; the default is 10,000"""

import sys
import time
from dataclasses import dataclass

from load import Tool
from server import (BenchError, Server, WT_TIMER, anonymous_kib,
                    stop_cleanly_when_told)

THOUSAND = 1000
RATE = 40  # conferences a second
HELD = 35  # seconds after the last BYE, besides wt_timer
SHARED_TOLERANCE = 0.001
GROWTH_KIB = 64  # of one worker: what is less than a page's worth a hundred


@dataclass
class Leak:
    """What was found."""
    conferences: int
    shared_before: int  # bytes
    shared_after: int
    workers_second: list[int]  # KiB after the second thousand
    workers_last: list[int]

    @property
    def shared_share(self) -> float:
        return (self.shared_after - self.shared_before) / self.shared_before

    @property
    def growth(self) -> int:
        """KiB of the worker that grew most."""
        return max(last - second for second, last
                   in zip(self.workers_second, self.workers_last))

    @property
    def good(self) -> bool:
        return (abs(self.shared_share) <= SHARED_TOLERANCE
                and self.growth <= GROWTH_KIB)

    def lines(self) -> list[str]:
        return [
            f"conferences of three        {self.conferences:>12,}",
            f"shared memory, before       {self.shared_before:>12,} bytes",
            f"shared memory, after        {self.shared_after:>12,} bytes  "
            f"({self.shared_share:+.3%}, at most "
            f"{SHARED_TOLERANCE:.1%} allowed)",
            f"workers, second thousand    {_kib(self.workers_second)}",
            f"workers, last thousand      {_kib(self.workers_last)}  "
            f"({self.growth:+} KiB, at most {GROWTH_KIB} allowed)",
        ]


def _kib(workers: list[int]) -> str:
    return " ".join(f"{value:>8,}" for value in workers) + " KiB"


def _thousand(server: Server) -> list[int]:
    with Tool("conferences", "-c", "-s", "-i", 2, "-n", THOUSAND, "-r", RATE,
              "-w", 64, "127.0.0.1", server.port) as tool:
        tool.result(THOUSAND / RATE + 60)
    return [anonymous_kib(pid) for pid in server.workers()]


def leak(server: Server, conferences: int) -> Leak:
    """Needs a server that has served nobody yet, and at least 3,000
    conferences to tell anything."""
    before = server.shared_used()
    memory = [_thousand(server) for _ in range(conferences // THOUSAND)]
    # the memory is given back by timers: there is no event to wait for
    time.sleep(WT_TIMER + HELD)
    if server.conferences() != 0:
        raise BenchError(f"{server.conferences()} conferences did not end")
    return Leak(len(memory) * THOUSAND, before, server.shared_used(),
                memory[1], memory[-1])


def main() -> int:
    conferences = int(sys.argv[1]) if len(sys.argv) > 1 else 10 * THOUSAND
    if conferences < 3 * THOUSAND:
        print(f"at least {3 * THOUSAND}", file=sys.stderr)
        return 2
    stop_cleanly_when_told()
    try:
        with Server() as server:
            result = leak(server, conferences)
    except BenchError as error:
        print(f"leak: {error}", file=sys.stderr)
        return 1
    print("\n".join(result.lines()))
    return 0 if result.good else 1


if __name__ == "__main__":
    sys.exit(main())
