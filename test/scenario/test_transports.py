# SPDX-License-Identifier: GPL-2.0-or-later
"""MSRP over TLS and WebSockets, beside TCP: who gets in, and who does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import rpc
from imclient import (Answer, IMClient, MsrpFrame, MsrpRelay, MsrpSettings,
                      Options, Refused, TlsIdentity)
from imclient.msrp import RawMsrp
from imclient.msrp_frame import parse_uri
from imclient.session import Session
from imclient.websocket import (BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT,
                                frame)
from scene import Scene

SECURE = pytest.mark.server(transports=("tls", "wss"))
ALL = ("tls", "ws", "wss")
LARGE = "0123456789abcdef" * 6400       # 102,400 octets


def settings(transport: str, tls: TlsIdentity | None = None,
             **more) -> Options:
    return Options(msrp=MsrpSettings(
        transport=transport, tls=tls or TlsIdentity(), **more))


def talk(speaker: Session, *listeners: Session, text: str = "alive") -> None:
    """The room lives: everybody named hears what is said now."""
    assert speaker.send_text(text).wait(15) == 200
    for listener in listeners:
        listener.client.wait_message(text, speaker.client.user, timeout=15)


def join(scene: Scene, creator: IMClient, *others: IMClient
         ) -> list[Session]:
    """A conference that all of them call into: each makes its own offer."""
    for client in others:
        client.answer = Answer.refuse(486)
    mine = creator.initiate_ad_hoc_conference([c.user for c in others])
    for client in others:
        client.wait_for(lambda c=client: c.sessions
                        and c.sessions[0].state == "failed", 15, "refused")
    sessions = [mine, *(c.invite(mine.identity) for c in others)]
    for session in sessions:
        session.leg.wait_bound(15)
    return sessions


@pytest.mark.server(transports=("tls",))
@pytest.mark.parametrize("hash_name", ["SHA-1", "SHA-256"])
def test_A7_msrps_with_fingerprints(scene, certificates, hash_name):
    alice = scene.client("alice", options=settings(
        "tls", certificates.identity("alice", hash=hash_name)))
    bob = scene.client("bob")
    mine, bobs = join(scene, alice, bob)
    assert mine.leg.remote_path.startswith("msrps://")
    assert mine.leg.fingerprints[0].lower().startswith(hash_name.lower())
    talk(mine, bobs)
    talk(bobs, mine, text=LARGE)


@pytest.mark.server(transports=ALL)
def test_A7_all_transports_in_one_conference(scene, certificates):
    users = [scene.client("alice")]
    for name in ALL:
        identity = certificates.identity(name) if name == "tls" else None
        users.append(scene.client(f"user-{name}",
                                  options=settings(name, identity)))
    sessions = join(scene, *users)
    for speaker in sessions:
        others = [s for s in sessions if s is not speaker]
        talk(speaker, *others, text=f"hello from {speaker.client.user}")
        talk(speaker, *others, text=LARGE + speaker.client.user)
    for session in sessions[2:]:
        # RFC 7977 section 5.1: one chunk in each WebSocket message
        stream = session.leg.stream
        sends = sum(e.direction == "received" and isinstance(
            e.message, MsrpFrame) for e in session.client.log)
        assert stream.messages == sends and stream.problems == []
    scene.wait_statistic("legs", 4)


@pytest.mark.server(transports=ALL, params={"leg_queue_max": 400000})
@pytest.mark.parametrize("transport", ALL)
def test_A7_a_slow_reader_of_any_transport(scene, transport):
    alice, bob = scene.people("alice", "bob")
    carol = scene.client("carol", options=settings(
        transport, receive_buffer=8192))
    mine, bobs, carols = join(scene, alice, bob, carol)
    carols.leg.pause_reading()
    talk(mine, bobs, text=LARGE + "1")
    carols.leg.resume_reading()
    carol.wait_message(LARGE + "1", timeout=15)
    carols.leg.pause_reading()
    for n in range(200):
        talk(mine, bobs, text=LARGE + str(n))
        if scene.server.statistics()["legs_dropped"]:
            break
    scene.wait_statistic("legs_dropped", 1)
    talk(bobs, mine)


# Who does not get in

def bare(session: Session, transport: str, address=None) -> RawMsrp:
    """A connection of its own to where a session's MSRP is."""
    uri = parse_uri(session.leg.remote_path)
    return session.client.msrp_connection(address or (uri.host, uri.port),
                                          transport)


def first_send(session: Session, transaction: str = "abcd1234") -> MsrpFrame:
    return MsrpFrame(transaction, "SEND", headers=[
        ("To-Path", session.leg.remote_path),
        ("From-Path", session.leg.local_path), ("Message-ID", "x")])


def unconnected(scene: Scene, user: str, options: Options) -> Session:
    """Alone in a conference, its MSRP not opened."""
    client = scene.client(user, options=options)
    session = client.initiate_ad_hoc_conference([], wait=False)
    session.leg.start = lambda path, *_: setattr(
        session.leg, "remote_path", path)
    session.exchange.wait()
    client.wait_for(lambda: session.leg.remote_path, 15, "the answer")
    return session


@SECURE
def test_A7_a_certificate_with_another_fingerprint_is_refused(
        scene, certificates):
    mine = unconnected(scene, "alice", settings(
        "tls", certificates.identity("alice")))
    mine.client.options.msrp.tls = certificates.identity("mallory")
    thief = bare(mine, "tls")
    thief.send(first_send(mine))
    assert thief.wait_frame().status == 403
    thief.wait_closed(15)
    mine.client.options.msrp.tls = TlsIdentity()
    nobody = bare(mine, "tls")
    nobody.send(first_send(mine))
    assert nobody.wait_frame().status == 403
    scene.wait_statistic("handshakes_failed", 2)
    mine.client.options.msrp.tls = certificates.identity("alice")
    right = bare(mine, "tls")
    right.send(first_send(mine))
    assert right.wait_frame().status == 200
    scene.wait_statistic("legs", 1)


@pytest.mark.server(transports=("tls",))
def test_A7_plain_and_secret_do_not_mix(scene, certificates):
    """TLS to the plain port, plain bytes to the TLS port, and a session that
    was to be secret opened in the clear."""
    mine = unconnected(scene, "alice", settings(
        "tls", certificates.identity("alice")))
    server = scene.server
    clear = bare(mine, "tcp", (server.address, server.msrp_ports["tls"]))
    clear.send(first_send(mine))
    clear.wait_closed(15)
    server.wait_log("closed: .*TLS packet")
    secret = bare(mine, "tls", (server.address, server.msrp_port))
    secret.wait_closed(15)
    worker = int(mine.identity.split("-")[1][0])
    downgraded = bare(mine, "tcp",
                      (server.address, server.msrp_port + worker))
    downgraded.send(first_send(mine))
    assert downgraded.wait_frame().status == 403
    right = bare(mine, "tls")
    right.send(first_send(mine))
    assert right.wait_frame().status == 200


@pytest.mark.server(transports=("tls", "wss"))
def test_A7_what_no_md5_fingerprint_can_prove(scene, certificates):
    tls = certificates.identity("alice", fingerprint="MD5 " + "AA:" * 15 + "AA")
    alice = scene.client("alice", options=settings("tls", tls))
    with pytest.raises(Refused) as refusal:
        alice.initiate_ad_hoc_conference([])
    assert refusal.value.status == 488


def test_A7_transports_that_are_off_get_488(scene, certificates):
    for transport in ALL:
        client = scene.client(f"user-{transport}", options=settings(
            transport, certificates.identity("alice")))
        with pytest.raises(Refused) as refusal:
            client.initiate_ad_hoc_conference([])
        assert refusal.value.status == 488


# WebSocket: RFC 6455 as RFC 7977 uses it

UPGRADE = ("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
           "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
           "Sec-WebSocket-Protocol: {}\r\n{}\r\n")


def upgraded(session: Session, protocol: str = "msrp", more: str = "",
             text: str = "") -> bytes:
    """The answer to an upgrade request."""
    raw = bare(session, "tcp")
    raw.stream.on_data = lambda data: setattr(raw, "data", raw.data + data)
    raw.send_bytes((text or UPGRADE.format(protocol, more)).encode())
    session.client.wait_for(lambda: b"\r\n\r\n" in raw.data or raw.closed,
                            15, "answer to the upgrade")
    raw.close()
    return raw.data


@pytest.mark.server(transports=("ws",), params={
    "msrp_ws_origin": ["https://chat.example.com", "https://b.example.com"]})
def test_A7_upgrade_to_a_websocket(scene):
    mine = unconnected(scene, "alice", settings("ws"))
    answer = upgraded(mine, more="Origin: https://chat.example.com\r\n")
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer
    assert b"Sec-WebSocket-Protocol: msrp\r\n" in answer
    assert (b"Access-Control-Allow-Origin: https://chat.example.com\r\n"
            in answer)
    assert upgraded(mine).startswith(b"HTTP/1.1 403 ")
    assert upgraded(mine, more="Origin: https://evil.example\r\n"
                    ).startswith(b"HTTP/1.1 403 ")
    assert upgraded(mine, "sip").startswith(b"HTTP/1.1 400 ")
    assert upgraded(mine, text="MSRP abcd SEND\r\n\r\n"
                    ).startswith(b"HTTP/1.1 400 ")
    assert upgraded(mine, text="\x16\x03\x01\x02\x00").startswith(
        b"HTTP/1.1 400 ")
    answer = upgraded(mine, text=UPGRADE.format("msrp", "").replace(
        "Version: 13", "Version: 8"))
    assert answer.startswith(b"HTTP/1.1 426 ")
    assert b"Sec-WebSocket-Version: 13\r\n" in answer
    scene.wait_statistic("handshakes_failed", 6)


def web(session: Session) -> RawMsrp:
    raw = bare(session, "ws")
    session.client.wait_for(lambda: raw.stream.connected, 15, "a WebSocket")
    return raw


def say(raw: RawMsrp, data: bytes) -> None:
    with raw.loop.changed:
        raw.stream.send_frame(data)


@pytest.mark.server(transports=("ws",), params={"message_max": 100000})
def test_A7_websocket_frames(scene):
    """Fragments, pings between them, text frames, an orderly end."""
    mine = unconnected(scene, "alice", settings("ws"))
    raw = web(mine)
    data = first_send(mine).encode()
    say(raw, frame(TEXT, data[:10], final=False))
    say(raw, frame(PING, b"still there?"))
    say(raw, frame(CONTINUATION, b"", final=False))
    say(raw, frame(PONG, b"nobody asked"))
    say(raw, frame(CONTINUATION, data[10:]))
    assert raw.wait_frame().status == 200
    assert raw.stream.pongs == [b"still there?"]
    scene.wait_statistic("legs", 1)
    say(raw, frame(CLOSE, b"\x03\xe8bye"))
    raw.wait_closed(15)
    assert raw.stream.close_code == 1000
    scene.wait_statistic("legs", 0)


@pytest.mark.server(transports=("ws",), params={"message_max": 100000})
def test_A7_websocket_frames_that_rfc_6455_forbids(scene):
    mine = unconnected(scene, "alice", settings("ws"))
    data = first_send(mine).encode()
    hostile = {
        "not masked": (frame(BINARY, data, masked=False), 1002),
        "reserved bit": (frame(BINARY, data, reserved=4), 1002),
        "unknown opcode": (frame(3, data), 1002),
        "no begin": (frame(CONTINUATION, data), 1002),
        "no end": (frame(BINARY, data, final=False)
                   + frame(BINARY, data), 1002),
        "cut ping": (frame(PING, b"", final=False), 1002),
        "long ping": (frame(PING, b"x" * 126), 1002),
        "too large": (frame(BINARY, b"x" * 120000), 1009),
        "16 EiB": (b"\x82\xff" + b"\xff" * 12, 1002),
    }
    for name, (data, code) in hostile.items():
        raw = web(mine)
        say(raw, data)
        raw.wait_closed(15)
        assert (name, raw.stream.close_code) == (name, code)
    assert scene.server.statistics()["legs"] == 0


# Certificates

@pytest.mark.server(transports=("tls",), workers=2)
def test_A7_certificates_are_reloaded(scene, certificates):
    """A new certificate for new connections; a bad one changes nothing."""
    server = scene.server
    certificates.identity("bob")
    files = [Path(server.params[name])
             for name in ("tls_certificate", "tls_key")]
    alice = scene.client("alice", options=settings(
        "tls", certificates.identity("alice")))
    first = alice.initiate_ad_hoc_conference([])
    first.leg.wait_bound()
    before = server.rpc("imconf.reload_tls")
    assert [w["worker"] for w in before] == [0, 1]
    for file in files:
        shutil.copy(certificates.path("bob", file.suffix[1:]), file)
    after = server.rpc("imconf.reload_tls")
    assert after[0]["fingerprint"] == after[1]["fingerprint"]
    assert after[0]["fingerprint"] != before[0]["fingerprint"]
    second = alice.initiate_ad_hoc_conference([])
    second.leg.wait_bound()
    assert second.leg.fingerprints == [after[0]["fingerprint"]]
    assert first.send_text("still here").wait() == 200
    files[0].write_text("nonsense")
    scene.expect_log("tls_certificate is .* cannot be used")
    with pytest.raises(rpc.RpcError, match="error: 500"):
        server.rpc("imconf.reload_tls")
    third = alice.initiate_ad_hoc_conference([])
    third.leg.wait_bound()
    assert third.leg.fingerprints == second.leg.fingerprints


def test_A7_without_tls_there_is_nothing_to_reload(scene):
    with pytest.raises(rpc.RpcError, match="error: 404"):
        scene.server.rpc("imconf.reload_tls")


# Addresses

@pytest.mark.server(workers=1, params={
    "msrp_address": "::", "msrp_advertise": ["[::1]", "127.0.0.2=127.0.0.3",
                                             "127.0.0.1=127.0.0.1"]})
def test_A4_advertised_addresses(scene):
    """A dual stack of which everybody is told what fits."""
    alice, bob = scene.people("alice", "bob")
    mine, bobs = join(scene, alice, bob)
    assert "//127.0.0.1:" in mine.leg.remote_path
    talk(mine, bobs)


@pytest.mark.server(params={"msrp_connect_allow": "127.0.0.2"})
def test_A4_where_we_may_connect(scene):
    options = Options(setup="passive")
    alice = scene.client("alice", options=options)
    with pytest.raises(Refused) as refusal:
        alice.initiate_ad_hoc_conference([])
    assert refusal.value.status == 488
    scene.server.wait_log("refused with 488")


# Relays (RFC 4976)

@pytest.fixture(name="relay")
def relay_fixture():
    relay = MsrpRelay()
    yield relay
    relay.close()


@pytest.mark.server(workers=1)
def test_A7_two_participants_behind_one_relay(scene, relay):
    """Both over its one connection, each told apart by its session."""
    options = Options(setup="active", msrp=MsrpSettings(relay=relay))
    alice = scene.client("alice", options=options)
    bob = scene.client("bob", options=options)
    carol = scene.client("carol")
    mine, bobs, carols = join(scene, alice, bob, carol)
    scene.wait_statistic("legs", 3)
    for speaker, others in ((mine, (bobs, carols)), (bobs, (mine, carols)),
                            (carols, (mine, bobs))):
        talk(speaker, *others, text=f"from {speaker.client.user}")
    talk(carols, mine, bobs, text=LARGE)
    paths = {s.leg.path for s in (mine, bobs)}
    sends = {f.get("To-Path") for f in relay.from_far if f.method == "SEND"}
    assert sends == paths
    # a response goes to the nearest hop alone, RFC 4975 section 7.2
    answers = {f.get("To-Path") for f in relay.from_far if f.status}
    assert answers == {s.leg.relay_uri for s in (mine, bobs)}
    bobs.leave()
    talk(mine, carols, text="one has gone")


# Where we connect

def passive(identity: TlsIdentity) -> Options:
    options = settings("tls", identity)
    options.answer_setup = "passive"
    return options


@pytest.mark.server(transports=("tls",), params={"msrp_offer": "tls"})
def test_A7_we_connect_by_tls(scene, certificates):
    """To a fingerprint, or to a name that tls_ca vouches for, and to none
    that is somebody else."""
    alice = scene.client("alice", options=settings(
        "tls", certificates.identity("alice")))
    bob = scene.client("bob", options=passive(certificates.identity("bob")))
    vouched = certificates.identity("server", hash="")
    carol = scene.client("carol", options=passive(vouched))
    liar = certificates.identity(
        "dave", fingerprint=certificates.identity("bob").fingerprint_line())
    dave = scene.client("dave", options=passive(liar))
    mine = alice.initiate_ad_hoc_conference(["bob", "carol", "dave"])
    sessions = [mine, bob.wait_connected(), carol.wait_connected()]
    dave.wait_connected()
    for session in sessions:
        session.leg.wait_bound(15)
    talk(mine, *sessions[1:])
    talk(sessions[1], mine, sessions[2], text="from bob")
    scene.server.wait_log("dave.* lost: its certificate has another", 15)
    scene.wait_statistic("handshakes_failed", 1)
    scene.wait_statistic("legs", 3)


@pytest.mark.slow
@SECURE
def test_A7_half_a_handshake_is_not_waited_for_long(scene, certificates):
    """Nor does anybody else notice."""
    mine = unconnected(scene, "alice", settings(
        "tls", certificates.identity("alice")))
    server = scene.server
    halves = []
    for transport, data in (("tls", b""), ("tls", b"\x16\x03\x01\x02\x00\x01"),
                            ("wss", b"")):
        half = bare(mine, "tcp",
                    (server.address, server.msrp_ports[transport]))
        half.send_bytes(data)
        halves.append(half)
    right = bare(mine, "tls")
    right.send(first_send(mine))
    assert right.wait_frame().status == 200
    for half in halves:
        half.wait_closed(30)
    scene.wait_statistic("handshakes_failed", 3)
    assert not right.closed
