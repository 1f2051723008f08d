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

WANTED_RATIO = 0.85
WANTED_FROM = 10  # receivers
WANTED_GROWTH = 1.15  # of the cost of a delivery, from 100 to 1,000
BIND_PATIENCE = 60

TRANSPORT_OPTIONS = {"tcp": (), "tls": ("-T",), "ws": ("-W",),
                     "wss": ("-T", "-W")}
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
    def cpu_ratio(self) -> float:
        """What the relay needs of what imconf needs."""
        return self.relay.cpu / self.imconf.cpu

    @property
    def good(self) -> bool:
        return self.receivers < WANTED_FROM or self.ratio >= WANTED_RATIO


@dataclass
class Delay:
    """Until the last receiver has a message, in ms; alone on its way."""
    median: float
    p99: float


def growth(results: list[FanOut]) -> tuple[float, float] | None:
    """What a delivery costs at 1,000 receivers, as a multiple of what it
    costs at 100: imconf's and the relay's."""
    by_size = {result.receivers: result for result in results}
    if 100 not in by_size or 1000 not in by_size:
        return None
    few, many = by_size[100], by_size[1000]
    return many.imconf.cpu / few.imconf.cpu, many.relay.cpu / few.relay.cpu


def hold(stack: ExitStack, server: Server, legs: Path, size: int,
         count: int = 1) -> Tool:
    """Conferences of `size`, held until end_input(); their legs in a file."""
    tool = stack.enter_context(
        Tool("conferences", *TRANSPORT_OPTIONS[server.transport],
             "-i", size - 1, "-n", count, "-H", legs,
             "127.0.0.1", server.port))
    tool.expect("ready", BIND_PATIENCE)
    return tool


def bound(stack: ExitStack, name: str, *arguments: object) -> Tool:
    """A load tool whose legs are all bound."""
    tool = stack.enter_context(Tool(name, *arguments))
    tool.expect("bound", BIND_PATIENCE)
    return tool


def check(server: Server) -> None:
    if server.errors():
        raise BenchError("\n".join(server.errors()[:5]))


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

    def legs(self, name: str, receivers: int, folder: Path) -> Path:
        legs = folder / f"{name}.legs"
        relay_legs(self.ports[name], receivers, legs)
        return legs

    def pids(self, name: str) -> list[int]:
        return [self.tools[name].process.pid]


def _round(server: Server, relays: Relays, receivers: int, idle: float,
           seconds: float, first: int) -> dict[str, Throughput]:
    """Every server once; all rooms are silent at the same time, then each is
    measured, beginning with the `first`."""
    folder = Path(server.folder)
    with ExitStack() as stack:
        legs = folder / "imconf.legs"
        conference = hold(stack, server, legs, receivers + 1)
        clients = {"imconf": bound(stack, "fanout", legs, seconds)}
        for name in RELAYS:
            clients[name] = bound(stack, "fanout",
                                  relays.legs(name, receivers, folder), seconds)
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
    check(server)
    medians = {name: Throughput(median(r[name].rate for r in results),
                                median(r[name].cpu for r in results))
               for name in ("imconf", *RELAYS)}
    return FanOut(receivers, *medians.values())


def last_receiver(server: Server, receivers: int,
                  seconds: float) -> dict[str, Delay]:
    """Message after message, each sent when the one before is with everybody:
    how long that takes, through imconf and through the relay."""
    folder = Path(server.folder)
    delays = {}
    with ExitStack() as stack:
        relays = Relays(stack)
        files = {"imconf": folder / "imconf.legs",
                 "relay": relays.legs("relay", receivers, folder)}
        conference = hold(stack, server, files["imconf"], receivers + 1)
        for name, legs in files.items():
            client = bound(stack, "fanout", "-w", 1, legs, seconds)
            client.go()
            result = client.result(seconds + 60)
            delays[name] = Delay(result["last_median"], result["last_p99"])
        conference.end_input()
        conference.result(60)
    check(server)
    return delays
