# SPDX-License-Identifier: GPL-2.0-or-later
"""What the fuzzers know, and worse, sent to a real server: it must not die.

Mutations come from a seed; see hostile.py. Nothing is expected of the answers;
but afterwards the same processes run, said nothing alarming, hold a conference
and have nothing left of all that.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

import group_documents
import rpc
from hostile import FACTOR, GarbledXdms, Mutator, Strangers, corpus
from imclient import Answer, Entry, IMClient, MsrpFrame, Options, SipMessage
from imclient.msrp_frame import parse_uri
from imclient.websocket import BINARY, frame
from kamailio import ADDRESS
from ports import free_ports
from scene import COUNTERS, Scene, own_scene

CONNECTIONS = 1200 * FACTOR
UPGRADES = 300 * FACTOR
REQUESTS = 2500 * FACTOR
DOCUMENTS = 400 * FACTOR
COMMANDS = 60 * FACTOR
TO, FROM = b"msrp://to/x;tcp", b"msrp://from/x;tcp"
MEANWHILE = 100         # of them between two looks at the server
# what nobody answers is soon given up
SETTINGS = """
modparam("tm", "fr_timer", 7000)
modparam("tm", "fr_inv_timer", 7000)
modparam("imconf", "invite_timeout", 6)
modparam("imconf", "xdms_timeout", 1500)
modparam("imconf", "xdms_negative_ttl", 0)
"""
PATIENCE = 60.0
# each of Kamailio's receivers keeps room for the longest Call-ID it has seen
MEMORY_TOLERANCE = 65536
ALARMING = re.compile(r"(CRITICAL|BUG|ERROR): ([{].*[}] )?imconf ")
# tm has none of it; what the XDMS and strangers say is what it is
EXPECTED = re.compile(r"no transaction for|group sip:\S+: (document|list) "
                      r"|a 200 to our INVITE .* has no tag or Contact")


@pytest.fixture(name="besieged")
def besieged_fixture() -> Iterator[Callable[..., Scene]]:
    """besieged(**options of Kamailio) -> Scene, whose end is ours to check."""
    with ExitStack() as stack:
        def begin(**options) -> Scene:
            options["params"] = {"msrp_unbound_max": 1000,
                                 **options.get("params", {})}
            return stack.enter_context(own_scene(config=SETTINGS, **options))
        yield begin


def sent(scene: Scene, kind: type) -> list[bytes]:
    """What the clients have sent so far."""
    return [entry.message.encode() for client in scene.clients
            for entry in client.log
            if entry.direction == "sent" and isinstance(entry.message, kind)]


def look_at(scene: Scene, number: int) -> None:
    if number % MEANWHILE == 0:
        assert scene.server.dead() == []
        scene.server.statistics()


def expect_well(scene: Scene) -> None:
    dave, erin = scene.people("dave", "erin")
    daves, erins = scene.conference(dave, erin)
    assert daves.send_text("still here?").wait() == 200
    erin.wait_message("still here?", "dave", 15)
    assert erins.send_text("yes").wait() == 200
    assert scene.server.dead() == []
    assert [line for line in scene.server.log_lines()
            if ALARMING.search(line) and not EXPECTED.search(line)] == []


def expect_nothing_left(scene: Scene) -> None:
    """Once the conferences are ended, so is everything."""
    server = scene.server

    def all_ended() -> bool:
        for conference in server.conferences():
            try:
                server.rpc("imconf.end", conference["identity"])
            except rpc.RpcError as error:
                assert "404" in str(error)      # over by itself
        values = server.statistics()
        return not any(values[name] for name in COUNTERS)
    scene.poll(all_ended, PATIENCE, "end of everything")
    server.rpc("dns.delete_all")    # names of hosts that mutation made up
    scene.poll(lambda: server.shared_used() - server.baseline
               <= MEMORY_TOLERANCE, PATIENCE, "shared memory back")


# MSRP

def msrp_streams() -> list[bytes]:
    """The fuzzers' streams, and CPIM as bodies of frames."""
    streams = [data.partition(b"\n")[2].replace(
        b"msrp://127.0.0.1:2855/room;tcp", TO) for data in corpus("msrp_frame")]
    paths = [("To-Path", TO.decode()), ("From-Path", FROM.decode())]
    streams += [MsrpFrame("abcd1234", "SEND", headers=paths + [
        ("Message-ID", "m"), ("Content-Type", "message/cpim")],
        body=body).encode() for body in corpus("cpim")]
    streams += [MsrpFrame("abcd1234", method, headers=paths + more).encode()
                for method, more in (
        ("AUTH", [("Expires", "600")]),
        ("AUTH", [("Authorization", 'Digest username="a", realm="b"')]),
        ("REPORT", [("Message-ID", "m"), ("Byte-Range", "1-1/1"),
                    ("Status", "000 200 OK")]),
        ("NICKNAME", [("Use-Nickname", '"A\\"l\u00e9"')]))]
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


class MsrpSiege:
    """A conference to which others send in its members' place."""

    def __init__(self, scene: Scene, chance: Mutator):
        self.chance = chance
        alice, bob = scene.people("alice", "bob")
        self.mine, bobs = scene.conference(alice, bob)
        for size in (10, 3000, 100000):
            self.mine.leg.send(
                "message/cpim", b"Subject: x\r\n\r\n\r\n" + b"x" * size,
                success_report="yes").wait()
        self.mine.set_nickname("Al").wait()
        self.mine.send_text("psst", bob.aor).wait()
        bobs.leg.abort()        # others come in its place
        self._paths = [(s.leg.remote_path.encode(), s.leg.local_path.encode())
                       for s in (self.mine, bobs)]
        frames = [s for s in sent(scene, MsrpFrame) if len(s) < 20000]
        for there, here in self._paths:
            frames = [f.replace(there, TO).replace(here, FROM)
                      for f in frames]
        self._streams = msrp_streams() + frames

    def stream(self) -> bytes:
        """A few frames, mostly from who was there and is awaited."""
        data = b"".join(self.chance.choices(
            self._streams, k=self.chance.randint(1, 4)))
        there, here = self._paths[self.chance.random() < 0.9]
        return data.replace(TO, there).replace(FROM, here)

    def expect_alive(self) -> None:
        assert self.mine.send_text("alive").wait() == 200


def test_A7_no_bytes_kill_a_worker(besieged):
    scene, chance = besieged(), Mutator(4975)
    siege = MsrpSiege(scene, chance)
    path = parse_uri(siege.mine.leg.remote_path)
    said = scene.server.statistics()["messages"]
    for number in range(CONNECTIONS):
        throw((path.host, path.port), chance.bytes(siege.stream()),
              chance.random() < 0.5)
        look_at(scene, number)
    assert scene.server.statistics()["messages"] > said
    siege.expect_alive()
    expect_well(scene)
    expect_nothing_left(scene)


def websocket_stream(chance: Mutator, payload: bytes) -> bytes:
    """An upgrade and frames, of which mostly only one part is wrong."""
    upgrade = chance.choice(corpus("ws_upgrade"))
    pieces = [payload]
    if chance.random() < 0.5:
        cut = chance.randrange(len(payload) + 1)
        pieces = [payload[:cut], payload[cut:]]
    frames = b"".join(
        frame(BINARY if n == 0 else chance.randrange(16), piece,
              final=n == len(pieces) - 1 or chance.random() < 0.3,
              masked=chance.random() < 0.9,
              reserved=chance.choice([0] * 9 + [4]))
        for n, piece in enumerate(pieces))
    which = chance.randrange(3)
    if which == 0:
        upgrade = chance.either(upgrade)
    elif which == 1:
        frames = chance.bytes(frames)
    return upgrade + frames


def test_A7_no_websocket_kills_a_worker(besieged, certificates):
    scene = besieged(transports=("tls", "ws", "wss"),
                     params=certificates.params())
    chance = Mutator(6455)
    siege = MsrpSiege(scene, chance)
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    hello = ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        trusting.wrap_bio(ssl.MemoryBIO(), hello).do_handshake()
    greeting = hello.read()
    ports = scene.server.msrp_ports
    for number in range(UPGRADES):
        payload = siege.stream()
        if chance.random() < 0.3:
            payload = chance.bytes(payload)
        throw((ADDRESS, ports["ws"]), websocket_stream(chance, payload),
              chance.random() < 0.5)
        throw((ADDRESS, ports[chance.choice(["tls", "wss"])]),
              chance.bytes(greeting), chance.random() < 0.5)
        look_at(scene, number)
    siege.expect_alive()
    expect_well(scene)
    expect_nothing_left(scene)


# SIP

@pytest.mark.parametrize("value", ["", " "])
def test_A5_an_empty_call_id_is_refused(scene, value):
    """tm reads from nowhere when it is to send within such a dialog."""
    alice, = scene.people("alice")
    mine = alice.initiate_ad_hoc_conference([])
    nothing = [("Call-ID", value)]
    event = [("Event", "conference"), ("Expires", "3600"),
             ("Contact", alice.contact)]
    for method, uri, fields in (
            ("SUBSCRIBE", mine.identity, event),
            ("INVITE", scene.server.factory, [("Contact", alice.contact)]),
            ("REFER", mine.identity, [("Refer-To", f"<{alice.aor}>")]),
            ("OPTIONS", mine.identity, [])):
        answer = alice.request(method, uri, fields + nothing).wait(15)
        assert answer.status == 400, method


def invite_and_cancel(creator: IMClient, ringing: IMClient) -> None:
    ringing.answer = Answer.ringing()
    session = creator.initiate_ad_hoc_conference([ringing.user])
    ringing.wait_invited(timeout=15)
    creator.expel_user(session, ringing.user)
    ringing.answer = Answer.accept()


def inside(scene: Scene, user: str) -> Options:
    """Who asks as one of a trust domain."""
    return Options(asserted=(f"sip:{user}@{scene.server.domain}",),
                   charging_vector='icid-value="a1";orig-ioi=x.example;'
                   "icid-generated-at=192.0.2.1")


def everything(scene: Scene, people: list[IMClient]) -> None:
    """One of each request that we know; conferences go on behind it."""
    alice, bob, carol, dave = people
    mine, bobs, _ = scene.conference(alice, bob, carol, subject="Lunch")
    alice.query(mine.identity)
    alice.add_user(mine, "dave", subscribe=True).wait_final()
    alice.expel_users(mine.identity, ["dave"])
    alice.add_users(mine.identity, ["dave", Entry(carol.aor, "to")])
    mine.request("REFER", [("Refer-To", f"<{mine.identity};method=BYE>"),
                           ("Refer-Sub", "false")]).wait()
    bobs.request("UPDATE", [("Session-Expires", "1800;refresher=uac"),
                            ("Supported", "timer")]).wait()
    bob.modify_session(bobs).wait()
    bob.refresh_subscription(bob.subscribe(mine.identity))
    moved = bob.invite(mine.identity, headers=[
        ("Replaces", bobs.replaces()), ("Require", "replaces")])
    two = dave.invite("carol")
    dave.extend_to_conference(two, ["carol", "alice"])
    invite_and_cancel(alice, carol)
    moved.leave()


def test_A5_no_request_kills_a_worker(besieged):
    scene = besieged(params={"trusted_peers": ADDRESS,
                             "charging_ioi": "home.example"})
    chance = Mutator(3261)
    people = [scene.client(user, options=inside(scene, user))
              for user in ("alice", "bob", "carol", "dave")]
    scene.server.baseline = scene.server.shared_used()
    everything(scene, people)
    templates = [data for data in sent(scene, SipMessage)
                 if not data.startswith(b"REGISTER")]
    requests = [t for t in templates if not t.startswith(b"SIP/2.0 ")]
    chance.learn(templates + [b"\r\n\r\n" + body for body in corpus(
        "sdp", "resource_list", "multipart")])
    ports = [client.port for client in people]
    for client in people:
        scene.forget(client)
    strangers = Strangers(ports, ADDRESS, answers(chance.randrange(1 << 30)))
    try:
        for number in range(REQUESTS):
            data = chance.choice(requests if chance.random() < 0.9
                                 else templates)
            strangers.send(chance.either(renewed(data, number, chance)),
                           scene.server.proxy)
            look_at(scene, number)
        expect_well(scene)
        for client in scene.clients:
            for session in client.sessions:
                session.leave()
            client.unregister()
        expect_nothing_left(scene)
    finally:
        strangers.close()


def renewed(data: bytes, number: int, chance: Mutator) -> bytes:
    """Mostly a transaction of its own, in a dialog that goes on."""
    if chance.random() < 0.8:
        data = data.replace(b"branch=z9hG4bK",
                            b"branch=z9hG4bK%dx" % number)
        data = re.sub(rb"(?<=\nCSeq: )\d+", b"%d" % (100 + number), data)
    if b"recipient-list" in data and chance.random() < 0.5:
        data = re.sub(rb"(?<=\nCall-ID: )", b"%d-" % number, data)
    return data


def answers(seed: int) -> Callable[[SipMessage, bytes], bytes]:
    """What strangers say to requests of the server."""
    chance = Mutator(seed)
    descriptions = corpus("sdp")

    def answer(request: SipMessage, plain: bytes) -> bytes:
        if request.method == "INVITE":
            body = chance.choice(descriptions)
            plain = plain.replace(
                b"Content-Length: 0\r\n\r\n",
                b"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n"
                % len(body)) + body
        return chance.either(plain) if chance.random() < 0.5 else plain
    return answer


# XDMS

def pages(chance: Mutator, domain: str) -> Callable[[bytes], bytes]:
    """Answers about groups: right, nearly right, and not at all."""
    rules = [group_documents.Rule(group_documents.ANYBODY)]
    documents = [group_documents.group(
        f"sip:ROOM@{domain}", [f"sip:alice@{domain}"], rules=rules,
        display="A", invite_members=False, externals=externals).encode()
        for externals in ([], ["/resource-lists/users/sip:a@x/index"])]
    documents += [group_documents.resource_list([f"sip:bob@{domain}"]).encode(),
                  *corpus("group_document", "resource_list")]
    heads = [b"200 OK", b"304 Not Modified", b"401 Unauthorized",
             b"302 Found", b"100 Continue\r\n\r\nHTTP/1.1 200 OK",
             b"404 Not Found", b"503 Service Unavailable"]
    fields = [b'ETag: "a"', b"Location: /", b"Transfer-Encoding: chunked",
              b"Content-Encoding: gzip", b"Retry-After: 3",
              b'WWW-Authenticate: Digest realm="x", nonce="y", qop="auth"',
              b"Cache-Control: max-age=0", b"Connection: close"]

    def page(asked: bytes) -> bytes:
        body = chance.choice(documents[:chance.choice([2, len(documents)])])
        room = re.search(rb"room-\w+", asked)
        body = body.replace(b"ROOM", room.group(0) if room else b"ROOM")
        status = chance.choice(heads if chance.random() < 0.3 else heads[:1])
        some = chance.sample(fields, chance.randint(0, 2))
        kind = group_documents.MEDIA_TYPE.encode()
        whole = b"\r\n".join([
            b"HTTP/1.1 " + status, b"Content-Type: " + kind,
            b"Content-Length: %d" % len(body), *some]) + b"\r\n\r\n" + body
        return chance.either(whole) if chance.random() < 0.7 else whole
    return page


def test_P1_no_answer_of_an_xdms_kills_a_worker(besieged):
    chance, port = Mutator(4825), free_ports(1)
    scene = besieged(xdms_port=port, params={"xdms_ttl": 0})
    alice, = scene.people("alice")
    scene.server.baseline = scene.server.shared_used()
    xdms = GarbledXdms(ADDRESS, port, pages(chance, scene.server.domain))
    strangers = None
    try:
        alice.invite(f"sip:room-a@{scene.server.domain}",
                     wait=False).exchange.wait(PATIENCE)
        invite = next(data for data in sent(scene, SipMessage)
                      if data.startswith(b"INVITE"))
        scene.forget(alice)
        strangers = Strangers([alice.port], ADDRESS, lambda _, plain: plain)
        for number in range(1, DOCUMENTS + 1):
            fresh = invite.replace(b"sip:room-a@", b"sip:room-%d@" % (
                number % 40)).replace(b"branch=z9hG4bK",
                                      b"branch=z9hG4bK%dx" % number)
            fresh = re.sub(rb"(?<=\nCall-ID: )", b"%d-" % number, fresh)
            strangers.send(fresh, scene.server.proxy)
            scene.poll(lambda: strangers.finals >= number - 50, PATIENCE,
                       "final answers")
            look_at(scene, number)
        scene.poll(lambda: strangers.finals >= DOCUMENTS, PATIENCE,
                   "all final answers")
        assert scene.server.statistics()["created"] > DOCUMENTS / 100
        expect_well(scene)
        expect_nothing_left(scene)
    finally:
        xdms.close()
        if strangers:
            strangers.close()


# RPC

def test_RPC_no_question_kills_a_worker(besieged):
    scene, chance = besieged(), Mutator(2002)
    alice, bob = scene.people("alice", "bob")
    mine, _ = scene.conference(alice, bob)
    here = mine.identity
    commands = [("create", alice.aor, "Lunch", bob.aor),
                ("create", "s:", "", f"{bob.aor}?method=BYE", "tel:+1"),
                ("invite", here, bob.aor, alice.aor), ("show", here),
                ("kick", here, "sip:nobody@x"), ("announce", here, "hello"),
                ("list", "2", bob.aor), ("subscriptions", here),
                ("groups", "sip:"), ("reload_group", "sip:room-a@x"),
                ("params",), ("drain", "status")]
    for number in range(COMMANDS):
        name, *words = chance.choice(commands)
        said = [chance.bytes(w.encode()).replace(b"\0", b"")
                .decode("utf-8", "replace")[:60000] for w in words]
        try:
            rpc.call(str(scene.server.socket), f"imconf.{name}", *said)
        except rpc.RpcError:
            pass            # a fault is as good an answer
        look_at(scene, number)
    scene.server.rpc("imconf.drain", "off")
    expect_well(scene)
    expect_nothing_left(scene)
