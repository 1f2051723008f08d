# SPDX-License-Identifier: GPL-2.0-or-later
"""MSRP: who gets onto a leg, what is passed on to whom, and what is not."""


import pytest

from imclient import (Answer, Cpim, IMClient, MsrpFrame, MsrpSettings,
                      Options, cpim)
from imclient.msrp_frame import parse_uri
from imclient.session import Session
from scene import Scene

LARGE = "0123456789abcdef" * 20000      # 320,000 octets


@pytest.fixture(name="three")
def three_fixture(scene: Scene) -> list[Session]:
    """The sessions of alice, bob and carol in one conference."""
    return scene.conference(*scene.people("alice", "bob", "carol"))


def frames(client: IMClient, direction: str = "received",
           method: str = "SEND") -> list[MsrpFrame]:
    """Frames with a body, or of another method."""
    return [e.message for e in client.log if e.direction == direction
            and isinstance(e.message, MsrpFrame)
            and e.message.method == method
            and (method != "SEND" or e.message.body)]


def cpim_from(session: Session, text: str, **headers: str) -> bytes:
    """A chat message; header values given by name, "" leaves one out."""
    message = cpim.text_message(text, session.client.aor)
    message.headers = [(n, headers.get(n, v)) for n, v in message.headers
                       if headers.get(n, v)]
    return message.encode()


def send(session: Session, body: bytes, kind: str = "message/cpim",
         **options) -> int:
    return session.leg.send(kind, body, **options).wait()


def talk(speaker: Session, *listeners: Session, text: str = "alive") -> None:
    """The room lives: everybody named hears what is said now."""
    assert speaker.send_text(text).wait() == 200
    for listener in listeners:
        listener.client.wait_message(text, speaker.client.user)


def shown(scene: Scene, session: Session) -> dict:
    """What RPC says of a participant."""
    participants = scene.server.show(session.identity)["participants"]
    return next(p for p in participants
                if p["entity"] == session.client.aor)


def leg_state(scene: Scene, session: Session) -> str:
    return shown(scene, session)["leg"]


def leg_held(scene: Scene, session: Session) -> int:
    return shown(scene, session)["held"]


# Binding

@pytest.mark.parametrize("bind", ["bodiless", "empty"])
def test_A7_an_empty_send_binds(scene, bind):
    alice = scene.client("alice", options=Options(
        msrp=MsrpSettings(bind=bind)))
    session = alice.initiate_ad_hoc_conference([])
    session.leg.wait_bound()
    scene.wait_statistic("legs", 1)


def test_A7_the_first_message_may_bind(scene):
    alice = scene.client("alice", options=Options(
        msrp=MsrpSettings(bind="none")))
    bob = scene.client("bob")
    mine, _ = scene.conference(alice, bob)
    assert mine.send_text("hello").wait() == 200
    bob.wait_message("hello")


def test_A7_wrong_session_gets_481(scene, three):
    mine = three[0]
    uri = parse_uri(mine.leg.remote_path)
    stranger = mine.client.msrp_connection((uri.host, uri.port))
    path = f"msrp://{uri.host}:{uri.port}/{'0' * 32};tcp"
    stranger.send(MsrpFrame("abcd1234", "SEND", headers=[
        ("To-Path", path), ("From-Path", mine.leg.local_path),
        ("Message-ID", "x")]))
    response = stranger.wait_frame()
    assert (response.status, response.transaction) == (481, "abcd1234")
    assert response.get("To-Path") == mine.leg.local_path
    stranger.close()
    talk(*three)


def test_A7_second_connection_gets_506(scene, three):
    mine, bobs, _ = three
    uri = parse_uri(bobs.leg.remote_path)
    thief = mine.client.msrp_connection((uri.host, uri.port))
    thief.send(MsrpFrame("abcd1234", "SEND", headers=[
        ("To-Path", bobs.leg.remote_path),
        ("From-Path", bobs.leg.local_path), ("Message-ID", "x")]))
    assert thief.wait_frame().status == 506
    thief.close()
    talk(*three)


def test_A7_a_lost_connection_may_be_made_anew(scene, three):
    mine, bobs, carols = three
    bobs.leg.abort()
    scene.poll(lambda: leg_state(scene, bobs) == "lost", what="lost leg")
    talk(mine, carols, text="who misses this?")
    bobs.leg.reconnect()
    bobs.leg.wait_bound()
    talk(mine, bobs, carols, text="welcome back")
    assert [m.text for m in bobs.messages] == ["who misses this?",
                                               "welcome back"]


def connect_later(client: IMClient) -> list:
    """Its next leg does not connect by itself, but when what is put into the
    returned list is called."""
    waiting: list = []

    def keep_apart(session: Session) -> Answer:
        start = session.leg.start
        session.leg.start = lambda *arguments: waiting.append(
            lambda: start(*arguments))
        return Answer.accept()
    client.answer = keep_apart
    return waiting


def test_A7_nothing_is_lost_before_a_leg_is_bound(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    connect = connect_later(bob)
    mine = alice.initiate_ad_hoc_conference(["bob", "carol"])
    bobs, carols = bob.wait_connected(), carol.wait_connected()
    for session in (mine, carols):
        session.leg.wait_bound()
    alice.wait_roster({name: "connected" for name in
                       ("alice", "bob", "carol")})
    texts = [f"number {n}" for n in range(20)]
    for text in texts:
        talk(mine, carols, text=text)
    talk(carols, mine, text=LARGE)
    assert leg_held(scene, bobs) > len(LARGE)
    connect[0]()
    bobs.leg.wait_bound()
    talk(mine, bobs, carols, text="now we are three")
    assert [m.text for m in bobs.messages] == [*texts, LARGE,
                                               "now we are three"]
    assert leg_held(scene, bobs) == 0
    scene.wait_statistic("drops", 0)


@pytest.mark.server(params={"leg_queue_max": 4096})
def test_A7_what_cannot_be_held_is_counted_and_said(scene):
    alice, bob = scene.people("alice", "bob")
    connect = connect_later(bob)
    mine = alice.initiate_ad_hoc_conference(["bob"])
    bobs = bob.wait_connected()
    for n in range(30):
        assert mine.send_text(f"number {n}").wait() == 200
    drops = scene.server.statistics()["drops"]
    assert 0 < drops < 30
    connect[0]()
    bobs.leg.wait_bound()
    talk(mine, bobs, text="better late")
    assert [m.text for m in bobs.messages] == [
        *(f"number {n}" for n in range(30 - drops)), "better late"]
    said = [line for line in scene.server.log_lines()
            if f"leg of {bob.aor}: {drops} messages" in line]
    assert len(said) == 1 and "leg_queue_max (4096 bytes)" in said[0]


@pytest.mark.server(params={"leg_lost_timeout": 1})
def test_A7_who_stays_without_connection_is_released(scene):
    alice, bob = scene.people("alice", "bob")
    mine, bobs = scene.conference(alice, bob)
    bobs.leg.abort()
    bye = bob.wait_bye(bobs)
    assert "cause=480" in bye.get("Reason")
    alice.wait_roster({"alice": "connected", "bob": "disconnected"},
                      exact=False)
    assert alice.roster.detail(bob.aor, "disconnection-method") == "failed"
    talk(mine)


@pytest.mark.server(params={"media_timeout": 3})
def test_A7_who_never_connects_is_released(scene):
    alice, bob = scene.people("alice", "bob")

    def without_connection(session: Session) -> Answer:
        session.leg.start = lambda *_arguments: None
        return Answer.accept()
    bob.answer = without_connection
    mine = alice.initiate_ad_hoc_conference(["bob"])
    mine.leg.wait_bound()
    bobs = bob.wait_connected()
    assert leg_state(scene, bobs) == "waiting"
    assert "cause=480" in bob.wait_bye(bobs).get("Reason")
    talk(mine)


# What is passed on

def test_A7_a_message_goes_to_all_others_byte_for_byte(scene, three):
    mine, bobs, carols = three
    body = (f"From: Al <{mine.client.aor}>\r\n"
            "To: <sip:anonymous@anonymous.invalid>\r\n"
            "DateTime: 2026-01-02T03:04:05.006Z\r\n"
            "NS: imdn <urn:ietf:params:imdn>\r\n"
            "imdn.Message-ID: 0815\r\n\r\n"
            "Content-type: text/plain;charset=utf-8\r\n"
            "X-odd:  two  spaces \r\n\r\n"
            "Grüße\n\r\n-------\0").encode()
    assert send(mine, body) == 200
    for session in (bobs, carols):
        message = session.client.wait_message()
        assert message.raw == body
        assert message.content_type == "message/cpim"
        frame = message.frames[0]
        assert frame.get("Failure-Report") == "no"
        assert frame.get("To-Path") == session.leg.local_path
        assert frame.get("From-Path") == session.leg.remote_path
    assert mine.messages == []


def test_A7_order_is_kept(scene, three):
    mine, bobs, carols = three
    texts = [f"number {n}" for n in range(200)]
    sent = [mine.send_text(text) for text in texts]
    assert {message.wait() for message in sent} == {200}
    for session in (bobs, carols):
        session.client.wait_message(texts[-1])
        assert [m.text for m in session.messages] == texts


def test_A7_everybody_talks_at_once(scene, three):
    for number in range(50):
        for session in three:
            session.send_text(f"{session.client.user} {number}")
    for session in three:
        client = session.client
        client.wait_for(lambda c=client: len(c.messages) == 100,
                        what="100 messages")
        for other in three:
            if other is not session:
                user = other.client.user
                assert [m.text for m in client.messages
                        if m.text.startswith(user)] == [
                    f"{user} {n}" for n in range(50)]


def test_A7_frames_may_come_in_any_pieces(scene, three):
    mine, bobs, _ = three
    frame = MsrpFrame("tid12345", "SEND", headers=[
        ("To-Path", mine.leg.remote_path),
        ("From-Path", mine.leg.local_path), ("Message-ID", "m1"),
        ("Byte-Range", "1-*/*"), ("Content-Type", "message/cpim")],
        body=cpim_from(mine, "drop by drop"))
    for octet in frame.encode():
        mine.leg.send_bytes(bytes([octet]))
    # the client does not know of that request
    scene.expect_problem("response to nothing: MSRP tid12345 200")
    bobs.client.wait_message("drop by drop")


# Small and large

def test_A7_a_small_chunked_message_is_passed_on_whole(scene, three):
    mine, bobs, carols = three
    body = cpim_from(mine, "in two halves")
    half, total = len(body) // 2, len(body)
    first = mine.leg.send_chunk("m1", 1, half, total, body[:half], "+")
    assert first.wait() == 200
    talk(carols, bobs, text="between")
    assert [m.text for m in bobs.messages] == ["between"]
    assert len(frames(bobs.client)) == 1
    last = mine.leg.send_chunk("m1", half + 1, total, total, body[half:], "$")
    assert last.wait() == 200
    message = bobs.client.wait_message("in two halves")
    assert len(message.frames) == 1
    assert message.frames[0].get("Byte-Range") == f"1-{total}/{total}"


def test_A7_a_message_given_up_is_not_passed_on(scene, three):
    mine, bobs, _ = three
    body = cpim_from(mine, "never mind")
    mine.leg.send_chunk("m1", 1, 20, len(body), body[:20], "+").wait()
    mine.leg.send_chunk("m1", 21, 30, len(body), body[20:30], "#").wait()
    talk(*three)
    assert [m.text for m in bobs.messages] == ["alive"]


def test_A7_a_large_message_streams(scene, three):
    mine, bobs, carols = three
    body = cpim_from(mine, LARGE)
    half, total = len(body) // 2, len(body)
    mine.leg.send_chunk("m1", 1, half, total, body[:half], "+")
    bobs.client.wait_for(lambda: frames(bobs.client), what="first chunk")
    talk(carols, mine, bobs, text="meanwhile")
    mine.leg.send_chunk("m1", half + 1, total, total, body[half:], "$")
    for session in (bobs, carols):
        message = session.client.wait_message(LARGE)
        assert message.raw == body
        assert len(message.frames) > 1
    assert [m.text for m in bobs.messages] == ["meanwhile", LARGE]


@pytest.mark.parametrize("chunk", [2048, 10240, 1 << 20])
@pytest.mark.parametrize("byte_range", ["exact", "star"])
def test_A7_large_messages_in_chunks_of_any_size(
        scene, three, chunk, byte_range):
    mine, bobs, carols = three
    text = LARGE * 2
    sent = mine.leg.send("message/cpim", cpim_from(mine, text),
                         chunk_size=chunk, byte_range=byte_range)
    assert sent.wait() == 200
    for session in (bobs, carols):
        assert session.client.wait_message(text).to


def test_A7_a_large_message_given_up_ends_for_everybody(scene, three):
    mine, bobs, _ = three
    body = cpim_from(mine, LARGE)
    half = len(body) // 2
    mine.leg.send_chunk("m1", 1, half, len(body), body[:half], "+")
    bobs.client.wait_for(lambda: frames(bobs.client), what="first chunk")
    mine.leg.send_chunk("m1", half + 1, half + 1, len(body), b"x", "#")
    bobs.client.wait_for(lambda: bobs.messages, what="end of the message")
    assert bobs.messages[0].aborted
    talk(*three)


def test_A7_a_sender_that_vanishes_ends_its_message(scene, three):
    mine, bobs, carols = three
    body = cpim_from(mine, LARGE)
    half = len(body) // 2
    mine.leg.send_chunk("m1", 1, half, len(body), body[:half], "+").wait()
    bobs.client.wait_for(lambda: frames(bobs.client), what="first chunk")
    mine.leg.abort()
    bobs.client.wait_for(lambda: bobs.messages, what="end of the message")
    assert bobs.messages[0].aborted
    talk(bobs, carols)


@pytest.mark.server(params={"collect_max": 4096, "message_max": 8192})
def test_A7_a_message_over_the_limit_gets_413(scene):
    alice, bob = scene.people("alice", "bob")
    mine, bobs = scene.conference(alice, bob)
    assert send(mine, cpim_from(mine, "x" * 9000)) == 413
    talk(mine, bobs)
    assert [m.text for m in bobs.messages if not m.aborted] == ["alive"]


# Reports

def test_A7_no_answer_where_none_is_wanted(scene, three):
    mine, bobs, _ = three
    for mode in ("no", "partial"):
        mine.leg.send("message/cpim", cpim_from(mine, mode),
                      failure_report=mode)
        bobs.client.wait_message(mode)
    talk(*three)
    answered = [f.transaction for f in frames(mine.client, method="")]
    quiet = [f.transaction for f in frames(mine.client, "sent")
             if f.get("Failure-Report")]
    assert len(quiet) == 2 and not set(quiet) & set(answered)


def test_A7_a_report_is_taken_without_reply(scene, three):
    mine, bobs, _ = three
    mine.leg.send_request("REPORT", [
        ("Message-ID", "m0"), ("Byte-Range", "1-1/1"),
        ("Status", "000 200 OK")], expects=False)
    talk(*three)
    report = frames(mine.client, "sent", "REPORT")[0]
    assert report.transaction not in [
        f.transaction for f in frames(mine.client, method="")]
    assert frames(bobs.client, method="REPORT") == []


def test_A7_reports_only_for_who_asked(scene, three):
    mine, *others = three
    talk(*three)
    assert frames(mine.client, method="REPORT") == []
    sent = mine.leg.send("message/cpim", cpim_from(mine, "heard?"),
                         success_report="yes")
    report = sent.wait_report()
    assert report.get("Status").startswith("000 200")
    for session in others:
        session.client.wait_message("heard?")
        assert not frames(session.client, "sent", "REPORT")


# What is refused

def test_A7_not_cpim_gets_415(scene, three):
    mine, bobs, _ = three
    assert send(mine, b"plain", kind="text/plain") == 415
    talk(*three)
    assert [m.text for m in bobs.messages] == ["alive"]


@pytest.mark.parametrize("method", ["AUTH", "FROBNICATE"])
def test_A7_unknown_methods_get_501(scene, three, method):
    assert three[0].leg.send_request(method, []).wait() == 501
    talk(*three)


@pytest.mark.parametrize("body", [
    b"no header at all", b"From <sip:x@y>\r\n\r\n\r\n",
    b"From: <sip:x@y\r\nTo" + b"\xff" * 3000],
    ids=["none", "no colon", "noise"])
def test_A7_broken_cpim_gets_400_and_the_room_lives_on(scene, three, body):
    mine, bobs, _ = three
    assert send(mine, body) in (400, 403)
    talk(*three)
    talk(bobs, mine, text="here too")
    assert [m.text for m in bobs.messages] == ["alive"]


def test_A7_somebody_elses_from_gets_403(scene, three):
    mine, bobs, carols = three
    body = cpim_from(mine, "I am bob", From=f"<{bobs.client.aor}>")
    assert send(mine, body) == 403
    talk(*three)
    assert [m.text for m in carols.messages] == ["alive"]


def test_A7_own_names_pass_and_absent_ones_are_added(scene, three):
    mine, bobs, _ = three
    own = mine.client.aor
    at = own.partition("@")[2]
    for said, heard in ((f"<SIP:%61lice@{at}>", f"SIP:%61lice@{at}"),
                        ("", own), ("<sip:anonymous@anonymous.invalid>", own),
                        (f'"A, B" <{own}>', own)):
        body = cpim_from(mine, f"from {said}", From=said)
        assert send(mine, body) == 200
        assert bobs.client.wait_message(f"from {said}").sender == heard


def test_A7_an_absent_to_is_added(scene, three):
    mine, bobs, _ = three
    assert send(mine, cpim_from(mine, "to whom?", To="")) == 200
    message = bobs.client.wait_message("to whom?")
    assert message.to == mine.identity


def test_A7_bare_line_feeds_are_understood(scene, three):
    mine, bobs, _ = three
    body = cpim_from(mine, "from unix").replace(b"\r\n", b"\n")
    assert send(mine, body) == 200
    assert bobs.client.wait_message("from unix").raw == body


def test_A7_a_private_message_reaches_only_its_recipient(scene, three):
    mine, bobs, carols = three
    assert send(mine, cpim_from(
        mine, "psst", To=f"<{bobs.client.aor}>")) == 200
    bobs.client.wait_message("psst")
    talk(*three)
    assert [m.text for m in carols.messages] == ["alive"]


def test_A7_a_private_message_to_nobody_gets_404(scene, three):
    mine, bobs, carols = three
    at = scene.server.domain
    assert send(mine, cpim_from(mine, "x", To=f"<sip:dave@{at}>")) == 404
    talk(*three)
    assert len(bobs.messages) == len(carols.messages) == 1


def test_A7_several_recipients_get_403(scene, three):
    mine, bobs, carols = three
    message = Cpim([("From", f"<{mine.client.aor}>"),
                    ("To", f"<{bobs.client.aor}>"),
                    ("To", f"<{carols.client.aor}>")],
                   [("Content-type", "text/plain")], b"both")
    assert send(mine, message.encode()) == 403
    talk(*three)


# Hostile and slow peers

@pytest.mark.parametrize("data", [
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\0" * 300,
    b"MSRP " + b"a" * 100000, b"MSRP tid SEND\r\nX: " + b"y" * 200000],
    ids=["http", "zeros", "endless id", "endless header"])
def test_A7_strangers_who_speak_no_msrp_are_hung_up_on(scene, three, data):
    mine = three[0]
    uri = parse_uri(mine.leg.remote_path)
    stranger = mine.client.msrp_connection((uri.host, uri.port))
    stranger.send_bytes(data)
    stranger.wait_closed()
    talk(*three)


def test_A7_a_participant_who_speaks_no_msrp_loses_its_leg(scene, three):
    mine, bobs, carols = three
    mine.leg.send_bytes(b"What?\r\n" * 100)
    mine.leg.wait_closed()
    talk(bobs, carols)
    mine.leg.reconnect()
    mine.leg.wait_bound()
    talk(bobs, mine, text="back")


@pytest.mark.server(params={"leg_queue_max": 65536})
def test_A7_a_socket_that_takes_no_more_is_dropped(scene):
    """Its participant stays connected: it may bind again meanwhile."""
    alice, bob = scene.people("alice", "bob")
    carol = scene.client("carol", options=Options(
        msrp=MsrpSettings(receive_buffer=4096)))
    mine, bobs, carols = scene.conference(alice, bob, carol)
    carols.leg.pause_reading()
    text, number = "x" * 30000, 0
    while scene.server.statistics()["legs_dropped"] == 0:
        number += 1
        assert number < 1000, "nobody was dropped"
        assert mine.send_text(f"{number} {text}").wait() == 200
        bob.wait_message(f"{number} {text}")
    scene.server.wait_log("leg of sip:carol.* dropped: it does not read")
    assert scene.server.statistics()["drops"] > 0
    scene.poll(lambda: leg_state(scene, carols) == "lost", what="lost leg")
    talk(mine, bobs)
    assert shown(scene, carols)["state"] == "connected"
    assert leg_held(scene, carols) > 0
    carols.leg.reconnect()
    carols.leg.wait_bound()
    talk(mine, bobs, carols, text="again")
    for watcher in (alice, bob):
        assert b"disconnected" not in b"".join(
            watcher.subscriptions[0].roster.documents)


def test_A7_a_slow_reader_gets_everything(scene, three):
    """Up to leg_queue_max it is only late."""
    mine, bobs, carols = three
    carols.leg.pause_reading()
    texts = [f"{n} {'y' * 20000}" for n in range(30)]
    for text in texts:
        assert mine.send_text(text).wait() == 200
        bobs.client.wait_message(text)
    carols.leg.resume_reading()
    carols.client.wait_message(texts[-1])
    assert [m.text for m in carols.messages] == texts


def test_A7_messages_are_counted(scene, three):
    mine = three[0]
    talk(*three)
    wanted = {"messages": 1, "deliveries": 2, "legs": 3, "drops": 0}
    statistics = scene.server.statistics()
    assert {name: statistics[name] for name in wanted} == wanted
    assert statistics["bytes"] > 2 * len(cpim_from(mine, "alive"))
