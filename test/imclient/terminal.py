# SPDX-License-Identifier: GPL-2.0-or-later
"""What the chat and the demonstration share: words for people."""

from __future__ import annotations

import argparse
import shutil
import socket
import textwrap

from .client import IMClient
from .options import Answer, Options
from .sip_message import parse_uri

STATES = {"connected": "is here", "alerting": "is ringing",
          "pending": "is being called", "dialing-out": "is being called",
          "disconnected": "has left", "": "is listed"}


def add_server_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--proxy", default="127.0.0.1:5060",
                        metavar="HOST:PORT", help="address of the server")
    parser.add_argument("--domain", default="",
                        help="domain of the users (default: the proxy)")
    parser.add_argument("--transport", choices=("udp", "tcp"), default="udp")


def make_client(user: str, arguments: argparse.Namespace,
                answer: Answer | None = None,
                options: Options | None = None) -> IMClient:
    """A client for the server that the arguments name."""
    host, _, port = arguments.proxy.rpartition(":")
    proxy = (host, int(port)) if host else (arguments.proxy, 5060)
    return IMClient(
        user, arguments.domain or f"{proxy[0]}:{proxy[1]}", proxy,
        arguments.transport, local_ip_towards(proxy),
        password=getattr(arguments, "password", None) or None,
        options=options, answer=answer)


def local_ip_towards(address: tuple[str, int]) -> str:
    """The address this machine has on the way there; sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(address)
        return probe.getsockname()[0]


def short_name(uri: str, domain: str) -> str:
    """"bob" for a user of our domain, the URI for others."""
    parts = parse_uri(uri)
    if parts is None or not parts.user:
        return clean(uri)
    own = uri.split("@", 1)[-1].split(";")[0] == domain
    return clean(parts.user if own else uri)


def clean(text: str) -> str:
    """No control characters: a message must not drive the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else
                   " " if c == "\t" else "\ufffd"
                   for c in text.replace("\r\n", "\n"))


def width() -> int:
    return max(20, min(80, shutil.get_terminal_size((80, 24)).columns))


def wrap(head: str, text: str) -> str:
    """Head and text, wrapped, later lines indented below the text."""
    indent = " " * min(len(head), width() // 2)
    lines: list[str] = []
    for paragraph in clean(text).split("\n"):
        lines += textwrap.wrap(
            paragraph, width() - 1, initial_indent=indent,
            subsequent_indent=indent) or [""]
    first = lines[0][len(indent):]
    if len(head) > len(indent):
        return "\n".join([head, *lines])
    return "\n".join([head + first, *lines[1:]])


def roster_line(users: dict[str, str], domain: str) -> str:
    """"alice is here, bob is ringing"."""
    return ", ".join(
        f"{short_name(uri, domain)} {STATES.get(state, state)}"
        for uri, state in sorted(users.items())) or "nobody"
