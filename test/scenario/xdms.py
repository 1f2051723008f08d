# SPDX-License-Identifier: GPL-2.0-or-later
"""An XDMS for a scenario: nginx with the shipped configuration.

Documents are PUT and deleted over HTTP, as an operator would; what the server
asked for is read from nginx's own log. Faults are xdms_double's business.
"""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import tempfile
import urllib.parse
from pathlib import Path

from group_documents import MEDIA_TYPE
from kamailio import ADDRESS, ROOT, ServerError, poll
from ports import free_ports

TEMPLATE = ROOT / "etc" / "nginx-xdms.conf.in"
GROUPS = "/org.openmobilealliance.groups/global/byGroupID/"
START_PATIENCE = 10.0
STOP_PATIENCE = 10.0


def program() -> str:
    """nginx lives where not every user's path leads."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    found = shutil.which("nginx", path=path)
    if found is None:
        raise ServerError("nginx is not installed")
    return found


class Xdms:
    """`xdms` in the tests."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="imconf-xdms-"))
        self.port = free_ports(1)
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Again after stop(): same port, same documents."""
        for name in ("tmp", "xdms"):
            (self.folder / name).mkdir(exist_ok=True)
        self._write_config()
        with open(self.folder / "output", "ab") as output:
            self.process = subprocess.Popen(
                [program(), "-p", str(self.folder),
                 "-e", str(self.folder / "nginx-error.log"),
                 "-c", str(self.folder / "nginx.conf")],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        poll(self._answers, START_PATIENCE, "answer from nginx")

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    # Documents

    def put(self, group: str, document: str) -> None:
        """A group's document, new or in place of an older one."""
        self.put_at(GROUPS + group, document)

    def put_at(self, path: str, document: str) -> None:
        assert self._ask("PUT", path, document.encode()) in (201, 204)

    def delete(self, group: str) -> None:
        assert self._ask("DELETE", GROUPS + group) == 204

    # Looking

    def asked(self, group: str) -> list[int]:
        """The answers to all that was asked about that group so far."""
        # nginx logs after the answer has gone, but before it serves the next
        self._ask("HEAD", GROUPS)
        lines = (self.folder / "nginx-access.log").read_text().splitlines()
        wanted = urllib.parse.unquote(GROUPS + group)
        found = []
        for line in lines:
            _, request, rest = line.split('"')[:3]
            method, path = request.split()[:2]
            if method == "GET" and urllib.parse.unquote(path) == wanted:
                found.append(int(rest.split()[0]))
        return found

    # How

    def _ask(self, method: str, path: str, body: bytes | None = None) -> int:
        connection = http.client.HTTPConnection(ADDRESS, self.port, 5)
        try:
            connection.request(method, urllib.parse.quote(path, safe="/:@"),
                               body, {"Content-Type": MEDIA_TYPE})
            return connection.getresponse().status
        finally:
            connection.close()

    def _answers(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise ServerError("nginx ended: "
                              + (self.folder / "output").read_text())
        try:
            return self._ask("GET", "/") > 0
        except OSError:
            return False

    def _write_config(self) -> None:
        text = TEMPLATE.read_text()
        user = "user root;" if os.getuid() == 0 else ""
        for name, value in (("RUN", self.folder), ("ADDRESS", ADDRESS),
                            ("PORT", self.port), ("USER", user)):
            text = text.replace(f"@{name}@", str(value))
        (self.folder / "nginx.conf").write_text(text)
