# SPDX-License-Identifier: GPL-2.0-or-later
"""The load tools in C, as Python sees them: started, told to go, and their
one line of `name=value` read."""

import select
import subprocess
from pathlib import Path

from server import BenchError, ROOT

TOOLS = ROOT / "build" / "bench"


def figures(line: str) -> dict[str, float]:
    """`a=1 b=2.5` as a dictionary."""
    pairs = (word.split("=", 1) for word in line.split() if "=" in word)
    return {name: float(value) for name, value in pairs}


class Tool:
    """One run of a tool. Ended by the `with` statement if it still runs."""

    def __init__(self, name: str, *arguments: object) -> None:
        self.name = name
        command = [str(TOOLS / name), *map(str, arguments)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, bufsize=1)

    def __enter__(self) -> "Tool":
        return self

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate()

    def _fail(self, why: str) -> BenchError:
        if self.process.poll() is None:
            self.process.kill()
        said = self.process.stderr.read().strip()
        return BenchError(f"{self.name}: {said or why}")

    def line(self, timeout: float) -> str:
        """The next line it prints."""
        ready, _, _ = select.select([self.process.stdout], [], [], timeout)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            raise self._fail(f"said nothing for {timeout:.0f} s")
        return line.strip()

    def expect(self, word: str, timeout: float) -> None:
        said = self.line(timeout)
        if said != word:
            raise self._fail(f"said {said!r} instead of {word!r}")

    def go(self) -> None:
        """It waits for a line."""
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def end_input(self) -> None:
        """It waits for the end of its input."""
        self.process.stdin.close()
        self.process.stdin = None

    def result(self, timeout: float) -> dict[str, float]:
        """Its figures, once it has ended well."""
        line = self.line(timeout)
        if self.process.wait(timeout=10) != 0:
            raise self._fail("failed")
        return figures(line)


def relay_legs(port: int, receivers: int, path: Path) -> None:
    """Legs for the bare relay, of the length that real ones have."""
    to_path = "msrp://127.0.0.1:%d/%032d;tcp"
    from_path = "msrp://127.0.0.1:9/u0x1x%dp10000%016d;tcp"
    with open(path, "w", encoding="ascii") as file:
        for i in range(receivers + 1):
            file.write(f"127.0.0.1 {port} {to_path % (port, i)} "
                       f"{from_path % (i, i)} "
                       "sip:u0x1x0p10000@127.0.0.1:50000\n")
