#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Conferences over a network that loses packets, played by SIPp.

    loss.py HOST PORT [--calls 100] [--loss 30]

Against a Kamailio with imconf at HOST:PORT (UDP) whose users register without
a password. Two runs at the same time: creators who lose packets in both
directions, with invited users who lose none; and invited users who lose them,
with creators who lose none and stay until everybody must be in. Each call has
an INVITE, its 200, an ACK and a BYE with its 200; every one must end well on
both sides, but for a few whom chance denies it (UNLUCKY). A BYE repeated for
longer than Kamailio remembers it (tm's wt_timer, 5 s) gets 481, but never for
those who lose nothing. Exits with 0 when all is well, else with 1; takes at
most 40 seconds."""

import argparse
import csv
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SECONDS = 40
# with 30 % loss, a creator who loses each of the eleven copies of the 200, or
# its ACK to them, gets the BYE that it must get: 6 in 10,000; and 2 in 10,000
# invited users see none of the seven copies of their INVITE; who takes part in
# such a conference may not come to an end either
UNLUCKY = 3
# what SIPp exits with: all calls ended well, some failed, some are not over
EXIT_CODES = (0, 1, 255)
START_RATE = 50  # calls a second
STAY_SHORT = 1000  # milliseconds
# the seventh copy of an INVITE is sent 19.5 s after the first
STAY_LONG = 26000
# our own side repeats quickly, so that a run is short and the chance that all
# copies are lost is none; what is tested is how the server repeats
PATIENCE = ["-T2", "800", "-max_retrans", "60", "-max_invite_retrans", "60",
            "-max_non_invite_retrans", "60"]


class SippFailed(Exception):
    """A call did not end well; the text says which and how."""


def free_port(host: str) -> int:
    """A UDP port on the address that reaches `host`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


class Sipp:
    """One SIPp process."""

    def __init__(self, folder: Path, server: str, scenario: str, calls: int,
                 name: str, *options: object, port: int = 0, loss: int = 0,
                 host: str = "127.0.0.1", unlucky: int = 0) -> None:
        self.name = name
        self.loss = loss
        self.unlucky = unlucky
        self.errors = folder / f"{name}.errors"
        self.statistics = folder / f"{name}.csv"
        command = ["sipp", server, "-sf", str(HERE / f"{scenario}.xml"),
                   "-m", str(calls), "-i", host,
                   "-p", str(port or free_port(host)),
                   "-timeout", str(SECONDS), "-timeout_error", "-nostdin",
                   "-trace_err", "-error_file", str(self.errors),
                   "-trace_stat", "-stf", str(self.statistics), "-fd", "1",
                   "-lost", str(loss), *PATIENCE, *map(str, options)]
        self.process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "TERM": "dumb"})

    def stop(self) -> None:
        """Ends it if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def counters(self) -> dict[str, int]:
        """The last line of SIPp's statistics, cumulative counters only."""
        with open(self.statistics, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file, delimiter=";"))
        return {name[:-3]: int(value) for name, value in rows[-1].items()
                if name and name.endswith("(C)") and value.isdigit()}

    def check(self, calls: int) -> dict[str, int]:
        """Waits for its end; every call must have ended well, but for those
        that `unlucky` allows."""
        try:
            status = self.process.wait(timeout=SECONDS + 5)
        except subprocess.TimeoutExpired:
            status = -1
            self.stop()
        counters = self.counters() if self.statistics.exists() else {}
        forgotten = counters.get("forgotten", 0)
        if forgotten > 0 and self.loss == 0:
            raise SippFailed(
                f"{self.name}: {forgotten} times BYE was answered 481")
        ended_well = counters.get("SuccessfulCall", 0)
        if status in EXIT_CODES and ended_well >= calls - self.unlucky:
            return counters
        said = self.errors.read_text()[-2000:] if self.errors.exists() else ""
        raise SippFailed(
            f"{self.name}: SIPp ended with {status}, "
            f"{counters.get('SuccessfulCall', 0)} of {calls} calls ended "
            f"well, {counters.get('FailedCall', 0)} failed\n{said}")


def _pair(folder: Path, host: str, port: int, calls: int, name: str,
          creator_loss: int, invitee_loss: int, stay: int) -> list[Sipp]:
    """Creators and the user they invite, whom no earlier run has used."""
    server = f"{host}:{port}"
    user = f"{name}-{os.getpid()}"
    user_port = free_port(host)
    contact = f"sip:{user}@{host}:{user_port}"
    Sipp(folder, server, "register", 1, f"{name}-register", "-s", user,
         "-key", "contact", contact, host=host).check(1)
    invitee = Sipp(folder, server, "invitee", calls, f"{name}-invitee",
                   loss=invitee_loss, port=user_port, host=host,
                   unlucky=UNLUCKY)
    creator = Sipp(folder, server, "creator", calls, f"{name}-creator",
                   "-r", START_RATE, "-l", calls,
                   "-key", "invitee", f"sip:{user}@{server}",
                   "-d", stay, loss=creator_loss, host=host, unlucky=UNLUCKY)
    return [creator, invitee]


def run(host: str, port: int, calls: int = 100, loss: int = 30) -> str:
    """Plays both runs; a sentence on what was lost and repeated. Raises
    SippFailed."""
    with tempfile.TemporaryDirectory(prefix="imconf-sipp-") as name:
        folder = Path(name)
        started = []
        try:
            started += _pair(folder, host, port, calls, "lossy-creators",
                             loss, 0, STAY_SHORT)
            started += _pair(folder, host, port, calls, "lossy-invitees",
                             0, loss, STAY_LONG)
            counters = [sipp.check(calls) for sipp in started]
        finally:
            for sipp in started:
                sipp.stop()
    repeated = sum(c.get("Retransmissions", 0) for c in counters)
    forgotten = sum(c.get("forgotten", 0) for c in counters)
    if loss > 0 and repeated == 0:
        raise SippFailed("nothing was repeated: SIPp lost nothing")
    return (f"{4 * calls} calls ended well with {loss} % loss; SIPp repeated "
            f"{repeated} messages, {forgotten} calls ended with 481 to BYE")


def main() -> int:
    parser = argparse.ArgumentParser(prog="loss.py")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--loss", type=int, default=30)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        print(run(options.host, options.port, options.calls, options.loss))
    except SippFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
