# SPDX-License-Identifier: GPL-2.0-or-later
"""Free ports on loopback for servers that run at the same time.

Each pytest worker searches a range of its own, all below the range from which
the kernel takes ports for connections.
"""

from __future__ import annotations

import os
import random
import socket

FIRST, LAST = 12000, 32000
WORKERS = 16


def _is_free(port: int, address: str) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True


def _own_range() -> tuple[int, int]:
    name = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    number = int(name.removeprefix("gw")) % WORKERS
    width = (LAST - FIRST) // WORKERS
    return FIRST + number * width, width


def free_ports(count: int, address: str = "127.0.0.1") -> int:
    """The first of `count` free ports in a row."""
    first, width = _own_range()
    for _ in range(1000):
        port = first + random.randrange(width - count)
        if all(_is_free(p, address) for p in range(port, port + count)):
            return port
    raise OSError(f"no {count} free ports in a row from {first} on")
