# SPDX-License-Identifier: GPL-2.0-or-later
"""Groups: who else waits while the XDMS is slow, what a join costs when the
document is cached, and what a cached member weighs."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from statistics import median, quantiles

from load import Tool, figures
from server import (BenchError, HERE, ROOT, Server, anonymous_kib,
                    cpu_seconds, free_ports)

sys.path.insert(0, str(ROOT / "test"))

from imclient import IMClient  # noqa: E402
from imclient.session import Session  # noqa: E402

WANTED_P99 = 20.0       # ms
WANTED_PARALLEL = 40
WANTED_RATIO = 0.9
START_RATE = 500        # INVITEs a second; more are lost in UDP buffers
PROBES_A_SECOND = 100
REGULARS = 16
GROUP = "group-cached"
BIG_GROUPS = 20


class SlowXdms:
    """`with SlowXdms(...) as xdms:`, see slow_xdms.py."""

    def __init__(self, seconds: float, members: int) -> None:
        self.port = free_ports(1)
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "slow_xdms.py"), str(self.port),
             str(seconds), str(members)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> "SlowXdms":
        if self.process.stdout.readline().strip() != "ready":
            raise BenchError("the slow XDMS did not start")
        return self

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def result(self) -> dict[str, float]:
        """Ends it: `answers`, and `most` at a time."""
        output, _ = self.process.communicate(timeout=10)
        return figures(output)


@dataclass
class Waits:
    """Round trips in ms while INVITEs wait for a slow XDMS."""
    options: list[float]
    messages: list[float]
    parallel: int
    groups: int
    seconds: float

    @property
    def good(self) -> bool:
        return (p99(self.options) < WANTED_P99
                and p99(self.messages) < WANTED_P99
                and self.parallel >= WANTED_PARALLEL)


def p99(values: list[float]) -> float:
    return quantiles(values, n=100)[98]


def _client(server: Server, user: str) -> IMClient:
    domain = f"127.0.0.1:{server.port}"
    return IMClient(user, domain, ("127.0.0.1", server.port))


def _conference(server: Server, user: str, invited: list[str],
                group: str = "") -> tuple[IMClient, Session]:
    """A client in a conference of its own."""
    client = _client(server, user)
    session = (client.invite(group) if group
               else client.initiate_ad_hoc_conference(invited))
    session.wait_bound()
    return client, session


def _one_in_each_worker(server: Server) -> list[tuple[IMClient, Session]]:
    """Conferences on all conference workers: the number at the beginning of
    the token says on which."""
    found: dict[str, tuple[IMClient, Session]] = {}
    spare = []
    while len(found) < len(server.workers()):
        pair = _conference(server, f"talker{len(found) + len(spare)}",
                           [f"sip:listener@127.0.0.1:{server.users_port}"])
        worker = pair[1].identity.partition("conf-")[2][0]
        if worker in found:
            spare.append(pair)
        found.setdefault(worker, pair)
    _leave(spare)
    return list(found.values())


def _leave(pairs: list[tuple[IMClient, Session]]) -> None:
    for client, session in pairs:
        client.leave(session)
        client.close()


class OptionsProbe:
    """OPTIONS to one address, over UDP, one at a time."""

    def __init__(self, server: Server) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.connect(("127.0.0.1", server.port))
        self.socket.settimeout(5)
        self.own = "%s:%d" % self.socket.getsockname()
        self.number = 0

    def ask(self, uri: str) -> float:
        """The round trip in ms; provisional answers do not count."""
        self.number += 1
        branch = f"z9hG4bKoptions{self.number}p{self.own.split(':')[1]}"
        start = time.perf_counter()
        self.socket.send(
            f"OPTIONS {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self.own};branch={branch}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:probe@bench.invalid>;tag=1\r\n"
            f"To: <{uri}>\r\nCall-ID: {branch}\r\nCSeq: 1 OPTIONS\r\n"
            "Content-Length: 0\r\n\r\n".encode())
        while True:
            answer = self.socket.recv(65535)
            if branch.encode() not in answer or answer[8:9] == b"1":
                continue
            if not answer.startswith(b"SIP/2.0 200"):
                raise BenchError(f"OPTIONS: {answer[:60]!r}")
            return (time.perf_counter() - start) * 1000


def _time_message(session: Session) -> float:
    start = time.perf_counter()
    if session.send_text("ping").wait() != 200:
        raise BenchError("a message was refused")
    return (time.perf_counter() - start) * 1000


def _probe(pairs: list[tuple[IMClient, Session]], probe: OptionsProbe,
           busy) -> tuple[list[float], list[float]]:
    """OPTIONS and messages in turns, until the load is through."""
    options: list[float] = []
    messages: list[float] = []
    due = time.perf_counter()
    while busy():
        _, session = pairs[len(options) % len(pairs)]
        options.append(probe.ask(session.identity))
        messages.append(_time_message(session))
        due += 1 / PROBES_A_SECOND
        time.sleep(max(0.0, due - time.perf_counter()))
    return options, messages


def slow_xdms(groups: int, seconds: float) -> Waits:
    """INVITEs to `groups` groups at once; every answer takes `seconds`."""
    with SlowXdms(seconds, 10) as xdms, \
            Server(xdms_port=xdms.port) as server:
        pairs = _one_in_each_worker(server)
        probe = OptionsProbe(server)
        start = time.monotonic()
        with Tool("conferences", "-u", "group-", "-g", "-i", 0, "-n", groups,
                  "-w", groups, "-r", START_RATE, "127.0.0.1", server.port) as tool:
            options, messages = _probe(
                pairs, probe, lambda: tool.process.poll() is None)
            took = time.monotonic() - start
            tool.result(1)
        _leave(pairs)
        if server.errors():
            raise BenchError("\n".join(server.errors()[:5]))
        said = xdms.result()
    if said["answers"] != groups:
        raise BenchError(f"{said['answers']:.0f} fetches, not {groups}")
    return Waits(options, messages, int(said["most"]), groups, took)


@dataclass
class Rate:
    """Joins a second, and what of the server's CPU one costs, in us."""
    rate: float
    cpu: float


@dataclass
class Joins:
    """The rounds, in pairs."""
    cached: list[Rate]
    rejoins: list[Rate]

    @property
    def ratio(self) -> float:
        """Median over the pairs, so that a slow minute counts for both."""
        return median(one.rate / other.rate for one, other
                      in zip(self.cached, self.rejoins))

    @property
    def cpu_ratio(self) -> float:
        return median(other.cpu / one.cpu for one, other
                      in zip(self.cached, self.rejoins))


def medians(rates: list[Rate]) -> Rate:
    return Rate(median(r.rate for r in rates), median(r.cpu for r in rates))


def come_and_go(server: Server, user: str, seconds: float) -> Rate:
    """INVITE, ACK and BYE of the regulars, as fast as they can; the CPU is
    all of Kamailio's."""
    pids = server.pids()
    before = sum(map(cpu_seconds, pids))
    with Tool("conferences", "-u", user, "-i", 0, "-k", "-t", seconds,
              "-w", REGULARS, "-p", server.users_port,
              "127.0.0.1", server.port) as tool:
        result = tool.result(seconds + 60)
    used = sum(map(cpu_seconds, pids)) - before
    return Rate(result["rate"], used / result["conferences"] * 1e6)


def joins(rounds: int, seconds: float) -> Joins:
    """To a public conference by its group's name, and to an ad-hoc one by its
    Session Identity; both are held by somebody who stays."""
    found = Joins([], [])
    with SlowXdms(0, 1000) as xdms, \
            Server(shared_mib=4096, xdms_port=xdms.port) as server:
        at = f"127.0.0.1:{server.users_port}"
        regulars = [f"sip:regular{n}@{at}" for n in range(REGULARS)]
        pairs = [_conference(server, "holder1", regulars),
                 _conference(server, "holder2", [],
                             f"sip:{GROUP}@127.0.0.1:{server.port}")]
        token = pairs[0][1].identity.partition(":")[2].partition("@")[0]
        for number in range(rounds + 1):
            rates = [come_and_go(server, token, seconds),
                     come_and_go(server, GROUP, seconds)]
            if number:  # the first one is to warm up
                found.rejoins.append(rates[0])
                found.cached.append(rates[1])
        _leave(pairs)
    return found


@dataclass
class Weight:
    """Bytes of a cached member: by the cache's account, and of memory."""
    accounted: float
    resident: float


def _sizes(text: str) -> list[int]:
    """The bytes of every group in what imconf.groups prints; each worker says
    first what all of its groups come to."""
    return [int(number) for number in re.findall(
        r"group: \S+\s+(?:\w+: \S+\s+)*?bytes: (\d+)", text)]


def member_weight(members: int) -> Weight:
    """Many big groups are fetched, nobody stays in them."""
    with SlowXdms(0, members) as xdms, \
            Server(xdms_port=xdms.port) as server:
        before = sum(anonymous_kib(pid) for pid in server.workers())
        with Tool("conferences", "-u", "group-", "-g", "-i", 0, "-n",
                  BIG_GROUPS, "-w", 1, "127.0.0.1", server.port) as tool:
            tool.result(60)
        after = sum(anonymous_kib(pid) for pid in server.workers())
        sizes = _sizes(server.rpc("imconf.groups"))
    if len(sizes) != BIG_GROUPS:
        raise BenchError(f"{len(sizes)} groups are cached, not {BIG_GROUPS}")
    count = members * BIG_GROUPS
    return Weight(sum(sizes) / count, (after - before) * 1024 / count)
