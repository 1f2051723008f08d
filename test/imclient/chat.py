# SPDX-License-Identifier: GPL-2.0-or-later
"""A conference in a terminal: type to talk, /who, /nick, /msg, /leave, /help.

Input is read in the main thread, and what happens is printed by a second
one that waits for changes of the client. A third one waits for signals: the
main thread may be deep in readline, which misses those that come too early.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import termios
import threading
import time
from typing import TextIO

from .client import IMClient
from .cpim import ROOM
from .exchange import Refused
from .loop import WaitTimeout
from .msrp_messages import Message, OutgoingMessage
from .roster import Roster
from .session import Session
from .terminal import (STATES, add_server_arguments, clean, make_client,
                       short_name, width, wrap)

try:
    import readline
except ImportError:         # an input line without history will do
    readline = None         # type: ignore[assignment]

HELP = """Type a line and press Enter to send it to everybody.
/who    who is in the conference
/nick   your nickname from now on: /nick Alice the great; /nick alone: none
/msg    to one person alone: /msg bob How are you?
/invite bob,carol  add people to the conference
/kick bob,carol    remove them from it
/leave  leave the conference and quit (so do Ctrl-D and Ctrl-C)
/help   this text"""
REFUSALS = {0: "connection lost", 404: "no such person here",
            428: "it takes no private messages"}
PROMPT = "> "
STOPPED_BY = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
FOREVER = 86400.0


class Screen:
    """Prints above the line that is being typed."""

    def __init__(self, source: TextIO, out: TextIO):
        self.source = source
        self.out = out
        self.interactive = source.isatty() and out.isatty()
        self._lock = threading.Lock()
        self._prompting = False

    def show(self, text: str) -> None:
        with self._lock:
            if self._prompting:
                text = f"\r\x1b[K{text}"
            self.out.write(text + "\n")
            if self._prompting:
                self.out.write(PROMPT + self._typed())
            self.out.flush()

    def read(self) -> str | None:
        """The next line, None at its end."""
        if not self.interactive:
            line = self.source.readline()
            return line.rstrip("\r\n") if line else None
        self._prompting = True
        try:
            return input(PROMPT)
        except EOFError:
            return None
        finally:
            self._prompting = False

    @staticmethod
    def _typed() -> str:
        typed = readline.get_line_buffer() if readline else ""
        return typed[-(width() - len(PROMPT) - 1):]


class Chat:
    """One user's terminal."""

    def __init__(self, client: IMClient, screen: Screen):
        self.client = client
        self.screen = screen
        self._shown: dict[str, str] = {}
        self._messages = 0
        self._known: dict[int, str] = {}
        self._pending: list[OutgoingMessage] = []
        self._done = False

    def run(self, invite: list[str], subject: str, group: str = "") -> int:
        """Until the user leaves; the process's exit code."""
        printer = threading.Thread(target=self._print_changes, daemon=True)
        printer.start()
        try:
            self._register()
            if group:
                self._join(group, subject)
            else:
                self._start(invite, subject)
            self._read_lines()
            code = 0
        except (Refused, WaitTimeout, OSError) as error:
            self._say(f"That did not work: {str(error).splitlines()[0]}")
            code = 1
        self._leave()
        with self.client.loop.changed:
            self._done = True
            self.client.loop.changed.notify_all()
        printer.join(5)
        return code

    def obey_signals(self) -> None:
        """Leaves and ends the process when one of STOPPED_BY comes, which
        every thread must block. A second one ends it at once."""
        terminal = _terminal_state()
        signal.sigwait(STOPPED_BY)
        leaving = threading.Thread(target=self._leave, daemon=True)
        leaving.start()
        while leaving.is_alive():
            if signal.sigtimedwait(STOPPED_BY, 0.05):
                break
        _restore_terminal(terminal)
        os._exit(130 if leaving.is_alive() else 0)

    @property
    def session(self) -> Session | None:
        """The conference we are in."""
        for session in reversed(self.client.sessions):
            if session.state in ("connected", "answered"):
                return session
        return None

    def _register(self) -> None:
        try:
            self.client.register(timeout=5)
        except WaitTimeout as error:
            host, port = self.client.proxy
            raise WaitTimeout(f"nobody answers at {host}:{port}; "
                              "is the server running?") from error

    def _start(self, invite: list[str], subject: str) -> None:
        self._say("You are registered. /help shows the commands.")
        if not invite:
            self._say("Waiting to be invited.")
            return
        self.client.initiate_ad_hoc_conference(invite, subject=subject)
        self._say(f"Conference made, invited: {', '.join(invite)}.")

    def _join(self, group: str, subject: str) -> None:
        """7.1.1.4, 7.1.1.10: start the group's conference or come in."""
        self._say("You are registered. /help shows the commands.")
        self.client.invite(group, headers=[("Subject", subject)]
                           if subject else [])
        self._say(f"You are in the conference of {group}.")

    def _read_lines(self) -> None:
        while (line := self.screen.read()) is not None:
            command, _, rest = line.strip().partition(" ")
            command = command.lower()
            if command in ("/leave", "/quit"):
                return
            if command.startswith("/"):
                self._obey(command, rest.strip())
            elif command:
                self._send(line)

    def _obey(self, command: str, rest: str) -> None:
        if command == "/who":
            self._who()
        elif command == "/help":
            self.screen.show(HELP)
        elif command == "/nick":
            self._nick(rest)
        elif command == "/msg":
            self._private(rest)
        elif command in ("/invite", "/kick"):
            self._refer(command, _names(rest))
        else:
            self._say(f"There is no command {command}; "
                      "/help shows what there is.")

    def _nick(self, nickname: str) -> None:
        if self.session is None:
            self._say("You are in no conference.")
            return
        try:
            status = self.session.set_nickname(nickname).wait()
        except (ConnectionError, WaitTimeout) as error:
            self._say(f"No answer: {str(error).splitlines()[0]}.")
            return
        said = {200: f"You are {nickname} now." if nickname else
                     "You have no nickname any more.",
                425: "Somebody else has that name.",
                403: "This room has no nicknames, or not so many a second."}
        self._say(said.get(status, f"That is no nickname ({status})."))

    def _private(self, line: str) -> None:
        """A nickname may have spaces: the longest one that fits."""
        names = self.client.roster.display_names if self.client.roster else {}
        for uri, name in sorted(names.items(), key=lambda n: -len(n[1])):
            if name and line.lower().startswith(name.lower() + " "):
                self._send(line[len(name):].strip(), uri)
                return
        name, _, text = line.partition(" ")
        if text.strip():
            self._send(text.strip(), self.client.uri_of(name))
        else:
            self._say("Say to whom and what: /msg bob How are you?")

    def _send(self, text: str, to: str = ROOM) -> None:
        session = self.session
        if session is None:
            self._say("You are in no conference yet; this was not sent.")
            return
        try:
            message = session.send_text(text, to)
        except ConnectionError as error:
            self._say(f"Not sent: {error}.")
            return
        with self.client.loop.changed:
            self._pending.append(message)

    def _refer(self, command: str, names: list[str]) -> None:
        """7.1.1.7: add people, or remove them."""
        session = self.session
        if session is None:
            self._say("You are in no conference yet.")
        elif not names:
            self._say(f"Whom? {command} bob")
        else:
            self._refer_names(session, command, names)

    def _refer_names(self, session: Session, command: str,
                     names: list[str]) -> None:
        client = self.client
        one, many = ((client.add_user, client.add_users)
                     if command == "/invite"
                     else (client.expel_user, client.expel_users))
        try:
            if len(names) == 1:
                one(session, names[0], timeout=5)
            else:
                many(session, names, timeout=5)
        except (Refused, WaitTimeout) as error:
            self._say(f"That did not work: {str(error).splitlines()[0]}")
            return
        done = "Invited" if command == "/invite" else "Removed"
        self._say(f"{done}: {', '.join(names)}.")

    def _who(self) -> None:
        users = self.client.roster.users if self.client.roster else {}
        if self.session is None or not users:
            self._say("You are in no conference.")
            return
        watching = self.client.subscriptions[-1]
        for uri, state in sorted(users.items()):
            name = self._name(uri)
            you = " (you)" if uri == watching.own_entity else ""
            name += " (blocked)" if uri in watching.blocked else ""
            self.screen.show(f"  {name}{you} {STATES.get(state, state)}")

    def _leave(self) -> None:
        """Everything sent is answered first; then leave and unregister."""
        try:
            for message in list(self._pending):
                message.wait(5)
            session = self.session
            if session is not None:
                self.client.leave(session, 5)
            self.client.unregister(5)
        except (Refused, WaitTimeout, ConnectionError):
            pass

    # The second thread

    def _print_changes(self) -> None:
        while True:
            try:
                lines = self.client.wait_for(self._changes, FOREVER)
            except WaitTimeout:
                continue
            for line in lines:
                if line is None:
                    return
                self.screen.show(line)

    def _changes(self) -> list[str | None]:
        """What is new since the last call, as lines to print."""
        lines: list[str | None] = []
        for session in self.client.sessions:
            lines += self._session_changes(session)
        lines += self._roster_changes(self.client.roster)
        new = self.client.messages[self._messages:]
        self._messages += len(new)
        lines += [self._message_line(message) for message in new]
        lines += self._delivery_problems()
        if self._done:
            lines.append(None)
        return lines

    def _session_changes(self, session: Session) -> list[str]:
        before = self._known.get(id(session))
        self._known[id(session)] = session.state
        if before == session.state:
            return []
        if session.incoming and session.state == "connected":
            return [_event(self._invitation(session))]
        if session.state == "ended" and not session.left:
            self._shown = {}
            return [_event("The conference has ended. "
                           "Waiting to be invited.")]
        return []

    def _invitation(self, session: Session) -> str:
        from_header = session.invite.get("Referred-By") or \
            session.invite.get("From")
        name = short_name(from_header.split("<")[-1].split(">")[0],
                          self.client.domain)
        subject = session.invite.get("Subject")
        return f"{name} invited you" + (f": {subject}" if subject else ".")

    def _roster_changes(self, roster: Roster | None) -> list[str]:
        users = dict(roster.users) if roster and self.session else {}
        if not users:
            return []
        lines = []
        for uri in sorted({*users, *self._shown}):
            state = users.get(uri, "disconnected")
            if self._shown.get(uri, "disconnected") != state:
                name = self._name(uri)
                blocked = uri in self.client.options.blocked
                name += " (on your block list)" if blocked else ""
                lines.append(_event(f"{name} {STATES.get(state, state)}"))
        self._shown = users
        return lines

    def _name(self, uri: str) -> str:
        """What it is shown as, with its address."""
        short = short_name(uri, self.client.domain)
        roster = self.client.roster
        shown = roster.display_names.get(uri, "") if roster else ""
        return f"{clean(shown)} ({short})" if shown else short

    def _is_private(self, message: Message) -> bool:
        own = [s.own_entity for s in self.client.subscriptions]
        return message.to in (self.client.aor, *filter(None, own))

    def _message_line(self, message: Message) -> str:
        sender = self._name(message.sender or "somebody")
        if self._is_private(message):
            sender += " (to you alone)"
        kind = message.inner_type.split(";")[0].strip().lower()
        text = message.text if kind.startswith("text/") else \
            f"[{len(message.raw)} octets of {kind or 'unknown type'}]"
        return wrap(f"{_clock()} {sender}: ", text)

    def _delivery_problems(self) -> list[str]:
        finished = [m for m in self._pending if None not in m.statuses]
        self._pending = [m for m in self._pending if m not in finished]
        return [_event("A message was not delivered: "
                       + _refusal(m.statuses) + ".")
                for m in finished if set(m.statuses) != {200}]

    def _say(self, text: str) -> None:
        self.screen.show(_event(text))


def _refusal(statuses: list) -> str:
    status = 0 if 0 in statuses else max(statuses)
    return REFUSALS.get(status, f"error {status}")


def _clock() -> str:
    return time.strftime("%H:%M")


def _event(text: str) -> str:
    return wrap(f"{_clock()} * ", text)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="imclient chat",
                                     description=__doc__.split("\n")[0])
    parser.add_argument("--user", required=True, help="your name")
    parser.add_argument("--invite", default="", metavar="NAME,NAME",
                        help="start a conference with these users")
    parser.add_argument("--group", default="", metavar="NAME|URI",
                        help="start the conference of this group, or join it")
    parser.add_argument("--subject", default="")
    parser.add_argument("--blocked", default="", metavar="NAME,NAME",
                        help="mark these users when they join")
    parser.add_argument("--password", default="")
    add_server_arguments(parser)
    options = parser.parse_args(arguments)
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPED_BY)
    invited = _names(options.invite)
    if invited and options.group:
        parser.error("--invite and --group do not go together")
    with make_client(options.user, options) as client:
        client.options.blocked = frozenset(
            client.uri_of(name) for name in _names(options.blocked))
        chat = Chat(client, Screen(sys.stdin, sys.stdout))
        threading.Thread(target=chat.obey_signals, daemon=True).start()
        return chat.run(invited, options.subject, options.group)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _terminal_state() -> list | None:
    try:
        return termios.tcgetattr(sys.stdin)
    except (termios.error, OSError, ValueError):
        return None


def _restore_terminal(state: list | None) -> None:
    try:
        sys.stdout.write("\n")
        sys.stdout.flush()
        if state is not None:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, state)
    except (termios.error, OSError, ValueError):
        pass
