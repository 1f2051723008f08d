# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS over a Stream, with the same interface; certificates and fingerprints.

Runs in its client's loop. Knows bytes, not what they mean.
"""

from __future__ import annotations

import hashlib
import ssl
from dataclasses import dataclass, field
from pathlib import Path

from .stream import Layer, Stream

RECORD = 65536


@dataclass
class TlsIdentity:
    """A certificate with its key, and whom its owner believes.

    `ca` is a file of authorities; without one, what is shown must have the
    fingerprint of the session description.
    """

    certificate: str = ""        # PEM files; "" shows none
    key: str = ""
    ca: str = ""
    hash: str = "SHA-256"        # of our own fingerprint; "" says none
    versions: tuple[str, str] = ("TLSv1_2", "TLSv1_3")
    fingerprint: str = field(default="")     # said instead of the true one

    def fingerprint_line(self) -> str:
        """Value of a=fingerprint; "" without certificate."""
        if self.fingerprint or not self.certificate or not self.hash:
            return self.fingerprint
        der = ssl.PEM_cert_to_DER_cert(_first_certificate(self.certificate))
        return f"{self.hash} {fingerprint_of(der, self.hash)}"

    def context(self, server: bool) -> ssl.SSLContext:
        side = ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT
        context = ssl.SSLContext(side)
        context.minimum_version = ssl.TLSVersion[self.versions[0]]
        context.maximum_version = ssl.TLSVersion[self.versions[1]]
        if self.certificate:
            context.load_cert_chain(self.certificate, self.key)
        if not server:
            context.check_hostname = bool(self.ca)
            context.verify_mode = (ssl.CERT_REQUIRED if self.ca
                                   else ssl.CERT_NONE)
        if self.ca:
            context.load_verify_locations(self.ca)
        return context


def _first_certificate(path: str) -> str:
    text = Path(path).read_text(encoding="ascii")
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    return text[text.index(begin):text.index(end) + len(end)]


def fingerprint_of(der: bytes, name: str) -> str:
    digest = hashlib.new(name.lower().replace("-", ""), der).hexdigest()
    return ":".join(digest[at:at + 2]
                    for at in range(0, len(digest), 2)).upper()


class TlsStream(Layer):
    """A Stream whose bytes are encrypted on their way."""

    def __init__(self, stream: Stream, identity: TlsIdentity, server: bool,
                 host: str = ""):
        self.peer_certificate = b""
        self._waiting = b""
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = identity.context(server).wrap_bio(
            self._in, self._out, server_side=server,
            server_hostname=host or None)
        super().__init__(stream)
        if stream.connected:
            self._go_on()
        else:
            stream.on_connect = self._go_on

    def send(self, data: bytes) -> None:
        if not self.connected:
            self._waiting += data
            return
        self._tls.write(data)
        self._flush()

    def _flush(self) -> None:
        data = self._out.read()
        if data and not self._stream.closed:
            self._stream.send(data)

    def _receive(self, data: bytes) -> None:
        self._in.write(data)
        if self.connected or self._go_on():
            self._read()

    def _go_on(self) -> bool:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        except ssl.SSLError as error:
            self._flush()
            self._stream.close(f"TLS: {error.reason}")
            return False
        self._flush()
        self.connected = True
        self.peer_certificate = self._tls.getpeercert(True) or b""
        self.on_connect()
        waiting, self._waiting = self._waiting, b""
        if waiting and not self.closed:
            self.send(waiting)
        return not self.closed

    def _read(self) -> None:
        try:
            while not self.closed:
                data = self._tls.read(RECORD)
                if not data:
                    self._stream.close("closed by peer")
                    return
                self.on_data(data)
        except ssl.SSLWantReadError:
            self._flush()
        except ssl.SSLError as error:
            self._stream.close(f"TLS: {error.reason}")
