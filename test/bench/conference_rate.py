# SPDX-License-Identifier: GPL-2.0-or-later
"""Conferences a second, beside plain transactions of tm, alternating.

A conference of ten invitees is 22 transactions on the wire between Kamailio
and the load client: an INVITE and a BYE for each of eleven participants. A
plain call is two: an INVITE and a BYE that the script answers through tm."""

from dataclasses import dataclass
from statistics import median

from load import Tool
from server import BenchError, Server

PLAIN = ("-u", "plain", "-i", 0)


@dataclass
class ConferenceRate:
    """Medians; `transactions` and `plain` are SIP transactions a second."""
    conferences: float
    transactions: float
    plain: float

    @property
    def ratio(self) -> float:
        return self.transactions / self.plain


def _run(server: Server, seconds: float, window: int,
         *what: object) -> dict[str, float]:
    with Tool("conferences", *what, "-t", seconds, "-w", window,
              "-p", server.users_port, "127.0.0.1", server.port) as tool:
        return tool.result(seconds + 60)


def conference_rate(server: Server, rounds: int, seconds: float,
                    window: int, invitees: int = 10) -> ConferenceRate:
    """Runs both kinds `rounds` times; raises BenchError when one fails."""
    conferences, plain = [], []
    for _ in range(rounds):
        plain.append(_run(server, seconds, window, *PLAIN))
        conferences.append(_run(server, seconds, window, "-i", invitees))
    if server.errors():
        raise BenchError("\n".join(server.errors()[:5]))
    return ConferenceRate(
        median(run["rate"] for run in conferences),
        median(run["transactions_rate"] for run in conferences),
        median(run["transactions_rate"] for run in plain))
