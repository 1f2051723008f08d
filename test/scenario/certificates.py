# SPDX-License-Identifier: GPL-2.0-or-later
"""Certificates for tests, made by openssl in a temporary folder."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from imclient import TlsIdentity

NAMES = "subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost"


class Certificates:
    """`server` is by `authority`; who is named otherwise signs itself."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="imconf-tls-"))
        self._copies = 0
        self.authority = self.path("authority")
        self.make("authority", ca=True)
        self.make("server", issuer="authority")

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name: str, kind: str = "pem") -> str:
        return str(self.folder / f"{name}.{kind}")

    def params(self, name: str = "server") -> dict[str, str]:
        """Of a server that has this certificate, in files of its own."""
        self._copies += 1
        files = {}
        for parameter, kind in (("tls_certificate", "pem"),
                                ("tls_key", "key")):
            files[parameter] = self.path(f"{name}-{self._copies}", kind)
            shutil.copy(self.path(name, kind), files[parameter])
        return {**files, "tls_ca": self.authority}

    def identity(self, name: str, **options: str) -> TlsIdentity:
        """Of a client; made when it is first asked for."""
        if not Path(self.path(name)).exists():
            self.make(name)
        return TlsIdentity(self.path(name), self.path(name, "key"), **options)

    def make(self, name: str, issuer: str = "", ca: bool = False,
             days: int = 30) -> None:
        command = ["openssl", "req", "-x509", "-nodes", "-newkey", "ec",
                   "-pkeyopt", "ec_paramgen_curve:prime256v1",
                   "-keyout", self.path(name, "key"), "-out",
                   self.path(name), "-days", str(days), "-subj",
                   f"/CN={name}", "-addext", NAMES]
        if issuer:
            command += ["-CA", self.path(issuer),
                        "-CAkey", self.path(issuer, "key")]
        if not ca:
            command += ["-addext", "basicConstraints=critical,CA:FALSE"]
        subprocess.run(command, check=True, capture_output=True)
