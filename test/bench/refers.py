# SPDX-License-Identifier: GPL-2.0-or-later
"""What a REFER with a list of 50 costs Kamailio, invitations and joins
included, beside a factory INVITE with a list of as many."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from fan_out import check
from load import Tool
from server import Server, cpu_seconds

TARGETS = 50  # conferences.c: REFER_TARGETS
COUNT = 20    # of REFERs, and of conferences
PATIENCE = 120
SHARED_MIB = 2048


@dataclass
class Refers:
    """Medians, ms of the server's CPU: of one REFER, of one INVITE."""
    refer: float
    invite: float


def _cost(*what: object) -> float:
    """Of one of COUNT, in a server that did nothing else."""
    with ExitStack() as stack:
        server = stack.enter_context(
            Server(("WITH_DIRECT_INVITES",), SHARED_MIB))
        pids = server.pids()
        before = sum(map(cpu_seconds, pids))
        tool = stack.enter_context(
            Tool("conferences", *what, "-p", server.users_port,
                 "-H", Path(server.folder) / "refer.legs",
                 "127.0.0.1", server.port))
        tool.expect("ready", PATIENCE)
        used = sum(map(cpu_seconds, pids)) - before
        tool.end_input()
        tool.result(60)
        check(server)
    return used / COUNT * 1000


def refers(rounds: int) -> Refers:
    """Raises BenchError when somebody is refused."""
    return Refers(
        median(_cost("-i", 1, "-R", COUNT) for _ in range(rounds)),
        median(_cost("-i", TARGETS, "-n", COUNT) for _ in range(rounds)))
