# SPDX-License-Identifier: GPL-2.0-or-later
"""One thread per client: sockets, timers and the condition people wait on.

Everything of a client happens under `loop.changed` (a condition over a
reentrant lock): the loop holds it while it handles events, callers hold it
while they act. Knows nothing of SIP or MSRP.
"""

from __future__ import annotations

import heapq
import itertools
import selectors
import socket
import threading
import time
import traceback
from typing import Any, Callable


# seconds that a wait for an event lasts unless told otherwise: many, for a
# machine that has other things to do
PATIENCE = 15.0


class WaitTimeout(TimeoutError):
    """What was waited for did not happen; says what was seen instead."""


class Timer:
    """A call in the future; cancel() makes it never happen."""

    def __init__(self, action: Callable[[], None]):
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        self.action = None


class Loop:
    """Selector thread with timers and an event-based wait."""

    def __init__(self, name: str):
        self.changed = threading.Condition(threading.RLock())
        self.errors: list[str] = []
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._closing = False
        self.watch(self._wake_in, selectors.EVENT_READ, self._drain)
        self._thread = threading.Thread(target=self._run, daemon=True,
                                        name=f"imclient {name}")
        self._thread.start()

    def watch(self, sock: socket.socket, events: int,
              handler: Callable[[int], None]) -> None:
        """Call handler(mask) when the socket is ready; replaces an older."""
        try:
            self._selector.modify(sock, events, handler)
        except KeyError:
            self._selector.register(sock, events, handler)

    def unwatch(self, sock: socket.socket) -> None:
        try:
            self._selector.unregister(sock)
        except (KeyError, ValueError):
            pass

    def call_later(self, seconds: float,
                   action: Callable[[], None]) -> Timer:
        timer = Timer(action)
        with self.changed:
            entry = (time.monotonic() + seconds, next(self._order), timer)
            heapq.heappush(self._timers, entry)
            first = self._timers[0] is entry
        if first:
            self._wake()
        return timer

    def wait_for(self, predicate: Callable[[], Any], timeout: float,
                 describe: Callable[[], str]) -> Any:
        """The predicate's first true value; WaitTimeout after timeout."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("waiting inside the client's own thread")
        with self.changed:
            value = self.changed.wait_for(predicate, timeout)
            if value:
                return value
            errors = "".join(self.errors)
        raise WaitTimeout(f"{describe()}{errors}")

    def close(self) -> None:
        """Stop the thread and give everything back. Idempotent."""
        with self.changed:
            if self._closing:
                return
            self._closing = True
            self._timers.clear()
        self._wake()
        if threading.current_thread() is not self._thread:
            self._thread.join()
        self._selector.close()
        self._wake_in.close()
        self._wake_out.close()

    def _wake(self) -> None:
        try:
            self._wake_out.send(b"x")
        except OSError:
            pass

    def _drain(self, _mask: int) -> None:
        try:
            self._wake_in.recv(4096)
        except BlockingIOError:
            pass

    def _run(self) -> None:
        while not self._closing:
            ready = self._selector.select(self._pause())
            with self.changed:
                if self._closing:
                    return
                for key, mask in ready:
                    self._dispatch(key, mask)
                self._fire_timers()
                self.changed.notify_all()

    def _dispatch(self, key: selectors.SelectorKey, mask: int) -> None:
        # An earlier handler, or a caller, may have closed this socket.
        try:
            current = self._selector.get_key(key.fileobj)
        except (KeyError, ValueError):
            return
        if current.data == key.data:
            self._guarded(lambda: key.data(mask))

    def _pause(self) -> float | None:
        with self.changed:
            if not self._timers:
                return None
            return max(0.0, self._timers[0][0] - time.monotonic())

    def _fire_timers(self) -> None:
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            action = heapq.heappop(self._timers)[2].action
            if action is not None:
                self._guarded(action)

    def _guarded(self, action: Callable[[], None]) -> None:
        """A fault in one handler is kept for the test, not the loop's end."""
        try:
            action()
        except Exception:  # pylint: disable=broad-except
            self.errors.append("\n" + traceback.format_exc())
