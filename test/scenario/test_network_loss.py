# SPDX-License-Identifier: GPL-2.0-or-later
"""A recipient's network dies in the middle of 10,000 messages.

Its connection comes from a network namespace whose link goes down, so that
nothing is said to anybody: no reset, no end. The legs are plain sockets: they
take the places of the clients that made the conference.
"""

import ctypes
import os
import re
import socket
import subprocess
import threading
from collections.abc import Iterator

import pytest

from imclient import cpim
from imclient.msrp_frame import parse_uri
from imclient.session import Session
from scene import Scene, own_scene

MESSAGES, BATCH, DIES_AT = 10000, 200, 2000
PATIENCE = 60
SAID = re.compile(rb"#(\d+)#")
ANSWERED = re.compile(rb"MSRP t\d+ 200 ")
REPORTED = re.compile(rb" REPORT\r\n.*?Message-ID: m(\d+)\r\n.*?"
                      rb"Status: 000 (\d+)", re.DOTALL)
CLONE_NEWNET = 0x40000000


class Place:
    """A network namespace behind a link of its own."""

    def __init__(self) -> None:
        number = os.getpid() % 60000
        self.name = f"imconf{number}"
        self.link = f"imc{number}"
        self.near = f"10.213.{number // 240}.{number % 240 + 1}"
        self.far = f"10.214.{number // 240}.{number % 240 + 1}"

    def open(self) -> None:
        far_link = f"{self.link}n"
        for command in (
                f"netns add {self.name}",
                f"link add {self.link} type veth peer name {far_link}",
                f"link set {far_link} netns {self.name}",
                f"addr add {self.near} peer {self.far} dev {self.link}",
                f"link set {self.link} up",
                f"-n {self.name} addr add {self.far} peer {self.near} "
                f"dev {far_link}",
                f"-n {self.name} link set {far_link} up"):
            subprocess.run(["ip", *command.split()], check=True,
                           capture_output=True)

    def close(self) -> None:
        for command in (f"netns del {self.name}", f"link del {self.link}"):
            subprocess.run(["ip", *command.split()], check=False,
                           capture_output=True)

    def set_link(self, state: str) -> None:
        subprocess.run(["ip", "-n", self.name, "link", "set",
                        f"{self.link}n", state], check=True)

    def socket(self) -> socket.socket:
        """Made by a thread that is there for a moment."""
        made: list[socket.socket] = []

        def make() -> None:
            libc = ctypes.CDLL(None, use_errno=True)
            with open(f"/run/netns/{self.name}", "rb") as there:
                if libc.setns(there.fileno(), CLONE_NEWNET) == 0:
                    made.append(socket.socket())
        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        return made[0]


@pytest.fixture(name="place")
def place_fixture() -> Iterator[Place]:
    place = Place()
    try:
        place.open()
    except (OSError, subprocess.CalledProcessError) as error:
        place.close()
        pytest.skip(f"no network namespaces here: {error}")
    yield place
    place.close()


@pytest.fixture(name="own_scene")
def own_scene_fixture(place) -> Iterator[Scene]:
    with own_scene(params={"msrp_address": place.near,
                           "leg_queue_max": 524288}) as scene:
        yield scene


class Leg:
    """A leg on a plain socket, and all that came on it."""

    def __init__(self, session: Session, connection: socket.socket) -> None:
        self.session = session
        self.connection = connection
        self.data = b""
        uri = parse_uri(session.leg.remote_path)
        connection.settimeout(PATIENCE)
        connection.connect((uri.host, uri.port))
        self.send("t0", "Message-ID: bind\r\n", "")
        self.take_until(lambda: ANSWERED.search(self.data))

    def send(self, name: str, headers: str, body: str) -> None:
        content = f"Content-Type: message/cpim\r\n\r\n{body}\r\n"
        self.connection.sendall((
            f"MSRP {name} SEND\r\nTo-Path: {self.session.leg.remote_path}\r\n"
            f"From-Path: {self.session.leg.local_path}\r\n{headers}"
            f"{content if body else ''}-------{name}$\r\n").encode())

    def take(self) -> None:
        """What is there already."""
        self.connection.setblocking(False)
        try:
            while data := self.connection.recv(1 << 20):
                self.data += data
        except BlockingIOError:
            pass
        self.connection.settimeout(PATIENCE)

    def take_until(self, true) -> None:
        while not true():
            data = self.connection.recv(1 << 20)
            assert data, "the connection ended"
            self.data += data

    def heard(self) -> list[int]:
        """The numbers of whole messages, in their order."""
        whole = self.data[:self.data.rfind(b"\r\n-------")]
        return [int(number) for number in SAID.findall(whole)]


def say(leg: Leg, number: int) -> None:
    aor = leg.session.client.aor
    body = (f"From: <{aor}>\r\nTo: <{cpim.ROOM}>\r\n\r\n"
            f"Content-type: text/plain\r\n\r\n{'x' * 600}#{number}#")
    leg.send(f"t{number + 1}", f"Message-ID: m{number}\r\n"
             "Success-Report: yes\r\nFailure-Report: yes\r\n", body)


def say_all(alice: Leg, carol: Leg, bob: Leg, place: Place) -> None:
    """Batch by batch; everybody else hears each before the next begins."""
    for first in range(0, MESSAGES, BATCH):
        if first == DIES_AT:
            place.set_link("down")
        end = first + BATCH
        for number in range(first, end):
            say(alice, number)
        last = f"MSRP t{end} 200 ".encode()
        alice.take_until(lambda last=last: last in alice.data[-200000:])
        carol.take_until(
            lambda end=end: f"#{end - 1}#".encode() in carol.data[-5000:])
        bob.take()


def reports(alice: Leg) -> dict[int, str]:
    told = [(int(number), status.decode())
            for number, status in REPORTED.findall(alice.data)]
    assert len(dict(told)) == len(told), "one report for each message"
    return dict(told)


def take_places(scene: Scene, place: Place) -> tuple[Leg, Leg, Leg]:
    sessions = scene.conference(*scene.people("alice", "carol", "bob"))
    for session in sessions:
        session.leg.abort()
    scene.wait_statistic("legs", 0)
    mine, carols, bobs = sessions
    return (Leg(mine, socket.socket()), Leg(carols, socket.socket()),
            Leg(bobs, place.socket()))


def test_A7_a_recipient_whose_network_dies(own_scene, place):
    scene = own_scene
    alice, carol, bob = take_places(scene, place)
    say_all(alice, carol, bob, place)
    assert carol.heard() == list(range(MESSAGES))
    scene.server.wait_log("leg of sip:bob.* dropped: it does not read", 30)
    before = bob.heard()
    assert before == list(range(len(before)))
    assert DIES_AT - 2 * BATCH <= len(before) <= DIES_AT
    place.set_link("up")
    back = Leg(bob.session, place.socket())
    say(alice, MESSAGES)
    back.take_until(lambda: f"#{MESSAGES}#".encode() in back.data)
    carol.take_until(lambda: f"#{MESSAGES}#".encode() in carol.data[-5000:])
    alice.take_until(lambda: len(reports(alice)) > MESSAGES)
    check(before, back.heard(), reports(alice))
    assert scene.server.dead() == []


def check(before: list[int], after: list[int], told: dict[int, str]) -> None:
    """Nothing was reported delivered that was not handed over."""
    assert set(told.values()) == {"200", "408"}
    assert after == sorted(set(after)) and after[0] > len(before) - 1
    failed = {n for n, status in told.items() if status == "408"}
    assert not failed & {*before, *after}
    # what else was handed over was on its way when the network died
    lost = {*told} - failed - {*before, *after}
    assert not lost or max(lost) < min(failed)
    # two gaps: what its queue held, and what found no room meanwhile
    jumps = [a for a, b in zip(after, after[1:]) if b != a + 1]
    assert len(jumps) <= 1 and told[after[-1]] == "200"
