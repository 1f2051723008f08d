# SPDX-License-Identifier: GPL-2.0-or-later
"""What the fuzzers know, and worse, sent to a real server: it must not die.

Mutations come from a fixed seed. Nothing is expected of the answers; but the
same processes run afterwards, said nothing alarming, and hold a conference.
"""

import pathlib
import random
import re
import socket
from collections.abc import Iterator

import pytest

from imclient import MsrpFrame, SipMessage
from imclient.msrp_frame import parse_uri
from kamailio import Kamailio
from scene import Scene

CORPUS = pathlib.Path(__file__).parent.parent / "fuzz" / "corpus"
CONNECTIONS = 1500
REQUESTS = 3000
MEANWHILE = 100         # of them between two looks at the server


@pytest.fixture(name="own_scene")
def own_scene_fixture() -> Iterator[Scene]:
    """A server of its own: what it keeps of all that is not asked."""
    server = Kamailio(params={"msrp_unbound_max": 1000})
    scene = Scene(server)
    try:
        server.start()
        yield scene
    finally:
        scene.close_clients()
        server.stop()
        server.remove()


def mutate(chance: random.Random, data: bytes) -> bytes:
    """A few changes anywhere, of the kinds that parsers stumble over."""
    text = bytearray(data)
    for _ in range(chance.randint(0, 6)):
        at = chance.randrange(len(text) + 1)
        end = min(len(text), at + chance.randint(1, 40))
        change = chance.randrange(7)
        if change == 0:
            text[at:at + 1] = bytes([chance.randrange(256)])
        elif change == 1:
            del text[at:end]
        elif change == 2:
            text[at:at] = text[at:end] * chance.randint(1, 50)
        elif change == 3:
            text[at:at] = chance.choice(
                [b"\r\n", b"\r\n\r\n", b"\0", b"%00", b"<", b"\"", b";", b",",
                 b"-1", b"4294967296", b"18446744073709551615", b"\xff\xfe"])
        elif change == 4:
            text[at:end] = b"A" * chance.choice([1, 100, 5000])
        elif change == 5:
            lines = bytes(text).split(b"\r\n")
            chance.shuffle(lines)
            text = bytearray(b"\r\n".join(lines))
        else:
            del text[at:]
    return bytes(text)


def sent(scene: Scene, kind: type) -> list[bytes]:
    """What the clients have sent so far."""
    return [entry.message.encode() for client in scene.clients
            for entry in client.log
            if entry.direction == "sent" and isinstance(entry.message, kind)]


def seeds() -> list[bytes]:
    """The fuzzers' streams, and CPIM as bodies of frames."""
    streams = [path.read_bytes().partition(b"\n")[2]
               for path in sorted((CORPUS / "msrp_frame").iterdir())]
    for path in sorted((CORPUS / "cpim").iterdir()):
        streams.append(MsrpFrame("abcd1234", "SEND", headers=[
            ("To-Path", "msrp://127.0.0.1:2855/room;tcp"),
            ("From-Path", "msrp://127.0.0.1:9/x;tcp"), ("Message-ID", "m"),
            ("Content-Type", "message/cpim")], body=path.read_bytes()
        ).encode())
    return streams


def throw(address: tuple[str, int], data: bytes, politely: bool) -> None:
    """All of it on one connection, which then ends."""
    with socket.create_connection(address, 5) as connection:
        connection.settimeout(5)
        try:
            connection.sendall(data)
            if politely:
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
        except OSError:
            pass            # it may hang up on us at any time


def expect_well(scene: Scene) -> None:
    dave, erin = scene.people("dave", "erin")
    daves, erins = scene.conference(dave, erin)
    assert daves.send_text("still here?").wait() == 200
    erin.wait_message("still here?", "dave", 15)
    assert erins.send_text("yes").wait() == 200
    assert scene.server.dead() == []
    alarming = [line for line in scene.server.log_lines() if re.search(
        r"(CRITICAL|BUG|ERROR): ([{].*[}] )?imconf ", line)
        and "no transaction for" not in line]       # tm would have none of it
    assert alarming == []


def test_A7_no_bytes_kill_a_worker(own_scene):
    scene, chance = own_scene, random.Random(4975)
    alice, bob = scene.people("alice", "bob")
    mine, bobs = scene.conference(alice, bob)
    for size in (10, 3000, 100000):
        mine.leg.send("message/cpim", b"Subject: x\r\n\r\n\r\n" + b"x" * size,
                      success_report="yes").wait()
    mine.set_nickname("Al").wait()
    mine.send_text("psst", bob.aor).wait()
    bobs.leg.abort()        # others come in its place
    path = parse_uri(mine.leg.remote_path)
    streams = seeds() + [s for s in sent(scene, MsrpFrame) if len(s) < 20000]
    targets = [s.leg.remote_path.encode() for s in (mine, bobs)]
    for number in range(CONNECTIONS):
        data = b"".join(chance.choices(streams, k=chance.randint(1, 4)))
        for old in (b"msrp://127.0.0.1:2855/room;tcp", *targets):
            data = data.replace(old, chance.choice(targets))
        throw((path.host, path.port), mutate(chance, data),
              chance.random() < 0.5)
        if number % MEANWHILE == 0:
            assert scene.server.dead() == []
    assert mine.send_text("alive").wait() == 200
    expect_well(scene)


def test_A5_no_request_kills_a_worker(own_scene):
    scene, chance = own_scene, random.Random(3261)
    alice, bob, carol = scene.people("alice", "bob", "carol")
    mine, bobs, _ = scene.conference(alice, bob, carol, subject="Lunch")
    alice.query(mine.identity)
    mine.request("REFER", [("Refer-To", f"<{carol.aor}>")]).wait()
    bobs.request("UPDATE").wait()
    bob.subscribe(mine.identity)
    mine.leave()
    templates = sent(scene, SipMessage)
    for client in list(scene.clients):
        scene.forget(client)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        for number in range(REQUESTS):
            data = chance.choice(templates)
            if chance.random() < 0.7:       # a transaction of its own
                fresh = f"branch=z9hG4bK{number}x".encode()
                data = data.replace(b"branch=z9hG4bK", fresh)
            ours.sendto(mutate(chance, data)[:65000], scene.server.proxy)
            if number % MEANWHILE == 0:
                assert scene.server.dead() == []
                scene.server.statistics()
    expect_well(scene)
