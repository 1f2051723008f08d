# SPDX-License-Identifier: GPL-2.0-or-later
"""Hostile input: what mutates real messages, and who sends them.

Everything random comes from one seed per test, which a failure prints.
HOSTILE_SEED=<number> is another one; HOSTILE=<factor> sends that many times as
much (make test-sanitized does).
"""

from __future__ import annotations

import os
import pathlib
import random
import re
import selectors
import socket
import threading
from collections.abc import Callable, Iterable

from imclient.sip_message import SipSyntaxError, make_response, parse

CORPUS = pathlib.Path(__file__).parent.parent / "fuzz" / "corpus"
FACTOR = int(os.environ.get("HOSTILE", "1"))
TOKENS = [b"\r\n", b"\r\n\r\n", b"\0", b"%00", b"<", b"\"", b";", b",", b"-1",
          b"4294967296", b"18446744073709551615", b"\xff\xfe"]
VALUES = [b"", b"0", b"-1", b"2147483648", b"99999999999999999999", b"%",
          b"%0d%0a", b"<>", b"\"", b"*", b"sip:", b"tel:+", b"sip:@", b"a" * 900,
          b"<sip:x@[::1]:99999;a=b?c=d>;e=\"f\\", b";;;=", b",,,"]
DATAGRAM = 65000
TURN = 0.1


def corpus(*names: str) -> list[bytes]:
    """What the fuzzers of these parsers begin with."""
    return [path.read_bytes() for name in names
            for path in sorted((CORPUS / name).iterdir())]


class Mutator(random.Random):
    """Chance, and what it does to messages."""

    def __init__(self, seed: int):
        seed = int(os.environ.get("HOSTILE_SEED", seed))
        super().__init__(seed)
        print(f"HOSTILE_SEED={seed} HOSTILE={FACTOR}")  # shown by a failure
        self.bodies: list[bytes] = []
        self.fields: list[bytes] = []

    def learn(self, messages: Iterable[bytes]) -> None:
        """Their headers and bodies may turn up in others."""
        for data in messages:
            head, _, body = data.partition(b"\r\n\r\n")
            self.fields += head.split(b"\r\n")[1:]
            self.bodies.append(body)

    def bytes(self, data: bytes) -> bytes:
        """A few changes anywhere, of the kinds that parsers stumble over."""
        text = bytearray(data)
        for _ in range(self.randint(0, 6)):
            self._change_bytes(text)
        return bytes(text)

    def message(self, data: bytes) -> bytes:
        """A few headers or the body changed, the rest as it was: what gets
        behind the first parser. Mostly with a true Content-Length."""
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        for _ in range(self.randint(1, 4)):
            self._change_line(lines)
        if body and self.random() < 0.6:
            body = self.bytes(self.choice([body, *self.bodies]))
        head = b"\r\n".join(lines)
        if self.random() < 0.9:
            head = re.sub(rb"(?i)(?<=\nContent-Length: )[^\r]*",
                          b"%d" % len(body), head)
        return head + b"\r\n\r\n" + body

    def either(self, data: bytes) -> bytes:
        return self.message(data) if self.random() < 0.6 else self.bytes(data)

    def _change_line(self, lines: list[bytes]) -> None:
        at = self.randrange(len(lines))
        change = self.randrange(6)
        name, _, value = lines[at].partition(b": ")
        if change == 0 and at > 0:
            del lines[at]
        elif change == 1:
            lines.insert(at + 1, lines[at])
        elif change == 2:
            lines.insert(at + 1, self.choice(self.fields or lines))
        elif change == 3:
            lines[at] = name + b": " + self.choice(VALUES)
        elif change == 4:
            lines[at] = name + b": " + self.bytes(value)
        else:
            parts = re.split(rb"([;,=<>@ ]+)", lines[at])
            parts[self.randrange(len(parts))] = self.choice(VALUES)
            lines[at] = b"".join(parts)

    def _change_bytes(self, text: bytearray) -> None:
        at = self.randrange(len(text) + 1)
        end = min(len(text), at + self.randint(1, 40))
        change = self.randrange(7)
        if change == 0:
            text[at:at + 1] = [self.randrange(256)]
        elif change == 1:
            del text[at:end]
        elif change == 2:
            text[at:at] = text[at:end] * self.randint(1, 50)
        elif change == 3:
            text[at:at] = self.choice(TOKENS)
        elif change == 4:
            text[at:end] = b"A" * self.choice([1, 100, 5000])
        elif change == 5:
            lines = text.split(b"\r\n")
            self.shuffle(lines)
            text[:] = b"\r\n".join(lines)
        else:
            del text[at:]


class Strangers:
    """They sit on the SIP ports of clients that left without a word.

    Each request that comes in is answered, each final answer to an INVITE
    acknowledged, so that no transaction waits. `answer` may change what is
    said: (request, response as bytes) -> bytes. The ports are UDP.
    """

    def __init__(self, ports: Iterable[int], ip: str,
                 answer: Callable[[object, bytes], bytes]):
        self.finals = 0
        self._answer = answer
        self._selector = selectors.DefaultSelector()
        self._sockets = [self._open(ip, port) for port in ports]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def send(self, data: bytes, address: tuple[str, int]) -> None:
        port = re.search(rb"\r\nVia: [^\r]*?:(\d+)", data)
        number = int(port.group(1)) if port else 0
        ours = next((s for s in self._sockets
                     if s.getsockname()[1] == number), self._sockets[0])
        ours.sendto(data[:DATAGRAM], address)

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        for ours in self._sockets:
            ours.close()
        self._selector.close()

    def _open(self, ip: str, port: int) -> socket.socket:
        ours = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        ours.bind((ip, port))
        self._selector.register(ours, selectors.EVENT_READ)
        return ours

    def _run(self) -> None:
        while not self._ended.is_set():
            for key, _ in self._selector.select(TURN):
                self._take(key.fileobj)

    def _take(self, ours: socket.socket) -> None:
        data, source = ours.recvfrom(65536)
        try:
            message = parse(data)
        except (SipSyntaxError, ValueError):
            return
        if not message.is_request:
            self._acknowledge(ours, message, source)
        elif message.method != "ACK":
            answer = make_response(message, 200, to_tag="stranger")
            answer.add("Contact", "<sip:stranger@%s:%d>" % ours.getsockname())
            answer.add("Content-Length", "0")
            ours.sendto(self._answer(message, answer.encode())[:DATAGRAM],
                        source)

    def _acknowledge(self, ours, message, source) -> None:
        number, method = message.cseq
        if method != "INVITE" or message.status < 200:
            return
        self.finals += 1
        lines = [f"ACK sip:x@{source[0]}:{source[1]} SIP/2.0"]
        target = re.search("<([^>]*)>", message.get("Contact"))
        if message.status < 300 and target:
            lines[0] = f"ACK {target.group(1)} SIP/2.0"
        lines += [f"{name}: {message.get(name)}"
                  for name in ("Via", "From", "To", "Call-ID")]
        lines += [f"CSeq: {number} ACK", "Max-Forwards: 70",
                  "Content-Length: 0", "", ""]
        ours.sendto("\r\n".join(lines).encode("utf-8", "surrogateescape"),
                    source)


class GarbledXdms:
    """An HTTP server whose every answer is `page(request)`, in bytes; it then
    hangs up."""

    def __init__(self, ip: str, port: int, page: Callable[[bytes], bytes]):
        self.answers = 0
        self._page = page
        self._listener = socket.create_server((ip, port), backlog=128)
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        try:
            asked = b""
            while not asked.endswith(b"\r\n\r\n"):
                more = connection.recv(65536)
                if not more:
                    return
                asked += more
            connection.sendall(self._page(asked))
            self.answers += 1
        except OSError:
            pass                # it may hang up on us at any time
