# SPDX-License-Identifier: GPL-2.0-or-later
"""Conference state: a conference that fills, NOTIFYs a second beside plain
requests of tm, CPU time of a NOTIFY, and what NOTIFYs hold up."""

import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from load import Tool, figures
from server import BenchError, Server

WANTED_RATIO = 0.7
SHARED_MIB = 4096
PROBE_EVERY = 0.01
CHANGES = 20  # at least, of a round
PLAIN = 1000  # requests of a burst, at least


def worker_seconds(server: Server) -> float:
    """CPU time of the conference workers, finer than ticks."""
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
               for pid in server.workers()) / 1e9


def check(server: Server) -> None:
    if server.errors():
        raise BenchError("\n".join(server.errors()[:5]))


def tool(server: Server, *options: object) -> Tool:
    return Tool("watchers", *options, "-p", server.users_port,
                "127.0.0.1", server.port)


@dataclass
class Filling:
    """A conference that filled at a rate, everybody watching."""
    watchers: int
    seconds: float
    notifies: int
    bytes: float
    full_bytes: float  # had every NOTIFY been a full document
    cpu: float         # of the workers, seconds
    delay_median: float  # from a join to the last watcher's knowing
    delay_max: float

    @property
    def limit(self) -> float:
        return self.watchers * (self.seconds + 2)

    @property
    def naive(self) -> int:
        """Each join told at once to everybody who is there."""
        return self.watchers * self.watchers // 2

    @property
    def good(self) -> bool:
        return self.notifies < self.limit


def filling(watchers: int, joins_a_second: float) -> Filling:
    with Server(("WITH_STATE", "WITH_TICKS", "WITH_DIRECT_INVITES"),
                SHARED_MIB) as server:
        with tool(server, "-n", watchers, "-r", joins_a_second,
                  "-c", watchers) as load:
            load.expect("ready", 120)
            before = worker_seconds(server)
            load.go()
            done = load.result(watchers / joins_a_second + 120)
            cpu = worker_seconds(server) - before
        check(server)
    return Filling(watchers, done["joins_seconds"], int(done["notifies"]),
                   done["bytes"], done["full_bytes"], cpu,
                   done["delay_median"], done["delay_max"])


@dataclass
class Rate:
    """NOTIFYs of one change to all watchers; medians of the rounds."""
    watchers: int
    rate: float   # a second, from the first to the last
    plain: float  # plain requests of the same size, likewise
    size: float   # bytes on the wire
    cpu: float    # microseconds of the workers for one NOTIFY

    @property
    def ratio(self) -> float:
        return self.rate / self.plain


def plain_rate(server: Server, count: int, size: int) -> dict[str, float]:
    """`count` requests of the script's own, with a body of `size` bytes."""
    with tool(server, "-n", count) as load:
        load.expect("ready", 10)
        load.process.stdin.write(f"{size}\n")
        load.process.stdin.flush()
        return figures(load.line(60))


class Probe(threading.Thread):
    """Asks the worker of a conference by OPTIONS again and again: how long
    does it hold up a message?"""

    def __init__(self, server: Server):
        super().__init__(daemon=True)
        self.port = server.port
        text = server.rpc("imconf.list")
        self.uri = next(line.split(": ", 1)[1].strip()
                        for line in text.splitlines() if "identity" in line)
        self.times: list[float] = []
        self._stop_asking = threading.Event()

    def run(self) -> None:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(5)
        own = f"127.0.0.1:{sock.getsockname()[1]}"
        with sock:
            while not self._stop_asking.wait(PROBE_EVERY):
                number = len(self.times) + 1
                began = time.monotonic()
                sock.sendto(self._request(own, number),
                            ("127.0.0.1", self.port))
                if not sock.recv(65535).startswith(b"SIP/2.0 200"):
                    raise BenchError("OPTIONS was refused")
                self.times.append(time.monotonic() - began)

    def _request(self, own: str, number: int) -> bytes:
        return (f"OPTIONS {self.uri} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {own};branch=z9hG4bKprobe{number}x{own}\r\n"
                f"Max-Forwards: 70\r\nFrom: <sip:probe@{own}>;tag=p\r\n"
                f"To: <{self.uri}>\r\nCall-ID: {number}@{own}\r\n"
                f"CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n").encode()

    def stop(self) -> list[float]:
        self._stop_asking.set()
        self.join()
        return sorted(self.times)


@dataclass
class HoldUp:
    """Milliseconds from OPTIONS to its answer: idle, and under NOTIFYs."""
    idle_median: float
    idle_p99: float
    busy_median: float
    busy_p99: float
    busy_max: float


def _probe(server: Server, during) -> list[float]:
    probe = Probe(server)
    probe.start()
    during()
    return [seconds * 1000 for seconds in probe.stop()]


@dataclass
class Telling:
    """The rows are for growing numbers of watchers."""
    rows: list[Rate]
    hold_up: HoldUp

    @property
    def good(self) -> bool:
        return self.rows[-1].ratio >= WANTED_RATIO


def telling(watchers: list[int], rounds: int) -> Telling:
    """Changes told to N watchers over one connection, alternating with as
    many plain requests; for the largest N, what that holds up."""
    leaving = _leaving_seconds()
    rows = []
    for count in watchers:
        with Server(("WITH_STATE", "WITH_DIRECT_INVITES"),
                    SHARED_MIB) as server:
            rounds_of_it = [_tell(server, count, leaving)
                            for _ in range(rounds)]
            check(server)
        rows.append(Rate(count, *(median(figure)
                                  for figure in zip(*rounds_of_it))))
    return Telling(rows, holding_up(watchers[-1]))


def _leaving_seconds(changes: int = 400) -> float:
    """CPU time of one who leaves when nobody watches."""
    with Server(("WITH_STATE", "WITH_DIRECT_INVITES"), SHARED_MIB) as server:
        with tool(server, "-n", 0, "-l", changes) as load:
            load.expect("ready", 60)
            before = worker_seconds(server)
            load.go()
            load.result(120)
            return (worker_seconds(server) - before) / changes


def _tell(server: Server, count: int,
          leaving: float) -> tuple[float, float, float, float]:
    """One round: rate, plain rate, size, CPU time of a NOTIFY."""
    changes = max(CHANGES, 2000 // count)
    with tool(server, "-n", count, "-l", changes) as load:
        load.expect("ready", 120)
        before = worker_seconds(server)
        load.go()
        done = load.result(180)
        cpu = worker_seconds(server) - before - leaving * changes
    head = plain_rate(server, 10, 100)["size"] - 100
    burst = max(count, PLAIN)
    plain = median(plain_rate(server, burst, int(done["size"] - head))["rate"]
                   for _ in range(5))
    return done["rate"], plain, done["size"], cpu / done["notifies"] * 1e6


def holding_up(watchers: int) -> HoldUp:
    """What changes told to everybody hold up."""
    with Server(("WITH_STATE", "WITH_DIRECT_INVITES"), SHARED_MIB) as server:
        with tool(server, "-n", watchers, "-l", 2 * CHANGES) as load:
            load.expect("ready", 120)
            idle = _probe(server, lambda: time.sleep(2))

            def change() -> None:
                load.go()
                load.result(180)
            busy = _probe(server, change)
    return HoldUp(idle[len(idle) // 2], idle[int(len(idle) * .99)],
                  busy[len(busy) // 2], busy[int(len(busy) * .99)], busy[-1])
