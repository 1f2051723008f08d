# SPDX-License-Identifier: GPL-2.0-or-later
"""What a scenario plays on: one server, the clients, and the end.

finish() has everybody leave and then asks whether the server is as it was:
alive, quiet in its log, counters and shared memory back, every document valid.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import Any, Callable, Iterator

import schema
from imclient import Answer, IMClient, Options, WaitTimeout
from imclient.session import Session
from imclient.subscription import Subscription
from kamailio import PATIENCE, Kamailio, ServerError, poll

COUNTERS = ("conferences", "participants", "subscriptions", "legs")
FAREWELL_PATIENCE = 1.0
# tm waits 30 s for the answer of a client that has gone, before all is back
SETTLE_PATIENCE = 60.0
# bytes: what Kamailio's receivers keep from their first REGISTERs
MEMORY_TOLERANCE = 4096


class Scene:
    """`scene` in the tests."""

    def __init__(self, server: Kamailio):
        self.server = server
        self.clients: list[IMClient] = []
        self._registered: list[IMClient] = []
        self._expected_log: list[str] = []
        self._expected_problems: list[str] = []

    # Playing

    def client(self, user: str, transport: str = "udp",
               answer: Answer | Callable | None = None,
               options: Options | None = None, register: bool = True,
               **more: Any) -> IMClient:
        """A client of the server's domain, registered unless told not to."""
        client = IMClient(user, self.server.domain, self.server.proxy,
                          transport, answer=answer, options=options, **more)
        self.clients.append(client)
        if register:
            client.register()
            self._registered.append(client)
        return client

    def people(self, *users: str, transport: str = "udp") -> list[IMClient]:
        return [self.client(user, transport) for user in users]

    def conference(self, creator: IMClient, *invited: IMClient,
                   **options: Any) -> list[Session]:
        """An ad-hoc conference in which everybody is and hears: their
        sessions, the creator's first."""
        before = {c: sum(s.incoming for s in c.sessions) for c in invited}
        mine = creator.initiate_ad_hoc_conference(
            [c.user for c in invited], **options)
        theirs = [c.wait_connected(before[c] + 1) for c in invited]
        everybody = [mine, *theirs]
        for session in everybody:
            session.leg.wait_bound()
        creator_and_all = {c.user: "connected" for c in (creator, *invited)}
        for session in everybody:
            if session.subscription is not None:
                session.client.wait_roster(creator_and_all,
                                           subscription=session.subscription)
        return everybody

    def forget(self, client: IMClient) -> None:
        """This client vanished: it says no farewell at the end."""
        client.close()
        self.clients.remove(client)
        if client in self._registered:
            self._registered.remove(client)

    def expect_log(self, pattern: str) -> None:
        """An ERROR line that this scenario provokes."""
        self._expected_log.append(pattern)

    def expect_problem(self, pattern: str) -> None:
        """A complaint of a client that this scenario provokes."""
        self._expected_problems.append(pattern)

    @staticmethod
    def poll(predicate: Callable[[], Any], timeout: float = PATIENCE,
             what: str = "condition") -> Any:
        """For what only RPC shows: the predicate's first true value."""
        return poll(predicate, timeout, what)

    def wait_statistic(self, name: str, value: int,
                       timeout: float = PATIENCE) -> None:
        def reached() -> bool:
            return self.server.statistics()[name] == value
        poll(reached, timeout, f"imconf:{name} = {value}")

    # The end

    def finish(self) -> None:
        for client in self.clients:
            self._leave(client)
        for client in self._registered:
            client.unregister()
        self._check_counters()
        self.close_clients()
        self._check_clients()
        self._check_server()
        self._check_documents()
        self._check_memory()

    def close_clients(self) -> None:
        for client in self.clients:
            client.close()

    @staticmethod
    def _leave(client: IMClient) -> None:
        for session in client.sessions:
            if session.state == "calling":
                session.cancel()
            elif session.state in ("connected", "answered"):
                client.leave(session)
        for subscription in client.subscriptions:
            if subscription.alive and not _is_ending(subscription):
                client.unsubscribe(subscription)
        _await_farewells(client)

    def _check_counters(self) -> None:
        def left() -> dict[str, int]:
            values = self.server.statistics()
            return {n: values[n] for n in COUNTERS if values[n]}
        try:
            poll(lambda: not left(), SETTLE_PATIENCE, "settled counters")
        except ServerError:
            raise AssertionError(
                f"counters not back: {left()}, "
                f"conferences {self.server.conferences()}") from None

    def _check_clients(self) -> None:
        problems = [f"{client.user}: {problem}" for client in self.clients
                    for problem in client.all_problems]
        assert _without(problems, self._expected_problems) == []

    def _check_server(self) -> None:
        assert self.server.dead() == []
        bad = _without(self.server.bad_lines(), self._expected_log)
        assert bad == []

    def _check_documents(self) -> None:
        documents = {document for client in self.clients
                     for subscription in client.subscriptions
                     for document in subscription.roster.documents}
        assert schema.problems_of(sorted(documents)) == []

    def _check_memory(self) -> None:
        def extra() -> int:
            return self.server.shared_used() - self.server.baseline
        try:
            poll(lambda: extra() <= MEMORY_TOLERANCE, SETTLE_PATIENCE,
                 "shared memory back")
        except ServerError:
            raise AssertionError(
                f"{extra()} bytes of shared memory not back") from None


@contextmanager
def own_scene(**options: Any) -> Iterator[Scene]:
    """A server of its own: what it keeps in the end is not asked."""
    scene = Scene(Kamailio(**options))
    try:
        scene.server.start()
        yield scene
    finally:
        scene.close_clients()
        scene.server.stop()
        scene.server.remove()


def _is_ending(subscription: Subscription) -> bool:
    """Was its last SUBSCRIBE the one that ends it?"""
    return subscription.exchange is not None and \
        subscription.exchange.request.get("Expires") == "0"


def _await_farewells(client: IMClient) -> None:
    """The last NOTIFY of each subscription, where there is one, wants its
    answer, or tm repeats it to nobody until the memory is asked for."""
    def all_said() -> bool:
        said = {notify.call_id for notify in client.requests("NOTIFY")
                if "terminated" in notify.get("Subscription-State")}
        return all(s.dialog.call_id in said for s in client.subscriptions
                   if s.dialog.remote_tag)
    try:
        client.wait_for(all_said, FAREWELL_PATIENCE)
    except WaitTimeout:
        pass


def _without(lines: list[str], patterns: list[str]) -> list[str]:
    return [line for line in lines
            if not any(re.search(pattern, line) for pattern in patterns)]
