# SPDX-License-Identifier: GPL-2.0-or-later
"""Coming and going in one conference of 500 that everybody watches: users
join by its Session Identity and leave, as fast as they can. Beside it, in the
same run and alternating, INVITE and BYE to a user whom the script answers
through tm."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from fan_out import check
from groups import GROUP, Rate, SlowXdms, come_and_go, medians
from load import Tool
from server import BenchError, Server

STAYING = 500
PATIENCE = 120
SHARED_MIB = 4096  # answered transactions stay for wt_timer: rate x 5 s


@dataclass
class Churn:
    """The rounds, in pairs; a join is one with its leaving."""
    joins: list[Rate]
    plain: list[Rate]
    notifies: float  # a second, to those who stay

    @property
    def ratio(self) -> float:
        return median(join.rate / call.rate
                      for join, call in zip(self.joins, self.plain))

    @property
    def medians(self) -> tuple[Rate, Rate]:
        return medians(self.joins), medians(self.plain)


def _token(server: Server) -> str:
    """The user part of the only conference's Session Identity."""
    found = re.search(r"sip:([^@\s]+)@", server.rpc("imconf.list"))
    if not found:
        raise BenchError("imconf.list names no conference")
    return found.group(1)


def churn(rounds: int, seconds: float) -> Churn:
    """Raises BenchError when somebody is refused."""
    found = Churn([], [], 0.0)
    with ExitStack() as stack:
        xdms = stack.enter_context(SlowXdms(0, 1000))
        server = stack.enter_context(
            Server(("WITH_TICKS",), SHARED_MIB, xdms.port))
        legs = Path(server.folder) / "churn.legs"
        staying = stack.enter_context(
            Tool("conferences", "-u", GROUP, "-i", 0, "-s", "-n", STAYING,
                 "-r", STAYING, "-H", legs, "127.0.0.1", server.port))
        staying.expect("ready", PATIENCE)
        token = _token(server)
        told = 0
        for number in range(rounds + 1):
            before = server.statistic("notifies")
            join = come_and_go(server, token, seconds)
            told = server.statistic("notifies") - before
            call = come_and_go(server, "plain", seconds)
            if number:  # the first one is to warm up
                found.joins.append(join)
                found.plain.append(call)
        found.notifies = told / seconds
        staying.end_input()
        staying.result(60)
        check(server)
    return found
