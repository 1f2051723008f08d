# SPDX-License-Identifier: GPL-2.0-or-later
"""RFC 7701: nicknames and private messages, and what a peer can take."""

import os
import subprocess
import sys

import pytest

from imclient import Cpim, MsrpFrame, Options, SdpTemplate, cpim
from imclient.session import Session
from rpc import RpcError
from scene import Scene

RCS = SdpTemplate(chatroom=None)     # the GSMA reference client's word


@pytest.fixture(name="three")
def three_fixture(scene: Scene) -> list[Session]:
    """The sessions of alice, bob and carol in one conference."""
    return scene.conference(*scene.people("alice", "bob", "carol"))


def texts(session: Session) -> list[str]:
    return [m.text for m in session.messages]


def talk(speaker: Session, *listeners: Session, text: str = "alive") -> None:
    assert speaker.send_text(text).wait() == 200
    for listener in listeners:
        listener.client.wait_message(text, speaker.client.user)


def send(session: Session, body: bytes, **options) -> int:
    return session.leg.send("message/cpim", body, **options).wait()


def wait_shown(session: Session, names: dict[str, str]) -> None:
    """These display names in the session's roster, by user."""
    client = session.client
    wanted = {client.uri_of(user): name for user, name in names.items()}

    def shown() -> bool:
        seen = client.roster.display_names if client.roster else {}
        return all(seen.get(uri) == name for uri, name in wanted.items())
    client.wait_for(shown, 15, lambda: f"{wanted}, {client.roster.documents}")


def described(body: bytes, name: str) -> list[str]:
    """The values of an attribute in a description."""
    lines = body.decode().splitlines()
    return [line.partition(":")[2] for line in lines
            if line.partition(":")[0] == f"a={name}"]


# Nicknames

def test_N8_a_nickname_is_shown_and_only_one_has_it(scene, three):
    """RFC 7701 section 9.2."""
    mine, bobs, carols = three
    assert bobs.set_nickname("Alice the great").wait() == 200
    exchange = mine.set_nickname("alice  the GREAT")
    assert exchange.wait() == 425
    assert exchange.response.comment == "Nickname reserved or already in use"
    assert mine.set_nickname("Alice in Wonderland").wait() == 200
    for session in three:
        wait_shown(session, {"alice": "Alice in Wonderland",
                             "bob": "Alice the great", "carol": ""})
    assert bobs.set_nickname("").wait() == 200
    wait_shown(carols, {"bob": ""})
    assert carols.set_nickname("ALICE THE GREAT").wait() == 200
    wait_shown(mine, {"carol": "ALICE THE GREAT"})
    talk(mine, bobs, carols)
    # the switch leaves what is said as it is
    assert b"Wonderland" not in bobs.messages[0].raw


def test_N8_a_nickname_ends_with_the_session(scene, three):
    mine, bobs, carols = three
    assert bobs.set_nickname('Robert "Bob" \\ Builder').wait() == 200
    wait_shown(mine, {"bob": 'Robert "Bob" \\ Builder'})
    bobs.bye()
    mine.client.wait_roster({"alice": "connected", "carol": "connected"})
    assert carols.set_nickname('robert "bob" \\ builder').wait() == 200
    bobs.client.invite(mine.identity)
    wait_shown(mine, {"bob": "", "carol": 'robert "bob" \\ builder'})


def test_N8_what_is_no_nickname_gets_424(scene, three):
    mine = three[0]
    for value in ('Alice', '"Alice', '"a"b"', '" "', '"\u200b"',
                  '"' + "x" * 1024 + '"'):
        assert mine.leg.send_request(
            "NICKNAME", [("Use-Nickname", value)]).wait() == 424
    assert mine.leg.send_request("NICKNAME", []).wait() == 424
    assert mine.set_nickname("x" * 1023).wait() == 200
    talk(*three)


@pytest.mark.server(params={"nicknames": 0, "private_messages": "no"})
def test_A7_what_the_room_has_is_said_and_kept(scene):
    alice, bob = scene.people("alice", "bob")
    mine, bobs = scene.conference(alice, bob)
    assert described(mine.response.body, "chatroom") == [""]
    assert mine.set_nickname("Al").wait() == 403
    assert mine.send_text("psst", bob.aor).wait() == 428
    talk(mine, bobs)
    assert texts(bobs) == ["alive"]


def test_A7_offers_and_answers_say_what_the_room_has(scene, three):
    mine, bobs, _ = three
    both = ["nickname private-messages"]
    assert described(mine.response.body, "chatroom") == both
    assert described(bobs.invite.body, "chatroom") == both


# Private messages

def test_A7_a_private_message_is_one_persons(scene, three):
    """RFC 7701 section 9.4, and 9.5 with its ids and ranges corrected."""
    mine, bobs, carols = three
    bob = bobs.client.aor
    report = mine.send_text("Hello Bob.", bob, success_report="yes")
    assert report.wait() == 200
    assert bobs.client.wait_message("Hello Bob.").to == bob
    wrapped = cpim.parse(report.wait_report().body)
    assert wrapped.get("From") == f"<{mine.client.aor}>"
    assert wrapped.get("To") == f"<{bob}>"
    body = cpim.text_message("Hello Bob", mine.client.aor, bob).encode()
    cut, total = body.index(b"DateTime"), len(body)
    for first, last, flag in ((1, cut, "+"), (cut + 1, total, "$")):
        assert mine.leg.send_chunk("aft4to", first, last, total,
                                   body[first - 1:last], flag).wait() == 200
    assert bobs.client.wait_message("Hello Bob").raw == body
    talk(*three)
    assert texts(carols) == ["alive"]


def test_A7_who_cannot_tell_gets_no_private_message(scene):
    """RFC 7701 section 6.2; but notifications go where they belong."""
    alice, carol = scene.people("alice", "carol")
    bob = scene.client("bob", options=Options(sdp=RCS))
    mine, bobs, carols = scene.conference(alice, bob, carol)
    assert mine.send_text("psst", bob.aor).wait() == 428
    assert mine.send_text("psst", f"sip:dave@{bob.domain}").wait() == 404
    imdn = Cpim([("From", f"<{alice.aor}>"), ("To", f"<{bob.aor}>"),
                 ("NS", "imdn <urn:ietf:params:imdn>"),
                 ("imdn.Message-ID", "34jk324j"), ("DateTime", cpim.now())],
                [("Content-type", "message/imdn+xml"),
                 ("Content-Disposition", "notification")],
                b"<imdn/>").encode()
    assert send(mine, imdn) == 200
    assert bob.wait_message("<imdn/>").raw == imdn
    for to, listeners in ((bob.aor, [bobs]), (cpim.ROOM, [bobs, carols])):
        note = cpim.text_message(f"composing to {to}", alice.aor, to,
                                 "application/im-iscomposing+xml").encode()
        assert send(mine, note) == 200
        for session in listeners:
            session.client.wait_message(f"composing to {to}")
    talk(mine, bobs, carols)
    assert texts(carols) == [f"composing to {cpim.ROOM}", "alive"]


def test_A7_nobody_else_hears_what_names_several(scene, three):
    mine, bobs, carols = three
    own = ("From", f"<{mine.client.aor}>")
    bob, carol = (f"<{s.client.aor}>" for s in (bobs, carols))
    room = f"<{cpim.ROOM}>"
    for names in ([("To", bob), ("To", carol)], [("To", f"{bob}, {carol}")],
                  [("To", f"{room}, {carol}")], [("To", room), ("cc", carol)],
                  [("To", bob), ("To", bob)]):
        body = Cpim([own, *names], [("Content-type", "text/plain")], b"both")
        assert send(mine, body.encode()) == 403
    talk(*three)
    assert texts(bobs) == texts(carols) == ["alive"]


def test_A7_private_messages_wait_for_who_comes_back(scene, three):
    mine, bobs, carols = three
    bobs.leg.abort()
    scene.poll(lambda: "lost" in [
        p["leg"] for p in scene.server.show(mine.identity)["participants"]],
        what="lost leg")
    assert mine.send_text("psst", bobs.client.aor).wait() == 200
    bobs.leg.reconnect()
    bobs.client.wait_message("psst")
    talk(*three)
    assert texts(carols) == ["alive"]


# What a peer can take, and how clients of the field write

def test_A7_types_and_sizes_are_respected_for_each(scene):
    alice, carol = scene.people("alice", "carol")
    bob = scene.client("bob", options=Options(sdp=SdpTemplate(
        wrapped_types="text/plain", extra_lines=("a=max-size:2000",))))
    carol.options.sdp = SdpTemplate(wrapped_types="*")
    mine, bobs, carols = scene.conference(alice, bob, carol)
    png = cpim.text_message("PNG", alice.aor, content_type="image/png")
    failed = mine.leg.send("message/cpim", png.encode(),
                           failure_report="yes", success_report="yes")
    assert failed.wait() == 200
    assert failed.wait_report().get("Status").startswith("000 415")
    assert mine.send_text("x" * 3000).wait() == 200
    for text in ("PNG", "x" * 3000):
        carol.wait_message(text)
    talk(mine, bobs, carols)
    assert texts(bobs) == ["alive"]
    assert len(failed.reports) == 1
    scene.wait_statistic("withheld", 2)
    scene.wait_statistic("drops", 0)


def test_A7_a_client_without_cpim_headers_gets_them(scene, three):
    """As doubango writes it: a Subject, nothing else."""
    mine, bobs, _ = three
    assert send(mine, b"Subject: test\r\n\r\n"
                b"Content-Type: text/plain\r\n\r\nhello") == 200
    message = bobs.client.wait_message("hello")
    assert (message.sender, message.to) == (mine.client.aor, mine.identity)
    assert message.cpim.get("DateTime").startswith("20")
    assert message.cpim.get("Subject") == "test"


# RFC 4975 section 11: its messages, wrapped as a chat room wants them

XHTML = b"""<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
<head><title>FY2005 Results</title></head>
<body><p>See the results at <a href="http://example.org/">example.org</a>.</p>
</body></html>"""


def raw_send(session: Session, transaction: str, headers: dict[str, str],
             body: bytes, flag: str = "$") -> None:
    """The frame as printed; the client does not know of the request."""
    session.leg.send_bytes(MsrpFrame(transaction, "SEND", headers=[
        ("To-Path", session.leg.remote_path),
        ("From-Path", session.leg.local_path), *headers.items()],
        body=body, flag=flag).encode())


def test_A7_the_flows_of_rfc_4975(scene):
    alice, carol = scene.people("alice", "carol")
    bob = scene.client("bob", options=Options(
        sdp=SdpTemplate(wrapped_types="*")))
    mine, bobs, carols = scene.conference(alice, bob, carol)
    scene.expect_problem("response to nothing|REPORT about nothing")
    # 11.1: bare text is none of a room's types (RFC 7701 section 6.3)
    raw_send(mine, "d93kswow", {
        "Message-ID": "12339sdqwer", "Byte-Range": "1-14/14",
        "Content-Type": "text/plain"}, b"Hi, I'm Alice!")
    mine.client.wait_for(lambda: status_of(mine, "d93kswow"), 15, "response")
    assert status_of(mine, "d93kswow") == 415
    # 11.2
    page = Cpim([("From", f"<{alice.aor}>"), ("To", f"<{cpim.ROOM}>")],
                [("Content-Type", "application/xhtml+xml")], XHTML).encode()
    raw_send(mine, "dsdfoe38sd", {
        "Message-ID": "456so39s", "Byte-Range": f"1-{len(page)}/{len(page)}",
        "Content-Type": "message/cpim"}, page)
    # 11.4 with its ranges corrected: both chunks are of one CPIM
    body = cpim.text_message("ABCD1234567890", alice.aor).encode()
    cut, total = len(body) - 10, len(body)
    raw_send(mine, "d93kswo1", {
        "Message-ID": "12339sdqwe4", "Byte-Range": f"1-{cut}/{total}",
        "Content-Type": "message/cpim"}, body[:cut], "+")
    raw_send(mine, "op2nc9a", {
        "Message-ID": "12339sdqwe4", "Byte-Range": f"{cut + 1}-{total}/{total}",
        "Content-Type": "message/cpim"}, body[cut:])
    # 11.6: nothing but a report
    raw_send(mine, "d93kswo2", {
        "Message-ID": "12339sdqwe6", "Byte-Range": f"1-{total}/{total}",
        "Success-Report": "yes", "Failure-Report": "no",
        "Content-Type": "message/cpim"}, body)
    heard = ["ABCD1234567890", "ABCD1234567890"]
    bob.wait_for(lambda: texts(bobs) == [XHTML.decode(), *heard], 15, "all")
    carol.wait_for(lambda: texts(carols) == heard, 15, "what she takes")
    mine.client.wait_for(lambda: [
        e.message for e in mine.client.log
        if isinstance(e.message, MsrpFrame) and e.message.method == "REPORT"
        and e.message.get("Message-ID") == "12339sdqwe6"
        and e.message.get("Byte-Range") == f"1-{total}/{total}"
        and e.message.get("Status") == "000 200 OK"], 15, "the report")
    assert status_of(mine, "d93kswo2") is None
    for transaction in ("dsdfoe38sd", "d93kswo1", "op2nc9a"):
        assert status_of(mine, transaction) == 200


def status_of(session: Session, transaction: str) -> int | None:
    return next((e.message.status for e in session.client.log
                 if isinstance(e.message, MsrpFrame) and e.message.status
                 and e.direction == "received"
                 and e.message.transaction == transaction), None)


# Limits

@pytest.mark.server(params={"message_rate": 1, "message_burst": 5,
                            "message_timeout": 1, "collect_max": 4096})
def test_A7_a_sender_has_limits(scene):
    alice, bob = scene.people("alice", "bob")
    mine, bobs = scene.conference(alice, bob)
    sent = [mine.send_text(f"number {n}") for n in range(30)]
    codes = [message.wait() for message in sent]
    assert codes[:5] == [200] * 5 and codes.count(413) >= 20
    assert set(codes) == {200, 413}
    talk(bobs, mine)
    body = cpim.text_message("y" * 20000, bob.aor).encode()
    bobs.leg.send_chunk("m1", 1, 8000, len(body), body[:8000], "+")
    alice.wait_for(lambda: mine.messages[-1].aborted, 15, "an abort")
    assert bobs.leg.send_chunk("m1", 8001, 8002, len(body), b"yy",
                               "+").wait() == 408
    scene.wait_statistic("messages_refused", codes.count(413) + 1)


@pytest.mark.server(params={"interleave": 0})
def test_A7_a_large_message_may_have_the_room_to_itself(scene, three):
    mine, bobs, carols = three
    body = cpim.text_message("z" * 200000, mine.client.aor).encode()
    half, total = len(body) // 2, len(body)
    mine.leg.send_chunk("m1", 1, half, total, body[:half], "+").wait()
    assert carols.send_text("meanwhile").wait() == 200
    mine.leg.send_chunk("m1", half + 1, total, total, body[half:], "$").wait()
    bobs.client.wait_message("meanwhile")
    assert texts(bobs) == ["z" * 200000, "meanwhile"]
    assert not any(m.interleaved for m in bobs.messages)
    mine.client.wait_message("meanwhile")


@pytest.mark.server(params={"leg_queue_max": 65536, "leg_lost_timeout": 1})
def test_A7_who_does_not_read_goes_and_who_asked_is_told(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    mine, bobs, carols = scene.conference(alice, bob, carol)
    carols.leg.pause_reading()
    sent, text = [], "x" * 30000
    while scene.server.statistics()["legs_dropped"] == 0:
        assert len(sent) < 1000, "nobody was dropped"
        sent.append(mine.send_text(f"{len(sent)} {text}",
                                   failure_report="yes",
                                   success_report="yes"))
        assert sent[-1].wait() == 200
        bob.wait_message(f"{len(sent) - 1} {text}")
    scene.server.wait_log("leg of sip:carol.* dropped: it does not read")
    alice.wait_roster({"alice": "connected", "bob": "connected",
                       "carol": "disconnected"}, exact=False, timeout=15)
    assert alice.roster.detail(carol.aor, "disconnection-method") == "failed"
    alice.wait_for(lambda: all(m.reports for m in sent), 15, lambda: [
        m.reports for m in sent])
    said = [m.reports[0].get("Status")[:7] for m in sent]
    assert {len(m.reports) for m in sent} == {1}
    assert set(said) == {"000 200", "000 408"}
    first = said.index("000 408")
    assert set(said[first:]) == {"000 408"}     # hers was all behind it
    talk(mine, bobs)


# What the conference says itself

@pytest.mark.server(params={"announce": 1, "announce_left": "Bye, %s!"})
def test_A7_the_conference_says_who_comes_and_goes(scene):
    alice, bob, carol = scene.people("alice", "bob", "carol")
    mine = alice.initiate_ad_hoc_conference(["bob", "carol"])
    mine.leg.wait_bound()
    host = alice.domain
    bobs = bob.wait_connected()
    carol.wait_connected()
    for user in ("bob", "carol"):
        message = alice.wait_message(f"{user}@{host} has joined")
        assert message.sender == message.to == mine.identity
        assert message.inner_type == "text/plain;charset=utf-8"
    bobs.leg.wait_bound()
    assert bobs.set_nickname("Bobby").wait() == 200
    again = bob.invite(mine.identity)       # in another session: no news
    again.leg.wait_bound()
    talk(mine, again)
    again.leave()
    alice.wait_message("Bye, Bobby!")
    assert len([t for t in texts(mine) if "bob" in t.lower()]) == 2


def test_A7_an_operator_may_say_something(scene, three):
    mine = three[0]
    text = "Maintenance at 22:00.\nGrüße"
    answer, = scene.server.rpc("imconf.announce", mine.identity, text)
    assert answer["recipients"] == 3
    for session in three:
        message = session.client.wait_message(text)
        assert message.sender == mine.identity
    for refused, code in (([], 400), (["x" * 4097], 413)):
        with pytest.raises(RpcError, match=f"error: {code}"):
            scene.server.rpc("imconf.announce", mine.identity, *refused)
    with pytest.raises(RpcError, match="error: 404"):
        scene.server.rpc("imconf.announce", "nothing", "hello")


# In a terminal

def test_A7_the_terminal_chat_has_nicknames_and_private_messages(scene):
    bob, carol = scene.people("bob", "carol")
    with subprocess.Popen(
            [sys.executable, "-m", "imclient", "chat", "--user", "alice",
             "--invite", "bob,carol", "--proxy", bob.domain], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
            ) as chat:
        sessions = [bob.wait_connected(timeout=15),
                    carol.wait_connected(timeout=15)]
        for session in sessions:
            session.leg.wait_bound()
        assert chat.stdin is not None
        chat.stdin.write("/nick Alice the great\n/msg bob psst\n"
                         "/msg dave are you there?\nhello all\n")
        chat.stdin.flush()
        wait_shown(sessions[1], {"alice": "Alice the great"})
        bob.wait_message("psst", "alice", 15)
        carol.wait_message("hello all", "alice", 15)
        said, _ = chat.communicate("/leave\n", timeout=30)
    assert texts(sessions[1]) == ["hello all"]
    assert "You are Alice the great now" in said
    assert "not delivered: no such person here" in said
