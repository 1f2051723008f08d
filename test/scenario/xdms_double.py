# SPDX-License-Identifier: GPL-2.0-or-later
"""A scripted XDMS for faults: slow, wrong, cut off, huge, or asking who it is.

Every page says how it misbehaves (see Page); the server remembers what it was
asked. What it does right it does as an XDMS: ETag, If-None-Match, the content
type of groups.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import socket
import ssl
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Callable, Mapping

from group_documents import MEDIA_TYPE
from kamailio import ADDRESS
from ports import free_ports

GROUPS = "/org.openmobilealliance.groups/global/byGroupID/"
REALM = "xdms"
PIECE = b"<!-- " + b"x" * 65526 + b" -->"


@dataclass
class Page:
    """What a path answers.

    `body` may be a function of how often it was asked before. `etag` None: of
    the body; "": none. `delay`: seconds before the answer. `cut`: bytes of the
    body after which the connection ends, though more were promised. `huge`:
    bytes of comments sent behind the body. `hold`: answers when let_go() says.
    """

    body: bytes | Callable[[int], bytes] = b""
    status: int = 200
    media_type: str = MEDIA_TYPE
    etag: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: int | None = None
    huge: int = 0
    hold: bool = False
    asked: int = 0

    def content(self) -> bytes:
        return self.body(self.asked - 1) if callable(self.body) else self.body


@dataclass
class Asked:
    """One request, and what became of it."""

    path: str
    headers: Mapping[str, str]
    at: float
    status: int = 0  # 0: no answer yet


class XdmsDouble:
    """`double` in the tests."""

    def __init__(self) -> None:
        self.port = free_ports(1)
        self.requests: list[Asked] = []
        self.open = self.open_max = 0  # requests without an answer
        self.login: Digest | None = None
        self.default: Page | None = None  # for paths without a page
        self.certificate = ""  # of https: a file with its key; "": http
        self._pages: dict[str, Page] = {}
        self._lock = threading.Lock()
        self._gate = threading.Event()
        self._server: _Server | None = None

    # Life

    def start(self) -> None:
        """Again after stop(): same port, same pages."""
        self._gate.clear()
        self._server = _Server((ADDRESS, self.port), self)
        if self.certificate:
            self._server.speak_tls(self.certificate)
        threading.Thread(target=self._server.serve_forever,
                         kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Nobody listens any more, and all connections break."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.close_all()
        self._gate.set()
        self._server.server_close()
        self._server = None

    def let_go(self) -> None:
        """Held requests are answered, also those that come later."""
        self._gate.set()

    def wait(self, seconds: float) -> None:
        """For handlers: sleeps, but not beyond stop() or let_go()."""
        self._gate.wait(seconds)

    # Pages

    def put(self, group: str, document: str, **how) -> Page:
        return self.put_at(GROUPS + group, document, **how)

    def put_at(self, path: str, document: str | bytes = b"", **how) -> Page:
        body = document.encode() if isinstance(document, str) else document
        page = Page(body, **how)
        with self._lock:
            self._pages[path] = page
        return page

    def page(self, path: str) -> Page | None:
        with self._lock:
            return self._pages.get(urllib.parse.unquote(path), self.default)

    # What it saw

    def asked(self, group: str) -> list[int]:
        """The statuses of all answers about a group, oldest first."""
        return self.asked_at(GROUPS + group)

    def asked_at(self, path: str) -> list[int]:
        return [r.status for r in list(self.requests)
                if urllib.parse.unquote(r.path) == path]

    def begin(self, path: str, headers: Mapping[str, str]) -> Asked:
        request = Asked(path, headers, time.monotonic())
        with self._lock:
            self.requests.append(request)
            self.open += 1
            self.open_max = max(self.open_max, self.open)
        return request

    def end(self) -> None:
        with self._lock:
            self.open -= 1


class Digest:
    """OpenXCAP's way: a nonce serves one request, and whoever comes with a
    used one gets a 401 without a challenge."""

    def __init__(self, user: str, password: str):
        self.user, self.password = user, password
        self._fresh: set[str] = set()
        self._number = itertools.count(1)
        self._lock = threading.Lock()

    def challenge(self, authorization: str | None) -> dict[str, str] | None:
        """None: come in; else the headers of a 401."""
        if authorization is None:
            nonce = hashlib.md5(b"%d" % next(self._number)).hexdigest()
            with self._lock:
                self._fresh.add(nonce)
            return {"WWW-Authenticate":
                    f'digest realm="{REALM}", nonce="{nonce}", opaque="o", '
                    'qop="auth", algorithm="md5"'}
        return None if self._is_right(authorization) else {}

    def _is_right(self, authorization: str) -> bool:
        values = {name: quoted or bare for name, quoted, bare in re.findall(
            r'(\w+)=(?:"([^"]*)"|([^\s,]+))', authorization)}
        with self._lock:
            if values.get("nonce") not in self._fresh:
                return False
            self._fresh.discard(values["nonce"])
        return values.get("response") == self._response(values)

    def _response(self, values: Mapping[str, str]) -> str:
        secret = _md5(self.user, REALM, self.password)
        request = _md5("GET", values.get("uri", ""))
        return _md5(secret, *(values.get(name, "") for name in
                              ("nonce", "nc", "cnonce", "qop")), request)


def _md5(*parts: str) -> str:
    return hashlib.md5(":".join(parts).encode()).hexdigest()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, address: tuple[str, int], double: XdmsDouble):
        self.double = double
        self.connections: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def speak_tls(self, certificate: str) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True,
                                          do_handshake_on_connect=False)

    def process_request(self, request, client_address) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def close_all(self) -> None:
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def handle_error(self, request, client_address) -> None:
        """A client that has enough and closes is no error."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        double = self.server.double
        self._asked = double.begin(self.path, dict(self.headers.items()))
        try:
            self._answer(double)
        finally:
            double.end()

    def _answer(self, double: XdmsDouble) -> None:
        if double.login is not None:
            challenge = double.login.challenge(self.headers["Authorization"])
            if challenge is not None:
                self._say(401, challenge)
                return
        page = double.page(self.path)
        if page is None:
            self._say(404)
            return
        page.asked += 1
        if page.delay or page.hold:
            double.wait(page.delay or 3600)
        self._show(page)

    def _show(self, page: Page) -> None:
        body = page.content()
        etag = (f'"{hashlib.md5(body).hexdigest()}"' if page.etag is None
                else page.etag)
        headers = {"ETag": etag} if etag else {}
        if page.status == 200 and etag == self.headers["If-None-Match"]:
            self._say(304, headers)
            return
        headers |= {"Content-Type": page.media_type, **page.headers}
        if page.cut is not None:
            self.close_connection = True
            self._say(page.status, headers, body, send=page.cut)
            return
        self._say(page.status, headers, body, endless=page.huge > 0)
        for _ in range(0, page.huge, len(PIECE)):
            self.wfile.write(PIECE)

    def _say(self, status: int, headers: Mapping[str, str] | None = None,
             body: bytes = b"", send: int | None = None,
             endless: bool = False) -> None:
        # noted first: whoever asked may look as soon as it has the answer
        self._asked.status = status
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if endless:
            # it ends where the connection does
            self.send_header("Connection", "close")
        elif status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:send])

    def log_message(self, format: str, *args) -> None:
        """What was asked is in `requests`."""
