# SPDX-License-Identifier: GPL-2.0-or-later
"""Rooms in other states than one hurried sender: many that all talk, one with
a large message, one where somebody does not read. Beside each the bare relay,
in the same run."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from fan_out import bound, check, hold
from load import Tool, relay_legs
from server import Server, cpu_seconds

ROOMS = 100
ROOM_SIZE = 10
ROOM_WINDOW = 4        # messages of each of a thousand senders under way
WANTED_SHARE = 0.3     # of the conference workers' CPU, each
BIG_RECEIVERS = 50
BIG_OCTETS = 10_000_000
BIG_CHUNK = 10240
WANTED_BIG_RATIO = 0.7
SLOW_RECEIVERS = 100
SLOW_RATE = 1000       # messages a second
SLOW_BEFORE = 4.0      # seconds, then one stops reading
SLOW_SECONDS = 14.0    # long enough for its queue to overflow
ALLOWED_DELAY = 5.0    # ms, of the others' 99th percentile


@dataclass
class Talk:
    """Everybody talks in many rooms: deliveries a second of all together."""
    rate: float
    cpu: float  # microseconds a delivery, of the server's processes
    relay_rate: float
    relay_cpu: float
    shares: list[float]  # of the workers' CPU, each worker

    @property
    def ratio(self) -> float:
        return self.rate / self.relay_rate

    @property
    def good(self) -> bool:
        return min(self.shares) >= WANTED_SHARE


def _relay(stack: ExitStack, *options: object) -> tuple[Tool, int]:
    tool = stack.enter_context(Tool("relay", *options))
    return tool, int(tool.line(10))


def _used(pids: list[int]) -> list[float]:
    return [cpu_seconds(pid) for pid in pids]


def _talk(legs: Path, seconds: float,
          pids: list[int]) -> tuple[float, float, list[float]]:
    """Rate, CPU of a delivery, CPU of each process."""
    with ExitStack() as stack:
        client = bound(stack, "fanout", "-g", ROOM_SIZE, "-w", ROOM_WINDOW,
                       legs, seconds)
        before = _used(pids)
        client.go()
        result = client.result(seconds + 60)
        used = [b - a for a, b in zip(before, _used(pids))]
    return result["rate"], sum(used) / result["deliveries"] * 1e6, used


def _two_relays(stack: ExitStack, legs: Path) -> list[int]:
    """As many relays as there are workers, half of the rooms each; their
    process ids."""
    half = ROOMS // 2 * ROOM_SIZE
    lines, pids = "", []
    for _ in range(2):
        tool, port = _relay(stack, "-g", ROOM_SIZE)
        relay_legs(port, half - 1, legs)
        lines += legs.read_text(encoding="ascii")
        pids.append(tool.process.pid)
    legs.write_text(lines, encoding="ascii")
    return pids


def everybody_talks(server: Server, rounds: int, seconds: float) -> Talk:
    """Medians; raises BenchError when a message was lost, came twice or out
    of its sender's order."""
    folder = Path(server.folder)
    ours, theirs = [], []
    shares = [0.0, 0.0]
    for _ in range(rounds):
        with ExitStack() as stack:
            legs = folder / "talk.legs"
            conferences = hold(stack, server, legs, ROOM_SIZE, ROOMS)
            workers = server.workers()
            others = [pid for pid in server.pids() if pid not in workers]
            rate, cpu, used = _talk(legs, seconds, workers + others)
            ours.append((rate, cpu))
            shares = [share + part for share, part in zip(shares, used)]
            conferences.end_input()
            conferences.result(60)
            relays = _two_relays(stack, legs)
            theirs.append(_talk(legs, seconds, relays)[:2])
    check(server)
    return Talk(median(r for r, _ in ours), median(c for _, c in ours),
                median(r for r, _ in theirs), median(c for _, c in theirs),
                [share / sum(shares) for share in shares])


@dataclass
class BigMessage:
    """Octets a second, all receivers together; medians."""
    rate: float
    cpu: float  # microseconds a kilobyte, of the server's processes
    relay_rate: float
    relay_cpu: float

    @property
    def ratio(self) -> float:
        return self.rate / self.relay_rate

    @property
    def good(self) -> bool:
        return self.ratio >= WANTED_BIG_RATIO


def _big(legs: Path, pids: list[int]) -> tuple[float, float]:
    with ExitStack() as stack:
        client = bound(stack, "bigmessage", legs, BIG_OCTETS, BIG_CHUNK)
        before = sum(_used(pids))
        client.go()
        result = client.result(60)
        used = sum(_used(pids)) - before
    return result["rate"], used / (BIG_OCTETS * BIG_RECEIVERS / 1000) * 1e6


def big_message(server: Server, rounds: int) -> BigMessage:
    """Raises BenchError when an octet was lost or came in a wrong place."""
    folder = Path(server.folder)
    ours, theirs = [], []
    for _ in range(rounds):
        with ExitStack() as stack:
            legs = folder / "big.legs"
            conference = hold(stack, server, legs, BIG_RECEIVERS + 1)
            ours.append(_big(legs, server.pids()))
            conference.end_input()
            conference.result(60)
            relay, port = _relay(stack)
            relay_legs(port, BIG_RECEIVERS, legs)
            theirs.append(_big(legs, [relay.process.pid]))
    check(server)
    return BigMessage(median(r for r, _ in ours), median(c for _, c in ours),
                      median(r for r, _ in theirs),
                      median(c for _, c in theirs))


@dataclass
class SlowReceiver:
    """Delays of all the others in ms, while everybody reads and after one has
    stopped."""
    before: float
    after: float
    most: float
    dropped: bool  # its leg, when its queue had overflowed

    @property
    def good(self) -> bool:
        return self.dropped and self.after <= self.before + ALLOWED_DELAY


def slow_receiver(server: Server) -> SlowReceiver:
    """Raises BenchError when anybody else misses a message."""
    legs = Path(server.folder) / "slow.legs"
    dropped = server.statistic("legs_dropped")
    with ExitStack() as stack:
        conference = hold(stack, server, legs, SLOW_RECEIVERS + 1)
        client = bound(stack, "fanout", "-w", 1000, "-p", SLOW_RATE,
                       "-d", SLOW_BEFORE, legs, SLOW_SECONDS)
        client.go()
        result = client.result(SLOW_SECONDS + 60)
        conference.end_input()
        conference.result(60)
    check(server)
    return SlowReceiver(result["before_p99"], result["after_p99"],
                        result["after_max"], server.statistic("legs_dropped") == dropped + 1)
