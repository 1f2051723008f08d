# SPDX-License-Identifier: GPL-2.0-or-later
"""One real Kamailio with the shipped configuration and our module.

Runs in a temporary folder on ports of its own and is looked at from outside:
by RPC, through its log and through /proc. Knows nothing of clients.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Callable

import rpc
import sanitizer
from ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
KAMAILIO = os.environ.get("KAMAILIO", "kamailio")
MODULE = Path(os.environ.get("MODULE", ROOT / "modules" / "imconf"))
CONFIG = ROOT / "etc" / "kamailio-imconf.cfg"
# seconds: what is awaited may take its time on a busy machine
PATIENCE = 15.0
START_PATIENCE = 20.0
START_ATTEMPTS = 5
PORT_TAKEN = "Address already in use"
STOP_PATIENCE = 20.0
LEAKS_PATIENCE = 60.0
POLL = 0.05
ADDRESS = "127.0.0.1"
SHARED_MIB = 64
WORKERS_MOST = 32           # that a test really starts
# tm keeps finished transactions for wt_timer (ms); short, so that a test can
# wait for its memory to come back
TIMERS = 'modparam("tm", "wt_timer", 300)'
TM_DEFAULT = 'modparam("tm", "wt_timer", 5000)'
BAD_LINE = re.compile(r"^\s*\d+\(\d+\) (ERROR|CRITICAL|BUG|ALERT): ")
PORT_PARAMETERS = {"tls": "msrps_port", "ws": "msrp_ws_port",
                   "wss": "msrp_wss_port"}
# the main process is called so when it has started all others
MAIN = "main process - attendant"
HAS_WAITED = re.compile(r"^voluntary_ctxt_switches:\s+[1-9]", re.MULTILINE)
_paths: list[str] = []


class ServerError(Exception):
    """Kamailio did not start, or does something it must not."""


def poll(predicate: Callable[[], Any], timeout: float, what: str) -> Any:
    """For what sends no event: the predicate's first true value."""
    end = time.monotonic() + timeout
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > end:
            raise ServerError(f"no {what} within {timeout} s")
        time.sleep(POLL)


def module_path() -> str:
    """Where the installed Kamailio has its modules, then ours."""
    if not _paths:
        text = subprocess.run([KAMAILIO, "-I"], capture_output=True,
                              text=True, check=True).stdout
        _paths.extend(line.split(":", 1)[1].strip()
                      for line in text.splitlines()
                      if "paths to modules" in line)
    return ":".join([*_paths, f"{MODULE}/"])


def without_routes() -> str:
    """The shipped configuration up to its routing logic."""
    text = CONFIG.read_text()
    return text[:text.index("####### Routing Logic")]


def in_javascript(script: Path, more: str = "") -> str:
    """The same, and this script for its routing logic."""
    return f'''{without_routes()}
loadmodule "app_jsdt.so"
modparam("usrloc", "preload", "location")
modparam("app_jsdt", "load", "{script}")
modparam("tm", "wt_timer", 300)
{more}
cfgengine "jsdt"
'''


class Kamailio:
    """A process group that start() makes and stop() ends.

    `params` are imconf's parameters (a list: given several times), `config`
    is text after the shipped configuration, `base` replaces that one,
    `defines` go to -A, `places` to --substdef. Without `xdms_port` nobody is
    where the XDMS should be.
    `transports` (tls, ws, wss) of MSRP are served besides TCP.
    """

    def __init__(self, params: dict[str, Any] | None = None, config: str = "",
                 defines: tuple[str, ...] = (), workers: int | None = None,
                 base: str | None = None, xdms_port: int | None = None,
                 address: str = ADDRESS, transports: tuple[str, ...] = (),
                 places: dict[str, Any] | None = None):
        self.params = dict(params or {})
        if workers is not None:
            self.params["conference_workers"] = workers
        self.config, self.defines, self.base = config, defines, base
        self.folder = Path(tempfile.mkdtemp(prefix="imconf-test-"))
        self.socket = self.folder / "kamailio_ctl"
        self.log_file = self.folder / "log"
        self.address = address
        self.given_xdms_port = xdms_port
        self.transports = transports
        self.msrp_ports: dict[str, int] = {}
        self.given_places = places or {}
        self._choose_ports()
        self.process: subprocess.Popen | None = None
        self.processes: dict[int, str] = {}
        self.baseline = 0

    # Life

    def start(self) -> None:
        """On other ports when somebody took one since it was seen free."""
        for attempt in range(START_ATTEMPTS):
            self._launch()
            try:
                poll(self._is_ready, START_PATIENCE, "answer to RPC")
                break
            except ServerError as error:
                self.stop()
                if PORT_TAKEN not in self.log_tail() \
                        or attempt == START_ATTEMPTS - 1:
                    raise ServerError(
                        f"{error}:\n{self.log_tail()}") from None
            self._choose_ports()
        self.processes = self._list_processes()
        self.baseline = self.shared_used()

    def run_to_refusal(self) -> str:
        """For configurations that must not start: what Kamailio says."""
        self._launch()
        assert self.process is not None
        try:
            code = self.process.wait(START_PATIENCE)
        except subprocess.TimeoutExpired:
            code = 0
        self._kill_group()
        if code == 0:
            raise ServerError(f"Kamailio started:\n{self.log_tail()}")
        return self.log_file.read_text(errors="replace")

    def stop(self) -> int | None:
        """Ends what was started; the exit code, None if it had to be killed.
        """
        if self.process is None:
            return None
        code: int | None = None
        if sanitizer.ON:
            self._look_for_leaks()
        self.process.terminate()
        try:
            code = self.process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            pass
        if self._kill_group():
            code = None
        self.process = None
        return code

    def remove(self) -> None:
        found = sanitizer.reports(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        if found:
            raise ServerError("\n".join(found))

    # Looking inside

    def rpc(self, *command: str) -> list[Any]:
        return rpc.parse(rpc.call(str(self.socket), *command))

    def show(self, identity: str) -> dict[str, Any]:
        return self.rpc("imconf.show", identity)[0]

    def conferences(self) -> list[dict[str, Any]]:
        """Of all workers."""
        return [conference for worker in self.rpc("imconf.list")
                for conference in worker["conferences"]]

    def statistics(self) -> dict[str, int]:
        text = rpc.call(str(self.socket), "stats.get_statistics", "imconf:")
        pairs = (line.partition(" = ") for line in text.splitlines())
        return {name.removeprefix("imconf:"): int(value)
                for name, _, value in pairs}

    def shared_used(self) -> int:
        return self.rpc("core.shmmem")[0]["used"]

    def worker_pid(self, index: int = 0) -> int:
        return next(pid for pid, name in self.processes.items()
                    if name == f"imconf worker {index}")

    def log_lines(self) -> list[str]:
        return self.log_file.read_text(errors="replace").splitlines()

    def log_tail(self, count: int = 40) -> str:
        return "\n".join(self.log_lines()[-count:])

    def wait_log(self, pattern: str, timeout: float = PATIENCE) -> str:
        """The first log line that matches."""
        wanted = re.compile(pattern)
        return poll(lambda: next((line for line in self.log_lines()
                                  if wanted.search(line)), None),
                    timeout, f"log line {pattern!r}")

    def bad_lines(self) -> list[str]:
        return [line for line in self.log_lines() if BAD_LINE.match(line)]

    def dead(self) -> list[str]:
        """Processes that were there at the start and are gone."""
        return [f"{pid} {name}" for pid, name in self.processes.items()
                if not self._is_ours(pid)]

    # How

    def _choose_ports(self) -> None:
        workers = self.params.get("conference_workers", os.cpu_count() or 1)
        workers = min(max(workers, 1), WORKERS_MOST)
        served = ("tcp", *self.transports)
        self.port = free_ports(1 + workers * len(served))
        self.msrp_ports = {name: self.port + 1 + workers * n
                           for n, name in enumerate(served)}
        self.msrp_port = self.msrp_ports["tcp"]
        self.xdms_port = self.given_xdms_port or free_ports(1)
        self.domain = f"{self.address}:{self.port}"
        self.proxy = (self.address.strip("[]"), self.port)
        self.factory = f"sip:conference-factory@{self.domain}"

    def _launch(self) -> None:
        self._write_config()
        with open(self.log_file, "wb") as log:
            # whole lines: since 2.37 glibc writes them in pieces, into those of
            # other processes
            self.process = subprocess.Popen(
                ["stdbuf", "-eL", *self._command()], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, cwd=self.folder, start_new_session=True,
                env=sanitizer.environment(self.folder))

    def _kill_group(self) -> bool:
        """Whatever is left of the processes that we started; was there any?
        """
        assert self.process is not None
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        self.process.wait()
        return True

    def _look_for_leaks(self) -> None:
        """Every worker that is alive has looked when this ends."""
        alive = [pid for pid, name in self.processes.items()
                 if name.startswith("imconf worker") and self._is_ours(pid)]
        for pid in alive:
            os.kill(pid, signal.SIGUSR2)

        def all_looked() -> bool:
            looked = [line for line in self.log_lines()
                      if sanitizer.LEAKS_ASKED in line]
            return len(looked) >= sum(map(self._is_ours, alive))
        poll(all_looked, LEAKS_PATIENCE, "worker that looked for leaks")

    def _command(self) -> list[str]:
        command = [KAMAILIO, "-DD", "-E", "-m", str(SHARED_MIB),
                   "-f", str(self.folder / "test.cfg"),
                   "-Y", str(self.folder), "-w", str(self.folder),
                   "-P", str(self.folder / "pid"), "-L", module_path()]
        for name, value in self._places().items():
            command += ["--substdef", f"!{name}!{value}!g"]
        for define in self.defines:
            command += ["-A", define]
        return command

    def _places(self) -> dict[str, Any]:
        """What the configurations leave to whoever starts them."""
        return {"MY_ADDRESS": self.address, "MY_PORT": self.port,
                "MY_MSRP_PORT": self.msrp_port,
                "MY_XDMS_PORT": self.xdms_port, **self.given_places}

    def _write_config(self) -> None:
        base = (f'include_file "{CONFIG}"\n{TIMERS}' if self.base is None
                else self.base)
        lines = ["#!KAMAILIO", base]
        ports = {PORT_PARAMETERS[name]: self.msrp_ports[name]
                 for name in self.transports}
        for name, given in {**ports, **self.params}.items():
            for value in given if isinstance(given, list) else [given]:
                shown = value if isinstance(value, int) else f'"{value}"'
                lines.append(f'modparam("imconf", "{name}", {shown})')
        lines.append(self.config)
        text = "\n".join(lines) + "\n"
        (self.folder / "test.cfg").write_text(text)

    def _is_ready(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise ServerError(f"Kamailio ended ({self.process.returncode})")
        try:
            return self._answers() and self._everybody_runs()
        except (rpc.RpcError, OSError):
            return False

    def _answers(self) -> bool:
        """With all workers, and their names: Kamailio gives a process its
        name after the fork, when it may be at work already."""
        workers = [name for name in self._list_processes().values()
                   if name.startswith("imconf worker")]
        return 0 < len(self.rpc("imconf.list")) == len(workers)

    def _everybody_runs(self) -> bool:
        """Kamailio's processes are deaf to SIGTERM until they have run."""
        processes = self._list_processes()
        return MAIN in processes.values() and all(
            HAS_WAITED.search(Path(f"/proc/{pid}/status").read_text())
            for pid in processes)

    def _list_processes(self) -> dict[int, str]:
        lines = rpc.call(str(self.socket), "core.ps").splitlines()
        return {int(pid): name.strip()
                for pid, name in zip(lines[::2], lines[1::2])}

    def _is_ours(self, pid: int) -> bool:
        """Does the process run, and was it started with our folder?"""
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return str(self.folder).encode() in words


class Frozen:
    """`with Frozen(server):` no conference worker does anything."""

    def __init__(self, server: Kamailio):
        self.pids = [pid for pid, name in server.processes.items()
                     if name.startswith("imconf worker")]

    def __enter__(self) -> None:
        for pid in self.pids:
            os.kill(pid, signal.SIGSTOP)

    def __exit__(self, *_: object) -> None:
        for pid in self.pids:
            os.kill(pid, signal.SIGCONT)
