# SPDX-License-Identifier: GPL-2.0-or-later
"""RPC by kamcmd: asks a Kamailio and takes its answers apart."""

from __future__ import annotations

import subprocess
from typing import Any


class RpcError(Exception):
    """The server answered with a fault, or not at all."""


def call(socket_path: str, *command: str, timeout: float = 10.0) -> str:
    """What kamcmd prints."""
    try:
        done = subprocess.run(
            ["kamcmd", "-s", f"unix:{socket_path}", *command],
            capture_output=True, text=True, check=False, timeout=timeout)
    except subprocess.TimeoutExpired as error:
        raise RpcError(f"{' '.join(command)}: no answer") from error
    text = done.stdout.strip()
    if done.returncode != 0 or text.startswith("error:"):
        raise RpcError(f"{' '.join(command)}: {text}{done.stderr.strip()}")
    return text


def parse(text: str) -> list[Any]:
    """The values of an answer.

    kamcmd prints a structure's members as `name: value` between braces, and
    an array as a structure of nameless structures; an empty array looks like
    an empty structure and comes back as an empty list.
    """
    lines = iter(text.splitlines())
    return _items(lines)


def _items(lines) -> list[Any]:
    items: list[Any] = []
    for line in map(str.strip, lines):
        if line == "}":
            break
        if line == "{":
            items.append(_block(lines))
        elif line:
            items.append(_scalar(line))
    return items


def _block(lines) -> Any:
    """Members up to the closing brace; nameless ones make it a list."""
    members: dict[str, Any] = {}
    array: list[Any] = []
    for line in map(str.strip, lines):
        if line == "}":
            break
        if line == "{":
            array.append(_block(lines))
            continue
        name, _, value = line.partition(":")
        value = value.strip()
        members[name] = _block(lines) if value == "{" else _scalar(value)
    return members or array


def _scalar(text: str) -> Any:
    return int(text) if text.lstrip("-").isdigit() else text
