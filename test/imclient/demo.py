# SPDX-License-Identifier: GPL-2.0-or-later
"""Three clients play a short conference; one transcript tells it.

Every line is printed after it was seen to happen; what does not happen ends
the demonstration with exit code 1.
"""

from __future__ import annotations

import argparse
import time

from .client import IMClient
from .exchange import Refused
from .loop import WaitTimeout
from .options import Answer
from .session import Session
from .terminal import (add_server_arguments, make_client, roster_line,
                       short_name, wrap)

BIG = "0123456789 " * 3000


class Failure(Exception):
    """Something did not happen, or happened wrongly."""


class Demo:
    """The play: alice invites bob and carol."""

    def __init__(self, alice: IMClient, bob: IMClient, carol: IMClient,
                 wait: float = 10.0):
        self.alice, self.bob, self.carol = alice, bob, carol
        self.everybody = (alice, bob, carol)
        self.wait = wait
        self._began = time.monotonic()

    def run(self) -> None:
        self.register()
        mine = self.invite()
        theirs = [self.answer(self.bob), self.answer(self.carol)]
        sessions = [mine, *theirs]
        for session in sessions:
            session.wait_bound(self.wait)
        self.talk(sessions)
        self.leave(theirs[1], self.carol, [self.alice, self.bob])
        self.leave(theirs[0], self.bob, [self.alice])
        self.end(mine)
        self.check_problems()

    def register(self) -> None:
        for client in self.everybody:
            client.register(timeout=self.wait)
        self.tell(f"alice, bob and carol are registered at "
                  f"{self.alice.domain}.")

    def invite(self) -> Session:
        session = self.alice.initiate_ad_hoc_conference(
            ["bob", "carol"], subject="Lunch at noon?", timeout=self.wait)
        self.expect(session.is_focus, "the 200 has no isfocus")
        self.tell("alice starts a conference with bob and carol, subject "
                  f"\"{session.invite.get('Subject')}\".")
        self.tell(f"The server names it {session.identity}")
        for client in (self.bob, self.carol):
            invited = client.wait_invited(timeout=self.wait)
            self.expect(invited.invite.get("Subject") == "Lunch at noon?",
                        f"{client.user}'s invitation has no subject")
            self.tell(f"{client.user} is invited by {self.inviter(invited)}"
                      f", and the phone rings.")
        self.alice.wait_roster({"alice": "connected", "bob": "alerting",
                                "carol": "alerting"}, timeout=self.wait)
        self.show_roster(self.alice)
        return session

    def inviter(self, session: Session) -> str:
        value = session.invite.get("Referred-By") or \
            session.invite.get("From")
        uri = value.split("<")[-1].split(">")[0]
        self.expect(uri == self.alice.aor, f"invited by {uri}, not by alice")
        return short_name(uri, self.alice.domain)

    def answer(self, client: IMClient) -> Session:
        session = client.wait_invited(timeout=self.wait)
        session.accept()
        client.wait_connected(timeout=self.wait)
        self.tell(f"{client.user} answers.")
        self.alice.wait_roster({client.user: "connected"}, exact=False,
                               timeout=self.wait)
        self.show_roster(self.alice)
        return session

    def talk(self, sessions: list[Session]) -> None:
        here = {c.user: "connected" for c in self.everybody}
        for client in self.everybody:
            client.wait_roster(here, timeout=self.wait)
        for client, session, text in zip(
                self.everybody, sessions,
                ("Hello both. Lunch at noon?", "Noon is fine.",
                 "I shall be five minutes late.")):
            self.say(client, session, text)
        chunks = self.say(self.bob, sessions[1], BIG)
        self.expect(chunks > 1, "the long message went in one chunk")
        self.tell(f"({len(BIG)} characters, sent in {chunks} chunks.)")

    def say(self, client: IMClient, session: Session, text: str) -> int:
        """Send it, have everybody else hear it; the number of chunks."""
        sent = session.send_text(text)
        status = sent.wait(self.wait)
        self.expect(status == 200, f"the server answered SEND by {status}")
        hearers = [c for c in self.everybody if c is not client]
        for other in hearers:
            other.wait_message(text, client.user, timeout=self.wait)
        shown = text if len(text) < 100 else f"{text[:33].strip()} ..."
        self.tell(f"{client.user} says: {shown}")
        self.tell(f"   heard by {' and '.join(c.user for c in hearers)}")
        return len(sent.statuses)

    def leave(self, session: Session, client: IMClient,
              others: list[IMClient]) -> None:
        client.leave(session, self.wait)
        self.tell(f"{client.user} leaves.")
        here = {other.user: "connected" for other in others}
        for other in others:
            other.wait_roster(here, timeout=self.wait)
            self.show_roster(other)

    def end(self, session: Session) -> None:
        """The last BYE ends it: the watcher who stayed must be told."""
        session.bye().wait(self.wait)
        self.tell("alice hangs up; nobody is left.")
        subscription = session.subscription
        self.expect(subscription is not None, "alice never subscribed")
        subscription.wait_state("terminated", timeout=self.wait)
        self.expect(subscription.reason == "noresource",
                    f"subscription ended with {subscription.reason!r}")
        self.tell("The conference has ended, the server says (noresource).")

    def check_problems(self) -> None:
        """Whatever any client noted on the way is a failure."""
        noted = [text for c in self.everybody for text in c.all_problems]
        self.expect(not noted, "clients complain: " + "; ".join(noted))

    def show_roster(self, client: IMClient) -> None:
        roster = client.roster
        users = roster.users if roster else {}
        self.tell(f"   {client.user} sees: "
                  f"{roster_line(users, client.domain)}")

    def tell(self, text: str) -> None:
        seconds = time.monotonic() - self._began
        print(wrap(f"{seconds:6.2f} s  ", text), flush=True)

    @staticmethod
    def expect(condition: object, otherwise: str) -> None:
        if not condition:
            raise Failure(otherwise)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="imclient demo",
                                     description=__doc__.split("\n")[0])
    add_server_arguments(parser)
    parser.add_argument("--wait", type=float, default=10.0,
                        help="seconds that any single step may take")
    options = parser.parse_args(arguments)
    with make_client("alice", options) as alice, \
            make_client("bob", options, Answer.ringing()) as bob, \
            make_client("carol", options, Answer.ringing()) as carol:
        try:
            Demo(alice, bob, carol, options.wait).run()
        except (Failure, Refused, WaitTimeout, OSError) as error:
            print(f"\nThe demonstration failed: {error}")
            return 1
    print("\nThe demonstration succeeded.")
    return 0
