# SPDX-License-Identifier: GPL-2.0-or-later
"""Deliveries a second: one sender, N receivers that were idle for a while,
through imconf and through the bare relay, alternating. The relay passes on
what one read brought with one write, as imconf does, and is measured a second
time writing each frame by itself."""

import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Callable

from load import Tool, relay_legs
from server import BenchError, Server, cpu_seconds

WANTED_RATIO = 0.6
WANTED_FROM = 10  # receivers
BIND_PATIENCE = 30


RELAYS = {"relay": (), "frame by frame": ("-1",)}


@dataclass
class Throughput:
    """Through one server; medians."""
    rate: float  # deliveries a second
    cpu: float  # microseconds of the server's processes a delivery


@dataclass
class FanOut:
    """The result for one number of receivers."""
    receivers: int
    imconf: Throughput
    relay: Throughput
    frame_by_frame: Throughput

    @property
    def ratio(self) -> float:
        return self.imconf.rate / self.relay.rate

    @property
    def good(self) -> bool:
        return self.receivers < WANTED_FROM or self.ratio >= WANTED_RATIO


def _measure(client: Tool, seconds: float,
             pids: Callable[[], list[int]]) -> Throughput:
    before = sum(map(cpu_seconds, pids()))
    client.go()
    result = client.result(seconds + 60)
    used = sum(map(cpu_seconds, pids())) - before
    return Throughput(result["rate"], used / result["deliveries"] * 1e6)


class Relays:
    """Both kinds of relay, and legs to them."""

    def __init__(self, stack: ExitStack) -> None:
        self.tools = {name: stack.enter_context(Tool("relay", *options))
                      for name, options in RELAYS.items()}
        self.ports = {name: int(tool.line(10))
                      for name, tool in self.tools.items()}

    def client(self, name: str, receivers: int, folder: Path,
               seconds: float) -> Tool:
        legs = folder / f"{name}.legs"
        relay_legs(self.ports[name], receivers, legs)
        return Tool("fanout", legs, seconds)

    def pids(self, name: str) -> list[int]:
        return [self.tools[name].process.pid]


def _round(server: Server, relays: Relays, receivers: int, idle: float,
           seconds: float, first: int) -> dict[str, Throughput]:
    """Every server once; all rooms are silent at the same time, then each is
    measured, beginning with the `first`."""
    folder = Path(server.folder)
    with ExitStack() as stack:
        conference = stack.enter_context(
            Tool("conferences", "-i", receivers, "-H", folder / "imconf.legs",
                 "127.0.0.1", server.port))
        conference.expect("ready", BIND_PATIENCE)
        clients = {"imconf": Tool("fanout", folder / "imconf.legs", seconds)}
        stack.enter_context(clients["imconf"])
        for name in RELAYS:
            clients[name] = stack.enter_context(
                relays.client(name, receivers, folder, seconds))
        for client in clients.values():
            client.expect("bound", BIND_PATIENCE)
        time.sleep(idle)  # what is measured is a room that was silent
        names = list(clients)
        results = {}
        for name in names[first:] + names[:first]:
            pids = server.pids if name == "imconf" else partial(
                relays.pids, name)
            results[name] = _measure(clients[name], seconds, pids)
        conference.end_input()
        conference.result(60)
    return results


def fan_out(server: Server, receivers: int, rounds: int, idle: float,
            seconds: float) -> FanOut:
    """Medians over `rounds`; raises BenchError when a message was lost, came
    twice or out of order."""
    with ExitStack() as stack:
        relays = Relays(stack)
        results = [_round(server, relays, receivers, idle, seconds, i % 3)
                   for i in range(rounds)]
    if server.errors():
        raise BenchError("\n".join(server.errors()[:5]))
    medians = {name: Throughput(median(r[name].rate for r in results),
                                median(r[name].cpu for r in results))
               for name in ("imconf", *RELAYS)}
    return FanOut(receivers, *medians.values())
