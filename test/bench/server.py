# SPDX-License-Identifier: GPL-2.0-or-later
"""A Kamailio with imconf for the bench: started on ports of its own in a
temporary folder, asked by RPC, looked at through /proc, stopped again."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
KAMAILIO = os.environ.get("KAMAILIO", "kamailio")
MODULE = os.environ.get("MODULE", str(ROOT / "modules" / "imconf"))
WT_TIMER = 5  # seconds: tm's default, for which bench.cfg says nothing else
START_PATIENCE = 15
TICKS = os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """Something went wrong that makes the figures worthless."""


def stop_cleanly_when_told() -> None:
    """SIGINT, also where a shell has it ignored, and SIGTERM leave through
    the `with` statements, so that nothing keeps running."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(1))


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def free_ports(count: int) -> int:
    """The first of `count` free ports in a row, below the range from which
    the kernel takes ports for connections."""
    for _ in range(1000):
        first = random.randrange(10000, 32000)
        if all(_is_free(port) for port in range(first, first + count)):
            return first
    raise BenchError(f"no {count} free ports in a row")


def cpu_seconds(pid: int) -> float:
    """What the process used so far, in user and kernel mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def anonymous_kib(pid: int) -> int:
    """Memory of the process alone: heap, stacks, private pools."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1])
    raise BenchError(f"no RssAnon of process {pid}")


class Server:
    """`with Server(...) as server:`"""

    def __init__(self, defines: tuple[str, ...] = (),
                 shared_mib: int = 512, xdms_port: int = 0,
                 transport: str = "tcp") -> None:
        self.defines = defines
        self.transport = transport  # of its offers: tcp, tls, ws or wss
        self.shared_mib = shared_mib
        self.port = free_ports(1)
        self.msrp_port = free_ports(8)  # two for each transport
        self.users_port = free_ports(1)  # of the load client
        self.xdms_port = xdms_port or free_ports(1)
        self.folder = ""
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> "Server":
        self.folder = tempfile.mkdtemp(prefix="imconf-bench-")
        try:
            self._start()
            self._wait_started()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=30)
            self.process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        places = {"BENCH_PORT": self.port, "BENCH_MSRP_PORT": self.msrp_port,
                  "BENCH_USERS_PORT": self.users_port,
                  "BENCH_XDMS_PORT": self.xdms_port,
                  "BENCH_FOLDER": self.folder,
                  "BENCH_TRANSPORT": self.transport,
                  "BENCH_TLS_PORT": self.msrp_port + 2,
                  "BENCH_WEB_PORT": self.msrp_port + 4,
                  "BENCH_SECURE_WEB_PORT": self.msrp_port + 6}
        if self.transport != "tcp":
            self.defines += ("WITH_TRANSPORT",)
            self._make_certificate()
        own = subprocess.run([KAMAILIO, "-I"], capture_output=True, text=True,
                             check=False).stdout
        paths = [line.split(":", 1)[1].strip() for line in own.splitlines()
                 if "paths to modules" in line]
        command = [KAMAILIO, "-DD", "-E", "-f", str(HERE / "bench.cfg"),
                   "-m", str(self.shared_mib), "-M", "16",
                   "-Y", self.folder, "-P", f"{self.folder}/pid",
                   "-L", ":".join(paths + [MODULE + "/"])]
        for name, value in places.items():
            command += ["--substdef", f"!{name}!{value}!g"]
        for define in self.defines:
            command += ["-A", define]
        with open(f"{self.folder}/log", "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def _make_certificate(self) -> None:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=127.0.0.1",
             "-keyout", f"{self.folder}/key.pem",
             "-out", f"{self.folder}/certificate.pem"],
            check=True, capture_output=True)

    def _wait_started(self) -> None:
        end = time.monotonic() + START_PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                if self._worker_pids():
                    return
            except BenchError:
                pass  # its control socket is not there yet
            time.sleep(0.05)
        raise BenchError("Kamailio did not start:\n" + self.log_tail())

    def log_tail(self) -> str:
        log = Path(f"{self.folder}/log").read_text(errors="replace")
        return "\n".join(log.splitlines()[-15:])

    def rpc(self, *command: str) -> str:
        """What kamcmd prints."""
        done = subprocess.run(
            ["kamcmd", "-s", f"unix:{self.folder}/ctl", *command],
            capture_output=True, text=True, check=False)
        if done.returncode != 0 or done.stdout.startswith("error"):
            raise BenchError(f"kamcmd {' '.join(command)}: "
                             f"{done.stdout}{done.stderr}")
        return done.stdout

    def _processes(self) -> dict[int, str]:
        lines = self.rpc("core.ps").splitlines()
        return {int(pid): name for pid, name in zip(lines[::2], lines[1::2])}

    def _worker_pids(self) -> list[int]:
        return [pid for pid, name in self._processes().items()
                if "imconf" in name and "event" not in name]

    def workers(self) -> list[int]:
        """The conference workers' process ids."""
        return self._worker_pids()

    def pids(self) -> list[int]:
        return list(self._processes())

    def shared_used(self) -> int:
        """Bytes of shared memory in use."""
        for line in self.rpc("core.shmmem").splitlines():
            name, _, value = line.strip().partition(": ")
            if name == "used":
                return int(value)
        raise BenchError("core.shmmem says no `used`")

    def statistic(self, name: str) -> int:
        """One of the module's."""
        text = self.rpc("stats.get_statistics", name)
        return int(text.rpartition("=")[2])

    def conferences(self) -> int:
        """How many there are now."""
        return self.statistic("conferences")

    def errors(self) -> list[str]:
        """What Kamailio complained of."""
        log = Path(f"{self.folder}/log").read_text(errors="replace")
        return [line for line in log.splitlines()
                if "ERROR" in line or "CRITICAL" in line]
