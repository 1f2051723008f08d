# SPDX-License-Identifier: GPL-2.0-or-later
"""Ports of the servers that `make run` and `make demo` start.

    ports.py check ADDRESS NAME=PORT[+COUNT]...   all free? else says which
    ports.py free ADDRESS COUNT                   prints a base of COUNT free
    ports.py wait ADDRESS PORT PID                until PID listens on TCP PORT
"""

import os
import socket
import sys
import time

START_SECONDS = 15
VARIABLES = {"sip": "PORT", "msrp": "MSRP_PORT", "xdms": "XDMS_PORT"}


def is_free(address: str, port: int, kind: int) -> bool:
    """Whether a server could listen there."""
    with socket.socket(socket.AF_INET, kind) as sock:
        if kind == socket.SOCK_STREAM:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((address, port))
            if kind == socket.SOCK_STREAM:
                sock.listen(1)
        except OSError:
            return False
    return True


def is_address_ours(address: str) -> bool:
    """Whether the address is one of this machine's."""
    return is_free(address, 0, socket.SOCK_DGRAM)


def busy_ports(address: str, claim: str) -> list[str]:
    """What of NAME=PORT[+COUNT] is taken or no port, as sentences."""
    name, _, ports = claim.partition("=")
    first, _, count = ports.partition("+")
    if not first.isdigit() or not 0 < int(first) <= 65535 - int(count or 0):
        return [f"{VARIABLES[name]}={first} is no port"]
    kinds = {socket.SOCK_STREAM: "TCP"}
    if name == "sip":
        kinds[socket.SOCK_DGRAM] = "UDP"
    return [
        f"{word} port {port} on {address} is taken; choose another with "
        f"{VARIABLES[name]}="
        for port in range(int(first), int(first) + int(count or 1))
        for kind, word in kinds.items()
        if not is_free(address, port, kind)
    ]


def check(address: str, claims: list[str]) -> int:
    """Says what is taken; 0 when nothing is."""
    if not is_address_ours(address):
        print(f"imconf: {address} is no address of this machine; choose "
              "another with ADDRESS=", file=sys.stderr)
        return 1
    busy = [line for claim in claims for line in busy_ports(address, claim)]
    for line in busy:
        print(f"imconf: {line}", file=sys.stderr)
    return 1 if busy else 0


def free(address: str, count: int) -> int:
    """Prints the first of `count` ports in a row that are all free."""
    for base in range(20000 + os.getpid() % 5000, 60000, count):
        ports = range(base, base + count)
        if all(is_free(address, port, kind) for port in ports
               for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)):
            print(base)
            return 0
    print("imconf: no free ports", file=sys.stderr)
    return 1


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended but was not waited for not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait(address: str, port: int, pid: int) -> int:
    """Waits until somebody listens, or the process is gone."""
    deadline = time.monotonic() + START_SECONDS
    while is_alive(pid) and time.monotonic() < deadline:
        try:
            socket.create_connection((address, port), 1).close()
            return 0
        except OSError:
            time.sleep(0.05)
    return 1


def main(arguments: list[str]) -> int:
    """Runs the sub-command."""
    command, address, *rest = arguments
    if command == "check":
        return check(address, rest)
    if command == "free":
        return free(address, int(rest[0]))
    return wait(address, int(rest[0]), int(rest[1]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
