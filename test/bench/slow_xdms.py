# SPDX-License-Identifier: GPL-2.0-or-later
"""An XDMS that knows every group and takes its time for each answer.

    slow_xdms.py PORT SECONDS MEMBERS

Every document has that many members, lets everybody join and invites nobody.
Says `ready`; at the end of its standard input it says how many answers it
gave and how many it was working on at most at a time. A process of its own,
so that it holds up nobody's measurement."""

from __future__ import annotations

import asyncio
import sys
import urllib.parse

DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<group xmlns="urn:oma:xml:poc:list-service"
       xmlns:cr="urn:ietf:params:xml:ns:common-policy">
<list-service uri="{uri}"><list>{entries}</list>
<invite-members>false</invite-members>
<cr:ruleset><cr:rule id="r"><cr:actions><join-handling>true</join-handling>
<allow-conference-state>true</allow-conference-state></cr:actions></cr:rule>
</cr:ruleset></list-service></group>
"""
HEAD = ("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: {length}\r\n"
        "Content-Type: application/vnd.oma.poc.groups+xml\r\n\r\n")


class SlowXdms:
    """The answers, and how many are under way."""

    def __init__(self, seconds: float, members: int) -> None:
        self.seconds = seconds
        self.entries = "".join(
            f'<entry uri="sip:member{n}@example.com"/>'
            for n in range(members))
        self.working = self.most = self.answers = 0

    def _answer(self, path: str) -> bytes:
        uri = urllib.parse.unquote(path.rpartition("/")[2])
        body = DOCUMENT.format(uri=uri, entries=self.entries).encode()
        return HEAD.format(length=len(body)).encode() + body

    async def serve(self, reader: asyncio.StreamReader,
                    writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.working += 1
                self.most = max(self.most, self.working)
                await asyncio.sleep(self.seconds)
                self.working -= 1
                self.answers += 1
                writer.write(self._answer(head.split()[1].decode()))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


async def main(port: int, seconds: float, members: int) -> None:
    xdms = SlowXdms(seconds, members)
    server = await asyncio.start_server(xdms.serve, "127.0.0.1", port,
                                        backlog=1000)
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print(f"answers={xdms.answers} most={xdms.most}", flush=True)
    server.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
