# SPDX-License-Identifier: GPL-2.0-or-later
"""The terminal chat and the demonstration, as people start them."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios

import pytest

from focus_double import client
from imclient.terminal import clean, roster_line, short_name, wrap

PACKAGES = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
ENVIRONMENT = {**os.environ, "PYTHONPATH": PACKAGES, "TERM": "xterm"}


@pytest.fixture(name="alice")
def alice_fixture(focus):
    """Somebody for the chat to talk to."""
    with client(focus, "alice") as alice:
        alice.register()
        yield alice


def run(focus, *arguments, text=""):
    return subprocess.run(
        [sys.executable, "-m", "imclient", *arguments,
         "--proxy", focus.domain], input=text, text=True, check=False,
        capture_output=True, timeout=30, env=ENVIRONMENT)


def test_demonstration_tells_what_it_saw(focus):
    result = run(focus, "demo")
    assert result.returncode == 0, result.stdout
    assert "bob is invited by alice" in result.stdout
    assert "heard by alice and carol" in result.stdout
    assert "sees: alice is here, bob is here\n" in result.stdout
    assert "(noresource)" in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())


def test_demonstration_fails_when_a_message_is_lost(focus):
    focus.on_message = lambda message: None
    result = run(focus, "demo", "--wait", "0.5")
    assert result.returncode == 1
    assert "bob: no message 'Hello both." in result.stdout


def test_chat_sends_and_leaves_at_end_of_input(focus):
    with client(focus, "bob") as bob:
        bob.register()
        long_text = "word " * 9000
        chat = subprocess.Popen(
            [sys.executable, "-m", "imclient", "chat", "--user", "alice",
             "--invite", "bob", "--proxy", focus.domain], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=ENVIRONMENT)
        with chat:
            # the double keeps nothing for who cannot hear yet
            bob.wait_connected().leg.wait_bound()
            said, errors = chat.communicate(
                f"/help\n/nonsense\n{long_text}\n", timeout=30)
        assert chat.returncode == 0, errors
        bob.wait_message(long_text, "alice")
        bob.wait_roster({"bob": "connected"})
    assert "/who" in said and "no command /nonsense" in said
    assert all(len(line) <= 80 for line in said.splitlines())


def test_chat_prints_messages_without_control_characters(focus):
    chat = subprocess.Popen(
        [sys.executable, "-m", "imclient", "chat", "--user", "bob",
         "--proxy", focus.domain], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    with client(focus, "alice") as alice, chat:
        focus.wait_for(lambda: f"sip:bob@{focus.domain}" in focus.contacts)
        session = alice.initiate_ad_hoc_conference(["bob"], "Lunch")
        alice.wait_roster({"alice": "connected", "bob": "connected"})
        session.send_text("a\x1b[2Jb " + "long " * 40).wait()
        seen = []
        while not seen or "long long" not in seen[-1]:
            seen.append(chat.stdout.readline())
            assert seen[-1], seen
        chat.stdin.write("/who\n/leave\n")
        chat.stdin.close()
        seen += chat.stdout.readlines()
        alice.wait_roster({"alice": "connected"})
    text = "".join(seen)
    assert chat.returncode == 0 and "\x1b" not in text
    assert "alice invited you: Lunch" in text and "bob (you) is here" in text


def test_demo_without_server_fails():
    class Nobody:
        domain = "127.0.0.1:9"
    result = run(Nobody, "demo", "--transport", "tcp")
    assert result.returncode == 1 and "failed" in result.stdout


class Terminal:
    """A chat on a pseudo terminal of 80 columns."""

    def __init__(self, focus, *arguments):
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (24, 80))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "imclient", "chat", *arguments,
             "--proxy", focus.domain], stdin=slave, stdout=slave,
            stderr=slave, env=ENVIRONMENT, start_new_session=True)
        os.close(slave)
        self.text = ""

    def read_until(self, wanted):
        while wanted not in self.text:
            self._read(wanted)

    def read_prompt(self):
        """Until the chat waits for a line."""
        while "> " not in self.text.rsplit("\n", 1)[-1]:
            self._read("> ")

    def _read(self, wanted):
        ready, _, _ = select.select([self.master], [], [], 10)
        assert ready, f"{wanted!r} is not in {self.text!r}"
        self.text += os.read(self.master, 65536).decode()

    def type(self, text):
        os.write(self.master, text.encode())

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        if self.process.poll() is None:
            self.process.kill()
        os.close(self.master)


def test_chat_keeps_the_typed_line_and_obeys_ctrl_c(focus, alice):
    with Terminal(focus, "--user", "bob", "--invite", "alice") as terminal:
        terminal.read_until("alice is here")
        terminal.type("half a li")
        terminal.read_until("half a li")
        alice.sessions[0].send_text("first").wait()
        terminal.read_until("alice: first")
        terminal.read_until("alice: first\r\n> half a li")
        terminal.type("ne\r")
        alice.wait_message("half a line", "bob")
        terminal.read_prompt()
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.process.wait(10) == 0
        alice.wait_roster({"alice": "connected"})


def test_closing_the_terminal_leaves_too(focus, alice):
    with Terminal(focus, "--user", "bob", "--invite", "alice") as terminal:
        terminal.read_until("alice is here")
        terminal.read_prompt()
        terminal.process.send_signal(signal.SIGHUP)
        assert terminal.process.wait(10) == 0
        alice.wait_roster({"alice": "connected"})


def test_words_for_people():
    assert short_name("sip:bob@h:5060", "h:5060") == "bob"
    assert short_name("sip:bob@other", "h") == "sip:bob@other"
    assert short_name("tel:+1", "h") == "tel:+1"
    assert clean("a\x1b[1m\tb\r\nc") == "a\ufffd[1m b\nc"
    assert roster_line({}, "h") == "nobody"
    assert roster_line({"sip:b@h": "alerting", "sip:a@h": "connected"},
                       "h") == "a is here, b is ringing"


def test_wrapping_stays_within_80_columns():
    text = "word " * 100 + "x" * 300 + "\n\nend"
    for head in ("12:34 bob: ", "12:34 " + "n" * 70 + ": "):
        lines = wrap(head, text).split("\n")
        assert all(len(line) <= 80 for line in lines)
        assert lines[0].startswith(head.strip())
        assert "".join("".join(lines).split()).endswith("xend")
