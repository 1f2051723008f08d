# SPDX-License-Identifier: GPL-2.0-or-later
"""Deliveries a second: one sender, N receivers that were idle for a while,
through imconf and through the bare relay, alternating."""

import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Callable

from load import Tool, relay_legs
from server import BenchError, Server, cpu_seconds

WANTED_RATIO = 0.6
WANTED_FROM = 10  # receivers
BIND_PATIENCE = 30


@dataclass
class FanOut:
    """The result for one number of receivers: medians."""
    receivers: int
    imconf: float  # deliveries a second
    relay: float
    imconf_cpu: float  # microseconds of the server's processes a delivery
    relay_cpu: float

    @property
    def ratio(self) -> float:
        return self.imconf / self.relay

    @property
    def good(self) -> bool:
        return self.receivers < WANTED_FROM or self.ratio >= WANTED_RATIO


def _measure(client: Tool, seconds: float,
             pids: Callable[[], list[int]]) -> tuple[float, float]:
    """Deliveries a second, and microseconds of CPU a delivery."""
    before = sum(map(cpu_seconds, pids()))
    client.go()
    result = client.result(seconds + 60)
    used = sum(map(cpu_seconds, pids())) - before
    return result["rate"], used / result["deliveries"] * 1e6


def _round(server: Server, relay: Tool, relay_port: int, receivers: int,
           idle: float, seconds: float, relay_first: bool) -> dict[str, tuple]:
    folder = Path(server.folder)
    relay_legs(relay_port, receivers, folder / "relay.legs")
    results = {}
    with Tool("conferences", "-i", receivers, "-H", folder / "imconf.legs",
              "127.0.0.1", server.port) as conference:
        conference.expect("ready", BIND_PATIENCE)
        with Tool("fanout", folder / "imconf.legs", seconds) as through_imconf, \
                Tool("fanout", folder / "relay.legs", seconds) as through_relay:
            clients = {
                "imconf": (through_imconf, server.pids),
                "relay": (through_relay, lambda: [relay.process.pid])}
            for client, _ in clients.values():
                client.expect("bound", BIND_PATIENCE)
            time.sleep(idle)  # what is measured is a room that was silent
            for name in sorted(clients, reverse=relay_first):
                client, pids = clients[name]
                results[name] = _measure(client, seconds, pids)
        conference.end_input()
        conference.result(60)
    return results


def fan_out(server: Server, receivers: int, rounds: int, idle: float,
            seconds: float) -> FanOut:
    """Medians over `rounds`; raises BenchError when a message was lost, came
    twice or out of order."""
    with Tool("relay") as relay:
        port = int(relay.line(10))
        results = [
            _round(server, relay, port, receivers, idle, seconds, i % 2 == 0)
            for i in range(rounds)]
    if server.errors():
        raise BenchError("\n".join(server.errors()[:5]))
    columns = [median(result[name][i] for result in results)
               for i in (0, 1) for name in ("imconf", "relay")]
    return FanOut(receivers, *columns)
